package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/alert"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// post sends a form as a browser does.
func post(n *apptest.Node, path string, form url.Values, edit ...func(*http.Request)) (*http.Response, string) {
	edit = append(edit, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	return n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), edit...)
}

// inbox is the text of every message, the newest first.
func inbox(t *testing.T, n *apptest.Node) []string {
	t.Helper()
	if _, err := n.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown, err := n.Notices.Outbox(t.Context(), identity.AtCLI(), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, 0, len(shown))
	for _, m := range shown {
		out = append(out, m.Text)
	}
	return out
}

// What is wrong is said in plain French beside its question, and what was typed is still there.
func TestTheFormSaysWhatIsWrong(t *testing.T) {
	n := apptest.Demo(t)
	for name, tt := range map[string]struct {
		form  url.Values
		holds []string
	}{
		"nothing": {url.Values{}, []string{"Choisissez une commune de la liste.", "Choisissez une distance.", "Écrivez une adresse e-mail"}},
		"a commune that nobody knows": {
			url.Values{"ou": {"Xyzzyxville"}, "radius": {"20"}, "email": {"moi@exemple.fr"}},
			[]string{"Nous ne trouvons pas cette commune.", `value="Xyzzyxville"`, `value="20" checked`, `value="moi@exemple.fr"`},
		},
		"an address that is none": {
			url.Values{"ou": {"Rochefort"}, "radius": {"5"}, "email": {"moi chez exemple"}},
			[]string{"Écrivez une adresse e-mail", `value="Rochefort"`, `value="5" checked`, `value="moi chez exemple"`},
		},
		"a commune written otherwise": {
			url.Values{"ou": {"Rochefrot"}, "radius": {"5"}, "email": {"moi@exemple.fr"}},
			[]string{"Dites si c&#39;est bien cette commune.", "Rochefort (17)", "Ma commune n&#39;est pas dans cette liste"},
		},
	} {
		res, page := post(n, "/alertes", tt.form)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
		for _, text := range tt.holds {
			if !strings.Contains(page, text) && !strings.Contains(page, strings.ReplaceAll(text, "&#39;", "'")) {
				t.Errorf("%s: no %q in\n%s", name, text, page)
			}
		}
	}
	if got := inbox(t, n); len(got) != 0 {
		t.Errorf("messages of what was refused: %q", got)
	}
}

// A commune that was chosen among several stays chosen while another answer is put right.
func TestTheChoiceOfACommuneIsKept(t *testing.T) {
	n := apptest.Demo(t)
	form := url.Values{"ou": {"Rochefrot"}, "commune": {"17299"}, "radius": {"5"}, "email": {"rien"}}
	res, page := post(n, "/alertes", form)
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `value="17299" checked`) || !strings.Contains(page, "Écrivez une adresse e-mail") {
		t.Fatalf("status %d\n%s", res.StatusCode, page)
	}
	form.Set("email", "moi@exemple.fr")
	if res, page = post(n, "/alertes", form); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", res.StatusCode, page)
	}
	if got := inbox(t, n); len(got) != 1 || !strings.Contains(got[0], "5 km autour de Rochefort") {
		t.Errorf("told %q", got)
	}
}

// Whether an address has an alert shows nowhere; opening a link changes nothing.
func TestDoubleOptIn(t *testing.T) {
	n := apptest.Demo(t)
	form := url.Values{"ou": {"Rochefort"}, "radius": {"10"}, "email": {"moi@exemple.fr"}}
	answer := func() string {
		t.Helper()
		res, body := post(n, "/alertes", form)
		to := res.Header.Get("Location")
		_, page := n.Get(to)
		return res.Status + " " + to + "\n" + body + "\n" + page
	}
	first := answer()
	mails := inbox(t, n)
	if len(mails) != 1 {
		t.Fatalf("told %q", mails)
	}
	_, rest, _ := strings.Cut(mails[0], alert.LinkPath)
	token, _, _ := strings.Cut(rest, "\n")
	link := alert.LinkPath + token
	for range 2 {
		res, page := n.Get(link)
		if res.StatusCode != http.StatusOK || strings.Count(page, `action="`+link+`"`) != 1 || !strings.Contains(page, "Oui, prévenez-moi") {
			t.Fatalf("status %d\n%s", res.StatusCode, page)
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("its link may leak: %v", res.Header)
		}
	}
	if a, err := n.Alerts.Read(t.Context(), token); err != nil || a.Confirmed {
		t.Fatalf("opened: %+v, %v", a, err)
	}
	waiting := answer()
	if res, _ := post(n, link, url.Values{"action": {"confirmer"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", res.StatusCode)
	}
	if a, err := n.Alerts.Read(t.Context(), token); err != nil || !a.Confirmed {
		t.Fatalf("confirmed: %+v, %v", a, err)
	}
	if confirmed := answer(); first != waiting || first != confirmed {
		t.Errorf("the answer tells what is known of an address:\n%s\n---\n%s\n---\n%s", first, waiting, confirmed)
	}
	if _, page := n.Get(link); !strings.Contains(page, "Arrêter cette alerte") {
		t.Errorf("no way to end it:\n%s", page)
	}
	if a, err := n.Alerts.Read(t.Context(), token); err != nil || !a.Confirmed {
		t.Fatalf("opening it ended it: %+v, %v", a, err)
	}
	if res, page := post(n, link, url.Values{"action": {"arreter"}}); res.StatusCode != http.StatusOK || !strings.Contains(page, "arrêtée") {
		t.Errorf("status %d\n%s", res.StatusCode, page)
	}
	if res, _ := n.Get(link); res.StatusCode != http.StatusNotFound {
		t.Errorf("after its end: %d", res.StatusCode)
	}
}

// One sender cannot have many mailboxes written to.
func TestOneSenderIsSlowedDown(t *testing.T) {
	n := apptest.Demo(t)
	for i := range 15 {
		form := url.Values{"ou": {"Rochefort"}, "radius": {"10"}, "email": {"moi" + string(rune('a'+i)) + "@exemple.fr"}}
		if res, _ := post(n, "/alertes", form); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("request %d: status %d", i+1, res.StatusCode)
		}
	}
	res, page := post(n, "/alertes", url.Values{"ou": {"Rochefort"}, "radius": {"10"}, "email": {"moi@exemple.fr"}})
	if res.StatusCode != http.StatusTooManyRequests || !strings.Contains(page, "Réessayez dans dix minutes") {
		t.Errorf("status %d\n%s", res.StatusCode, page)
	}
	if got := len(inbox(t, n)); got != 15 {
		t.Errorf("%d messages", got)
	}
}

// Whoever is logged in types no address, and takes away only what is theirs.
func TestWithAnAccount(t *testing.T) {
	n := apptest.Demo(t)
	cookie := n.LoginAs(n.Resident())
	her := func(r *http.Request) { r.AddCookie(cookie) }
	if _, page := n.Do(http.MethodGet, "/alertes", nil, her); strings.Contains(page, `name="email"`) {
		t.Error("an account is asked for an address")
	}
	if _, page := n.Do(http.MethodGet, "/compte", nil, her); !strings.Contains(page, "aucune alerte") || !strings.Contains(page, "ne gardez aucun lieu") {
		t.Errorf("nothing yet:\n%s", page)
	}
	if res, _ := post(n, "/alertes", url.Values{"ou": {"Rochefort"}, "radius": {"10"}}, her); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", res.StatusCode)
	}
	_, page := n.Do(http.MethodGet, "/compte", nil, her)
	if !strings.Contains(page, "10 km autour de Rochefort") {
		t.Fatalf("its alert is not there:\n%s", page)
	}
	_, rest, _ := strings.Cut(page, `action="/compte/alertes"`)
	_, rest, _ = strings.Cut(rest, `name="id" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	other := n.LoginAs(n.Resident())
	if res, _ := post(n, "/compte/alertes", url.Values{"id": {id}}, func(r *http.Request) { r.AddCookie(other) }); res.StatusCode != http.StatusNotFound {
		t.Errorf("another ends it: %d", res.StatusCode)
	}
	if res, _ := post(n, "/compte/alertes", url.Values{"id": {id}}, her); res.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d", res.StatusCode)
	}
}
