package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/api"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/audit"
	auditapi "viaduc/internal/audit/api"
	"viaduc/internal/config"
	"viaduc/internal/place"
	placeapi "viaduc/internal/place/api"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/secret"
	"viaduc/internal/testkit"
	"viaduc/internal/ui"
)

func TestEveryAddressAnswers(t *testing.T) {
	n := apptest.Demo(t)
	if _, err := n.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range n.Routes {
		method, path, ok := strings.Cut(r.Pattern, " ")
		if !ok {
			method, path = http.MethodGet, r.Pattern
		}
		path = strings.NewReplacer("{$}", "", "{slug}", "1-x", "{numero}", "1").Replace(path)
		if strings.HasSuffix(path, "/") && path != "/" {
			continue // a folder: its files have their own tests
		}
		if method == http.MethodPost || matrix[normal(r.Pattern)].anonymous != yes || strings.HasPrefix(path, "/acteurs/") {
			continue // TestD18EveryRouteForEveryRole asks these
		}
		path = strings.Replace(path, "{jeton}", "jeton", 1)
		if strings.HasSuffix(path, "/api/v1/lieux/carte") {
			path += "?bbox=-1.6,45,0.2,46.5&zoom=9" // what it cannot do without
		}
		res, body := n.Get(path)
		if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusMovedPermanently {
			t.Errorf("%s: status %d\n%s", r.Pattern, res.StatusCode, body)
		}
	}
}

func TestMistakesMeetAHelpfulPage(t *testing.T) {
	n := apptest.Demo(t)
	for _, tc := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/nulle-part", 404, "05 36 49 00 17"},
		{"GET", "/lieux/999999-inconnu", 404, "05 36 49 00 17"},
		{"GET", "/lieux/0-x", 404, "05 36 49 00 17"},
		{"GET", "/lieux/abc", 404, "05 36 49 00 17"},
		{"GET", "/lieux/-1", 404, "05 36 49 00 17"},
		{"GET", "/lieux/99999999999999999999", 404, "05 36 49 00 17"},
		{"GET", "/lieux/1%2f..%2f..", 404, "05 36 49 00 17"},
		{"POST", "/lieux", 405, "05 36 49 00 17"},
		{"DELETE", "/", 405, "05 36 49 00 17"},
		{"GET", "/lieux?ou=" + strings.Repeat("a", 1<<20), 422, "05 36 49 00 17"},
		{"GET", "/lieux?ou=%00%ff%3Cscript%3E", 200, "05 36 49 00 17"},
		{"GET", "/lieux?page=-1&besoin=inconnu", 200, "05 36 49 00 17"},
		{"GET", "/lieux?page=99999999999999999999", 200, "05 36 49 00 17"},
		{"GET", "/lieux?%zz", 200, "05 36 49 00 17"},
		{"GET", "/pro/admin/rien", 404, "Cette page"},
		{"GET", "/api/v1/rien", 404, "openapi.json"},
		{"GET", "/api/v1/lieux/999999", 404, "n'existe pas"},
		{"GET", "/api/v1/lieux?lat=abc&lon=1", 422, "degrés"},
		{"GET", "/api/v1/lieux?lat=45", 422, "degrés"},
		{"GET", "/api/v1/lieux?limit=0", 422, "150"},
		{"GET", "/api/v1/lieux?avec=rien", 422, "liste"},
		{"GET", "/lieux?quand=jamais&avec=rien&aide=&aide=wifi&aide=mediateur", 200, "05 36 49 00 17"},
		{"POST", "/api/v1/lieux", 405, "GET"},
	} {
		res, body := n.Do(tc.method, tc.path, nil)
		if res.StatusCode != tc.status || !strings.Contains(strings.ReplaceAll(body, "\u00a0", " "), tc.says) {
			t.Errorf("%s %.60s: status %d, want %d with %q in\n%.600s", tc.method, tc.path, res.StatusCode, tc.status, tc.says, body)
		}
		if strings.Contains(body, "<script>") {
			t.Errorf("%s %.60s: what a reader typed comes back as markup", tc.method, tc.path)
		}
	}
	if res, _ := n.Do("POST", "/lieux", nil); res.Header.Get("Allow") == "" {
		t.Error("405 without Allow")
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	n := apptest.Demo(t)
	res, body := n.Do("POST", "/affichage", strings.NewReader("taille=grand"), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	if res.StatusCode != http.StatusForbidden || len(res.Cookies()) != 0 || !strings.Contains(body, "autre site") {
		t.Errorf("status %d, cookies %v", res.StatusCode, res.Cookies())
	}
}

func TestHeadersProtect(t *testing.T) {
	n := apptest.Demo(t)
	for _, path := range []string{"/", "/lieux", "/nulle-part", "/api/v1/lieux"} {
		res, _ := n.Get(path)
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"} {
			if got := res.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if len(res.Cookies()) != 0 {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

func TestPagesOfTheDemoAreOnlyInTheDemo(t *testing.T) {
	n := apptest.Start(t, config.Config{Data: testkit.SQLiteDir(t)}, app.Options{})
	if res, _ := n.Get("/pro/admin/composants"); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d outside the demo, want 404", res.StatusCode)
	}
}

func TestAnEmptyTerritoryIsHonest(t *testing.T) {
	n := apptest.New(t)
	for path, says := range map[string]string{"/": "Demandez à votre mairie", "/lieux": "encore vide", "/lieux?ou=Rochefort": "encore vide", "/mentions-legales": "Pas encore indiqué"} {
		res, body := n.Get(path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: status %d, want %q in\n%s", path, res.StatusCode, says, body)
		}
	}
}

func TestNoReaderSeesAKey(t *testing.T) {
	n := apptest.Demo(t)
	key := regexp.MustCompile(`\[(place|portal|ui|api)\.[a-z_.]+\]`)
	for _, l := range i18n.Langs() {
		for _, path := range []string{"/", "/lieux", "/lieux?ou=xyzzy", "/lieux?ou=Rochfort", "/lieux?ou=Rochefort&besoin=demarches&page=2", "/langues"} {
			res, body := n.Get(ui.Path(l, path))
			if found := key.FindString(body); res.StatusCode != http.StatusOK || found != "" {
				t.Errorf("%s in %s: status %d, shows %q", path, l, res.StatusCode, found)
			}
		}
		for _, e := range n.Places.Index().Entries() {
			path := ui.Path(l, placeweb.Path(e))
			res, body := n.Get(path)
			if found := key.FindString(body); res.StatusCode != http.StatusOK || found != "" {
				t.Errorf("%s: status %d, shows %q", path, res.StatusCode, found)
			}
		}
	}
}

func TestWordsAreTranslated(t *testing.T) {
	c, err := app.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []i18n.Lang{i18n.English, i18n.Arabic} {
		for _, key := range c.Missing(l) {
			if !frenchOnly.MatchString(key) {
				t.Errorf("%s lacks %s", l, key)
			}
		}
		for _, key := range c.Keys(l) {
			if c.Printer(i18n.French).T(key) == "["+key+"]" && c.Printer(i18n.French).N(key, 2) == "["+key+"]" {
				t.Errorf("%s has %s, French has not", l, key)
			}
		}
	}
}

// frenchOnly are the words of what is in French only: public JSON, command line, statements, comfort page.
var frenchOnly = regexp.MustCompile(`^(agenda|alert|api|audit|db|identity|jobs|notice|person|retention|territory)\.|^place\.(team\.|confirm\.|api_|columns_|edit_|unknown|saved_|report_|declare\.|photo_|merge_|unmerge_)|^portal\.(too_long|foreign_form)|^ui\.(date|problem|reference|steps|optional|change|print|login|error|listen|languages|home|here|title)`)

func TestPublicJSONIsWhatItsDocumentSays(t *testing.T) {
	n := apptest.Demo(t)
	if _, err := n.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	operations := append((&placeapi.Handlers{}).Operations(), (&auditapi.Handlers{}).Operations()...)
	res, body := n.Get(api.Prefix + "/openapi.json")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("document: %v, %s", err, doc.OpenAPI)
	}
	mounted := 0
	for _, r := range n.Routes {
		path, ok := strings.CutPrefix(r.Pattern, "GET "+api.Prefix)
		if !ok || path == "/openapi.json" {
			continue
		}
		mounted++
		if doc.Paths[path]["get"].OperationID == "" {
			t.Errorf("%s is served but not documented", r.Pattern)
		}
	}
	if mounted != len(doc.Paths) || mounted != len(operations) {
		t.Errorf("%d addresses served, %d documented, %d operations", mounted, len(doc.Paths), len(operations))
	}
	for _, op := range operations {
		path := strings.ReplaceAll(op.Path, "{numero}", "1")
		for _, query := range []string{"", "?ou=Rochefort", "?ou=12+rue+inconnue,+Rochefort", "?lat=45.94&lon=-0.96&limit=3&page=2", "?besoin=demarches", "?quand=maintenant&aide=mediateur&avec=gratuit&avec=fauteuil&compteurs=1", "?aide=wifi&avec=anglais&avec=itinerant&quand=samedi"} {
			for _, p := range op.Params {
				if p.Required && p.In == "query" {
					query += map[bool]string{true: "?", false: "&"}[query == ""] + p.Name + "=" + fmt.Sprint(p.Example)
				}
			}
			res, body := n.Get(api.Prefix + path + query)
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s%s: status %d, %v", path, query, res.StatusCode, err)
			}
			if err := op.Answer.Conforms(value); err != nil {
				t.Errorf("%s%s: %v", path, query, err)
			}
		}
	}
	if err := operations[0].Answer.Conforms(map[string]any{"total": "x"}); err == nil {
		t.Error("Conforms accepts anything")
	}
}

func TestListAndJSONAnswerTheSame(t *testing.T) {
	n := apptest.Demo(t)
	_, page := n.Get("/lieux?ou=Rochefort")
	_, body := n.Get("/api/v1/lieux?ou=Rochefort")
	var answer struct{ Lieux []struct{ Page string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Lieux) != place.PageSize {
		t.Fatalf("%v, %d places", err, len(answer.Lieux))
	}
	at := 0
	for _, l := range answer.Lieux {
		i := strings.Index(page[at:], `href="`+l.Page+`"`)
		if i < 0 {
			t.Fatalf("%s is not in the page, or not in the same order", l.Page)
		}
		at += i
	}
}

func TestAddressesSurviveARename(t *testing.T) {
	n := apptest.New(t)
	const head = "id,pivot,nom,commune,code_postal,adresse,date_maj\n"
	n.ImportText(head + "A,00000000000000,Médiathèque,Saintes,17100,rue,2026-01-05\n")
	if res, _ := n.Get("/lieux/1-mediatheque"); res.StatusCode != http.StatusOK {
		t.Errorf("status %d", res.StatusCode)
	}
	n.ImportText(head + "A,00000000000000,Bibliothèque,Saintes,17100,rue,2026-01-05\n")
	for _, old := range []string{"/lieux/1-mediatheque", "/lieux/1", "/ar/lieux/1-mediatheque"} {
		res, _ := n.Get(old)
		want := strings.Replace(strings.SplitAfter(old, "lieux/")[0], "/lieux/", "/lieux/1-bibliotheque", 1)
		if res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != want {
			t.Errorf("%s: status %d to %q, want %q", old, res.StatusCode, res.Header.Get("Location"), want)
		}
	}
}

// Two nodes start on one empty database at the same moment; what one imports the other shows within two seconds.
func TestTwoNodesOnOneDatabase(t *testing.T) {
	key, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Config{DatabaseURL: testkit.EmptyPostgresURL(t), JournalKey: key}
	nodes := make([]*apptest.Node, 2)
	var wg sync.WaitGroup
	for i := range nodes {
		wg.Go(func() { nodes[i] = apptest.Start(t, cfg, app.Options{}) })
	}
	wg.Wait()
	if nodes[0].Migrated+nodes[1].Migrated == 0 || nodes[0].Migrated > 0 && nodes[1].Migrated > 0 {
		t.Errorf("migrations ran %d and %d times", nodes[0].Migrated, nodes[1].Migrated)
	}
	nodes[1].Work()
	text := "id,pivot,nom,commune,code_postal,adresse,date_maj\n"
	for i := range 50 {
		text += fmt.Sprintf("A_%d,00000000000000,Lieu %d,Saintes,17100,rue,2026-01-05\n", i, i)
	}
	nodes[0].ImportText(text)
	deadline := time.Now().Add(2 * time.Second)
	for {
		if _, body := nodes[1].Get("/api/v1/lieux?ou=lieu"); strings.Contains(body, `"total":50,`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("two seconds later the other node still does not show the import")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Six months after, retention forgets how to reach who reported an error, and not what was said.
func TestReportersAreForgottenInTime(t *testing.T) {
	n := apptest.Demo(t)
	if _, err := n.Places.Report(t.Context(), place.NewReport{Place: 1, Topics: []place.Topic{place.Gone}, Text: "Fermé", Contact: "moi@exemple.fr"}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		days int
		want string
	}{{183, "moi@exemple.fr"}, {2, ""}} {
		n.Clock.Move(time.Duration(tc.days) * 24 * time.Hour)
		if _, err := n.Retention.Run(t.Context(), audit.System); err != nil {
			t.Fatal(err)
		}
		list, err := n.Places.Reports(t.Context(), false)
		if err != nil || len(list) != 1 || list[0].Contact != tc.want || list[0].Text != "Fermé" {
			t.Errorf("%d days later: %+v, %v", tc.days, list, err)
		}
	}
}
