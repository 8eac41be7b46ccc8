package web

import (
	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// said are the exact strings of the standard that residents read in other words. Names of programmes and labels stay.
var said = map[string]string{
	"Jeunes": "place.audience.youth", "Étudiants": "place.audience.students", "Familles et/ou enfants": "place.audience.families",
	"Seniors": "place.audience.seniors", "Femmes": "place.audience.women",
	"Surdité": "place.care.deaf", "Handicaps moteurs": "place.care.motor", "Handicaps mentaux": "place.care.mental",
	"Illettrisme": "place.care.reading", "Langues étrangères (anglais)": "place.care.english", "Langues étrangères (autres)": "place.care.languages",
	"Déficience visuelle": "place.care.sight",
	"Gratuit":             "place.fee.free", "Gratuit sous condition": "place.fee.conditional", "Payant": "place.fee.paid",
	"Itinérant": "place.itinerance.moving", "Fixe": "place.itinerance.fixed",
	"Se présenter": "place.access.come", "Téléphoner": "place.access.call", "Contacter par mail": "place.access.mail",
	"Prendre un RDV en ligne": "place.access.book", "Ce lieu n'accueille pas de public": "place.access.none",
	"Envoyer un mail avec une fiche de prescription": "place.access.referral",
	"Entrée de plain-pied":                           "place.enter.level", "Rampe": "place.enter.ramp", "Ascenseur": "place.enter.lift", "Toilettes adaptées": "place.enter.toilets",
	"Place de parking réservée": "place.enter.parking", "Boucle magnétique": "place.enter.loop", "Marches à l'entrée": "place.enter.steps",
	"En autonomie": "place.support.alone", "Accompagnement individuel": "place.support.individual",
	"Dans un atelier collectif": "place.support.group", "À distance": "place.support.remote",
}

// say puts the strings of a list in the reader's words; what the standard does not know is shown as written.
func say(p ui.Page, list place.List) []string {
	var out []string
	for _, v := range list.Values() {
		if key, ok := said[v]; ok {
			v = p.T(key)
		}
		out = append(out, v)
	}
	return out
}
