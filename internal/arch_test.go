// Package internal_test holds the floors of the architecture: who may import whom, which package owns which tables,
// and that every package says what it is for.
package internal_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/schema"
)

// base are the modules that every module may import, in order: each may import those before it.
var base = []string{"audit", "territory", "identity", "retention", "notice"}

// edges are the imports allowed between the other modules, each with its reason. It must stay a DAG.
var edges = map[string][]string{
	"agenda": {"place", "person"}, // a date is at a place of the census; a seat is of a person
}

// modules are the packages of the trade, beside the base ones.
var modules = []string{"place", "person", "agenda", "alert"}

// platformOwners are the packages of the platform that own tables, whose names begin with theirs.
var platformOwners = []string{"jobs"}

// engines are the pure packages of modules: they ask no database.
var engines = []string{"openinghours", "recur", "travel"}

// owner returns the name that begins the tables of a package, and false for a package whose SQL is not held.
func owner(p pkg) (string, bool) {
	top, rest := inside(p.ImportPath)
	if top == "platform" {
		return rest, slices.Contains(platformOwners, rest)
	}
	return top, isModule(top) && !slices.Contains(engines, rest)
}

func isModule(name string) bool { return slices.Contains(base, name) || slices.Contains(modules, name) }

// doors are the third parties that one package alone may import.
var doors = map[string][]string{
	"github.com/jackc/pgx":          {"viaduc/internal/platform/db", "viaduc/internal/testkit", "viaduc/bench"},
	"modernc.org/sqlite":            {"viaduc/internal/platform/db"},
	"github.com/nicksnyder/go-i18n": {"viaduc/internal/platform/i18n"},
	"github.com/pressly/goose":      {"viaduc/internal/schema"},
	"github.com/tidwall/rtree":      {"viaduc/internal/territory"},
	"github.com/xuri/excelize":      {"viaduc/internal/place"},
	"github.com/nyaruka":            {"viaduc/internal/place/contact"},
	"github.com/teambition":         {"viaduc/internal/agenda/recur"},
	"github.com/skip2":              {"viaduc/internal/ui"},
	"github.com/go-webauthn":        {"viaduc/internal/identity"},
	"golang.org/x/crypto":           {"viaduc/internal/identity"},
	"github.com/wneessen/go-mail":   {"viaduc/internal/platform/mail"},
	"github.com/emersion":           {"viaduc/internal/platform/mail/mailtest"},
	"golang.org/x/time":             {"viaduc/internal/territory"},
	"golang.org/x/mod":              {"viaduc/internal/audit", "viaduc/internal/platform/secret"},
	"github.com/alecthomas/kong":    {"viaduc/cmd/viaduc"},
	"codeberg.org/go-pdf":           {"viaduc/internal/platform/pdf"},
	"github.com/chromedp":           {"viaduc/e2e/browser", "viaduc/e2e/audit"},
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	Deps            []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports", "viaduc/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("only %d packages listed", len(list))
	}
	return list
}

// place of a package in the tree.
func inside(path string) (top, rest string) {
	path = strings.TrimPrefix(path, "viaduc/internal/")
	top, rest, _ = strings.Cut(path, "/")
	return top, rest
}

// allowed reports whether package from may import package to, and by which rule not.
func allowed(from, to string) (bool, string) {
	switch {
	case strings.HasPrefix(from, "viaduc/cmd/"):
		return strings.HasPrefix(to, "viaduc/internal/"), "cmd imports internal packages only"
	case strings.HasPrefix(from, "viaduc/e2e"), strings.HasPrefix(from, "viaduc/bench"):
		return true, ""
	}
	top, rest := inside(from)
	toTop, toRest := inside(to)
	isWeb := rest == "web" || rest == "api"
	switch {
	case top == toTop && !(isWeb && (toRest == "web" || toRest == "api")):
		return rest != "" || toRest != "web" && toRest != "api", "a module does not import its own pages"
	case toTop == "app":
		return top == "app", "only app imports app"
	case toTop == "testkit":
		return from == "viaduc/internal/app/apptest", "only tests import testkit"
	case top == "app":
		return true, ""
	case top == "platform":
		return toTop == "platform", "platform knows nothing of our trade"
	case top == "config", top == "schema", top == "testkit":
		return toTop == "platform" || top == "testkit" && toTop == "schema", "config, schema and testkit stand on platform only"
	case toTop == "platform":
		return true, ""
	case toTop == "ui" || toTop == "api":
		return isWeb || top == toTop, "only pages and public JSON import the kits"
	case toRest == "web" || toRest == "api":
		return false, "nobody imports another module's pages"
	case top == "ui" || top == "api":
		return slices.Contains(base, toTop), "the kits stand on base modules"
	case isWeb:
		return toTop != "config" && toTop != "schema", "pages import modules, kits and platform"
	case slices.Contains(base, toTop):
		i := slices.Index(base, top)
		return i < 0 || slices.Index(base, toTop) < i, "a base module imports only those before it"
	}
	return slices.Contains(edges[top], toTop), "this edge between modules is not in the map"
}

func TestImportsOnlyGoDown(t *testing.T) {
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			if !strings.HasPrefix(to, "viaduc/") {
				continue
			}
			if ok, rule := allowed(p.ImportPath, to); !ok {
				t.Errorf("%s imports %s: %s", p.ImportPath, to, rule)
			}
		}
	}
}

func TestFloorsRefuseWhatTheyShould(t *testing.T) {
	for _, tc := range []struct{ from, to string }{
		{"viaduc/internal/platform/db", "viaduc/internal/audit"},
		{"viaduc/internal/audit", "viaduc/internal/territory"},
		{"viaduc/internal/place", "viaduc/internal/ui"},
		{"viaduc/internal/place", "viaduc/internal/place/web"},
		{"viaduc/internal/territory", "viaduc/internal/place"},
		{"viaduc/internal/territory/web", "viaduc/internal/place/web"},
		{"viaduc/internal/ui", "viaduc/internal/place"},
		{"viaduc/internal/place", "viaduc/internal/app"},
		{"viaduc/internal/place", "viaduc/internal/testkit"},
		{"viaduc/cmd/viaduc", "viaduc/e2e/browser"},
	} {
		if ok, _ := allowed(tc.from, tc.to); ok {
			t.Errorf("%s may import %s", tc.from, tc.to)
		}
	}
}

func TestThirdPartiesHaveOneDoor(t *testing.T) {
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			for door, owners := range doors {
				if strings.HasPrefix(to, door) && !slices.Contains(owners, p.ImportPath) {
					t.Errorf("%s imports %s: only %v may", p.ImportPath, to, owners)
				}
			}
		}
	}
}

// clientWords are what net/http offers to ask another machine.
var clientWords = []string{"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"}

// askers may use net/http's client: the one guarded door, the visitors that tests have, and who hands a client that it
// was given to a library.
var askers = []string{
	"viaduc/internal/platform/fetch", "viaduc/internal/app/apptest", "viaduc/internal/platform/sms/smstest", "viaduc/internal/identity/oidc",
}

func TestOutgoingHTTPHasOneDoor(t *testing.T) {
	found := 0
	for _, p := range packages(t) {
		if strings.HasPrefix(p.ImportPath, "viaduc/e2e") || strings.HasPrefix(p.ImportPath, "viaduc/bench") || !slices.Contains(p.Imports, "net/http") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok || !slices.Contains(clientWords, sel.Sel.Name) {
					return true
				}
				if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "http" {
					return true
				}
				found++
				if !slices.Contains(askers, p.ImportPath) {
					t.Errorf("%s uses http.%s: only platform/fetch asks other machines", file, sel.Sel.Name)
				}
				return true
			})
		}
	}
	if found < 2 {
		t.Errorf("only %d uses were found: does the test still read the code?", found)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	const least = 60 // letters: less is no sentence
	for _, p := range packages(t) {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		doc, code := "", false
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			code = true
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			doc += f.Doc.Text()
		}
		if code && len(doc) < least {
			t.Errorf("%s: the package doc says %q", p.ImportPath, doc)
		}
	}
}

var tableName = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+"?([a-z]+)_[a-z_]+`)

// owner of a table is the module that its name begins with.
func TestModulesTouchOnlyTheirOwnTables(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		name, held := owner(p)
		if !held {
			continue
		}
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, text := range sqlTexts(t, file) {
				for _, m := range tableName.FindAllStringSubmatch(text, -1) {
					checked++
					if m[1] != name {
						t.Errorf("%s: package %s touches a table of %s: %s", file, name, m[1], m[0])
					}
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d table names were found: does the test still read the SQL?", checked)
	}
}

// sqlTexts returns the string literals of a file.
func sqlTexts(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			out = append(out, lit.Value)
		}
		return true
	})
	return out
}

func TestEveryTableHasAnOwner(t *testing.T) {
	names, err := schema.Names()
	if err != nil {
		t.Fatal(err)
	}
	created := regexp.MustCompile(`CREATE TABLE (\w+)`)
	for _, name := range names {
		raw, err := schema.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		module := strings.Split(name, "_")[1]
		for _, m := range created.FindAllStringSubmatch(string(raw), -1) {
			owner, _, _ := strings.Cut(m[1], "_")
			if owner != module || !isModule(owner) && !slices.Contains(platformOwners, owner) {
				t.Errorf("%s creates %s, which no package of that name owns", name, m[1])
			}
		}
	}
}

// What must not be guessed is made by crypto/rand: nothing of the program imports another source of chance.
func TestRandomnessIsCryptographic(t *testing.T) {
	secure := 0
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			if strings.HasPrefix(to, "math/rand") && strings.HasPrefix(p.ImportPath, "viaduc/internal") {
				t.Errorf("%s imports %s", p.ImportPath, to)
			}
			if to == "crypto/rand" {
				secure++
			}
		}
	}
	if secure < 5 {
		t.Errorf("only %d packages make secrets", secure)
	}
}
