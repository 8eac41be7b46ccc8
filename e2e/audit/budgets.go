package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Profile is the set of gates that a kind of page must meet.
type Profile struct {
	Name  string
	Gates []Gate
}

// Gate is one limit on one measure.
type Gate struct {
	Name string
	Why  string
	// Warn makes the gate a warning: the measure is too rough, or the wish too
	// high, to refuse a page for it.
	Warn  bool
	judge func(*Report) (Miss, bool)
}

// The four kinds of pages.
var (
	// Resident is for every page that the public sees without an account: an old
	// phone, a poor line, a person who reads little or sees badly.
	Resident = Profile{"resident", residentGates()}

	// Map is for the pages with a map drawn on demand: more bytes and scripts,
	// nothing else relaxed.
	Map = Profile{"map", with(residentGates(),
		atMost("kb", 150, "the map is opened on demand and its background is served locally", kb),
		atMost("requests", 12, "background tiles count", requests),
		atMost("jsKB", 50, "the map library alone", jsKB),
	)}

	// Staff is for pages behind a log-in: denser tables, on a better machine, by
	// people who come back every day.
	Staff = Profile{"staff", with(without(residentGates(), "storage"),
		atLeast("ecoindex", 70.1, "EcoIndex B or better", eco),
		atMost("kb", 120, "first view, compressed", kb),
		atMost("requests", 10, "", requests),
		atMost("elements", 620, "25 rows of a table, then a next page", elements),
		atMost("jsKB", 30, "", jsKB),
		atMostListed("cookies", 1, "the session only", cookies),
		warn(noneOf("contrastAAA", "text at 7:1", contrastAAA)),
		warn(atMostListed("targets44", 9999, "dense tables are allowed here", under44)),
		atLeast("bodyPx", 16, "dense tables", bodyPx),
		atLeast("minPx", 14, "dense tables", minPx),
		atMost("sentenceMean", 18, "terms of the trade", sentenceMean),
	)}

	// Error is for pages that answer 404, 500 and the like: same page, but the
	// answer itself is a failed request and an error of the console.
	Error = Profile{"error", without(residentGates(), "status", "failedRequests", "consoleErrors")}
)

// Measures that more than one profile limits.
func eco(r *Report) float64          { return r.Eco.Score }
func kb(r *Report) float64           { return r.Network.KB }
func requests(r *Report) float64     { return float64(r.Network.Requests) }
func elements(r *Report) float64     { return float64(r.Network.Elements) }
func jsKB(r *Report) float64         { return r.Scripts.KB }
func cookies(r *Report) []string     { return r.Network.Cookies }
func contrastAAA(r *Report) []string { return r.Axe.ContrastAAA }
func under44(r *Report) []string     { return r.Layout.Under44 }
func bodyPx(r *Report) float64       { return r.Type.Body }
func minPx(r *Report) float64        { return r.Type.Min }
func sentenceMean(r *Report) float64 { return r.Text.Mean }

var (
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]+)?$`)
	// Scale limits under 2 stop a person from doubling the size (WCAG 1.4.4).
	zoomBlock = regexp.MustCompile(`(?i)user-scalable\s*=\s*(no|0)|maximum-scale\s*=\s*[01](\.\d+)?\s*(,|;|$)`)
	wholePage = regexp.MustCompile(`(?i)width\s*=\s*device-width`)
	rtlLangs  = regexp.MustCompile(`^(ar|fa|he|ps|ur)(-|$)`)
)

func residentGates() []Gate {
	return []Gate{
		// Frugality.
		equal("status", 200, "", func(r *Report) int { return r.Status }),
		atLeast("ecoindex", 80.1, "EcoIndex A", eco),
		atMost("kb", 60, "first view, compressed: one second at 512 kbit/s", kb),
		atMost("repeatKB", 20, "second view, the cache does the rest", func(r *Report) float64 { return r.Network.RepeatKB }),
		atMost("requests", 6, "each costs a round trip of 400 ms on a poor line", requests),
		atMost("elements", 350, "keeps EcoIndex A: 15 cards a page, then a next page", elements),
		atMost("jsKB", 10, "pages work without scripts", jsKB),
		atMost("ecma", 2017, "phones of 2017 and later", func(r *Report) float64 { return float64(r.Scripts.ECMA) }),
		noneOf("thirdParty", "nothing about a visit leaves the instance", func(r *Report) []string { return r.Network.ThirdParty }),
		noneOf("uncompressed", "text shrinks four times", func(r *Report) []string { return r.Network.Uncompressed }),
		noneOf("uncached", "files with a hash in their name never change", func(r *Report) []string { return r.Network.Uncached }),
		noneOf("failedRequests", "", func(r *Report) []string { return r.Network.Failed }),
		noneOf("cookies", "no cookie before an account is used, so no banner", cookies),
		noneOf("storage", "same reason as cookies", func(r *Report) []string { return r.Network.Storage }),
		noneOf("consoleErrors", "", func(r *Report) []string { return r.Console }),
		isTrue("csp", "a Content-Security-Policy header", func(r *Report) bool { return r.Network.CSP }),
		atMost("slowLoadMs", 4000, "512 kbit/s, 400 ms, CPU/4 (RGESN 2.3)", func(r *Report) float64 { return float64(r.SlowLoad / time.Millisecond) }),

		// Accessibility by rules.
		noneOf("axeWCAG", "WCAG 2.0 to 2.2, A and AA", func(r *Report) []string { return r.Axe.WCAG }),
		noneOf("axeBest", "good practice", func(r *Report) []string { return r.Axe.Best }),
		noneOf("contrastAAA", "text at 7:1, read in the sun and by tired eyes", contrastAAA),
		noneOf("weakFields", "borders of fields at 3:1 (WCAG 1.4.11)", func(r *Report) []string { return r.Layout.WeakFields }),

		// Keyboard.
		noneOf("keyboardMissing", "every control is reached with Tab", func(r *Report) []string { return r.Keyboard.Missing }),
		equal("keyboardTrap", "", "the focus can always leave (WCAG 2.1.2)", func(r *Report) string { return r.Keyboard.Trap }),
		noneOf("focusVisible", "one sees where one is (WCAG 2.4.7)", func(r *Report) []string { return r.Keyboard.NoFocus }),
		noneOf("focusObscured", "no bar over the focus (WCAG 2.4.11)", func(r *Report) []string { return r.Keyboard.Obscured }),
		noneOf("pseudoButtons", "buttons are buttons", func(r *Report) []string { return r.Keyboard.Pseudo }),
		noneOf("positiveTabindex", "the order of the page is the order of the focus", func(r *Report) []string { return r.PositiveTabindex }),

		// Without scripts.
		isTrue("noJS", "90 % of the words of main and the h1 are there without scripts", func(r *Report) bool { return r.Scripts.Works }),

		// Layout.
		{Name: "reflow320", Why: "no scrolling in two directions (WCAG 1.4.10)", judge: func(r *Report) (Miss, bool) {
			return Miss{Got: number(r.Layout.Overflow320) + " px too wide", Want: "0", Who: r.Layout.Overflow320Who}, r.Layout.Overflow320 <= 0
		}},
		atMost("zoomOverflow", 0, "page zoom of 200 %", func(r *Report) float64 { return r.Layout.Overflow640 }),
		noneOf("zoomCut", "no text cut at 200 %", func(r *Report) []string { return r.Layout.CutAtZoom }),
		atLeast("textScale", 1.9, "sizes in rem follow the browser's type size", func(r *Report) float64 { return r.Layout.TextScale }),
		noneOf("textCut", "no text cut when type alone is doubled (WCAG 1.4.4)", func(r *Report) []string { return r.Layout.CutAtText }),
		noneOf("textSpacing", "no text cut with wider spacing (WCAG 1.4.12)", func(r *Report) []string { return r.Layout.CutAtSpacing }),
		noneOf("targets24", "aims of 24 px (WCAG 2.5.8)", func(r *Report) []string { return r.Layout.Under24 }),
		warn(noneOf("targets44", "aims of 44 px are wished for", under44)),

		// Structure.
		matches("lang", langForm, "a screen reader speaks it", func(r *Report) string { return r.Lang }),
		{Name: "dir", Why: "rtl for languages written from the right, and only for them", judge: func(r *Report) (Miss, bool) {
			rtl := rtlLangs.MatchString(r.Lang)
			want := map[bool]string{true: "rtl", false: "not rtl"}[rtl]
			return Miss{Got: strconv.Quote(r.Dir), Want: want}, (r.Dir == "rtl") == rtl
		}},
		matches("title", regexp.MustCompile(`\S.{8,}`), "the first thing read aloud", func(r *Report) string { return r.Title }),
		equal("h1", 1, "one title a page", func(r *Report) int { return r.H1 }),
		noneOf("headingSkips", "levels of headings follow one another", func(r *Report) []string { return r.HeadingSkips }),
		equal("main", 1, "", func(r *Report) int { return r.Main }),
		{Name: "skipLink", Why: "the first stop of Tab goes to the content", judge: func(r *Report) (Miss, bool) {
			return Miss{Got: "first stop " + strconv.Quote(r.FirstStop), Want: "a link to an id of the page"}, r.SkipLink
		}},
		{Name: "zoomBlocked", Why: "anybody may zoom (WCAG 1.4.4)", judge: func(r *Report) (Miss, bool) {
			return Miss{Got: strconv.Quote(r.Viewport), Want: "no limit of scale"}, !zoomBlock.MatchString(r.Viewport)
		}},
		matches("viewport", wholePage, "else a phone shows the page of a desk screen", func(r *Report) string { return r.Viewport }),
		noneOf("autoplay", "nothing starts by itself (RGAA 4.10)", func(r *Report) []string { return r.Autoplay }),
		noneOf("autocomplete", "the browser fills in who you are (WCAG 1.3.5)", func(r *Report) []string { return r.MissingAutocomplete }),
		noneOf("groupsNoLegend", "choices need their question (RGAA 11.6)", func(r *Report) []string { return r.GroupsNoLegend }),
		noneOf("tables", "cells need their headings (RGAA 5.6)", func(r *Report) []string { return r.Tables }),
		noneOf("newWindow", "a new window is announced (RGAA 13.2)", func(r *Report) []string { return r.NewWindow }),
		noneOf("fileSize", "a download says its size", func(r *Report) []string { return r.FilesNoSize }),
		noneOf("htmlErrors", "nothing left to guess (RGAA 8.2)", func(r *Report) []string { return r.Source.Faults }),
		noneOf("duplicateIds", "labels and links aim at ids", func(r *Report) []string { return r.Source.DuplicateIDs }),
		warn(noneOf("legalLinks", "accessibility, legal notice, personal data, site map in the footer", func(r *Report) []string { return r.LegalMissing })),

		// Type and language.
		atLeast("bodyPx", 18, "most visitors are over 60", bodyPx),
		{Name: "minPx", Why: "nothing smaller than the browser's own size", judge: func(r *Report) (Miss, bool) {
			return Miss{Got: number(r.Type.Min), Want: "at least 16", Who: []string{r.Type.MinAt}}, r.Type.Min >= 16
		}},
		atMost("lineChars", 80, "the eye finds the next line", func(r *Report) float64 { return float64(r.Type.LineChars) }),
		noneOf("justified", "even gaps between words", func(r *Report) []string { return r.Type.Justified }),
		atMost("sentenceMean", 14, "plain language", sentenceMean),
		warn(atMostListed("sentenceLong", 2, "sentences above 20 words", func(r *Report) []string { return r.Text.Long })),

		// Paper: many take the page home from a desk.
		warn(Gate{Name: "printPt", Why: "smallest type on paper", judge: func(r *Report) (Miss, bool) {
			return Miss{Got: number(r.Paper.MinPt) + " pt", Want: "at least 10.5", Who: []string{r.Paper.MinAt}}, r.Paper.MinPt >= 10.5
		}}),
		noneOf("printMenu", "menus are of no use on paper", func(r *Report) []string { return r.Paper.Menus }),
	}
}

// with replaces gates by those of the same name; a name that is not there is a
// slip of this file.
func with(gates []Gate, changes ...Gate) []Gate {
	for _, c := range changes {
		i := slices.IndexFunc(gates, func(g Gate) bool { return g.Name == c.Name })
		if i < 0 {
			panic("audit: no gate " + c.Name)
		}
		gates[i] = c
	}
	return gates
}

func without(gates []Gate, names ...string) []Gate {
	return slices.DeleteFunc(gates, func(g Gate) bool { return slices.Contains(names, g.Name) })
}

func warn(g Gate) Gate {
	g.Warn = true
	return g
}

// number writes a measure without useless decimals.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func atMost(name string, limit float64, why string, of func(*Report) float64) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		v := round1(of(r))
		return Miss{Got: number(v), Want: "at most " + number(limit)}, v <= limit
	}}
}

func atLeast(name string, limit float64, why string, of func(*Report) float64) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		v := of(r)
		return Miss{Got: number(v), Want: "at least " + number(limit)}, v >= limit
	}}
}

func atMostListed(name string, limit int, why string, of func(*Report) []string) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		who := of(r)
		return Miss{Got: strconv.Itoa(len(who)), Want: "at most " + strconv.Itoa(limit), Who: who}, len(who) <= limit
	}}
}

func noneOf(name, why string, of func(*Report) []string) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		who := of(r)
		return Miss{Got: strconv.Itoa(len(who)), Want: "none", Who: who}, len(who) == 0
	}}
}

func equal[T comparable](name string, want T, why string, of func(*Report) T) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		v := of(r)
		return Miss{Got: fmt.Sprintf("%#v", v), Want: fmt.Sprintf("%#v", want)}, v == want
	}}
}

func isTrue(name, why string, of func(*Report) bool) Gate { return equal(name, true, why, of) }

func matches(name string, form *regexp.Regexp, why string, of func(*Report) string) Gate {
	return Gate{Name: name, Why: why, judge: func(r *Report) (Miss, bool) {
		v := of(r)
		return Miss{Got: strconv.Quote(v), Want: "like " + form.String()}, form.MatchString(v)
	}}
}
