package e2e_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
)

// personalPage is an address behind the log-in, and the role that the audit sees it as; "" is a resident.
type personalPage struct {
	page
	role identity.Role
}

// personalPages lists every page behind the log-in; TestEveryPageIsAudited holds it against the routes. {person}, {member}
// and {organisation} stand for one of the example.
func personalPages() []personalPage {
	as := func(role identity.Role, name, path string) personalPage {
		return personalPage{page{name, path, audit.Staff}, role}
	}
	return []personalPage{
		as("", "habitant", "/compte"),
		as("", "habitant-journal", "/compte/journal"),
		as("", "habitant-effacer", "/compte/effacer"),
		as("", "habitant-garder", "/compte/lieux/1"),
		as("", "habitant-messages", "/compte/messages"),
		as(identity.Administrator, "appels", "/pro/appels"),
		as(identity.Administrator, "courriers", "/pro/courriers"),
		as(identity.Administrator, "messages", "/pro/messages"),
		as(identity.Administrator, "message", "/pro/messages/{message}"),
		as(identity.Administrator, "messages-du-site", "/pro/admin/messages"),
		as(identity.Administrator, "doublons", "/pro/lieux/doublons"),
		as(identity.Administrator, "doublon-paire", "/pro/doublons/{double}"),
		as(identity.Administrator, "doublon-verifier", "/pro/doublons/{double}/verifier"),
		as(identity.Administrator, "doublon-separer", "/pro/doublons/{united}/separer"),
		as(identity.Mediator, "moyens", "/pro/compte/moyens"),
		as(identity.Mediator, "confirmer", "/pro/compte/confirmer"),
		as(identity.Mediator, "feuille-du-jour", "/pro/agenda/feuille?jour=2026-05-07&qui=me"),
		as(identity.Mediator, "mon-journal", "/pro/compte/journal"),
		as(identity.Mediator, "habitants", "/pro/habitants"),
		as(identity.Manager, "invitations", "/pro/structures/{organisation}/invitations"),
		as(identity.Administrator, "retours", "/pro/admin/retours"),
		as(identity.Administrator, "textes", "/pro/admin/textes"),
		as(identity.Administrator, "actualites-admin", "/pro/admin/actualites"),
		as(identity.Administrator, "actualites-nouvelle", "/pro/admin/actualites/ecrire"),
		as(identity.Administrator, "journal-admin", "/pro/admin/journal"),
		as(identity.Administrator, "durees", "/pro/admin/durees"),
		as(identity.Administrator, "duree", "/pro/admin/durees/audit.lines"),
		as(identity.Officer, "recensement", "/pro/lieux"),
		as(identity.Officer, "recensement-filtre", "/pro/lieux?mots=rochefort&age=12&tri=-age"),
		as(identity.Officer, "recensement-verifier", "/pro/lieux/verifier?lieu=1&lieu=2"),
		as(identity.Officer, "signalements", "/pro/lieux/signalements"),
		as(identity.Officer, "differences", "/pro/lieux/differences"),
		as(identity.Officer, "fiches-a-relire", "/pro/lieux/declarations"),
		as(identity.Officer, "fiches-accepter", "/pro/declarations?numero={declaration}"),
		as(identity.Officer, "fiche-a-relire", "/pro/declarations/{declaration}"),
		as(identity.Officer, "lieu-equipe", "/pro/lieux/1"),
		as(identity.Officer, "lieu-modifier", "/pro/lieux/1/modifier"),
		as(identity.Officer, "lieu-historique", "/pro/lieux/1/historique"),
		as(identity.Officer, "lieu-photos", "/pro/lieux/1/photos"),
		as(identity.Officer, "lieu-revenir", "/pro/lieux/1/revenir?a=naissance"),
		as(identity.Mediator, "ma-journee", "/pro"),
		as(identity.Administrator, "ma-journee-admin", "/pro"),
		as(identity.Mediator, "saisir-jours", "/pro/journee"),
		as(identity.Mediator, "saisir-journee", "/pro/journee?jour=2026-05-04"),
		as(identity.Mediator, "mes-appareils", "/pro/journee/appareils"),
		as(identity.Mediator, "hors-ligne", "/pro/hors-ligne"),
		as(identity.Mediator, "mon-compte", "/pro/compte"),
		as(identity.Mediator, "depart", "/pro/compte/depart"),
		as(identity.Manager, "ma-structure", "/pro/structure"),
		as(identity.Administrator, "structure", "/pro/structures/{organisation}"),
		as(identity.Administrator, "structure-modifier", "/pro/structures/{organisation}/modifier"),
		as(identity.Administrator, "membre", "/pro/membres/{member}"),
		as(identity.Administrator, "admin", "/pro/admin"),
		as(identity.Administrator, "comptes", "/pro/admin/comptes"),
		as(identity.Administrator, "compte", "/pro/admin/comptes/{person}"),
		as(identity.Administrator, "structures", "/pro/admin/structures"),
		as(identity.Administrator, "structures-ajouter", "/pro/admin/structures/ajouter"),
		as(identity.Administrator, "structures-reunir", "/pro/admin/structures/{organisation}/reunir"),
		as(identity.Mediator, "agenda-equipe", "/pro/agenda"),
		as(identity.Mediator, "agenda-date", "/pro/agenda/dates/{date}"),
		as(identity.Mediator, "agenda-fin", "/pro/agenda/dates/{date}/fin"),
		as(identity.Mediator, "agenda-emargement", "/pro/agenda/dates/{date}/emargement"),
		as(identity.Mediator, "agenda-date-terminee", "/pro/agenda/dates/{terminee}"),
		as(identity.Mediator, "agenda-fin-notee", "/pro/agenda/dates/{terminee}/fin"),
		as(identity.Mediator, "agenda-chercher-encore", "/pro/agenda/inscrire?pour={inscription}"),
		as(identity.Mediator, "agenda-appels", "/pro/agenda/dates/{date}/appels"),
		as(identity.Mediator, "agenda-date-annuler", "/pro/agenda/dates/{date}/annuler"),
		as(identity.Mediator, "agenda-date-modifier", "/pro/agenda/dates/{date}/modifier"),
		as(identity.Relay, "agenda-chercher", "/pro/agenda/inscrire?ou=Rochefort"),
		as(identity.Relay, "agenda-inscrire", "/pro/agenda/inscrire/{date}"),
		as(identity.Relay, "agenda-inscrire-fait", "/pro/agenda/inscrire/{date}?numero=KTB-94M"),
		as(identity.Mediator, "agenda-inscrire-rendez-vous", "/pro/agenda/inscrire/{rendez-vous}"),
		as(identity.Relay, "agenda-mes-inscriptions", "/pro/agenda/mes-inscriptions"),
		as(identity.Mediator, "agenda-inscription", "/pro/agenda/inscriptions/{inscription}"),
		as(identity.Officer, "agenda-activites", "/pro/agenda/activites"),
		as(identity.Mediator, "agenda-ajouter", "/pro/agenda/ajouter"),
		as(identity.Mediator, "agenda-activite", "/pro/agenda/activites/{activite}"),
		as(identity.Mediator, "agenda-arreter", "/pro/agenda/activites/{activite}/arreter"),
		as(identity.Partner, "agenda-proposer", "/pro/agenda/proposer"),
		as(identity.Officer, "agenda-decider", "/pro/agenda/activites/{proposition}/decider"),
		as(identity.Mediator, "agenda-motifs", "/pro/agenda/motifs"),
		as(identity.Mediator, "agenda-autorisations", "/pro/agenda/autorisations?personne={personne}"),
		as(identity.Mediator, "agenda-calendrier", "/pro/agenda/calendrier"),
		as(identity.Manager, "salles", "/pro/agenda/salles"),
		as(identity.Manager, "salles-plan", "/pro/agenda/salles/plan?salle={salle}"),
		as(identity.Manager, "salles-ajouter", "/pro/agenda/salles/ajouter"),
		as(identity.Manager, "salle", "/pro/agenda/salles/{salle}"),
		as(identity.Manager, "benevoles", "/pro/agenda/benevoles"),
		as(identity.Manager, "absences", "/pro/agenda/equipe/absences"),
		as(identity.Officer, "demandes", "/pro/agenda/demandes"),
		as(identity.Officer, "demande", "/pro/agenda/demandes/{demande}"),
		as(identity.Mediator, "tournees", "/pro/tournees"),
		as(identity.Mediator, "tournee", "/pro/tournees/{tournee}"),
		as(identity.Mediator, "tournee-ajouter", "/pro/tournees/ajouter"),
		as(identity.Mediator, "tournee-changer", "/pro/tournees/{tournee}/changer"),
	}
}

// visitor opens the session of a role, or of a resident.
func visitor(n *apptest.Node, role identity.Role) *http.Cookie {
	if role == "" {
		return n.LoginAs(n.Resident())
	}
	return n.Login(role)
}

// peopled is the demonstration with messages that people do by hand, one by each way, and one on the screen.
func peopled(t *testing.T) (n *apptest.Node, fill func(path string) string) {
	t.Helper()
	n = apptest.Demo(t)
	for i, to := range []notice.Recipient{
		{Ref: "person:1", Phone: "05 46 00 00 00"}, {Ref: "person:2", Phone: "05 46 00 00 01"}, {Ref: "person:3", Postal: "Camille Exemple\n1 rue du Port\n17300 Rochefort"},
		{Ref: "person:4"}, {Ref: "account:" + string(n.Resident()), Email: "habitant@viaduc.example"},
	} {
		err := n.Notices.Send(t.Context(), notice.NewMessage{Event: "identity.changed", Key: strconv.Itoa(i), To: to, Fields: map[string]string{"what": "carte imprimée"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	lines, err := n.Notices.Lines(t.Context(), identity.AtCLI(), notice.Filter{Limit: 1})
	if err != nil || len(lines) != 1 {
		t.Fatal(lines, err)
	}
	double, united := alike(t, n)
	dates := agendaOfTeam(t, n)
	ended := endedDate(t, n, dates)
	return n, strings.NewReplacer("{personne}", dates.person, "{salle}", dates.room, "{tournee}", dates.tour, "{demande}", dates.request, "{date}", dates.date, "{terminee}", ended, "{rendez-vous}", dates.appointment, "{activite}", dates.series, "{proposition}", dates.proposal, "{inscription}", dates.claim, "{message}", string(lines[0].ID), "{declaration}", moderated(t, n), "{double}", double, "{united}", united).Replace
}

func TestEveryPersonalPagePassesTheAudit(t *testing.T) {
	n, fill := peopled(t)
	b := browser.Start(t)
	for _, p := range personalPages() {
		t.Run(p.name, func(t *testing.T) {
			audit.Page(t, b, n.URL+fill(n.Fill(p.path)), p.profile, browser.Cookies(n.URL, visitor(n, p.role))).Check(t)
		})
	}
}

// Pictures of the team's pages, for people to look at: E2E_SHOTS=folder go test ./e2e -run StaffPictures.
func TestStaffPictures(t *testing.T) {
	if os.Getenv("E2E_SHOTS") == "" {
		t.Log("no picture wanted")
		return
	}
	n, fill := peopled(t)
	b := browser.Start(t)
	for _, p := range personalPages() {
		for width, name := range map[int]string{320: "320", 1280: "1280"} {
			tab := b.Tab(t, browser.Viewport(width, 800), browser.Cookies(n.URL, visitor(n, p.role)))
			tab.Open(n.URL + fill(n.Fill(p.path)))
			tab.Screenshot(shots(t, "pro-"+p.name+"-"+name))
		}
	}
}

// M1, as far as a link goes: opening it changes nothing, its button logs in, it works once, and logging out leaves nothing.
func TestM1EnterWithALinkAndLeave(t *testing.T) {
	n := apptest.Demo(t)
	tab := browser.Start(t).Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
	tab.Open(n.URL + n.LoginLink(identity.Mediator))
	tab.Open(tab.URL()) // a program that looks at links opens it too
	link := tab.URL()
	tab.TabTo("main form button")
	tab.Press(browser.KeyEnter)
	if h1 := tab.Text("h1"); h1 != "Ma journée" {
		t.Fatalf("the link leads to %q", h1)
	}
	jar := tab.CookieJar()
	if len(jar) != 1 || !jar[0].HttpOnly {
		t.Errorf("cookies: %+v", jar)
	}
	tab.Click(`form[action="/deconnexion"] button`)
	if h1 := tab.Text("h1"); h1 != "Vous êtes déconnecté" || len(tab.CookieJar()) != 0 {
		t.Errorf("after logging out: %q, cookies %v", h1, tab.CookieJar())
	}
	tab.Open(n.URL + "/pro")
	if tab.Status() != http.StatusUnauthorized {
		t.Errorf("after logging out /pro answers %d", tab.Status())
	}
	tab.Open(link)
	tab.Click("main form button")
	if tab.Status() != http.StatusUnauthorized {
		t.Errorf("a link that was used answers %d", tab.Status())
	}
}
