package i18n_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"viaduc/internal/platform/i18n"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestPrinterChoosesPluralAndFallsBackToFrench(t *testing.T) {
	c, err := i18n.New(fstest.MapFS{
		"locale/fr.json":     file(`{"place.count":{"one":"{{.N}} lieu","many":"{{.N}} de lieux","other":"{{.N}} lieux"},"hello":"Bonjour {{.Name}}","only.fr":"Seulement ici"}`),
		"locale/simple.json": file(`{"hello":"Bonjour"}`),
		"locale/en.json":     file(`{"place.count":{"one":"{{.N}} place","other":"{{.N}} places"},"hello":"Hello {{.Name}}"}`),
		"locale/ar.json":     file(`{"place.count":{"zero":"لا","one":"واحد","two":"اثنان","few":"{{.N}} أماكن","many":"{{.N}} مكانا","other":"{{.N}} مكان"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ got, want string }{
		{c.Printer("fr").N("place.count", 0), "0 lieu"},
		{c.Printer("fr").N("place.count", 1), "1 lieu"},
		{c.Printer("fr").N("place.count", 2), "2 lieux"},
		{c.Printer("simple").N("place.count", 2), "2 lieux"},
		{c.Printer("fr").N("place.count", 1000000), "1000000 de lieux"},
		{c.Printer("en").N("place.count", 0), "0 places"},
		{c.Printer("ar").N("place.count", 3), "3 أماكن"},
		{c.Printer("fr").T("hello", "Name", "Ana"), "Bonjour Ana"},
		{c.Printer("simple").T("hello"), "Bonjour"},
		{c.Printer("en").T("only.fr"), "Seulement ici"},
		{c.Printer("en").T("nowhere"), "[nowhere]"},
		{c.Printer("xx").T("only.fr"), "Seulement ici"},
	}
	for _, tc := range cases {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
	if got := c.Missing(i18n.English); len(got) != 1 || got[0] != "only.fr" {
		t.Errorf("Missing(en) = %v, want [only.fr]", got)
	}
}

func TestTextsAreFilledIn(t *testing.T) {
	c, err := i18n.New(fstest.MapFS{"locale/fr.json": file(`{"twice":"{{.N}} pour {{.Name}}, {{ .Name }} et {{.N}}","choice":"{{with .Name}}{{.}}{{end}} ou rien"}`)})
	if err != nil {
		t.Fatal(err)
	}
	p := c.Printer(i18n.French)
	for _, tc := range []struct{ got, want string }{
		{p.T("twice", "N", 3, "Name", "{{.N}}"), "3 pour {{.N}}, {{.N}} et 3"},
		{p.T("twice", "N", 3), "3 pour <no value>, <no value> et 3"},
		{p.T("choice", "Name", "Ana"), "Ana ou rien"},
		{p.T("choice"), " ou rien"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestNewRefusesBadFiles(t *testing.T) {
	for name, tc := range map[string]struct{ file, body, want string }{
		"not json":         {"locale/fr.json", `{`, "locale/fr.json"},
		"unknown language": {"locale/xx.json", `{}`, "unknown language"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := i18n.New(fstest.MapFS{tc.file: file(tc.body)})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("err = %v, want one that names %q", err, tc.want)
			}
		})
	}
	twice := fstest.MapFS{"locale/fr.json": file(`{"a":"x"}`)}
	if _, err := i18n.New(twice, twice); err == nil {
		t.Error("a key defined twice is accepted")
	}
}
