package ui

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"viaduc/internal/platform/i18n"
)

// Site is what the territory says of itself, chosen by the host name of the request. Its words are the territory's own
// and are shown as they are, in every language.
type Site struct {
	Name          string // the territory: "Charente-Maritime"
	Title         string // shown beside the arches and at the end of every title: "Aide numérique en Charente-Maritime"
	Phone         string // the help line as one reads it, "05 46 00 00 00"; empty when the territory has none
	PhoneHref     string // the same to dial, "tel:+33546000000"; made from Phone when empty
	PhoneHours    string // "du lundi au vendredi, de 9 h à 17 h"
	Accessibility string // state in words for the footer: "non conforme" (also what "" means), "partiellement conforme"
	Action        string // action colour "#rrggbb", checked with ActionColour before; "" is ours
	Example       bool   // the data is made up: every page says so
}

// MenuItem is one entry of a menu: the key of its words, its path without language prefix, and a pictogram ("" for
// none).
type MenuItem struct {
	Key, Path, Icon string
}

// Page is what the frame of a page needs. Every typed view embeds one, made by Kit.Page; its template starts with
// {{template "page_top" .Page}} and ends with {{template "page_bottom" .Page}}. A handler may change the exported fields
// before it renders. Its methods say words, dates and numbers in the language of the page.
type Page struct {
	Title       string    // start of the title of the window; the template itself writes the one h1
	Description string    // for search engines; the site's title when empty
	Lang        i18n.Lang // language of the page; French on pages that have no translation
	Site        Site
	Current     string // path of this page without language prefix
	Problem     bool   // the form came back with errors: the title starts with "Erreur :"
	Staff       bool   // a page of the team: denser and wider, staff menu, no phone block, no reading aloud
	Wide        bool   // a wide column (tables, map)
	Bare        bool   // no column: the template writes its own bands, each with a <div class="page"> inside, and "page_notes"
	NoPhone     bool   // leaves the phone block out, where the page itself is about the phone
	Discreet    bool   // neutral title, no name of the territory: pages on violence
	Banner      string // said on top of the page, "Vous faites la demande pour ..."; "" for none
	Class       string // classes of <html>: the comfort settings
	Menu        []MenuLink
	Languages   []LanguageLink // the other languages

	printer    *i18n.Printer
	callback   string
	translated bool
	query      string
	now        time.Time
}

// MenuLink is a menu entry, ready to show.
type MenuLink struct {
	Text, Href, Icon string
	Current          bool
}

// LanguageLink leads to a page in another language; the name is in that language, Short fits a narrow screen.
type LanguageLink struct {
	Name, Short, Href, Tag, Dir string
}

// languageNames are what each language calls itself.
var languageNames = map[i18n.Lang]string{
	i18n.French: "Français", i18n.Simple: "Version simple", i18n.English: "English", i18n.Arabic: "العربية",
}

// Page makes the frame of the page that answers r. The language is the one of the address when the page is translated
// (HandleTranslated), simple French when the reader chose it in the comfort settings, French otherwise.
func (k *Kit) Page(r *http.Request, title string) Page {
	s := stateOf(r)
	c := comfortOf(r)
	l := i18n.French
	if s.translated {
		l = s.lang
		if l == i18n.French && c.Simple {
			l = i18n.Simple
		}
	}
	p := Page{
		Title: title, Lang: l, Site: k.siteOf(r), Current: r.URL.Path, Class: c.class(),
		printer: k.catalog.Printer(l), callback: k.callback, translated: s.translated, query: r.URL.RawQuery, now: k.now(),
	}
	p.Staff = p.Current == "/pro" || strings.HasPrefix(p.Current, "/pro/")
	items := k.menu
	if p.Staff && k.staffMenu != nil {
		items = k.staffMenu(r)
	}
	if p.Staff && k.staffNote != nil {
		p.Banner = k.staffNote(r)
	}
	p.Menu = p.menuLinks(items)
	p.Languages = p.otherLanguages()
	return p
}

func (k *Kit) siteOf(r *http.Request) Site {
	s := k.site(r.Host)
	if s.PhoneHref == "" {
		s.PhoneHref = PhoneHref(s.Phone)
	}
	if s.Title == "" {
		s.Title = "Aide numérique"
	}
	if s.Accessibility == "" {
		s.Accessibility = "non conforme"
	}
	return s
}

// menuLinks says a menu in the language of the page. The entry that is the page, or the nearest part of the site above
// it, is the current one.
func (p Page) menuLinks(items []MenuItem) []MenuLink {
	out := make([]MenuLink, 0, len(items))
	best, at := 0, -1
	for i, m := range items {
		out = append(out, MenuLink{Text: p.T(m.Key), Href: p.Path(m.Path), Icon: m.Icon})
		if p.Current == m.Path || m.Path != "/" && strings.HasPrefix(p.Current, strings.TrimSuffix(m.Path, "/")+"/") {
			if len(m.Path) > best {
				best, at = len(m.Path), i
			}
		}
	}
	if at >= 0 {
		out[at].Current = true
	}
	return out
}

// otherLanguages leads to the same page in the other languages, or to the page that explains when there is none.
func (p Page) otherLanguages() []LanguageLink {
	here, query := p.Current, p.query
	if !p.translated {
		here, query = "/langues", ""
	}
	var out []LanguageLink
	for _, l := range i18n.Langs() {
		if l == p.Lang {
			continue
		}
		u := url.URL{Path: Path(l, here), RawQuery: query}
		name := languageNames[l]
		link := LanguageLink{Name: name, Short: name, Href: u.String(), Tag: l.Tag(), Dir: l.Dir()}
		if l == i18n.Simple {
			link.Short = "Simple"
		}
		out = append(out, link)
	}
	return out
}

// KeepSecret keeps the address of a page that holds a secret, and the page, from going anywhere: no cache, no Referer, a
// neutral title.
func (p *Page) KeepSecret(w http.ResponseWriter) {
	p.Discreet = true
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// T says the sentence of key in the language of the page, with name and value pairs.
func (p Page) T(key string, args ...any) string { return p.printer.T(key, args...) }

// N says the sentence of key for n things.
func (p Page) N(key string, n int, args ...any) string { return p.printer.N(key, n, args...) }

// Path adds the language prefix of the page to a local path, so that a reader stays in her language.
func (p Page) Path(path string) string { return Path(p.Lang, path) }

// Address is the path and query of this page, without language prefix: what a form sends as "retour".
func (p Page) Address() string {
	u := url.URL{Path: p.Current, RawQuery: p.query}
	return u.String()
}

// Now is the time at which the page is made.
func (p Page) Now() time.Time { return p.now }

// Unproofread reports whether the page must say that its translation was not proofread.
func (p Page) Unproofread() bool { return p.Lang == i18n.English || p.Lang == i18n.Arabic }

// HeadTitle is the title of the window: "Erreur : Votre demande – Aide numérique en Charente-Maritime".
func (p Page) HeadTitle() string {
	t := p.Title
	if p.Discreet {
		return t
	}
	if p.Problem {
		t = p.T("ui.title.problem", "Title", t)
	}
	if t == "" || t == p.Site.Title {
		return p.Site.Title
	}
	return t + " – " + p.Site.Title
}

// HeadDescription is the description of the page for search engines.
func (p Page) HeadDescription() string {
	if p.Description != "" {
		return p.Description
	}
	if p.Discreet {
		return p.Title
	}
	return p.HeadTitle()
}

// Stylesheet is the address of the style sheet, with the territory's colour.
func (p Page) Stylesheet() string { return stylesheetPath(p.Site.Action) }

// BodyClass is the class of the body: "equipe" on pages of the team.
func (p Page) BodyClass() string {
	if p.Staff {
		return "equipe"
	}
	return ""
}

// ColumnClass is the class of the column of the page.
func (p Page) ColumnClass() string {
	if p.Staff || p.Wide {
		return "page large"
	}
	return "page"
}

// Hour says a time of day: "9 h 30" in French, "9:30" in English and Arabic.
func (p Page) Hour(h, m int) string { return hourIn(p.Lang, h, m) }

// Day says a date without its year: "mardi 3 juin".
func (p Page) Day(t time.Time) string { return dayIn(p.Lang, t) }

// DateLong says a date with its year: "mardi 3 juin 2026".
func (p Page) DateLong(t time.Time) string { return dateLongIn(p.Lang, t) }

// Moment writes an instant in French, on the clocks of the page: "mardi 3 juin 2026 à 9 h 30".
func (p Page) Moment(t time.Time) string {
	t = t.In(p.Now().Location())
	return p.DateLong(t) + " à " + p.Hour(t.Hour(), t.Minute())
}

// Weekday says the name of a day of the week: "mardi".
func (p Page) Weekday(d time.Weekday) string { return dayNames[spoken(p.Lang)][d] }

// Distance says a distance given in metres: "1,2 km".
func (p Page) Distance(metres float64) string { return distanceIn(p.Lang, metres) }

// Number says a whole number: "12 345".
func (p Page) Number(n int) string { return numberIn(p.Lang, n) }

// Bytes says a weight: "120 Ko".
func (p Page) Bytes(n int64) string { return bytesIn(p.Lang, n) }

// PhoneBlock is the block that closes every page of the residents, in the words of the page.
func (p Page) PhoneBlock() PhoneBlock {
	b := PhoneBlock{
		Title: p.T("ui.phone.title"), Phone: p.Site.Phone, PhoneHref: p.Site.PhoneHref, Hours: p.Site.PhoneHours,
		CallWord: p.T("ui.phone.call"), FrenchHours: p.Unproofread(),
	}
	if p.callback != "" {
		b.Callback = Link{Text: p.T("ui.phone.callback"), Href: p.Path(p.callback)}
	}
	if p.Site.Phone == "" {
		b.Title = p.T("ui.phone.title_callback")
		if p.callback == "" {
			b.Text = p.T("ui.phone.ask")
		}
	}
	return b
}

// FooterLinks are the legal links, in the order that never changes.
func (p Page) FooterLinks() []Link {
	return []Link{
		{Text: p.T("ui.footer.accessibility", "State", p.accessibility()), Href: "/accessibilite"},
		{Text: p.T("ui.footer.legal"), Href: "/mentions-legales"},
		{Text: p.T("ui.footer.privacy"), Href: "/donnees-personnelles"},
		{Text: p.T("ui.footer.ecodesign"), Href: "/ecoconception"},
		{Text: p.T("ui.footer.sitemap"), Href: "/plan-du-site"},
		{Text: p.T("ui.footer.contact"), Href: "/contact"},
	}
}

// accessibility says the state of the site in the language of the page, when it is one of the three the law knows.
func (p Page) accessibility() string {
	switch p.Site.Accessibility {
	case "non conforme":
		return p.T("ui.state.none")
	case "partiellement conforme":
		return p.T("ui.state.part")
	case "totalement conforme":
		return p.T("ui.state.full")
	}
	return p.Site.Accessibility
}

// tel lets a "tel:" address through the template, and nothing else that is not a number.
func tel(href string) template.URL {
	n, ok := strings.CutPrefix(href, "tel:")
	if !ok || n == "" || strings.Trim(n[1:], "0123456789") != "" || !strings.ContainsRune("+0123456789", rune(n[0])) {
		return "#"
	}
	return template.URL(href)
}
