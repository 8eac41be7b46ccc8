package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/testkit"
)

// asvs are the requirements of levels 1 and 2 of the OWASP Application Security Verification Standard 5.0.0 (30 May 2025),
// chapters 6 to 8 and 10: of each section, how many there are from the first on, and which of them are of level 3 alone.
var asvs = map[string]struct {
	last  int
	third []int
}{
	"6.1": {3, nil}, "6.2": {12, []int{12}}, "6.3": {8, []int{5, 6, 7, 8}}, "6.4": {6, []int{5, 6}}, "6.5": {8, []int{6, 7, 8}}, "6.6": {4, []int{4}},
	"6.7": {2, []int{1, 2}}, "6.8": {4, nil},
	"7.1": {3, nil}, "7.2": {4, nil}, "7.3": {2, nil}, "7.4": {5, nil}, "7.5": {3, []int{3}}, "7.6": {2, nil},
	"8.1": {4, []int{3, 4}}, "8.2": {4, []int{4}}, "8.3": {3, []int{2, 3}}, "8.4": {2, []int{2}},
	"10.1": {2, nil}, "10.2": {3, []int{3}}, "10.3": {5, []int{5}}, "10.4": {16, []int{12, 13, 14, 15, 16}}, "10.5": {5, nil}, "10.6": {2, nil}, "10.7": {3, nil},
}

// docs/security.md has a line for each requirement, each with a test that exists or the reason why it has none.
func TestSecurityIsDocumented(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	exists := testNames(t)
	if len(exists) < 300 {
		t.Fatalf("only %d tests found: does the test still read the code?", len(exists))
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	lines := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			if !exists[m[1]] {
				t.Errorf("docs/security.md names %s, which does not exist", m[1])
			}
		}
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			lines[strings.TrimSpace(cells[1])] += line
		}
	}
	asked := 0
	for section, s := range asvs {
		third := map[int]bool{}
		for _, n := range s.third {
			third[n] = true
		}
		for n := 1; n <= s.last; n++ {
			if third[n] {
				continue
			}
			asked++
			number := section + "." + strconv.Itoa(n)
			line := lines[number]
			if line == "" {
				t.Errorf("docs/security.md has no line for %s", number)
			} else if !named.MatchString(line) && !strings.Contains(line, "n/a: ") {
				t.Errorf("docs/security.md: %s has neither a test nor a reason", number)
			}
		}
	}
	t.Logf("%d requirements", asked)
}

// testNames are the tests of the whole tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	root := testkit.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				out[fn.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
