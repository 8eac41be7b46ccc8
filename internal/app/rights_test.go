package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/app/apptest"
	"viaduc/internal/app/demo"
	"viaduc/internal/identity"
)

// answer is what a caller learns.
type answer string

const (
	yes    answer = "yes"    // the page, a redirect, or what is wrong with the form
	login  answer = "login"  // 401: log in first
	no     answer = "no"     // 403: this role has no such page
	absent answer = "absent" // 404: exactly as if it did not exist
)

func answerOf(status int) answer {
	switch status {
	case http.StatusUnauthorized:
		return login
	case http.StatusForbidden:
		return no
	case http.StatusNotFound:
		return absent
	}
	return yes
}

// access says who is answered what.
type access struct {
	anonymous, resident answer
	// What staff are answered by role, for an object of one's own, of a colleague in the same organisation, and of another
	// organisation. A role that is not named is answered no.
	own, colleague, other map[identity.Role]answer

	form  string // what a POST sends
	fresh bool   // the effect would spoil the example for those after
}

type roles = []identity.Role

// everyone, and some of them.
var (
	everyone = identity.Roles()
	readers  = roles{
		identity.Mediator, identity.Helper, identity.Volunteer, identity.Relay, identity.Manager, identity.Officer, identity.Administrator, identity.DPO,
	}
	teams  = roles{identity.Mediator, identity.Helper, identity.Volunteer, identity.Relay, identity.Manager}
	desks  = roles{identity.Mediator, identity.Helper, identity.Manager, identity.Administrator}
	chiefs = roles{identity.Manager, identity.Administrator}
	admin  = roles{identity.Administrator}

	editors   = roles{identity.Mediator, identity.Helper, identity.Manager, identity.Officer, identity.Administrator}                   // of places
	planners  = roles{identity.Mediator, identity.Manager, identity.Officer, identity.Administrator}                                    // of the agenda
	trainers  = roles{identity.Mediator, identity.Manager, identity.Administrator}                                                      // on machines
	clerks    = roles{identity.Mediator, identity.Helper, identity.Relay, identity.Manager, identity.Administrator}                     // who book for somebody
	hosts     = roles{identity.Mediator, identity.Helper, identity.Volunteer, identity.Relay, identity.Manager, identity.Administrator} // who see people that come
	keepers   = append(roles{identity.Officer}, hosts...)                                                                               // of dates
	proposers = append(roles{identity.Partner}, keepers...)                                                                             // of events
	deciders  = roles{identity.Officer, identity.Administrator}                                                                         // on declarations
	onDates   = append(roles{identity.Administrator}, teams...)                                                                         // who see who comes
)

func says(a answer, list ...identity.Role) map[identity.Role]answer {
	out := map[identity.Role]answer{}
	for _, r := range list {
		out[r] = a
	}
	return out
}

func also(m map[identity.Role]answer, a answer, list ...identity.Role) map[identity.Role]answer {
	for _, r := range list {
		m[r] = a
	}
	return m
}

// public is for everybody, logged in or not.
func public() access {
	a := says(yes, everyone...)
	return access{anonymous: yes, resident: yes, own: a, colleague: a, other: a}
}

// always is the same answer for everybody: the address leads nowhere without the secret that the matrix does not have.
func always(a answer) access {
	all := says(a, everyone...)
	return access{anonymous: a, resident: a, own: all, colleague: all, other: all}
}

// staff is for these roles, whatever the object.
func staff(list ...identity.Role) access {
	a := says(yes, list...)
	return access{anonymous: login, resident: no, own: a, colleague: a, other: a}
}

// anyone is for whoever is logged in.
func anyone() access {
	a := staff(everyone...)
	a.resident = yes
	return a
}

// reach is for staff, by object.
func reach(own, colleague, other map[identity.Role]answer) access {
	return access{anonymous: login, resident: no, own: own, colleague: colleague, other: other}
}

func (a access) sending(form string) access { a.form = form; return a }

// loggedIn is the same for everybody but those who are not.
func (a access) loggedIn() access { a.anonymous = login; return a }

func (a access) spoiling() access { a.fresh = true; return a }

// ofOrganisation is what belongs to an organisation: managers in theirs, administrators everywhere.
func ofOrganisation() access {
	return reach(says(yes, chiefs...), says(yes, chiefs...), also(says(yes, admin...), absent, identity.Manager))
}

// ofGround is a place of the example that belongs to no organisation: the officer of its ground, administrators.
func ofGround() access {
	a := also(says(absent, editors...), yes, deciders...)
	return reach(a, a, a)
}

// moderators are those who unite places.
var moderators = []identity.Role{identity.Officer, identity.Administrator}

// ofPair is for those who unite places; the matrix names none that could be.
var ofPair = reach(says(absent, moderators...), says(absent, moderators...), says(absent, moderators...))

// matrix has every route. Its answers are written by hand, from what each role is for, and not read from the table of
// rights: the two must agree.
var matrix = map[string]access{
	"GET /{$}": public(), "GET /lieux": public(), "GET /lieux/{slug}": public(), "GET /donnees": public(), "GET /donnees/lieux.csv": public(),
	"GET /donnees/lieux.xlsx": public(), "GET /donnees/lieux.json": public(), "GET /donnees/lieux.geojson": public(),
	"GET /donnees/lieux-data-inclusion.json": public(), "GET /accessibilite": public(), "GET /mentions-legales": public(),
	"GET /donnees-personnelles": public(), "GET /ecoconception": public(), "GET /plan-du-site": public(), "GET /contact": public(),
	"GET /affichage": public(), "POST /affichage": public(), "GET /langues": public(), "GET /healthz": public(), "GET /readyz": public(),
	"GET /api/v1/openapi.json": public(), "GET /api/v1/lieux": public(), "GET /api/v1/lieux/{numero}": public(), "GET /assets/": always(absent),
	"GET /api/v1/": always(absent), "GET /api/v1/journal/tete": always(absent), // nothing is signed yet
	"GET /lieux/{slug}/contact.vcf": public(), "GET /lieux/{slug}/horaires.ics": public(), "GET /lieux/{slug}/signaler": public(),
	"POST /lieux/{slug}/signaler": public(), "GET /lieux/{slug}/signaler/merci": public(),
	"GET /lieux/declarer": public(), "GET /lieux/declarer/commencer": public(), "POST /lieux/declarer/commencer": public(),
	"GET /lieux/declarer/fiche/{jeton}": always(absent), "POST /lieux/declarer/fiche/{jeton}": always(absent),
	"GET /lieux/declarer/fiche/{jeton}/{etape}": always(absent), "POST /lieux/declarer/fiche/{jeton}/{etape}": always(absent),
	"GET /lieux/{slug}/corriger": public(), "POST /lieux/{slug}/corriger": public(), "GET /lieux/{slug}/corriger/merci": public(),
	"GET /pro/lieux": staff(editors...), "GET /pro/lieux/verifier": staff(editors...), "POST /pro/lieux/verifier": staff(editors...),
	"GET /pro/lieux/signalements": staff(editors...), "POST /pro/lieux/signalements": staff(editors...),
	"GET /pro/lieux/differences": staff(editors...), "POST /pro/lieux/differences": staff(editors...),
	"GET /pro/lieux/declarations": staff(deciders...), "GET /pro/declarations": staff(deciders...), "POST /pro/declarations": staff(deciders...),
	"GET /pro/declarations/{reference}":  reach(says(absent, deciders...), says(absent, deciders...), says(absent, deciders...)),
	"POST /pro/declarations/{reference}": reach(says(absent, deciders...), says(absent, deciders...), says(absent, deciders...)).sending("version=1&action=accepter"),
	"GET /pro/lieux/{numero}":            ofGround(), "GET /pro/lieux/{numero}/modifier": ofGround(), "POST /pro/lieux/{numero}/modifier": ofGround().sending("version=0"),
	"GET /pro/lieux/{numero}/historique": ofGround(), "GET /pro/lieux/{numero}/photos": ofGround(), "POST /pro/lieux/{numero}/photos": ofGround().sending("action=ajouter"),
	"GET /photos/{file}": always(absent), "GET /lieux/{slug}/photos": always(absent), // the example has none
	"GET /pro/lieux/{numero}/revenir":   reach(says(absent, editors...), says(absent, editors...), says(absent, editors...)), // to which state?
	"POST /pro/lieux/{numero}/revenir":  ofGround().sending("version=0&a=naissance"),
	"GET /lieux/confirmer/lien/{jeton}": always(absent), "POST /lieux/confirmer/lien/{jeton}": always(absent),
	"GET /lieux/carte": public(), "GET /tiers-lieux": public(), "GET /api/v1/lieux/carte": public(),
	"GET /donnees/departements/{code}/lieux.csv": always(absent), "GET /donnees/departements/{code}/lieux.xlsx": always(absent), "GET /donnees/departements/{code}/lieux.json": always(absent),
	"GET /donnees/departements/{code}/lieux.geojson": always(absent), "GET /donnees/departements/{code}/lieux-data-inclusion.json": always(absent),
	"GET /donnees/epci/{code}/lieux.csv": always(absent), "GET /donnees/epci/{code}/lieux.xlsx": always(absent), "GET /donnees/epci/{code}/lieux.json": always(absent),
	"GET /donnees/epci/{code}/lieux.geojson": always(absent), "GET /donnees/epci/{code}/lieux-data-inclusion.json": always(absent),
	"GET /donnees/communes/{code}/lieux.csv": always(absent), "GET /donnees/communes/{code}/lieux.xlsx": always(absent), "GET /donnees/communes/{code}/lieux.json": always(absent),
	"GET /donnees/communes/{code}/lieux.geojson": always(absent), "GET /donnees/communes/{code}/lieux-data-inclusion.json": always(absent),
	"GET /api/v1/recensement": public(), "GET /catalogue": public(), "GET /catalogue.ttl": public(), "GET /catalogue.jsonld": public(), "GET /lieux/changements.atom": public(),
	"GET /lieux/integrer": public(), "GET /integre/lieux": public(),
	"GET /imprimer/departements/{slug}": always(absent), "GET /imprimer/epci/{slug}": always(absent), "GET /imprimer/communes/{slug}": always(absent),
	"GET /imprimer/agenda/communes/{code}": always(absent), "GET /imprimer/agenda": public(), "GET /imprimer/agenda.pdf": public(),
	"GET /pro/agenda/feuille": staff(onDates...), "GET /pro/agenda/feuille.pdf": staff(onDates...),
	"GET /imprimer/orientation": public(), "GET /imprimer/orientation.pdf": public(), "GET /lieux/{slug}/affiche": public(), "GET /lieux/{slug}/affiche.pdf": public(),
	"GET /departements/{slug}": always(absent), "GET /departements/{slug}/choisir": always(absent), "GET /epci/{slug}": always(absent),
	"GET /epci/{slug}/choisir": always(absent), "GET /communes/{slug}": always(absent),
	"GET /fonds/{file}": always(absent), // the matrix asks for what is nowhere
	"GET /acteurs":      public(), "GET /acteurs/{slug}": public(),
	"GET /pro/admin/composants": public(), // of the demonstration alone

	"GET /connexion": public(), "POST /connexion": public(), "GET /connexion/etape": always(login), "POST /connexion/etape": always(login),
	"GET /connexion/mot-de-passe": public(), "POST /connexion/mot-de-passe": public().sending("email=x"),
	"GET /connexion/mot-de-passe/{jeton}": always(login), "POST /connexion/mot-de-passe/{jeton}": always(login),
	"GET /connexion/nouveaux-moyens/{jeton}": always(login), "POST /connexion/nouveaux-moyens/{jeton}": always(login),
	"GET /invitation/{jeton}": always(absent), "POST /invitation/{jeton}": always(absent), "POST /connexion/moyens": always(login),
	"POST /connexion/cle/{pour}": always(absent), "POST /connexion/cle/{pour}/reponse": always(absent),
	"GET /connexion/lien/{jeton}": public(), "POST /connexion/lien/{jeton}": always(login),
	"GET /connexion/habitant": public(), "POST /connexion/habitant": public().sending("contact=x"), "GET /connexion/habitant/code": public(),
	"POST /connexion/habitant/code": public(), "POST /connexion/habitant/qui": public(),
	"GET /connexion/carte/{jeton}": public(), "POST /connexion/carte/{jeton}": public(),
	"GET /connexion/proconnect": always(absent), "GET /connexion/proconnect/retour": always(absent), "GET /connexion/proconnect/fin": always(no), // not registered
	"GET /connexion/franceconnect": always(absent), "GET /connexion/franceconnect/retour": always(absent), "GET /connexion/franceconnect/fin": always(no),
	"GET /connexion/identite": always(login), "POST /connexion/identite": always(yes),
	"POST /deconnexion": public(), "GET /deconnexion": public(),

	"GET /compte": anyone(), "POST /compte": anyone().sending("action=autres"), "GET /compte/effacer": anyone(),
	"GET /pro": staff(everyone...), "GET /pro/compte": staff(everyone...), "POST /pro/compte": staff(everyone...),
	"POST /pro/compte/structure": reach(says(absent, everyone...), says(absent, everyone...), says(absent, everyone...)),
	"POST /pro/compte/sessions":  staff(everyone...).sending("session=autres"),
	"GET /pro/compte/depart":     staff(everyone...),
	"POST /pro/compte/depart":    staff(everyone...).spoiling(),
	"GET /pro/compte/confirmer":  staff(everyone...), "POST /pro/compte/confirmer": staff(everyone...),
	"GET /pro/compte/moyens": staff(everyone...), "POST /pro/compte/moyens": staff(everyone...).sending("action=mot-de-passe"),
	"POST /pro/compte/moyens/ajouter": staff(everyone...), "POST /pro/compte/moyens/code": reach(says(login, everyone...), says(login, everyone...), says(login, everyone...)),
	"POST /pro/compte/cle/{pour}":         reach(says(absent, everyone...), says(absent, everyone...), says(absent, everyone...)),
	"POST /pro/compte/cle/{pour}/reponse": reach(says(absent, everyone...), says(absent, everyone...), says(absent, everyone...)),

	"GET /pro/structure":                              staff(everyone...),
	"GET /pro/structures/{organisation}":              staff(everyone...),
	"GET /pro/structures/{organisation}/modifier":     sheet(),
	"POST /pro/structures/{organisation}/modifier":    sheet().sending("version=1"),
	"GET /pro/structures/{organisation}/invitations":  ofOrganisation(),
	"POST /pro/structures/{organisation}/invitations": ofOrganisation().sending("email=nouveau@viaduc.example&role=volunteer"),
	"GET /pro/membres/{member}":                       membership(),
	"POST /pro/membres/{member}":                      membership().sending("role=volunteer&scope=inconnu"), // refused, so that nothing changes

	"GET /pro/habitants": staff(desks...), "POST /pro/habitants": staff(desks...),
	"POST /pro/habitants/carte": reach(says(absent, desks...), says(absent, desks...), says(absent, desks...)),

	"GET /pro/admin": staff(identity.Administrator, identity.DPO), "GET /pro/admin/comptes": staff(readers...),
	"GET /pro/admin/comptes/{person}": reach(says(yes, readers...), says(yes, readers...),
		also(says(yes, identity.Officer, identity.Administrator, identity.DPO), absent, teams...)),
	"POST /pro/admin/comptes/{person}": reach(says(yes, chiefs...), says(yes, chiefs...),
		also(says(yes, admin...), absent, identity.Manager)).sending("action=debloquer"),
	"GET /pro/admin/structures":                        staff(everyone...),
	"GET /pro/admin/structures/ajouter":                staff(identity.Officer, identity.Administrator),
	"POST /pro/admin/structures/ajouter":               staff(identity.Officer, identity.Administrator),
	"GET /pro/admin/structures/{organisation}/reunir":  staff(admin...),
	"POST /pro/admin/structures/{organisation}/reunir": staff(admin...).sending("into={organisation}"),     // with itself: refused
	"GET /actualites":                                  public(), "GET /actualites/{slug}": always(absent), // no news yet
	"GET /pro/admin/textes": staff(admin...), "POST /pro/admin/textes": staff(admin...), "GET /pro/admin/actualites": staff(admin...),
	"GET /pro/admin/actualites/{numero}":  reach(says(absent, admin...), says(absent, admin...), says(absent, admin...)),
	"POST /pro/admin/actualites/{numero}": staff(admin...),
	"GET /journal":                        public(), "GET /compte/journal": anyone(), "GET /pro/compte/journal": staff(everyone...),
	"GET /pro/admin/journal": staff(identity.Administrator, identity.DPO), "GET /pro/admin/durees": staff(identity.Administrator, identity.DPO),
	"GET /pro/admin/durees/registre": staff(identity.Administrator, identity.DPO),
	"GET /pro/admin/durees/{regle}":  staff(identity.Administrator, identity.DPO),
	"POST /pro/admin/durees/{regle}": staff(identity.DPO), "POST /pro/admin/durees/{regle}/essai": staff(identity.DPO),
	"POST /pro/admin/gels":        staff(identity.DPO).sending("rule=audit.lines"),
	"GET /agenda/accueil/{jeton}": always(absent), "POST /agenda/accueil/{jeton}": always(absent).sending("action=confirmer"),
	"GET /agenda/demander": public(), "POST /agenda/demander": public(), "GET /agenda/demande/{jeton}": always(absent), "POST /agenda/demande/{jeton}": always(absent),
	"GET /pro/agenda/demandes": staff(deciders...), "GET /pro/agenda/demandes/{demande}": nowhere(deciders...), "POST /pro/agenda/demandes/{demande}": nowhere(deciders...).sending("action=etudier"),
	"GET /pro/tournees": staff(planners...), "GET /pro/tournees/ajouter": staff(planners...), "POST /pro/tournees/ajouter": staff(planners...),
	"GET /pro/tournees/{tournee}": nowhere(planners...), "GET /pro/tournees/{tournee}/changer": nowhere(planners...), "POST /pro/tournees/{tournee}/changer": nowhere(planners...),
	"GET /pro/agenda/equipe/absences": staff(hosts...), "POST /pro/agenda/equipe/absences": staff(hosts...).sending("action=x"),
	"GET /pro/agenda/benevoles": staff(hosts...), "POST /pro/agenda/benevoles": staff(hosts...).sending("action=x"),
	"GET /pro/agenda/salles": staff(hosts...), "POST /pro/agenda/salles": staff(hosts...).sending("action=x"),
	"GET /pro/agenda/salles/plan":    staff(hosts...),
	"GET /pro/agenda/salles/ajouter": staff(planners...), "POST /pro/agenda/salles/ajouter": staff(planners...).sending("kind=x"),
	"GET /pro/agenda/salles/{ressource}": nowhere(planners...), "POST /pro/agenda/salles/{ressource}": nowhere(planners...).sending("name=x"),
	"GET /rendez-vous": public(), "GET /rendez-vous/{numero}": always(absent), "POST /rendez-vous/{numero}": always(absent), "POST /rendez-vous/{numero}/vous": always(absent),
	"GET /suivi": public(), "POST /suivi": public().sending("numero=KTB-94M&contact=x"), "GET /suivi/lien/{jeton}": always(absent), "POST /suivi/lien/{jeton}": always(absent).sending("action=oui"),
	"GET /suivi/lien/{jeton}/annuler": always(absent), "GET /suivi/lien/{jeton}/deplacer": always(absent), "POST /suivi/lien/{jeton}/deplacer": always(absent),
	"GET /suivi/lien/{jeton}/rendez-vous.ics": always(absent),
	"GET /pro/hors-ligne":                     public(), "GET /pro/hors-ligne.js": public(), "GET /pro/application.webmanifest": public(), // without a name
	"GET /pro/journee": staff(hosts...), "POST /pro/journee": staff(hosts...).sending("jour=2026-05-04"),
	"GET /pro/journee/copie": staff(hosts...), "POST /pro/journee/envoi": staff(hosts...),
	"POST /pro/journee/ecarts": nowhere(hosts...).sending("geste=inconnu"), "GET /pro/journee/appareils": staff(hosts...), "POST /pro/journee/appareils": nowhere(hosts...).sending("appareil=inconnu"),
	"GET /agenda": public(), "GET /agenda.ics": public(), "GET /agenda/{numero}": always(absent),
	"GET /alertes": public(), "POST /alertes": public().sending("ou=xyzzyx"), "GET /alertes/merci": public(), "GET /alertes/lien/{jeton}": always(absent),
	"POST /alertes/lien/{jeton}": always(absent), "POST /compte/alertes": always(absent).loggedIn(), "GET /compte/lieux/{numero}": anyone(),
	"POST /compte/lieux/{numero}": anyone(),
	"GET /avis/arret/{jeton}":     always(absent), "POST /avis/arret/{jeton}": always(absent),
	"GET /compte/messages": anyone(), "POST /compte/messages": anyone().sending("pour=email"),
	"GET /pro/lieux/doublons": staff(moderators...), "GET /pro/doublons/{paire}": ofPair, "POST /pro/doublons/{paire}": ofPair,
	"GET /pro/doublons/{paire}/verifier": ofPair, "POST /pro/doublons/{paire}/verifier": ofPair,
	"GET /pro/doublons/{numero}/separer": staff(moderators...), "POST /pro/doublons/{numero}/separer": staff(moderators...), // is united with none: refused
	"GET /pro/appels": staff(desks...), "POST /pro/appels/{message}": reach(says(absent, desks...), says(absent, desks...), says(absent, desks...)),
	"GET /pro/courriers": staff(desks...), "POST /pro/courriers": staff(desks...),
	"GET /pro/messages": staff(desks...), "GET /pro/messages/{message}": reach(says(absent, desks...), says(absent, desks...), says(absent, desks...)),
	"POST /pro/messages/{message}": reach(says(absent, desks...), says(absent, desks...), says(absent, desks...)),
	"GET /pro/admin/messages":      staff(admin...), "POST /pro/admin/messages": staff(admin...),
	"GET /pro/admin/retours": staff(admin...), "POST /pro/admin/retours": staff(admin...),

	// The agenda of the team; the example has no date.
	"GET /pro/agenda": staff(proposers...), "GET /pro/agenda/dates/{numero}": nowhere(keepers...), "POST /pro/agenda/dates/{numero}": nowhere(keepers...),
	"GET /pro/agenda/dates/{numero}/appels": nowhere(keepers...), "GET /pro/agenda/dates/{numero}/annuler": nowhere(keepers...), "POST /pro/agenda/dates/{numero}/annuler": nowhere(keepers...),
	"GET /pro/agenda/dates/{numero}/emargement": nowhere(hosts...), "GET /pro/agenda/dates/{numero}/emargement.pdf": nowhere(hosts...),
	"GET /pro/agenda/dates/{numero}/fin": nowhere(hosts...), "POST /pro/agenda/dates/{numero}/fin": nowhere(hosts...),
	"GET /pro/agenda/dates/{numero}/modifier": nowhere(keepers...), "POST /pro/agenda/dates/{numero}/modifier": nowhere(keepers...),
	"GET /pro/agenda/inscrire": staff(clerks...), "GET /pro/agenda/inscrire/{numero}": nowhere(clerks...), "POST /pro/agenda/inscrire/{numero}": nowhere(clerks...),
	"GET /pro/agenda/mes-inscriptions": staff(clerks...), "GET /pro/agenda/inscriptions/{inscription}": nowhere(hosts...), "POST /pro/agenda/inscriptions/{inscription}": nowhere(hosts...),
	"GET /pro/agenda/activites": staff(proposers...), "GET /pro/agenda/activites/{activite}": nowhere(planners...), "POST /pro/agenda/activites/{activite}": nowhere(planners...),
	"GET /pro/agenda/activites/{activite}/arreter": nowhere(planners...), "POST /pro/agenda/activites/{activite}/arreter": nowhere(planners...).sending("reason=x"),
	"GET /pro/agenda/activites/{activite}/decider": nowhere(deciders...), "POST /pro/agenda/activites/{activite}/decider": nowhere(deciders...),
	"GET /pro/agenda/ajouter": staff(planners...), "POST /pro/agenda/ajouter": staff(planners...), "GET /pro/agenda/proposer": staff(proposers...), "POST /pro/agenda/proposer": staff(proposers...),
	"GET /pro/agenda/motifs": staff(planners...), "POST /pro/agenda/motifs": staff(planners...),
	"GET /pro/agenda/autorisations": staff(trainers...), "POST /pro/agenda/autorisations": nowhere(trainers...).sending("action=autoriser&personne=inconnue"),
	"GET /pro/agenda/calendrier": staff(everyone...), "POST /pro/agenda/calendrier": staff(everyone...), "GET /agenda/equipe/{fichier}": always(absent),
}

// nowhere is for staff who may ask for such a thing, of which there is none.
func nowhere(list ...identity.Role) access {
	a := says(absent, list...)
	return reach(a, a, a)
}

// sheet is the sheet of an organisation: its manager, the officer of its ground, administrators.
func sheet() access {
	wide := says(yes, identity.Officer, identity.Administrator)
	return reach(also(says(yes, identity.Manager), yes, identity.Officer, identity.Administrator), also(says(yes, identity.Manager), yes, identity.Officer, identity.Administrator),
		also(wide, absent, identity.Manager))
}

// membership is what somebody is in an organisation: nobody changes their own.
func membership() access {
	return reach(nil, says(yes, chiefs...), also(says(yes, admin...), absent, identity.Manager))
}

// objects are the three whom a person meets.
func objects(n *apptest.Node, p demo.Person) (own, colleague, other demo.Person) {
	own = p
	for _, q := range n.People {
		switch {
		case q.OrganisationID == p.OrganisationID && q.Account != p.Account && colleague.Account == "":
			colleague = q
		case q.OrganisationID != p.OrganisationID && q.Role != identity.Administrator && other.Account == "":
			other = q
		}
	}
	return own, colleague, other
}

// normal writes the names that routes give to the ids of their addresses as the matrix does.
func normal(pattern string) string {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = "GET", pattern
	}
	for _, part := range []struct{ prefix, name string }{
		{"/pro/structures/", "{organisation}"}, {"/pro/admin/structures/", "{organisation}"}, {"/pro/membres/", "{member}"}, {"/pro/admin/comptes/", "{person}"},
	} {
		if strings.HasPrefix(path, part.prefix) {
			path = strings.Replace(path, "{id}", part.name, 1)
		}
	}
	return method + " " + path
}

// ask sends a request for an object and says what the answer teaches.
func ask(n *apptest.Node, route string, a access, cookie *http.Cookie, object demo.Person) (answer, string) {
	method, path, _ := strings.Cut(route, " ")
	fill := strings.NewReplacer(
		"{$}", "", "{slug}", "1-x", "{numero}", "1", "{jeton}", "jeton", "{pour}", "rien", "{regle}", "audit.lines", "{message}", "inconnu",
		"{activite}", "inconnue", "{inscription}", "inconnue", "{fichier}", "jeton.ics",
		"{organisation}", string(object.OrganisationID), "{member}", string(object.Membership), "{person}", string(object.Account),
	)
	path = fill.Replace(path)
	if strings.HasPrefix(path, "/acteurs/") {
		path = "/acteurs/" + string(object.OrganisationID) + "-x"
	}
	form, _ := url.ParseQuery(fill.Replace(a.form))
	res, body := n.Do(method, path, strings.NewReader(form.Encode()), func(r *http.Request) {
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if cookie != nil {
			r.AddCookie(cookie)
		}
	})
	return answerOf(res.StatusCode), body
}

// TestD18EveryRouteForEveryRole asks every route as nobody, as a resident and as each role, for something of one's own, of
// a colleague and of another organisation. A route that the matrix lacks fails.
func TestD18EveryRouteForEveryRole(t *testing.T) { apptest.EachEngine(t, everyRoute) }

func everyRoute(t *testing.T, start func() *apptest.Node) {
	n := start()
	resident := n.Resident()
	asked := map[string]bool{}
	for _, r := range n.Routes {
		route := normal(r.Pattern)
		a, ok := matrix[route]
		if !ok {
			t.Errorf("%s has no expected answer: add it to the matrix", route)
			continue
		}
		asked[route] = true
		check := func(who string, want answer, n *apptest.Node, cookie *http.Cookie, object demo.Person) {
			if got, body := ask(n, route, a, cookie, object); got != want {
				t.Errorf("%s as %s: %s, want %s\n%s", route, who, got, want, firstLines(body))
			}
		}
		check("nobody", a.anonymous, n, nil, n.People[0])
		check("a resident", a.resident, n, n.LoginAs(resident), n.People[0])
		for _, role := range identity.Roles() {
			on := n
			if a.fresh {
				on = start()
			}
			p := on.Person(role)[0]
			own, colleague, other := objects(on, p)
			for _, c := range []struct {
				of     string
				object demo.Person
				want   map[identity.Role]answer
			}{{"own", own, a.own}, {"colleague's", colleague, a.colleague}, {"another organisation's", other, a.other}} {
				want, named := c.want[role]
				if !named {
					want = no
				}
				if a.fresh && c.of != "own" {
					continue // it has no object, and can be done once
				}
				if role == identity.Administrator && route == "POST /pro/compte/depart" {
					want = yes // refused as the last one: a conflict, said on a page
				}
				check(string(role)+", "+c.of, want, on, on.LoginAs(p.Account), c.object)
			}
		}
	}
	for route := range matrix {
		if !asked[route] {
			t.Errorf("%s is in the matrix, but no route", route)
		}
	}
}

func firstLines(body string) string {
	if i := strings.Index(body, "<h1"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 300)]
}

// What is out of reach answers exactly as what does not exist.
func TestD17OutOfReachIsUnknown(t *testing.T) { apptest.EachEngine(t, outOfReach) }

func outOfReach(t *testing.T, start func() *apptest.Node) {
	n := start()
	manager := n.Person(identity.Manager)[0]
	cookie := n.LoginAs(manager.Account)
	_, _, other := objects(n, manager)
	for _, paths := range [][2]string{
		{"/pro/structures/" + string(other.OrganisationID) + "/modifier", "/pro/structures/01a214cf-0000-7000-8000-000000000000/modifier"},
		{"/pro/structures/" + string(other.OrganisationID) + "/invitations", "/pro/structures/01a214cf-0000-7000-8000-000000000000/invitations"},
		{"/pro/membres/" + string(other.Membership), "/pro/membres/01a214cf-0000-7000-8000-000000000000"},
		{"/pro/admin/comptes/" + string(other.Account), "/pro/admin/comptes/01a214cf-0000-7000-8000-000000000000"},
	} {
		var bodies []string
		for _, path := range paths {
			res, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(cookie) })
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", path, res.StatusCode)
			}
			bodies = append(bodies, strings.ReplaceAll(body, url.QueryEscape(path), ""))
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s tells that it exists: %s", paths[0], cmp.Diff(bodies[0], bodies[1]))
		}
	}
}
