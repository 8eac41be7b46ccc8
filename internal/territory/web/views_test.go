package web

import (
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

// Every template is checked, in strict mode, against the view that its handler gives it.
func TestTemplatesFitTheirViews(t *testing.T) {
	catalog, err := i18n.New(ui.Locale(), Locale)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := ui.New(ui.Deps{Catalog: catalog, Site: func(string) ui.Site { return ui.Site{} }, Now: time.Now, Log: slog.New(slog.DiscardHandler), Templates: []fs.FS{Templates}})
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{"home": homePage{}}
	for _, s := range statements {
		views[s.template] = statementPage{}
	}
	seeAll(t, views)
	for name, view := range views {
		if err := templatecheck.CheckHTMLStrict(kit.Templates().Lookup(name), view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// seeAll fails when a template of the module is checked with no view.
func seeAll(t *testing.T, views map[string]any) {
	t.Helper()
	files, err := fs.Glob(Templates, "templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no template found", err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(path.Base(file), ".html"); views[name] == nil {
			t.Errorf("template %s is checked with no view", name)
		}
	}
}
