package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/testkit"
)

// Every action that the code records has its French sentence: nobody reads a key in the journal.
func TestEveryActionIsSaid(t *testing.T) {
	lines := apptest.Demo(t).Lines
	found := 0
	for action, file := range recordedActions(t) {
		found++
		if !lines.Knows(action) {
			t.Errorf("%s records %s, which no module says in its Sentences", file, action)
		}
	}
	if found < 3 {
		t.Errorf("only %d actions were found: does the test still read the code?", found)
	}
}

// recordedActions are the actions written out in the entries of the modules, with the file of each.
func recordedActions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := filepath.Join(testkit.Root(t), "internal")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if entry, ok := n.(*ast.CompositeLit); ok && isEntry(entry.Type) {
				for action := range literalActions(entry) {
					out[action] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func isEntry(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Entry" {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "audit"
}

func literalActions(entry *ast.CompositeLit) map[string]bool {
	out := map[string]bool{}
	for _, e := range entry.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		lit, isText := kv.Value.(*ast.BasicLit)
		if !ok || key.Name != "Action" || !isText {
			continue
		}
		if action, err := strconv.Unquote(lit.Value); err == nil {
			out[action] = true
		}
	}
	return out
}
