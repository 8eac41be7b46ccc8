package ui_test

import (
	"log/slog"
	"testing"
	"time"

	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

var site = ui.Site{
	Name: "Charente-Maritime", Title: "Aide numérique en Charente-Maritime", Phone: "05 46 00 00 00",
	PhoneHours: "du lundi au vendredi, de 9 h à 17 h", Accessibility: "non conforme",
}

var noon = time.Date(2026, time.June, 3, 12, 0, 0, 0, time.UTC)

func newKit(t testing.TB, change func(*ui.Deps)) *ui.Kit {
	t.Helper()
	c, err := i18n.New(ui.Locale())
	if err != nil {
		t.Fatal(err)
	}
	d := ui.Deps{
		Catalog: c, Site: func(string) ui.Site { return site }, Now: func() time.Time { return noon },
		Log:  slog.New(slog.DiscardHandler),
		Menu: []ui.MenuItem{{Key: "ui.home", Path: "/", Icon: "map"}},
	}
	if change != nil {
		change(&d)
	}
	k, err := ui.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
