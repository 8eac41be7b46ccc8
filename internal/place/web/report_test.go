package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app/apptest"
	"viaduc/internal/place"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
	"viaduc/internal/ui/plainwords"
)

// post sends a form as a browser does.
func post(n *apptest.Node, path string, form url.Values, edit ...func(*http.Request)) (*http.Response, string) {
	edit = append(edit, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	return n.Do(http.MethodPost, path, strings.NewReader(form.Encode()), edit...)
}

func reports(t *testing.T, n *apptest.Node) []place.Report {
	t.Helper()
	list, err := n.Places.Reports(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestReportIsSentOnceAndThanked(t *testing.T) {
	n := apptest.Demo(t)
	path := n.PlacePath(1) + "/signaler"
	for _, l := range i18n.Langs() {
		before := len(reports(t, n))
		form := url.Values{"quoi": {"horaires", "ferme", "rien"}, "precision": {"Langue : " + string(l)}, "contact": {"moi@exemple.fr"}}
		res, _ := post(n, ui.Path(l, path), form)
		to := res.Header.Get("Location")
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, ui.Path(l, path)+"/merci?numero=") {
			t.Fatalf("%s: status %d to %q", l, res.StatusCode, to)
		}
		list := reports(t, n)
		if len(list) != before+1 {
			t.Fatalf("%s: %d reports, want %d", l, len(list), before+1)
		}
		last := list[len(list)-1]
		if last.Contact != "moi@exemple.fr" || last.Text != "Langue : "+string(l) || len(last.Topics) != 2 {
			t.Errorf("%s: kept %+v", l, last)
		}
		if res, page := n.Get(to); res.StatusCode != http.StatusOK || !strings.Contains(page, last.Reference) || res.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: thanks: %d\n%s", l, res.StatusCode, page)
		}
	}
	other := n.PlacePath(2) + "/signaler/merci?numero=" + reports(t, n)[0].Reference
	for _, unknown := range []string{other, path + "/merci", path + "/merci?numero=BBB-BBB", path + "/merci?numero=%3Cb%3E"} {
		if res, _ := n.Get(unknown); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", unknown, res.StatusCode)
		}
	}
}

func TestReportComesBackFilledIn(t *testing.T) {
	n := apptest.Demo(t)
	path := n.PlacePath(1) + "/signaler"
	hostile := `</textarea><script>alert(1)</script>" onx="`
	for about, tc := range map[string]struct {
		form url.Values
		says []string
	}{
		"nothing":             {url.Values{}, []string{"Cochez au moins une case", "Étape 1 sur 2"}},
		"unknown topic":       {url.Values{"quoi": {"tout"}, "precision": {"x"}}, []string{"Cochez au moins une case"}},
		"other without words": {url.Values{"quoi": {"autre"}}, []string{"Écrivez ce qui ne va pas", `href="#precision"`, `value="autre"`}},
		"too long":            {url.Values{"quoi": {"horaires"}, "precision": {strings.Repeat("é", 1001)}}, []string{"1000 signes au plus. Vous en avez écrit 1001", strings.Repeat("é", 1001)}},
		"wrong contact":       {url.Values{"quoi": {"horaires"}, "precision": {"gardé"}, "contact": {"12"}}, []string{"Écrivez un numéro de téléphone", ">gardé<", `value="12"`, `href="#contact"`}},
		"hostile":             {url.Values{"quoi": {"horaires"}, "precision": {hostile}, "contact": {hostile}}, []string{"&lt;/textarea&gt;&lt;script&gt;", "&#34; onx=&#34;"}},
		"filled trap":         {url.Values{"quoi": {"horaires"}, "precision": {"gardé"}, "adresse-du-site": {"http://exemple.fr"}}, []string{"Appelez-nous", ">gardé<"}},
	} {
		res, page := post(n, path, tc.form)
		if res.StatusCode != http.StatusUnprocessableEntity || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(page, "<script>alert") {
			t.Errorf("%s: status %d, %v", about, res.StatusCode, res.Header)
		}
		for _, says := range append(tc.says, "<title>Erreur", `role="alert"`, "Il y a un problème") {
			if !strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), says) {
				t.Errorf("%s: the page does not say %.60q", about, says)
			}
		}
	}
	if list := reports(t, n); len(list) != 0 {
		t.Errorf("%d reports were kept", len(list))
	}
}

func TestReportPages(t *testing.T) {
	n := apptest.Demo(t)
	path := n.PlacePath(1) + "/signaler"
	for _, tc := range []struct {
		path   string
		status int
		says   []string
	}{
		{path, 200, []string{"Étape 1 sur 2", `value="horaires"`, `href="` + n.PlacePath(1) + `"`}},
		{path + "?quoi=adresse", 200, []string{"Étape 1 sur 2", `value="adresse" checked`}},
		{path + "?etape=2", 422, []string{"Cochez au moins une case", "<title>Erreur"}},
		{path + "?etape=2&quoi=horaires", 200, []string{"Quels sont les bons horaires", "Modifier", `href="` + path + `?quoi=horaires"`}},
		{path + "?etape=2&quoi=horaires&quoi=ferme", 200, []string{"Que faut-il corriger", "Les horaires, le lieu n&#39;existe plus"}},
		{path + "?etape=2&quoi=autre", 200, []string{"Qu&#39;est-ce qui ne va pas"}},
		{"/lieux/1-ancien-nom/signaler?quoi=adresse", 301, nil},
		{"/ar/lieux/1/signaler/merci?numero=x", 301, nil},
		{"/lieux/999999-x/signaler", 404, nil},
		{"/lieux/x/signaler", 404, nil},
	} {
		res, page := n.Get(tc.path)
		if res.StatusCode != tc.status {
			t.Errorf("%s: status %d, want %d", tc.path, res.StatusCode, tc.status)
		}
		for _, says := range tc.says {
			if !strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), says) {
				t.Errorf("%s does not say %q\n%s", tc.path, says, page)
			}
		}
		if tc.status == 200 || tc.status == 422 {
			problems, err := plainwords.CheckHTML(strings.NewReader(page), i18n.French)
			if err != nil || len(problems) > 0 {
				t.Errorf("%s: %v, %v", tc.path, problems, err)
			}
		}
	}
	if res, _ := n.Get("/lieux/1-ancien-nom/signaler?quoi=adresse"); res.Header.Get("Location") != path+"?quoi=adresse" {
		t.Errorf("an old name leads to %s", res.Header.Get("Location"))
	}
	if res, _ := post(n, "/lieux/999999-x/signaler", url.Values{"quoi": {"autre"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("a report about no place: %d", res.StatusCode)
	}
	if res, _ := post(n, path, url.Values{"precision": {strings.Repeat("x", 100_000)}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a form without end: %d", res.StatusCode)
	}
	if res, _ := post(n, path, url.Values{"quoi": {"autre"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", res.StatusCode)
	}
}

// One sender is slowed down, the next one is not, and patience is enough.
func TestReportsAreLimitedByClient(t *testing.T) {
	n := apptest.Demo(t)
	path := n.PlacePath(1) + "/signaler"
	from := func(client string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Forwarded-For", client) }
	}
	send := func(client, text string) int {
		res, page := post(n, path, url.Values{"quoi": {"horaires"}, "precision": {text}}, from(client))
		if res.StatusCode == http.StatusTooManyRequests && (res.Header.Get("Retry-After") == "" || !strings.Contains(page, text) || !strings.Contains(page, "05")) {
			t.Errorf("the page of patience lost the words or the number:\n%s", page)
		}
		return res.StatusCode
	}
	for i := range 10 {
		if got := send("198.51.100.1", strings.Repeat("x", i+1)); got != http.StatusSeeOther {
			t.Fatalf("report %d: status %d", i+1, got)
		}
	}
	if got := send("198.51.100.1", "un de plus"); got != http.StatusTooManyRequests {
		t.Errorf("the eleventh: status %d", got)
	}
	if got := send("198.51.100.2", "un autre"); got != http.StatusSeeOther {
		t.Errorf("another sender: status %d", got)
	}
	n.Clock.Move(6 * time.Minute)
	if got := send("198.51.100.1", "plus tard"); got != http.StatusSeeOther {
		t.Errorf("six minutes later: status %d", got)
	}
	if n := len(reports(t, n)); n != 12 {
		t.Errorf("%d reports were kept, want 12", n)
	}
}
