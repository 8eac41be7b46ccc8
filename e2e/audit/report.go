package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Report is what was measured on one page. Lists name the offenders, so their
// length is the count.
type Report struct {
	Name    string // path of the page, for tables and messages
	URL     string // address after redirects
	Profile Profile
	Status  int
	Took    time.Duration

	Eco      EcoIndex
	Network  Network
	Axe      Axe
	Keyboard Keyboard
	Layout   Layout
	Structure
	Source  Source
	Type    Type
	Text    Language
	Scripts Scripts
	Paper   Paper
	// SlowLoad is the time to load at 512 kbit/s and 400 ms on a processor four
	// times slower, 0 when AUDIT_SLOW is not 1.
	SlowLoad time.Duration
	Console  []string // errors written by the page or the browser
}

// Network is what the page asks for. KB are 1000 bytes as transferred, headers
// included.
type Network struct {
	KB, RepeatKB float64
	Requests     int
	Elements     int // without the content of svg
	ThirdParty   []string
	Uncompressed []string // text above 1400 bytes, one packet, sent as it is
	Uncached     []string // styles, scripts, fonts, images without a lasting max-age
	Failed       []string
	Cookies      []string
	Storage      []string
	CSP          bool // a Content-Security-Policy header is there
}

// Axe is the verdict of axe-core at 1280 and 320 pixels, and in dark when the
// style has it. One entry is one element breaking one rule.
type Axe struct {
	WCAG        []string // WCAG 2.0 to 2.2, A and AA
	Best        []string // good practice
	ContrastAAA []string // text under 7:1
}

// Keyboard is a walk through the page with Tab only.
type Keyboard struct {
	Expected int
	Missing  []string // visible controls never reached
	NoFocus  []string // reached, but nothing changes to see
	Obscured []string // reached, but under something else
	Trap     string   // where the walk stays caught, or ""
	Pseudo   []string // act as buttons or links out of reach of Tab
}

// Layout is how the page bears a narrow screen, large text and small aims.
type Layout struct {
	Overflow320    float64 // pixels past the edge at 320
	Overflow320Who []string
	Overflow640    float64 // page zoom 200 % of 1280
	CutAtZoom      []string
	TextScale      float64 // growth of the body type when the browser's is doubled
	CutAtText      []string
	CutAtSpacing   []string // WCAG 1.4.12
	Under24        []string
	Under44        []string
	Controls       int
	WeakFields     []string // borders under 3:1
}

// Structure is what the tree of the page says to machines.
type Structure struct {
	Lang, Dir, Title    string
	H1, Main            int
	HeadingSkips        []string
	SkipLink            bool
	FirstStop           string
	Viewport            string
	PositiveTabindex    []string
	Autoplay            []string
	MissingAutocomplete []string
	GroupsNoLegend      []string
	Tables              []string
	NewWindow           []string
	FilesNoSize         []string
	LegalMissing        []string
	Menu                []string
}

// Source is the page as sent.
type Source struct {
	Faults       []string
	DuplicateIDs []string
}

// Type is the type on screen, in CSS pixels.
type Type struct {
	Body, Min float64 // size of most of the text, and the smallest
	MinAt     string
	LineChars int // longest line of a paragraph of main, 0 without a long paragraph
	Justified []string
}

// Language is the measure of plain language in main.
type Language struct {
	Sentences, Words int
	Mean             float64  // words a sentence
	Long             []string // above 20 words
}

// Scripts is the weight of the scripts and what is lost without them.
type Scripts struct {
	KB    float64
	ECMA  int     // year of the language needed, 0 without scripts
	Kept  float64 // share of the words of main there without scripts
	Works bool    // 90 % of the words and the h1 are there, nobody is sent away
}

// Paper is the page printed on A4.
type Paper struct {
	Pages int
	MinPt float64
	MinAt string
	Menus []string // navigation that would be printed
}

// Miss is a gate that a page does not meet.
type Miss struct {
	Gate      string
	Got, Want string
	Why       string
	Warn      bool     // to be looked at, does not fail
	Who       []string // offenders
}

func (m Miss) String() string {
	s := fmt.Sprintf("%s is %s, want %s", m.Gate, m.Got, m.Want)
	if m.Why != "" {
		s += " (" + m.Why + ")"
	}
	if len(m.Who) > 0 {
		s += ": " + strings.Join(m.Who[:min(len(m.Who), 4)], " ; ")
		if len(m.Who) > 4 {
			s += fmt.Sprintf(" ; and %d more", len(m.Who)-4)
		}
	}
	return s
}

// Missed returns the gates of the profile that the page does not meet, warnings
// included, in the order of the profile.
func (r Report) Missed() []Miss {
	var out []Miss
	for _, g := range r.Profile.Gates {
		if m, ok := g.judge(&r); !ok {
			m.Gate, m.Why, m.Warn = g.Name, g.Why, g.Warn
			out = append(out, m)
		}
	}
	return out
}

// Pass reports whether every gate is met, warnings aside.
func (r Report) Pass() bool {
	return !slices.ContainsFunc(r.Missed(), func(m Miss) bool { return !m.Warn })
}

// Check fails t with one line for each gate missed and logs the warnings.
func (r Report) Check(t testing.TB) {
	t.Helper()
	for _, m := range r.Missed() {
		if m.Warn {
			t.Logf("%s [%s] warning: %s", r.Name, r.Profile.Name, m)
		} else {
			t.Errorf("%s [%s]: %s", r.Name, r.Profile.Name, m)
		}
	}
}

// SameMenu fails t for each page whose menu is not that of the first page of the
// same profile and language (RGAA 12.2).
func SameMenu(t testing.TB, reports []Report) {
	t.Helper()
	first := map[string]Report{}
	for _, r := range reports {
		key := r.Profile.Name + " " + r.Lang
		ref, ok := first[key]
		if !ok {
			first[key] = r
		} else if !slices.Equal(ref.Menu, r.Menu) {
			t.Errorf("%s: the menu is %v, on %s it is %v", r.Name, r.Menu, ref.Name, ref.Menu)
		}
	}
}

// short keeps an address readable in a table.
func short(name string) string {
	const most = 60
	if len(name) > most {
		return name[:most] + "…"
	}
	return name
}

// Markdown returns the table of results that the documentation shows, pages in
// the order given.
func Markdown(reports []Report) string {
	var b strings.Builder
	b.WriteString("| page | profile | KB | repeat KB | requests | elements | EcoIndex | JS KB | axe WCAG + practice | verdict |\n")
	b.WriteString("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | --- | --- |\n")
	for _, r := range reports {
		verdict := "pass"
		var failed, warned []string
		for _, m := range r.Missed() {
			if m.Warn {
				warned = append(warned, m.Gate)
			} else {
				failed = append(failed, m.Gate)
			}
		}
		if len(failed) > 0 {
			verdict = "FAIL " + strings.Join(failed, ", ")
		}
		if len(warned) > 0 {
			verdict += " (look at " + strings.Join(warned, ", ") + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %.1f | %.1f | %d | %d | %.1f %s | %.1f | %d + %d | %s |\n",
			strings.ReplaceAll(short(r.Name), "|", `\|`), r.Profile.Name, r.Network.KB, r.Network.RepeatKB, r.Network.Requests,
			r.Network.Elements, r.Eco.Score, r.Eco.Grade, r.Scripts.KB, len(r.Axe.WCAG), len(r.Axe.Best), verdict)
	}
	return b.String()
}
