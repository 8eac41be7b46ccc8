package web

import (
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// teamField is a field of a place as the team writes it.
type teamField struct {
	name, label, hint string
	rows              int  // of a text of several lines
	lines             bool // several values, one a line
	short             bool
	kind              string // type of the input
}

// teamSections are the fields by sections, in the order of the form. Columns that take exact strings are boxes to tick, or
// a list to choose from where they take one.
var teamSections = []struct {
	title  string
	fields []teamField
}{
	{"Le lieu", []teamField{
		{name: "nom", label: "Nom du lieu"},
		{name: "structure_parente", label: "Structure dont il dépend"},
		{name: "pivot", label: "SIRET de la structure", hint: "14 chiffres. 14 zéros si personne ne le connaît."},
		{name: "typologie", label: "Type de lieu", hint: "Un sigle du standard par ligne : BIB, CCAS, CCONS, MJC, RFS…", rows: 2, lines: true},
	}},
	{"Où il se trouve", []teamField{
		{name: "adresse", label: "Numéro et rue"},
		{name: "complement_adresse", label: "Complément d'adresse"},
		{name: "code_postal", label: "Code postal", short: true},
		{name: "commune", label: "Commune"},
		{name: "code_insee", label: "Code INSEE de la commune", short: true},
		{name: "position", label: "Position", hint: "Latitude puis longitude, comme 45.937 -0.964. Vide : le centre de la commune."},
		{name: "itinerance", label: "Fixe ou itinérant"},
	}},
	{"Pour le joindre", []teamField{
		{name: "telephone", label: "Téléphone", kind: "tel", short: true},
		{name: "courriels", label: "Adresses e-mail", hint: "Une par ligne.", rows: 2, lines: true},
		{name: "site_web", label: "Sites internet", hint: "Un par ligne.", rows: 2, lines: true},
		{name: "prise_rdv", label: "Page de rendez-vous en ligne"},
		{name: "modalites_acces", label: "Comment y aller"},
	}},
	{"Les horaires", []teamField{
		{name: "horaires", label: "Horaires d'ouverture", hint: "Comme Mo-Fr 09:00-12:00,14:00-17:00 ; ou en mots : lundi 9h-12h.", rows: 3},
		{name: "viaduc_horaires_mediation", label: "Horaires où quelqu'un aide", hint: "Seulement s'ils sont autres.", rows: 2},
	}},
	{"Ce que l'on y trouve", []teamField{
		{name: "viaduc_offre", label: "En arrivant, on trouve"},
		{name: "services", label: "Services"},
		{name: "modalites_accompagnement", label: "Façon d'aider"},
		{name: "frais_a_charge", label: "Prix"},
		{name: "viaduc_pass", label: "Pass numérique"},
		{name: "viaduc_salles", label: "Salles", hint: "Une par ligne, comme « Salle informatique (8 places) ».", rows: 2, lines: true},
	}},
	{"Tiers-lieu", []teamField{
		{name: "viaduc_espaces", label: "Espaces partagés"},
		{name: "viaduc_espaces_prix", label: "Leur prix", hint: "En quelques mots, comme : 12 euros la journée."},
		{name: "viaduc_espaces_acces", label: "Pour y entrer", hint: "Les conditions, les horaires du badge."},
		{name: "viaduc_espaces_lien", label: "Page qui en parle"},
	}},
	{"Pour qui", []teamField{
		{name: "publics_specifiquement_adresses", label: "Publics accueillis en particulier"},
		{name: "prise_en_charge_specifique", label: "Accueil adapté"},
		{name: "viaduc_langues", label: "Langues parlées", hint: "Une par ligne, en français : arabe, portugais…", rows: 2, lines: true},
		{name: "viaduc_acces", label: "Entrée et bâtiment"},
		{name: "fiche_acces_libre", label: "Page Acceslibre"},
	}},
	{"Présentation", []teamField{
		{name: "presentation_resume", label: "En une phrase", hint: "280 signes au plus.", rows: 3},
		{name: "presentation_detail", label: "En détail", rows: 6},
	}},
	{"Réseaux et date", []teamField{
		{name: "dispositif_programmes_nationaux", label: "Programmes nationaux"},
		{name: "formations_labels", label: "Formations et labels"},
		{name: "autres_formations_labels", label: "Autres labels", hint: "Un par ligne.", rows: 2, lines: true},
		{name: "date_maj", label: "Jour de mise à jour chez la source", hint: "Comme 2026-05-04.", short: true},
	}},
}

// moreLabels are the fields that the form does not have.
var moreLabels = map[string]string{
	"id": "Identifiant du standard", "source": "Source", "viaduc_organisation": "Structure qui répond de la fiche", "viaduc_verifie_le": "Vérifié le",
	"latitude": "Latitude", "longitude": "Longitude", "état": "État", "à vérifier": "À vérifier",
}

var teamLabels, teamColumns = func() (map[string]string, map[string]place.Column) {
	labels, columns := map[string]string{}, map[string]place.Column{}
	for name, label := range moreLabels {
		labels[name] = label
	}
	for _, s := range teamSections {
		for _, f := range s.fields {
			labels[f.name] = f.label
		}
	}
	for _, c := range append(place.Columns(), place.Local()...) {
		columns[c.Name] = c
	}
	return labels, columns
}()

// labelOf names a field as the team reads it.
func labelOf(name string) string {
	if label, ok := teamLabels[name]; ok {
		return label
	}
	return name
}

// teamValues are the words of values that are codes.
var teamValues = map[string]string{
	"mediateur": "Une personne qui aide", "libre_service": "Des ordinateurs en libre-service", "wifi": "Le wifi seulement",
	"published": "Publié", "to_complete": "À compléter", "to_locate": "À localiser", place.UnknownPivot: "inconnu",
}

// say is a value as the team reads it, "vide" for none.
func (h *Handlers) say(p ui.Page, lookup func(id string) string, name, value string) string {
	switch {
	case value == "":
		return "vide"
	case name == "viaduc_organisation":
		if text := lookup(value); text != "" {
			return text
		}
	case name == "telephone":
		return ui.Phone(value)
	case name == "viaduc_verifie_le" || name == "date_maj":
		if on, _, ok := place.FreshOn(value, ""); ok {
			return p.DateLong(on)
		}
	}
	if word, ok := teamValues[value]; ok {
		return word
	}
	if c, ok := teamColumns[name]; ok && c.List() {
		return strings.ReplaceAll(value, "|", ", ")
	}
	return value
}
