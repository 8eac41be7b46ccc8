package ui

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

var tokenRE = regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{3,6})`)

// tokens reads the four sets of colours from the style sheet: light, dark, high contrast light, high contrast dark.
func tokens(t *testing.T) map[string]map[string]string {
	t.Helper()
	raw, err := files.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(raw)) {
		if strings.Contains(line, "--encre:") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 4 {
		t.Fatalf("style.css has %d sets of tokens, want 4", len(lines))
	}
	read := func(line string, bases ...map[string]string) map[string]string {
		out := map[string]string{}
		for _, base := range bases {
			for k, v := range base {
				out[k] = v
			}
		}
		for _, m := range tokenRE.FindAllStringSubmatch(line, -1) {
			v := m[2]
			if len(v) == 4 {
				v = "#" + strings.Repeat(v[1:2], 2) + strings.Repeat(v[2:3], 2) + strings.Repeat(v[3:4], 2)
			}
			out[m[1]] = v
		}
		return out
	}
	light := read(lines[0])
	dark := read(lines[1], light)
	return map[string]map[string]string{
		"light": light, "dark": dark, "contrast light": read(lines[2], light), "contrast dark": read(lines[3], dark, read(lines[2])),
	}
}

func TestEveryPairOfColours(t *testing.T) {
	text := [][2]string{
		{"encre", "papier"},
		{"encre", "pierre"},
		{"encre", "socle"},
		{"doux", "papier"},
		{"doux", "pierre"},
		{"action", "papier"},
		{"action", "pierre"},
		{"action-fort", "papier"},
		{"action-fort", "pierre"},
		{"sur-action", "action"},
		{"sur-action", "action-fort"},
		{"sur-fleuve", "fleuve"},
		{"sur-soleil", "soleil"},
		{"erreur", "papier"},
		{"erreur", "pierre"},
		{"erreur", "erreur-fond"},
		{"succes", "papier"},
		{"succes", "succes-fond"},
		{"alerte", "papier"},
		{"alerte", "alerte-fond"},
	}
	// What is seen but not read: borders of fields, the focus ring against its halo.
	shapes := [][2]string{{"trait", "papier"}, {"trait", "pierre"}, {"action", "papier"}, {"erreur", "papier"}, {"papier", "fleuve"}}
	for theme, set := range tokens(t) {
		check := func(pair [2]string, least float64) {
			got, err := Contrast(set[pair[0]], set[pair[1]])
			if err != nil {
				t.Errorf("%s: %s on %s: %v", theme, pair[0], pair[1], err)
				return
			}
			if got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.0f", theme, pair[0], pair[1], got, least)
			}
		}
		for _, pair := range text {
			check(pair, ContrastText)
		}
		for _, pair := range shapes {
			if theme != "dark" && theme != "contrast dark" || pair[1] != "fleuve" {
				check(pair, 3)
			}
		}
	}
}

func TestGroundsOfActionColourAreThoseOfTheStyle(t *testing.T) {
	set := tokens(t)
	for _, c := range [][2]string{
		{paperLight, set["light"]["papier"]},
		{stoneLight, set["light"]["pierre"]},
		{paperDark, set["dark"]["papier"]},
		{stoneDark, set["dark"]["pierre"]},
	} {
		if c[0] != c[1] {
			t.Errorf("colour.go says %s, style.css %s", c[0], c[1])
		}
	}
}

func TestActionColour(t *testing.T) {
	tests := []struct {
		in     string
		want   string // "" for any colour that is dark enough
		ok     bool
		hasErr bool
	}{
		{"#0b4f8a", "#0b4f8a", true, false},
		{"#0B4F8A", "#0b4f8a", true, false},
		{"#00aa55", "", false, false},
		{"#ffffff", "", false, false},
		{"#000000", "#000000", true, false},
		{"red", "", false, true},
		{"#12345", "", false, true},
		{"#12345g", "", false, true},
	}
	for _, tt := range tests {
		got, ok, err := ActionColour(tt.in)
		if (err != nil) != tt.hasErr || ok != tt.ok || tt.want != "" && got != tt.want {
			t.Errorf("ActionColour(%q) = %q, %v, %v", tt.in, got, ok, err)
		}
		if err == nil {
			if c, _ := Contrast(got, stoneLight); c < ContrastText {
				t.Errorf("ActionColour(%q) proposes %s with a contrast of %.2f", tt.in, got, c)
			}
		}
	}
}

// Whatever colour a territory asks for, the style sheet it gets is legible in both themes.
func TestActionStyleIsLegible(t *testing.T) {
	set := tokens(t)
	for _, hex := range []string{"#0b4f8a", "#7a1f5c", "#00aa55", "#ffcc00", "#444444", "#ff0000"} {
		css, err := actionCSS(hex)
		if err != nil {
			t.Fatal(err)
		}
		light, dark, _ := strings.Cut(css, "@media")
		for theme, part := range map[string]string{"light": light, "dark": dark} {
			for _, m := range tokenRE.FindAllStringSubmatch(part, -1) {
				var grounds []string
				switch m[1] {
				case "fleuve":
					grounds = []string{set[theme]["sur-fleuve"]}
				default:
					grounds = []string{set[theme]["papier"], set[theme]["pierre"], set[theme]["sur-action"]}
				}
				for _, g := range grounds {
					if c, _ := Contrast(m[2], g); c < ContrastText {
						t.Errorf("%s, %s: %s %s on %s has a contrast of %.2f", hex, theme, m[1], m[2], g, c)
					}
				}
			}
		}
	}
}

// The frugality that the pages announce.
func TestWeights(t *testing.T) {
	lib := theLibrary()
	for name, most := range map[string]int{"style.css": 5 * 1024, "equipe.css": 2 * 1024, "icons.svg": 2 * 1024, "page.js": 1536} {
		a := lib.byName[name]
		if len(a.gz) > most {
			t.Errorf("%s weighs %d bytes compressed, want %d at most", name, len(a.gz), most)
		}
	}
	if n := len(archesPath) + len(`<path d=""/>`); n >= 400 {
		t.Errorf("the arches take %d bytes, want under 400", n)
	}
	style := lib.byName["style.css"].plain
	for _, young := range []string{"@layer", ":has(", "@container", "dvh", "&"} {
		if bytes.Contains(style, []byte(young)) {
			t.Errorf("style.css uses %s, which phones of 2017 do not know", young)
		}
	}
	px := regexp.MustCompile(`font-size:[0-9.]+px`)
	if m := px.FindAll(style, -1); len(m) > 2 { // the two sizes of the numbers of marks are units of their drawing
		t.Errorf("style.css sizes text in px: %q", m)
	}
}
