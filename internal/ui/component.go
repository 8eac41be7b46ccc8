package ui

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/platform/fold"
)

// The components of the pages: one struct and one template each. A page calls {{template "field" .Name}}, the template
// being named in the doc of the struct; those that every list has are written in Go behind it (form.go, place_card.go).
// Words arrive formatted, in the language of the page; what every page would repeat ("Modifier", "Il y a un problème") is
// filled in by a method of Page.

// Link is words that lead somewhere. Hidden is said to screen readers only, after Text.
type Link struct {
	Text, Href string
	Icon       string // pictogram of the sprite; "" for none
	Hidden     string
}

// Back is the link to the page before: template "back". Page.Back fills in the word.
type Back Link

// Back leads back to an address ("/lieux?ou=Saintes", without language prefix).
func (p Page) Back(path string) Back { return Back{Text: p.T("ui.back"), Href: p.Path(path)} }

// Breadcrumb says where a page stands: template "breadcrumb". The last entry is the page itself and has no Href.
type Breadcrumb struct {
	Label string // "Vous êtes ici"
	Links []Link
}

// Breadcrumb leads from the home page to this one; links carry their final addresses.
func (p Page) Breadcrumb(links ...Link) Breadcrumb {
	home := Link{Text: p.T("ui.home"), Href: p.Path("/")}
	return Breadcrumb{Label: p.T("ui.here"), Links: append([]Link{home}, links...)}
}

// Field is one question with a written answer: template "field". The label is linked to the input, hint and error are
// linked by id. ID and Name are equal unless both are given.
type Field struct {
	ID, Name     string
	Label        string
	Hint         string // one short sentence, said before the answer
	Error        string // how to put it right; "" when all is well
	Value        string
	Type         string // "text" (also ""), "tel", "email", "search", "password", "number", "time", "file"
	Autocomplete string // "name", "tel", "email", "postal-code"...
	InputMode    string // "numeric", "tel"...
	Accept       string // for a file
	Optional     string // the word "facultatif" when one may leave it out; Page.Optional says it
	Rows         int    // more than 0: several lines
	MaxLength    int    // more than 0: the browser stops there
	Heading      bool   // the label is the h1 of a question page
	Short        bool   // a narrow box: postcode, number
	Autofocus    bool   // never beside an ErrorSummary
}

// Key is the id of the input: ID, or Name.
func (f Field) Key() string { return orElse(f.ID, f.Name) }

// Described lists the ids of the hint and of the error, for aria-describedby.
func (f Field) Described() string { return described(f.Key(), f.Hint, f.Error) }

// Kind is the type of the input, "text" when none was given.
func (f Field) Kind() string { return orElse(f.Type, "text") }

// Optional is the word after the label of what one may leave out.
func (p Page) Optional() string { return p.T("ui.optional") }

// Option is one possible answer.
type Option struct {
	Value, Label string
	Hint         string
	Checked      bool
	Lang, Dir    string // when the label is in another language
}

// Choices is one question with answers to choose from: templates "radios" (cards, one answer), "checkboxes" (cards,
// several) and "select" (for long lists, team pages first).
type Choices struct {
	ID, Name string
	Legend   string
	Hint     string
	Error    string
	Optional string
	Heading  bool // the legend is the h1 of a question page
	Inline   bool // short answers beside each other where there is room
	Options  []Option
}

// Key is the id of the group: ID, or Name. The first answer has this id, so that an error summary leads to it.
func (c Choices) Key() string { return orElse(c.ID, c.Name) }

// Described lists the ids of the hint and of the error, for aria-describedby.
func (c Choices) Described() string { return described(c.Key(), c.Hint, c.Error) }

// OptionID is the id of answer number i.
func (c Choices) OptionID(i int) string { return optionID(c.Key(), i) }

// Checkbox is one box to tick by itself, a consent for instance: template "checkbox".
type Checkbox struct {
	ID, Name, Value string // Value is "oui" when empty
	Label, Hint     string
	Error           string
	Checked         bool
}

// Key is the id of the box: ID, or Name.
func (c Checkbox) Key() string { return orElse(c.ID, c.Name) }

// Described lists the ids of the hint and of the error, for aria-describedby.
func (c Checkbox) Described() string { return described(c.Key(), c.Hint, c.Error) }

// Sent is the value sent when the box is ticked.
func (c Checkbox) Sent() string { return orElse(c.Value, "oui") }

// DateFields asks for a date in three boxes: template "date_fields". The form sends Name+"-jour", Name+"-mois" and
// Name+"-annee". Page.DateFields fills in the words.
type DateFields struct {
	ID, Name                        string
	Legend, Hint, Error             string
	Day, Month, Year                string
	DayLabel, MonthLabel, YearLabel string
	Heading                         bool
}

// Key is the id of the group and of its first box: ID, or Name.
func (d DateFields) Key() string { return orElse(d.ID, d.Name) }

// Described lists the ids of the hint and of the error, for aria-describedby.
func (d DateFields) Described() string { return described(d.Key(), d.Hint, d.Error) }

// DateFields is a question on a date, with the words of the three boxes.
func (p Page) DateFields(name, legend string) DateFields {
	return DateFields{
		Name: name, Legend: legend, Hint: p.T("ui.date.hint"), DayLabel: p.T("ui.date.day"),
		MonthLabel: p.T("ui.date.month"), YearLabel: p.T("ui.date.year"),
	}
}

// Slots is a choice of appointment, by day: template "slots". All answers share one name.
type Slots struct {
	ID, Name string
	Error    string
	Days     []SlotDay
	Other    Option // "Aucun ne me convient : être rappelé"; no label for none
}

// SlotDay is the appointments of one day.
type SlotDay struct {
	Title   string // "mardi 3 juin"
	Options []Option
}

// Key is the id of the group and of its first answer: ID, or Name.
func (s Slots) Key() string { return orElse(s.ID, s.Name) }

// OptionID is the id of answer i of day d.
func (s Slots) OptionID(d, i int) string {
	n := i
	for _, day := range s.Days[:d] {
		n += len(day.Options)
	}
	return optionID(s.Key(), n)
}

// FieldError is the error of one field, as the summary lists it. Field is the id of the input.
type FieldError struct {
	Field, Text string
}

// ErrorSummary opens a form that came back: template "error_summary", before the h1. It takes the focus without any
// script. Page.ErrorSummary fills in the title.
type ErrorSummary struct {
	Title  string // "Il y a un problème"
	Errors []FieldError
}

// ErrorSummary lists what must be put right. Nothing is shown when there is no error.
func (p Page) ErrorSummary(errs ...FieldError) ErrorSummary {
	return ErrorSummary{Title: p.T("ui.problem"), Errors: errs}
}

// The kinds of messages and states.
const (
	Info    = "info"
	Success = "succes"
	Warning = "alerte"
	Failure = "erreur"
	Neutral = "neutre" // states only
)

// Message says what just happened, or what one must know: template "message". A Failure is announced at once.
type Message struct {
	Kind  string // Info (also ""), Success, Warning, Failure
	Title string // "" for none
	Text  string
	Links []Link
}

// Class is the CSS class of the kind.
func (m Message) Class() string { return "m-" + orElse(m.Kind, Info) }

// Role is the ARIA role of the kind.
func (m Message) Role() string {
	if m.Kind == Failure {
		return "alert"
	}
	return "status"
}

// Summary lists what was answered, to check before sending or to read again: template "summary".
type Summary struct {
	Rows    []SummaryRow
	Compact bool // one line a row even on a narrow screen: the hours of a week
}

// SummaryRow is one answer. Change leads back to the question; its Hidden says which ("Modifier : Lieu").
type SummaryRow struct {
	Term, Value string
	Big         bool  // a number that matters: phone, reference, hour
	Change      *Link // nil when it cannot be changed
}

// Row is a row of a summary that can be changed at an address without language prefix; "" makes it fixed.
func (p Page) Row(term, value, change string) SummaryRow {
	r := SummaryRow{Term: term, Value: value}
	if change != "" {
		r.Change = &Link{Text: p.T("ui.change"), Hidden: term, Href: p.Path(change)}
	}
	return r
}

// Confirmation says that it is done: template "confirmation". Title is the h1 of the page.
type Confirmation struct {
	Title          string // "Votre demande est envoyée"
	ReferenceLabel string // "Votre numéro"; Page.Confirmation fills it in
	Reference      string
	Text           string // "Notez ce numéro."
}

// Confirmation is the panel of a thing done, with its reference.
func (p Page) Confirmation(title, reference, text string) Confirmation {
	return Confirmation{Title: title, Reference: reference, ReferenceLabel: p.T("ui.reference"), Text: text}
}

// Tile is one way in, a pictogram and words.
type Tile struct {
	Icon, Text, Href string
	Hint             string // one short sentence; "" for none
}

// Tiles are the ways in of a page: template "tiles".
type Tiles struct {
	Items []Tile
}

// The shapes of a place's mark say what it offers, on the map and in the list.
const (
	Circle   = "rond"     // a person helps
	Square   = "carre"    // computers
	Triangle = "triangle" // wifi
	Diamond  = "losange"  // nobody said what one finds there
)

// Mark is the numbered mark of a place: template "mark". The same stands on the map and in the list.
type Mark struct {
	Number int
	Shape  string // Circle (also ""), Square, Triangle, Diamond
	Label  string // for screen readers, "Numéro 3 sur la carte"; "" when words beside it say it
}

// The states of opening. The words go with them, always.
const (
	OpenNow     = "ouvert"  // sun and full mark
	OpensLater  = "bientot" // half a mark: opens later today or another day
	Closed      = "ferme"   // empty mark
	OpenUnknown = "inconnu" // nobody told us
)

// PlaceCard is one place in a list, to be read in one second: {{.HTML}}, inside <ul class="lieux">. The
// order never changes: number, name, state, distance and town, what one finds there, phone.
type PlaceCard struct {
	Number    int    // 1 to 15, as on the map; 0 for none
	MarkLabel string // Page.MarkLabel(Number)
	Shape     string // Circle, Square, Triangle, Diamond
	ID        string // id of the card, so that the map leads to it; "" for none
	Name      string
	Href      string
	State     string // OpenNow, OpensLater, Closed, OpenUnknown
	StateText string // "Ouvert maintenant"
	StateMore string // "jusqu'à 17 h"
	Distance  string // "1,2 km"; "" when nobody said where she is
	Town      string
	Offer     string // five words: "Aide, ordinateurs, wifi"
	Warning   string // "À vérifier : appelez avant de venir"; stands where the offer does
	Phone     string
	PhoneHref string
	Deep      bool // the name is an h3 (the list stands under an h2)
}

// Mark is the card's mark.
func (c PlaceCard) Mark() Mark { return Mark{Number: c.Number, Shape: c.Shape, Label: c.MarkLabel} }

// MarkLabel says the number of a mark to those who do not see it.
func (p Page) MarkLabel(n int) string { return p.T("ui.mark", "N", n) }

// EventDay is the events of one day: template "event_day".
type EventDay struct {
	Title  string // "mardi 3 juin"
	ID     string // "" for none
	Events []EventCard
}

// EventCard is one workshop or tour stop: template "event_card", or through EventDay.
type EventCard struct {
	Time     string // "9 h 30"
	Until    string // "jusqu'à 11 h"
	Title    string
	Href     string
	Place    string
	Distance string
	Seats    string // "Encore 4 places", "Complet"
	State    Tag    // "Annulé"; no text for none
}

// Tag is a state in one or two words, never by colour alone: template "tag".
type Tag struct {
	Text string
	Kind string // Info, Success, Warning, Failure, Neutral (also "")
}

// Class is the CSS class of the kind.
func (t Tag) Class() string { return "m-" + orElse(t.Kind, Neutral) }

// Pager leads to the other pages of a list by their numbers: template "pager". It shows nothing when there is one page.
type Pager struct {
	Label string // "Pages de résultats"
	Text  string // "Page 2 sur 6"
	Links []PagerLink
	Prev  *Link
	Next  *Link
}

// PagerLink is the number of a page.
type PagerLink struct {
	Text, Href, Label string
	Current           bool
	Gap               bool // pages are left out before this one
}

// Pager leads from page number at of n through the list at path (without language prefix), keeping its query. The
// number of the page is the parameter "page"; the first page has none.
func (p Page) Pager(path string, query url.Values, at, n int) Pager {
	g := Pager{Label: p.T("ui.pager.label"), Text: p.T("ui.pager.at", "At", at, "Of", n)}
	to := func(i int) string {
		q := url.Values{}
		for k, v := range query {
			q[k] = v
		}
		q.Del("page")
		if i > 1 {
			q.Set("page", strconv.Itoa(i))
		}
		u := url.URL{Path: p.Path(path), RawQuery: q.Encode()}
		return u.String()
	}
	if n < 2 {
		return g
	}
	last := 0
	for i := 1; i <= n; i++ {
		if i != 1 && i != n && (i < at-1 || i > at+1) {
			continue
		}
		g.Links = append(g.Links, PagerLink{
			Text: strconv.Itoa(i), Href: to(i), Label: p.T("ui.pager.page", "At", i),
			Current: i == at, Gap: i > last+1,
		})
		last = i
	}
	if at > 1 {
		g.Prev = &Link{Text: p.T("ui.pager.previous"), Href: to(at - 1)}
	}
	if at < n {
		g.Next = &Link{Text: p.T("ui.pager.next"), Href: to(at + 1)}
	}
	return g
}

// Hidden is a value that a form carries along.
type Hidden struct {
	Name, Value string
}

// Around is the button that looks around the reader's own position: template "around", inside the GET form that it sends,
// with the parameters lat and lon. It shows itself where the script and the device can (page.js), and asks the device only
// when it is pressed. Page.Around fills in the words; nothing is shown without a Label.
type Around struct {
	Label   string // "Autour de moi"
	Busy    string // while the device looks
	Refused string // the reader, or her device, does not give the position
	Failed  string // the device does not know it
}

// Around is the button with its words.
func (p Page) Around() Around {
	return Around{Label: p.T("ui.around"), Busy: p.T("ui.around.busy"), Refused: p.T("ui.around.refused"), Failed: p.T("ui.around.failed")}
}

// Filters narrow a list by its address: template "filters", a GET form.
type Filters struct {
	Action  string // final address
	Label   string // name of the form for screen readers: "Chercher un lieu"
	Button  string // "Chercher"
	Fields  []Field
	Selects []Choices
	Boxes   []Choices // as check boxes
	Hidden  []Hidden
	Around  Around
	Reset   *Link // "Tout afficher"; nil for none
	More    MoreFilters
}

// MoreFilters are the choices that few people make, behind a summary. Nothing is shown without a Label.
type MoreFilters struct {
	Label   string
	Open    bool // one of them is in use: show them
	Selects []Choices
	Boxes   []Choices
}

// Search is the one big question of a home page: template "search". A GET form with one field and its button.
type Search struct {
	Action string
	Field  Field
	Button string
	Around Around
	Hidden []Hidden
}

// Cell is one cell of a table.
type Cell struct {
	Text   string
	Href   string
	Tag    Tag    // shown after the text; no text for none
	Number bool   // aligned for reading figures
	By     string // what the column is sorted by, where it is not the text: an instant, a number filled with zeros
}

// Table is a table of the team: template "table". Its rows become small cards under 640 px. The first cell of a row is
// its header. A row has as many cells as there are columns.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]Cell
	Empty   string // said instead of the table when it has no row

	heads []TableHead // of a table that was sorted
}

// TableHead is the heading of a column.
type TableHead struct {
	Text  string
	Href  string // that sorts by it, or the other way round; "" for none
	Order string // "ascending" or "descending" when the table is sorted by it
}

// Heads are the headings of the columns.
func (t Table) Heads() []TableHead {
	if t.heads != nil {
		return t.heads
	}
	out := make([]TableHead, len(t.Columns))
	for i, c := range t.Columns {
		out[i].Text = c
	}
	return out
}

// Sort sorts a whole table, which is not a page of one, as the address of the page asks by "tri=KEY", or "tri=-KEY" for the
// other way round, and makes links of its headings. keys are one a column, "" for one that cannot be sorted by; the first
// is the order where the address asks none.
func (t *Table) Sort(p Page, query url.Values, keys ...string) {
	asked, down := strings.CutPrefix(query.Get("tri"), "-")
	at := slices.Index(keys, asked)
	if asked == "" || at < 0 {
		at, down = 0, false
	}
	t.heads = t.Heads()
	for i, key := range keys {
		if key == "" {
			continue
		}
		next := key
		if i == at && !down {
			next, t.heads[i].Order = "-"+key, "ascending"
		} else if i == at {
			t.heads[i].Order = "descending"
		}
		q := maps.Clone(query)
		if q == nil {
			q = url.Values{}
		}
		q.Del("page")
		q.Set("tri", next)
		t.heads[i].Href = p.Path(p.Current) + "?" + q.Encode()
	}
	slices.SortStableFunc(t.Rows, func(a, b []Cell) int {
		order := strings.Compare(a[at].sortKey(), b[at].sortKey())
		if down {
			return -order
		}
		return order
	})
}

// sortKey is what a cell is sorted by.
func (c Cell) sortKey() string {
	if c.By != "" {
		return c.By
	}
	return fold.Key(c.Text)
}

// Paged keeps the rows of the page that the address asks by "page=N", and returns the way to the others.
func (t *Table) Paged(p Page, query url.Values, size int) Pager {
	pages := max(1, (len(t.Rows)+size-1)/size)
	at, err := strconv.Atoi(query.Get("page"))
	if err != nil || at < 1 {
		at = 1
	}
	at = min(at, pages)
	t.Rows = t.Rows[min((at-1)*size, len(t.Rows)):min(at*size, len(t.Rows))]
	return p.Pager(p.Current, query, at, pages)
}

// IsNumber reports whether column i holds figures, by its first row.
func (t Table) IsNumber(i int) bool {
	return len(t.Rows) > 0 && i < len(t.Rows[0]) && t.Rows[0][i].Number
}

// Details is text that unfolds: template "details".
type Details struct {
	Summary    string
	Paragraphs []string
	Open       bool
}

// PhoneBlock offers the phone instead: template "phone_block". page_bottom shows it at the same place on every page.
type PhoneBlock struct {
	Title            string // "Vous préférez le téléphone ?"
	Phone, PhoneHref string
	CallWord         string // "Appeler"
	Hours            string // the territory's own words, in French
	FrenchHours      bool   // mark Hours as French
	Callback         Link   // "Être rappelé"; no Href while the site cannot
	Text             string // what to do where there is neither a number nor a callback
}

// LanguageList offers the page in other languages, each named in itself: template "languages".
type LanguageList struct {
	Label string
	Links []LanguageLink
}

// Steps says how far one is: template "steps".
type Steps struct {
	Text   string // "Étape 2 sur 4"
	At, Of int
}

// Steps says that this page is step at of n.
func (p Page) Steps(at, n int) Steps {
	return Steps{Text: p.T("ui.steps", "At", at, "Of", n), At: at, Of: n}
}

// Marks tells, step by step, whether it is reached.
func (s Steps) Marks() []bool {
	out := make([]bool, max(0, s.Of))
	for i := range out {
		out[i] = i < s.At
	}
	return out
}

// Exit leaves at once for a neutral site, on pages on violence: template "exit".
type Exit struct {
	Text, Href string
	Hint       string // safety advice, said before
}

// EmptyState never leaves a reader without a way on: template "empty".
type EmptyState struct {
	Title, Text string
	Links       []Link
	Deep        bool // the title is an h3
}

// Print leads to the paper twin of a page: template "print". Without a script there is no print button: the page
// itself says how.
type Print struct {
	Text, Href string
	Hint       string
}

// Print leads to the paper twin at a path without language prefix.
func (p Page) Print(text, path string) Print {
	return Print{Text: text, Href: p.Path(path), Hint: p.T("ui.print.hint")}
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func described(key, hint, err string) string {
	switch {
	case hint != "" && err != "":
		return key + "-aide " + key + "-erreur"
	case hint != "":
		return key + "-aide"
	case err != "":
		return key + "-erreur"
	}
	return ""
}

func optionID(key string, i int) string {
	if i == 0 {
		return key
	}
	return key + "-" + strconv.Itoa(i+1)
}
