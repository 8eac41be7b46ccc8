// Package uitest holds the templates of a module against its views: html/template finds a wrong field only when the page
// is made, templatecheck finds it before.
package uitest

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

// CheckViews checks every template of a module, in strict mode, against the view that its handler gives it. A template
// without a view fails, and so does a view without a template.
func CheckViews(t *testing.T, locale, templates fs.FS, views map[string]any) {
	t.Helper()
	catalog, err := i18n.New(ui.Locale(), locale)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := ui.New(ui.Deps{Catalog: catalog, Site: func(string) ui.Site { return ui.Site{} }, Now: time.Now, Log: slog.New(slog.DiscardHandler), Templates: []fs.FS{templates}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil || len(files) != len(views) {
		t.Errorf("%d templates and %d views, %v", len(files), len(views), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		view, ok := views[name]
		if !ok {
			t.Errorf("template %s is checked with no view", name)
			continue
		}
		if err := templatecheck.CheckHTMLStrict(kit.Templates().Lookup(name), view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if templatecheck.CheckHTMLStrict(kit.Templates().Lookup(name), struct{ Nothing int }{}) == nil {
			t.Errorf("%s: the check accepts a view that does not fit", name)
		}
	}
}
