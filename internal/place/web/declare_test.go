package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/testkit"
	"viaduc/internal/ui/plainwords"
)

// begun is the address of a new declaration.
func begun(t *testing.T, n *apptest.Node, form url.Values) string {
	t.Helper()
	res, body := post(n, "/lieux/declarer/commencer", form)
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, place.DeclarationPath) || !strings.HasSuffix(to, "/organisation") {
		t.Fatalf("begin: %d to %q\n%s", res.StatusCode, to, body)
	}
	return strings.TrimSuffix(to, "/organisation")
}

// declaredAt reads a declaration by its address.
func declaredAt(t *testing.T, n *apptest.Node, path string) place.Declaration {
	t.Helper()
	d, err := n.Places.Declared(t.Context(), strings.TrimPrefix(path, place.DeclarationPath))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// answers are a whole declaration, question by question.
var answers = []struct {
	ask, next string
	form      url.Values
}{
	{"organisation", "adresse", url.Values{"structure_parente": {"Ville d'essai"}, "pivot": {"356 000 000 00048"}}}, // La Poste has a rule of its own
	{"adresse", "position", url.Values{"adresse": {"4 rue de l'Essai"}, "code_postal": {"17 300"}, "commune": {"rochefort"}}},
	{"position", "offre", url.Values{"endroit": {"ecrit"}, "coordonnees": {"45.937, -0.964"}}},
	{"offre", "aide", url.Values{"viaduc_offre": {"mediateur"}}},
	{"aide", "horaires", url.Values{"services": {place.ServiceAdmin, place.ServiceBasics}, "modalites_accompagnement": {"Accompagnement individuel"}}},
	{"horaires", "public", url.Values{"mode": {"grille"}, "lundi-matin-de": {"9h"}, "lundi-matin-a": {"12h30"}, "mardi-apres-midi-de": {"14"}, "mardi-apres-midi-a": {"17:30"}, "feries": {"oui"}}},
	{"public", "langues", url.Values{"publics_specifiquement_adresses": {"Seniors"}}},
	{"langues", "prix", url.Values{"viaduc_langues": {"anglais"}, "viaduc_langues-autre": {"Peul, wolof"}}},
	{"prix", "acces", url.Values{"frais_a_charge": {"Gratuit"}, "viaduc_pass": {"oui"}}},
	{"acces", "contact", url.Values{"modalites_acces": {"Se présenter"}, "viaduc_acces": {"Rampe"}}},
	{"contact", "resume", url.Values{"telephone": {"05 36 49 00 12"}, "courriels": {"accueil@exemple.example, aide@exemple.example"}, "site_web": {"https://exemple.example"}}},
	{"resume", "courriel", url.Values{"presentation_resume": {"Une conseillère vous aide le mardi."}}},
	{"courriel", "relire", url.Values{"email": {"mairie@exemple.example"}}},
}

// whole answers every question and returns the address of the draft.
func whole(t *testing.T, n *apptest.Node) string {
	t.Helper()
	path := begun(t, n, url.Values{"nom": {"Le Tiers-Lieu d'essai"}})
	for _, a := range answers {
		res, body := post(n, path+"/"+a.ask, a.form)
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != path+"/"+a.next {
			t.Fatalf("%s: %d to %q\n%s", a.ask, res.StatusCode, to, body)
		}
	}
	return path
}

func TestAPlaceIsDeclared(t *testing.T) {
	n := apptest.Demo(t)
	path := whole(t, n)
	d := declaredAt(t, n, path)
	for column, want := range map[string]string{
		"nom": "Le Tiers-Lieu d'essai", "pivot": "35600000000048", "commune": "Rochefort", "code_postal": "17300", "code_insee": "17299", "position": "45.937 -0.964",
		"horaires": "Mo 09:00-12:30; Tu 14:00-17:30; PH off", "viaduc_langues": "anglais|peul|wolof", "viaduc_pass": "oui", "telephone": "+33536490012",
		"courriels": "accueil@exemple.example|aide@exemple.example", "services": place.ServiceAdmin + "|" + place.ServiceBasics,
	} {
		if got := d.Said(column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	before := n.Places.Index().Len()
	_, check := n.Get(path + "/relire")
	for _, says := range []string{"Relisez avant d&#39;envoyer", "Le lundi, de 9 h à 12 h 30", "Modifier<span class=\"cache\"> : Prix", "Remplie à 100 %", "Anglais, peul, wolof", "mairie@exemple.example"} {
		if !strings.Contains(strings.ReplaceAll(check, "\u00a0", " "), says) {
			t.Errorf("the check page does not say %q", says)
		}
	}
	res, preview := n.Get(path + "/apercu")
	if res.StatusCode != http.StatusOK || !strings.Contains(preview, "pas encore en ligne") || !strings.Contains(preview, "<h1>Le Tiers-Lieu d&#39;essai</h1>") || strings.Contains(preview, "ld+json") {
		t.Errorf("preview: %d\n%s", res.StatusCode, preview)
	}
	res, _ = post(n, path, url.Values{"action": {"envoyer"}, "version": {versionOn(t, check)}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != path {
		t.Fatalf("send: %d", res.StatusCode)
	}
	_, state := n.Get(path)
	if d = declaredAt(t, n, path); d.State != place.DeclarationSent || !strings.Contains(state, d.Reference) || !strings.Contains(state, n.URL+path) {
		t.Errorf("sent: %s\n%s", d.State, state)
	}
	if got := mailed(t, n, "mairie@exemple.example"); len(got) != 1 || !strings.Contains(got[0].Text, path) || strings.Contains(got[0].Subject, "Tiers") {
		t.Errorf("mailed: %+v", got)
	}
	for _, end := range []string{"/nom", "/relire", "/apercu"} { // nothing is written on what was sent
		if res, _ := n.Get(path + end); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d", end, res.StatusCode)
		}
	}
	if res, _ := post(n, path+"/nom", url.Values{"nom": {"Autre"}}); res.StatusCode != http.StatusSeeOther || declaredAt(t, n, path).Said("nom") == "Autre" {
		t.Errorf("an answer on what was sent: %d", res.StatusCode)
	}
	n.Reload()
	if n.Places.Index().Len() != before {
		t.Error("a place is shown that nobody accepted")
	}
	if res, _ := post(n, path, url.Values{"action": {"reprendre"}}); res.StatusCode != http.StatusSeeOther || !declaredAt(t, n, path).Open() {
		t.Errorf("take back: %d", res.StatusCode)
	}
	if res, body := post(n, path+"/retirer", url.Values{}); res.StatusCode != http.StatusOK || !strings.Contains(body, "C&#39;est effacé") {
		t.Errorf("withdraw: %d", res.StatusCode)
	}
	if res, _ := n.Get(path); res.StatusCode != http.StatusNotFound {
		t.Errorf("after: %d", res.StatusCode)
	}
}

var versionForm = regexp.MustCompile(`name="version" value="(\d+)"`)

func versionOn(t *testing.T, page string) string {
	t.Helper()
	m := versionForm.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no version in\n%s", page)
	}
	return m[1]
}

// mailed sends what waits, and returns what an address got, newest first.
func mailed(t *testing.T, n *apptest.Node, to string) []notice.Shown {
	t.Helper()
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := n.Notices.Outbox(t.Context(), identity.AtCLI(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []notice.Shown
	for _, m := range all {
		if m.To == to {
			out = append(out, m)
		}
	}
	return out
}

// What cannot be comes back filled in, with a sentence beside it that says what to do; nothing is kept.
func TestAnswersThatComeBack(t *testing.T) {
	n := apptest.Demo(t)
	path := whole(t, n)
	hostile := `</textarea><script>alert(1)</script>" onx="`
	for about, tc := range map[string]struct {
		ask  string
		form url.Values
		says []string
	}{
		"no name":             {"nom", url.Values{"nom": {"  "}}, []string{"Écrivez le nom du lieu", `href="#nom"`}},
		"a long name":         {"nom", url.Values{"nom": {strings.Repeat("é", 201)}}, []string{"C'est trop long : 201 lettres. Gardez-en 200", strings.Repeat("é", 201)}},
		"short SIRET":         {"organisation", url.Values{"pivot": {"123"}}, []string{"quatorze chiffres", `value="123"`}},
		"a slip in the SIRET": {"organisation", url.Values{"pivot": {"21170299000015"}}, []string{"un chiffre est faux", `value="21170299000015"`}},
		"no street":           {"adresse", url.Values{"code_postal": {"17300"}, "commune": {"Rochefort"}}, []string{"Écrivez l'adresse", `value="Rochefort"`}},
		"another postcode":    {"adresse", url.Values{"adresse": {"1 rue"}, "code_postal": {"17100"}, "commune": {"Rochefort"}}, []string{"17100 est celui de", "Saintes"}},
		"no such postcode":    {"adresse", url.Values{"adresse": {"1 rue"}, "code_postal": {"99999"}, "commune": {"Rochefort"}}, []string{"Rochefort a pour code postal", "17300"}},
		"no such commune":     {"adresse", url.Values{"adresse": {"1 rue"}, "code_postal": {"99999"}, "commune": {"Xyzzy"}}, []string{"Nous ne connaissons pas cette commune"}},
		"no spot":             {"position", url.Values{}, []string{"Choisissez un endroit", `href="#endroit"`}},
		"coordinates":         {"position", url.Values{"endroit": {"ecrit"}, "coordonnees": {"nord"}}, []string{"Écrivez la latitude puis la longitude", `value="nord"`}},
		"far away":            {"position", url.Values{"endroit": {"48.85 2.35"}}, []string{"Cet endroit est à 4", "de Rochefort"}},
		"unknown offer":       {"offre", url.Values{"viaduc_offre": {"café"}}, []string{"n'est pas dans la liste"}},
		"unknown service":     {"aide", url.Values{"services": {"Vélos"}}, []string{"n'est pas dans la liste", "Vélos"}},
		"half a time":         {"horaires", url.Values{"mode": {"grille"}, "jeudi-matin-de": {"9h"}}, []string{"Le jeudi, il manque une heure", `href="#jeudi-matin-de"`, `value="9h"`}},
		"a time":              {"horaires", url.Values{"mode": {"grille"}, "jeudi-matin-de": {"tôt"}, "jeudi-matin-a": {"12h"}}, []string{"Le jeudi, une heure ne se lit pas", `value="tôt"`}},
		"words":               {"horaires", url.Values{"mode": {"mots"}, "heures": {"quand il fait beau"}}, []string{"Nous n'avons pas compris ces heures", ">quand il fait beau<"}},
		"telephone":           {"contact", url.Values{"telephone": {"12"}, "site_web": {"javascript:alert(1)"}}, []string{"Écrivez un numéro de téléphone", "Écrivez une adresse de site", `value="12"`}},
		"281 letters":         {"resume", url.Values{"presentation_resume": {strings.Repeat("é", 281)}}, []string{"281 lettres. Gardez-en 280"}},
		"e-mail":              {"courriel", url.Values{"email": {"moi"}}, []string{"prenom.nom@exemple.fr", `value="moi"`}},
		"no e-mail":           {"courriel", url.Values{}, []string{"Écrivez votre adresse e-mail"}},
		"hostile":             {"contact", url.Values{"telephone": {hostile}}, []string{"&lt;/textarea&gt;&lt;script&gt;"}},
	} {
		before := declaredAt(t, n, path)
		res, page := post(n, path+"/"+tc.ask, tc.form)
		if res.StatusCode != http.StatusUnprocessableEntity || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(page, "<script>alert") {
			t.Errorf("%s: %d %v", about, res.StatusCode, res.Header)
		}
		page = strings.NewReplacer("\u00a0", " ", "&#39;", "'").Replace(page)
		for _, says := range append(tc.says, "<title>Erreur", `role="alert"`, "Il y a un problème") {
			if !strings.Contains(page, says) {
				t.Errorf("%s: the page does not say %.60q", about, says)
			}
		}
		if after := declaredAt(t, n, path); after.Version != before.Version {
			t.Errorf("%s: something was kept", about)
		}
	}
}

// Monday is copied on demand, and words are shown as they were understood before they are kept.
func TestHoursAreAskedTwice(t *testing.T) {
	n := apptest.Demo(t)
	path := begun(t, n, url.Values{"nom": {"Lieu"}})
	res, page := post(n, path+"/horaires", url.Values{"mode": {"grille"}, "lundi-matin-de": {"9h"}, "lundi-matin-a": {"12h"}, "action": {"copier"}})
	if res.StatusCode != http.StatusOK || strings.Count(page, `value="9h"`) != 5 || declaredAt(t, n, path).Says("horaires") {
		t.Errorf("copied: %d, %d times", res.StatusCode, strings.Count(page, `value="9h"`))
	}
	words := url.Values{"mode": {"mots"}, "heures": {"du lundi au vendredi 9h-12h\nsamedi 10h-12h"}}
	res, page = post(n, path+"/horaires", words)
	if res.StatusCode != http.StatusOK || !strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), "Du lundi au vendredi, de 9 h à 12 h") || declaredAt(t, n, path).Says("horaires") {
		t.Errorf("understood: %d\n%s", res.StatusCode, page)
	}
	words.Set("compris", "Mo-Fr 09:00-12:00; Sa 10:00-12:00")
	if res, _ = post(n, path+"/horaires", words); res.StatusCode != http.StatusSeeOther || declaredAt(t, n, path).Said("horaires") != "Mo-Fr 09:00-12:00; Sa 10:00-12:00" {
		t.Errorf("kept: %d %q", res.StatusCode, declaredAt(t, n, path).Said("horaires"))
	}
	if _, page = n.Get(path + "/horaires"); !strings.Contains(page, `name="samedi-matin-de" value="10h"`) {
		t.Error("hours that a grid holds do not come back in it")
	}
	if _, page = n.Get(path + "/horaires?mode=mots"); !strings.Contains(page, "<textarea") {
		t.Error("no words")
	}
}

// Two pages answer the same question: the second is told, both answers stand on its page, and it decides.
func TestTwoPagesAnswerAtOnce(t *testing.T) {
	n := apptest.Demo(t)
	path := begun(t, n, url.Values{"nom": {"Premier nom"}})
	_, one := n.Get(path + "/nom")
	mark := regexp.MustCompile(`name="vu" value="([0-9a-f]+)"`).FindStringSubmatch(one)[1]
	if res, _ := post(n, path+"/nom", url.Values{"vu": {mark}, "nom": {"Nom de l'autre page"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("first: %d", res.StatusCode)
	}
	res, page := post(n, path+"/nom", url.Values{"vu": {mark}, "nom": {"Mon nom"}})
	page = strings.ReplaceAll(page, "&#39;", "'")
	if res.StatusCode != http.StatusConflict || !strings.Contains(page, "L'autre réponse est : Nom de l'autre page") || !strings.Contains(page, `value="Mon nom"`) {
		t.Errorf("conflict: %d\n%s", res.StatusCode, page)
	}
	mark = regexp.MustCompile(`name="vu" value="([0-9a-f]+)"`).FindStringSubmatch(page)[1]
	if res, _ = post(n, path+"/nom", url.Values{"vu": {mark}, "nom": {"Mon nom"}}); res.StatusCode != http.StatusSeeOther || declaredAt(t, n, path).Said("nom") != "Mon nom" {
		t.Errorf("decided: %d", res.StatusCode)
	}
}

// What was typed on a page whose declaration is gone is not lost.
func TestALostDeclarationGivesBackWhatWasTyped(t *testing.T) {
	n := apptest.Demo(t)
	path := begun(t, n, url.Values{"nom": {"Lieu"}})
	if res, _ := post(n, path+"/retirer", url.Values{}); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode)
	}
	res, page := post(n, path+"/contact", url.Values{"telephone": {"05 36 49 00 12"}, "courriels": {"accueil@exemple.example"}})
	if res.StatusCode != http.StatusNotFound || !strings.Contains(page, "05 36 49 00 12") || !strings.Contains(page, `name="courriels" value="accueil@exemple.example"`) {
		t.Errorf("lost: %d\n%s", res.StatusCode, page)
	}
	again := begun(t, n, url.Values{"nom": {"Lieu"}, "telephone": {"05 36 49 00 12"}, "courriels": {"accueil@exemple.example"}})
	if d := declaredAt(t, n, again); d.Said("telephone") != "+33536490012" || d.Said("courriels") == "" {
		t.Errorf("begun again: %v", d.Values)
	}
	for _, lost := range []string{path, path + "/nom", place.DeclarationPath + "x", place.DeclarationPath + "x/relire", again + "/nulle-part"} {
		if res, _ := n.Get(lost); res.StatusCode != http.StatusNotFound || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", lost, res.StatusCode, res.Header)
		}
	}
}

// Programs are refused, floods slowed down; both keep what was typed.
func TestDeclarationsAreBounded(t *testing.T) {
	n := apptest.Demo(t)
	if res, page := post(n, "/lieux/declarer/commencer", url.Values{"nom": {"Gardé"}, "adresse-du-site": {"http://x"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `value="Gardé"`) {
		t.Errorf("trap: %d", res.StatusCode)
	}
	status := 0
	for range 25 {
		res, _ := post(n, "/lieux/declarer/commencer", url.Values{"nom": {"Lieu"}})
		if status = res.StatusCode; status != http.StatusSeeOther {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("a flood ends with %d", status)
	}
	if res, _ := post(n, "/lieux/declarer/commencer", url.Values{"nom": {strings.Repeat("a", 70<<10)}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a huge form: %d", res.StatusCode)
	}
}

// "Reprendre plus tard" mails the link; opening it shows the answers and changes nothing.
func TestTheLinkIsMailed(t *testing.T) {
	n := apptest.Demo(t)
	path := begun(t, n, url.Values{"nom": {"Lieu"}})
	if res, _ := post(n, path+"/organisation", url.Values{"structure_parente": {"Ville"}, "action": {"garder"}}); res.Header.Get("Location") != path+"/garder" || declaredAt(t, n, path).Said("structure_parente") != "Ville" {
		t.Error("the answer is not kept first")
	}
	if res, page := post(n, path+"/garder", url.Values{"email": {"moi"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `value="moi"`) {
		t.Errorf("bad address: %d", res.StatusCode)
	}
	if res, _ := post(n, path+"/garder", url.Values{"email": {"Moi@exemple.example"}}); res.Header.Get("Location") != path+"/garder?envoye=oui" {
		t.Errorf("mailed: %d", res.StatusCode)
	}
	got := mailed(t, n, "moi@exemple.example")
	if len(got) != 1 || !strings.Contains(got[0].Text, path) {
		t.Fatalf("mailed: %+v", got)
	}
	version := declaredAt(t, n, path).Version
	for _, end := range []string{"", "/nom", "/relire", "/garder", "/garder?envoye=oui", "/retirer", "/position", "/horaires?mode=mots"} {
		if res, _ := n.Get(path + end); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", end, res.StatusCode)
		}
	}
	if declaredAt(t, n, path).Version != version {
		t.Error("a page that was read changed something")
	}
	if _, page := n.Get(path); !strings.Contains(page, path+"/adresse") || !strings.Contains(page, "Reprendre votre fiche") {
		t.Error("the link does not lead to the next question")
	}
}

// The people of a place correct it by its link; strangers get the same answer, and no link.
func TestAPlaceIsCorrected(t *testing.T) {
	n := apptest.Demo(t)
	var e *place.Entry
	for _, one := range n.Places.Index().Entries() {
		if len(one.Emails.Values()) > 0 && one.Place.Hours != "" {
			e = one
			break
		}
	}
	public, page := e.Emails.Values()[0], n.PlacePath(int64(e.Number))
	if _, body := n.Get(page); !strings.Contains(body, page+"/corriger") {
		t.Error("the page of a place does not offer to correct it")
	}
	var said [2]string
	for i, address := range []string{"inconnu@exemple.example", strings.ToUpper(public)} {
		res, _ := post(n, page+"/corriger", url.Values{"email": {address}})
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %d", address, res.StatusCode)
		}
		_, said[i] = n.Get(res.Header.Get("Location"))
	}
	if said[0] != said[1] {
		t.Error("the answer tells which address is known")
	}
	if len(mailed(t, n, "inconnu@exemple.example")) != 0 {
		t.Error("a stranger was written to")
	}
	if res, body := post(n, page+"/corriger", url.Values{"email": {"moi"}}); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="moi"`) {
		t.Errorf("bad address: %d", res.StatusCode)
	}
	letters := mailed(t, n, public)
	if len(letters) != 1 {
		t.Fatalf("%d messages", len(letters))
	}
	link := regexp.MustCompile(place.DeclarationPath + `\S+`).FindString(letters[0].Text)
	_, body := n.Get(link)
	if !strings.Contains(body, "rien changé pour l&#39;instant") || strings.Contains(body, "Envoyer mes corrections") {
		t.Errorf("the correction begins with\n%s", body)
	}
	_, body = n.Get(link + "/nom")
	if !strings.Contains(body, strings.ReplaceAll(e.Name, "'", "&#39;")) {
		t.Error("the question does not hold what the place says")
	}
	if res, _ := post(n, link+"/nom", url.Values{"nom": {"Nouveau nom"}, "retour": {"relire"}}); res.Header.Get("Location") != link+"/relire" {
		t.Errorf("back to %q", res.Header.Get("Location"))
	}
	_, body = n.Get(link + "/relire")
	if d := declaredAt(t, n, link); len(d.Values) != 1 || d.Base["nom"] != e.Name || !strings.Contains(body, "Nouveau nom") {
		t.Errorf("only what changes is kept: %v", d.Values)
	}
	if res, _ := post(n, link, url.Values{"action": {"envoyer"}, "version": {versionOn(t, body)}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("send: %d", res.StatusCode)
	}
	n.Reload()
	if now, _ := n.Places.Index().Place(e.Number); now.Name != e.Name {
		t.Error("the place changed before anybody accepted it")
	}
}

// Every question of a correction that is sent back as it came changes nothing: what the census says comes through the
// forms whole, whatever it is.
func TestFormsLoseNothing(t *testing.T) {
	n := apptest.Demo(t)
	input := regexp.MustCompile(`<input[^>]*name="([^"]+)"[^>]*>`)
	value := regexp.MustCompile(` value="([^"]*)"`)
	area := regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	unescape := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;", "+")
	for _, e := range n.Places.Index().Entries()[:12] {
		if len(e.Emails.Values()) == 0 {
			continue
		}
		if err := n.Places.AskCorrection(t.Context(), e.Number, e.Emails.Values()[0]); err != nil {
			t.Fatal(err)
		}
		letters := mailed(t, n, e.Emails.Values()[0])
		link := regexp.MustCompile(place.DeclarationPath + `\S+`).FindString(letters[0].Text)
		for _, ask := range []string{"nom", "organisation", "adresse", "offre", "aide", "horaires", "public", "langues", "prix", "acces", "contact", "resume"} {
			_, page := n.Get(link + "/" + ask)
			form := url.Values{}
			for _, m := range input.FindAllStringSubmatch(page, -1) {
				boxed := strings.Contains(m[0], `type="radio"`) || strings.Contains(m[0], `type="checkbox"`)
				if v := value.FindStringSubmatch(m[0]); v != nil && (!boxed || strings.Contains(m[0], " checked")) {
					form.Add(m[1], unescape.Replace(v[1]))
				}
			}
			for _, m := range area.FindAllStringSubmatch(page, -1) {
				form.Set(m[1], unescape.Replace(m[2]))
			}
			res, body := post(n, link+"/"+ask, form)
			if res.StatusCode != http.StatusSeeOther && res.StatusCode != http.StatusOK {
				t.Errorf("%s of %s: %d\n%s", ask, e.Name, res.StatusCode, body)
			}
		}
		if d := declaredAt(t, n, link); len(d.Values) != 0 {
			t.Errorf("%s: forms sent back as they came change %v (from %v)", e.Name, d.Values, d.Base)
		}
	}
}

func TestDeclarationPagesSpeakPlainly(t *testing.T) {
	n := apptest.Demo(t)
	path := whole(t, n)
	pages := []string{"/lieux/declarer", "/lieux/declarer/commencer", path, path + "/relire", path + "/garder", path + "/retirer", path + "/position", path + "/horaires?mode=mots", n.PlacePath(1) + "/corriger", n.PlacePath(1) + "/corriger/merci"}
	for _, a := range answers {
		pages = append(pages, path+"/"+a.ask)
	}
	for _, p := range pages {
		res, body := n.Get(p)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", p, res.StatusCode)
		}
		problems, err := plainwords.CheckHTML(strings.NewReader(body), i18n.French)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range problems {
			t.Errorf("%s: %s", p, one)
		}
		if key := regexp.MustCompile(`\[(place|ui)\.[a-z_.]+\]`).FindString(body); key != "" {
			t.Errorf("%s shows %s", p, key)
		}
	}
}

// The register is asked by its own page: what it says is shown, and kept once somebody says that it is right.
func TestTheRegisterFillsIn(t *testing.T) {
	register := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"results":[{"nom_complet":"COMMUNE D'ESSAI","matching_etablissements":[{"siret":"35600000000048","adresse":"9 RUE DE L'ESSAI 17300 ROCHEFORT","code_postal":"17300","commune":"17299","libelle_commune":"ROCHEFORT","etat_administratif":"A"}]}]}`))
	}))
	defer register.Close()
	clock := testkit.NewClock(t, "2026-05-04 09:30")
	n := apptest.Start(t, config.Config{Data: testkit.SQLiteDir(t), RegisterURL: register.URL}, app.Options{Now: clock.Now})
	path := begun(t, n, url.Values{"nom": {"Lieu"}})
	res, _ := post(n, path+"/organisation", url.Values{"pivot": {"35600000000048"}})
	if res.Header.Get("Location") != path+"/registre" {
		t.Fatalf("to %q", res.Header.Get("Location"))
	}
	if _, page := n.Get(path + "/registre"); !strings.Contains(page, "Commune d&#39;Essai") || declaredAt(t, n, path).Says("adresse") {
		t.Errorf("the register's page\n%s", page)
	}
	if res, _ = post(n, path+"/registre", url.Values{}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no answer: %d", res.StatusCode)
	}
	if res, _ = post(n, path+"/registre", url.Values{"reponse": {"ici"}}); res.Header.Get("Location") != path+"/adresse" {
		t.Errorf("to %q", res.Header.Get("Location"))
	}
	if d := declaredAt(t, n, path); d.Said("adresse") != "9 rue de l'Essai" || d.Said("structure_parente") != "Commune d'Essai" || d.Said("code_insee") != "17299" {
		t.Errorf("kept %v", d.Values)
	}
	if res, _ = post(n, path+"/registre", url.Values{"reponse": {"non"}}); res.Header.Get("Location") != path+"/organisation" || declaredAt(t, n, path).Said("pivot") != place.UnknownPivot {
		t.Errorf("not it: %q", res.Header.Get("Location"))
	}
	register.Close() // a register that is gone holds nobody up
	if _, err := n.Places.SaveAnswer(t.Context(), strings.TrimPrefix(path, place.DeclarationPath), place.Answer{Values: map[string]string{"pivot": "35600000000048"}}); err != nil {
		t.Fatal(err)
	}
	if res, _ = n.Get(path + "/registre"); res.Header.Get("Location") != path+"/adresse" {
		t.Errorf("without the register: %d", res.StatusCode)
	}
}

// A place that was decided on shows what was said of it, by the same link.
func TestWhatWasDecidedIsShown(t *testing.T) {
	n := apptest.Demo(t)
	path := whole(t, n)
	d := declaredAt(t, n, path)
	if _, err := n.Places.SendDeclaration(t.Context(), strings.TrimPrefix(path, place.DeclarationPath), d.Version); err != nil {
		t.Fatal(err)
	}
	decide := func(state string, where string) {
		t.Helper()
		err := n.DB.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE place_declaration SET decided_at = sent_at + 1, state = $1, `+where, state)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	decide("refused", `reason = 'Ce lieu est déjà dans la liste.'`)
	_, page := n.Get(path)
	for _, says := range []string{"pas en ligne", "Ce lieu est déjà dans la liste.", "Corriger et renvoyer"} {
		if !strings.Contains(page, says) {
			t.Errorf("refused: no %q", says)
		}
	}
	if res, _ := post(n, path, url.Values{"action": {"reprendre"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	if _, page = n.Get(path); !strings.Contains(page, "Ce lieu est déjà dans la liste.") || !strings.Contains(page, "Le Tiers-Lieu") {
		t.Error("the reason or the answers are gone")
	}
	decide("accepted", `place_id = (SELECT id FROM place_place WHERE number = 1)`)
	if _, page = n.Get(path); !strings.Contains(page, "La fiche est en ligne") || !strings.Contains(page, n.PlacePath(1)) {
		t.Errorf("accepted\n%s", page)
	}
	if res, _ := post(n, path+"/retirer", url.Values{}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("withdrawing what was decided: %d", res.StatusCode)
	}
	if res, _ := post(n, path, url.Values{"action": {"reprendre"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	if d = declaredAt(t, n, path); len(d.Values) != 0 || d.Base["nom"] == "" || !d.Open() {
		t.Errorf("a correction of what was accepted begins with %v", d.Values)
	}
}
