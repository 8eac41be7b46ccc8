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
	views := map[string]any{"place_list": placeList{}, "place_page": placePage{}}
	seeAll(t, views)
	for name, view := range views {
		if err := templatecheck.CheckHTMLStrict(kit.Templates().Lookup(name), view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := templatecheck.CheckHTMLStrict(kit.Templates().Lookup("place_page"), placeList{}); err == nil {
		t.Error("the check accepts a view that does not fit")
	}
}

func TestCalm(t *testing.T) {
	for in, want := range map[string]string{
		"LA ROCHELLE":                      "La Rochelle",
		"73 RUE TOUFAIRE":                  "73 rue Toufaire",
		"CENTRE COMMUNAL D'ACTION SOCIALE": "Centre Communal d'Action Sociale",
		"CCAS DE SAINTES":                  "CCAS de Saintes",
		"SAINT-PIERRE-D'OLÉRON":            "Saint-Pierre-d'Oléron",
		"MJC":                              "MJC",
		"Médiathèque de Saintes":           "Médiathèque de Saintes",
		"ÉCOLE":                            "École",
		"":                                 "",
		"17300":                            "17300",
		"العربية":                          "العربية",
	} {
		if got := calm(in); got != want {
			t.Errorf("calm(%q) = %q, want %q", in, got, want)
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
