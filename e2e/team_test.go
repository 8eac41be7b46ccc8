package e2e_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/alert"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// staff opens a tab without scripts in which a person of the example is logged in.
func staff(t *testing.T, b *browser.Browser, n *apptest.Node, who identity.AccountID) *browser.Tab {
	t.Helper()
	return b.Tab(t, browser.JavaScriptOff(), browser.Viewport(1280, 900), browser.Cookies(n.URL, n.LoginAs(who)))
}

// press goes to a button by the keyboard and presses it.
func press(tab *browser.Tab, selector string) {
	tab.TabTo(selector)
	tab.Press(browser.KeyEnter)
}

// says wants words on the page.
func says(t *testing.T, tab *browser.Tab, words ...string) {
	t.Helper()
	text := strings.ReplaceAll(tab.Text("main"), "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", tab.URL(), w, text)
		}
	}
}

// answers is the status of an address for the holder of a cookie.
func answers(t *testing.T, n *apptest.Node, path string, c *http.Cookie) int {
	t.Helper()
	res, _ := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.AddCookie(c) })
	return res.StatusCode
}

// oneTime is the code that an application gives at an instant (RFC 6238), from the key that the page shows.
func oneTime(t *testing.T, key string, at time.Time) string {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(key), " ", "")))
	if err != nil {
		t.Fatalf("key %q: %v", key, err)
	}
	mac := hmac.New(sha1.New, raw)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	mac.Write(step[:])
	sum := mac.Sum(nil)
	at4 := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at4:])&0x7fffffff)%1_000_000)
}

// A6, as far as accounts go: the three organisations of the example live through a merge, a departure, a lost telephone and a stolen
// session, in the browser, by keyboard, without scripts.
func TestThreeOrganisationsLive(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	admin := n.Person(identity.Administrator)[0]
	boss := staff(t, b, n, admin.Account)
	t.Run("a merge", func(t *testing.T) { merge(t, n, boss, b) })
	t.Run("a departure", func(t *testing.T) { departure(t, n, boss, b) })
	t.Run("a stolen session", func(t *testing.T) { stolen(t, n, b) })
	t.Run("a lost telephone", func(t *testing.T) { lost(t, n, boss, b) })
	t.Run("the journal", func(t *testing.T) {
		if _, err := n.Journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if report, err := n.Journal.Verify(t.Context()); err != nil || report.Bad != nil {
			t.Errorf("after all that the journal does not hold: %+v, %v", report, err)
		}
		boss.Open(n.URL + "/pro/admin/journal")
		says(t, boss, "Le journal")
	})
}

// merge has the CCAS join the association: its people work there from the next page on.
func merge(t *testing.T, n *apptest.Node, boss *browser.Tab, b *browser.Browser) {
	helper, mediator := n.Person(identity.Helper)[0], n.Person(identity.Mediator)[0]
	its := staff(t, b, n, helper.Account)
	its.Open(n.URL + "/pro")
	says(t, its, "CCAS (exemple)")
	boss.Open(n.URL + "/pro/admin/structures")
	boss.ClickText("CCAS (exemple)")
	boss.ClickText("Réunir avec une autre")
	boss.Select(`select[name="into"]`, string(mediator.OrganisationID))
	press(boss, "main form button")
	if boss.Status() != http.StatusOK {
		t.Fatalf("the merge answers %d:\n%s", boss.Status(), boss.Text("main"))
	}
	its.Reload()
	says(t, its, "Passerelle")
	its.Open(n.URL + "/pro/structure")
	says(t, its, "Aide", "Médiation")
}

// departure has a volunteer leave: every right dies at once, the work and the name of who did it stay.
func departure(t *testing.T, n *apptest.Node, boss *browser.Tab, b *browser.Browser) {
	volunteer := n.Person(identity.Volunteer)[0]
	elsewhere := n.LoginAs(volunteer.Account)
	its := staff(t, b, n, volunteer.Account)
	its.Open(n.URL + "/pro/compte")
	its.ClickText("Quitter toutes mes structures")
	press(its, "main form button")
	its.Open(n.URL + "/pro")
	if its.Status() != http.StatusUnauthorized {
		t.Errorf("who left is answered %d", its.Status())
	}
	if got := answers(t, n, "/pro", elsewhere); got != http.StatusUnauthorized {
		t.Errorf("on another device who left is answered %d", got)
	}
	boss.Open(n.URL + "/pro/admin/comptes?partis=oui&nom=" + url.QueryEscape("Bénévolat"))
	says(t, boss, "Bénévolat")
}

// stolen has a mediator see a device that is not theirs, and close it: the thief is out within a second.
func stolen(t *testing.T, n *apptest.Node, b *browser.Browser) {
	mediator := n.Person(identity.Mediator)[0]
	thief := n.LoginAs(mediator.Account)
	if got := answers(t, n, "/pro", thief); got != http.StatusOK {
		t.Fatalf("the thief is answered %d", got)
	}
	its := staff(t, b, n, mediator.Account)
	its.Open(n.URL + "/pro/compte")
	says(t, its, "Cet appareil", "Déconnecter tous les autres")
	press(its, `form:has(input[value="autres"]) button`)
	if got := answers(t, n, "/pro", thief); got != http.StatusUnauthorized {
		t.Errorf("the thief is answered %d after the session was closed", got)
	}
	its.Open(n.URL + "/pro")
	if its.Status() != http.StatusOK {
		t.Errorf("the owner is answered %d", its.Status())
	}
	its.Open(n.URL + "/pro/compte/journal")
	says(t, its, "fermé")
}

// lost has somebody who lost their telephone enter again: their manager asks, an administrator confirms, they choose new
// means; what they had before lets nobody in.
func lost(t *testing.T, n *apptest.Node, boss *browser.Tab, b *browser.Browser) {
	mediator, manager := n.Person(identity.Mediator)[1], n.Person(identity.Manager)[0]
	old := n.LoginAs(mediator.Account)
	chief := staff(t, b, n, manager.Account)
	chief.Open(n.URL + "/pro/admin/comptes/" + string(mediator.Account))
	chief.Click("main details summary")
	press(chief, `button[value="retrouver"]`)
	says(t, chief, "Une autre personne doit confirmer")

	boss.Open(n.URL + "/pro/admin/retours")
	says(t, boss, mediator.Name)
	press(boss, `button[value="confirmer"]`)
	says(t, boss, "La personne reçoit un lien")
	link := mailedLink(t, n, boss, identity.ReproofPath)

	its := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
	its.Open(n.URL + link)
	its.Open(n.URL + link) // a program that looks at links opens it too
	its.Type(`input[name="password"]`, "des cerises au panier bleu")
	press(its, "main form button")
	key := its.Text("main code")
	its.Type(`input[name="code"]`, oneTime(t, key, n.Clock.Now()))
	press(its, "main form button")
	says(t, its, "codes de secours")
	its.Open(n.URL + "/pro")
	says(t, its, "Ma journée")
	if got := answers(t, n, "/pro", old); got != http.StatusUnauthorized {
		t.Errorf("the telephone that was lost is answered %d", got)
	}
	its.Open(n.URL + link)
	if its.Status() == http.StatusOK {
		t.Error("the link works twice")
	}
}

// Somebody is invited, creates a passkey, keeps the rescue codes, and comes back with the passkey alone; then with their
// password, where they have one, and a code.
func TestComingWithAPasskey(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	site := strings.Replace(n.URL, "127.0.0.1", "localhost", 1)
	link := invitation(t, n, b, "nouvelle@viaduc.example")
	its := b.Tab(t, browser.Passkeys(), browser.Viewport(390, 800))
	its.Open(site + link)
	says(t, its, "Bienvenue", "nouvelle@viaduc.example")
	its.Type(`input[name="given_name"]`, "Nouvelle")
	its.Type(`input[name="family_name"]`, "Exemple")
	press(its, "main form button")
	its.WaitVisible("[data-cle]")
	its.Click("[data-cle]")
	its.WaitVisible("#codes-secours li")
	codes := its.Texts("#codes-secours li")
	if len(codes) != 10 {
		t.Errorf("%d rescue codes", len(codes))
	}
	its.ClickText("J'ai gardé mes codes")
	says(t, its, "Bonjour Nouvelle Exemple", "Médiateur, médiatrice")
	its.Click(`form[action="/deconnexion"] button`)
	says(t, its, "Vous êtes déconnecté")

	its.Open(site + "/connexion?retour=/pro/compte")
	its.WaitVisible("[data-cle]")
	its.Click("[data-cle]")
	its.WaitVisible(`form[action="/pro/compte/structure"]`)
	says(t, its, "Mon compte", "nouvelle@viaduc.example")
	if errs := its.ConsoleErrors(); len(errs) > 0 {
		t.Errorf("console: %v", errs)
	}
}

// C19: on a screen that others use next, logging out leaves nothing: the Back button, the cookies, the storages and the
// cache show nobody; and who forgot to log out is out after five minutes.
func TestC19NothingStaysOnAKiosk(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	_, card, err := n.Identity.AddResident(t.Context(), identity.TheSystem(), identity.NewResident{GivenName: "Habitante", FamilyName: "Exemple"})
	if err != nil {
		t.Fatal(err)
	}
	kiosk := b.Tab(t, browser.Viewport(1024, 768))
	enter := func() {
		t.Helper()
		kiosk.Open(n.URL + identity.CardPath + string(card.Token))
		kiosk.Type(`input[name="pin"]`, card.PIN)
		press(kiosk, "main form button")
		says(t, kiosk, "Bonjour Habitante Exemple")
	}
	enter()
	kiosk.Open(n.URL + "/compte/journal")
	kiosk.Open(n.URL + "/compte")
	kiosk.Click(`form[action="/deconnexion"] button`)
	says(t, kiosk, "Vous êtes déconnecté")
	for range 3 {
		kiosk.Back()
		if text := kiosk.Text("body"); strings.Contains(text, "Habitante") {
			t.Errorf("Back shows %s:\n%s", kiosk.URL(), text)
		}
	}
	left := browser.Eval[int](kiosk, `localStorage.length + sessionStorage.length + document.cookie.length`)
	caches := browser.Eval[int](kiosk, `(async () => (await caches.keys()).length + (await indexedDB.databases()).length)()`)
	if jar := kiosk.CookieJar(); left != 0 || caches != 0 || len(jar) != 0 {
		t.Errorf("left behind: %d in storages, %d caches and databases, cookies %v", left, caches, jar)
	}

	enter()
	n.Clock.Move(identity.KioskIdle + time.Second)
	kiosk.Reload()
	if text := kiosk.Text("body"); kiosk.Status() != http.StatusUnauthorized || strings.Contains(text, "Habitante") {
		t.Errorf("five minutes later the kiosk answers %d:\n%s", kiosk.Status(), text)
	}
}

// invitation has a manager invite somebody as a mediator, and returns the address that the message leads to.
func invitation(t *testing.T, n *apptest.Node, b *browser.Browser, email string) string {
	t.Helper()
	manager := n.Person(identity.Manager)[0]
	chief := staff(t, b, n, manager.Account)
	chief.Open(n.URL + "/pro/structures/" + string(manager.OrganisationID) + "/invitations")
	chief.Type(`input[name="email"]`, email)
	chief.Select(`select[name="role"]`, string(identity.Mediator))
	press(chief, "main form button")
	says(t, chief, "L'invitation est partie", email)
	return mailedLink(t, n, staff(t, b, n, n.Person(identity.Administrator)[0].Account), identity.InvitationPath)
}

// mailedLink sends what waits, and returns the address of a page of ours that the last message holds, as the administrator
// reads it where nothing is set up to send.
func mailedLink(t *testing.T, n *apptest.Node, boss *browser.Tab, path string) string {
	t.Helper()
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	boss.Open(n.URL + "/pro/admin/messages")
	boss.Click("main details summary")
	text := boss.Text("main details pre")
	i := strings.Index(text, path)
	if i < 0 {
		t.Fatalf("no link to %s in:\n%s", path, text)
	}
	link, _, _ := strings.Cut(text[i:], " ")
	return link
}

// An alert by e-mail, without an account, by keyboard and without scripts; then with one, and a place kept.
func TestToldOfWhatIsNew(t *testing.T) {
	n := apptest.Demo(t)
	b := browser.Start(t)
	its := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640))
	its.Open(n.URL + "/alertes")
	press(its, "main form button")
	refused(t, its, "Choisissez une commune de la liste")
	its.TabTo(`input[name="ou"]`)
	its.Type(":focus", "Rochefort")
	its.TabTo(`input[name="email"]`)
	its.Type(":focus", "habitante@viaduc.example")
	press(its, "main form button")
	says(t, its, "Regardez votre boîte e-mail")
	link := mailedLink(t, n, staff(t, b, n, n.Person(identity.Administrator)[0].Account), alert.LinkPath)
	its.Open(n.URL + link)
	says(t, its, "Vous prévenir de ce qui arrive près de Rochefort ?", "Jusqu'à 10 km")
	press(its, "main form button")
	says(t, its, "C'est noté", "Rien de nouveau pour l'instant")
	audit.Page(t, b, n.URL+link, audit.Resident).Check(t)
	press(its, "main form button")
	says(t, its, "L'alerte est arrêtée", "Nous avons effacé votre adresse")
	its.Open(n.URL + link)
	if its.Status() != http.StatusNotFound {
		t.Errorf("an alert that has ended answers %d", its.Status())
	}

	own := b.Tab(t, browser.JavaScriptOff(), browser.Viewport(320, 640), browser.Cookies(n.URL, n.LoginAs(n.Resident())))
	own.Open(n.URL + "/compte")
	says(t, own, "Vous ne gardez aucun lieu", "Vous n'avez aucune alerte")
	own.Open(n.URL + n.PlacePath(1))
	name := own.Text("h1")
	own.ClickText("Garder ce lieu")
	press(own, `button[value="garder"]`)
	says(t, own, "Ce lieu est gardé", name)
	own.ClickText("Me prévenir quand quelque chose arrive")
	own.Type(`input[name="ou"]`, "Rochefort")
	press(own, "main form button")
	own.ClickText("Voir mes alertes")
	says(t, own, "10 km autour de Rochefort")
	own.Screenshot(shots(t, "compte-habitant-320"))
	press(own, `form[action="/compte/alertes"] button`)
	says(t, own, "L'alerte est arrêtée", "Vous n'avez aucune alerte")
	press(own, `form[action^="/compte/lieux/"] button`)
	says(t, own, "n'est plus dans votre compte")
}
