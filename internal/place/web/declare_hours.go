package web

import (
	"net/url"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The hours of a place are asked in a grid of the week, or in words for the weeks that no grid can hold.

// The ways to write hours.
const (
	modeGrid  = "grille"
	modeWords = "mots"

	wordsField    = "heures"
	understood    = "compris" // hidden: the words that the reader said are understood rightly
	holidaysField = "feries"
)

// dayNames are the days of a grid.
var dayNames = [7]string{"Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"}

// halves name the times of a day.
var halves = [place.GridSpans]struct{ key, label string }{{"matin", "Matin"}, {"apres-midi", "Après-midi"}}

// weekForm is the grid as its template shows it.
type weekForm struct {
	Days     []dayForm
	Holidays ui.Checkbox
	Words    ui.Field // the other way; no name for none
	Error    string
}

type dayForm struct {
	Name, ID, Error string
	Times           []timeForm
}

type timeForm struct{ Label, From, To, FromID, ToID string }

// gridField is the form field of a time: "lundi-matin-de".
func gridField(day, span int, end string) string {
	return strings.ToLower(dayNames[day]) + "-" + halves[span].key + "-" + end
}

// gridForm is a grid as a form fills it in.
func gridForm(g place.Grid) url.Values {
	form := url.Values{modeField: {modeGrid}}
	for day := range g.Days {
		for span, s := range g.Days[day] {
			form.Set(gridField(day, span, "de"), s.From)
			form.Set(gridField(day, span, "a"), s.To)
		}
	}
	if g.HolidaysClosed {
		form.Set(holidaysField, "oui")
	}
	return form
}

// longestTime is how many letters of a time are read.
const longestTime = 20

// gridOf reads a grid from its form.
func gridOf(form url.Values) place.Grid {
	g := place.Grid{HolidaysClosed: form.Get(holidaysField) == "oui"}
	for day := range g.Days {
		for span := range g.Days[day] {
			g.Days[day][span] = place.GridSpan{From: cut(form.Get(gridField(day, span, "de"))), To: cut(form.Get(gridField(day, span, "a")))}
		}
	}
	return g
}

func cut(text string) string {
	r := []rune(strings.TrimSpace(text))
	return string(r[:min(len(r), longestTime)])
}

// hoursForm is the form of hours as they are written. mode is the way that was asked for; "" takes the grid where it can
// hold them.
func hoursForm(hours, mode string) url.Values {
	g, ok := place.GridOf(hours)
	if mode != modeWords && ok {
		if hours == "" {
			g.HolidaysClosed = true // as most offices
		}
		return gridForm(g)
	}
	if mode == modeGrid { // hours that no grid can hold begin again
		return gridForm(place.Grid{HolidaysClosed: true})
	}
	return url.Values{modeField: {modeWords}, wordsField: {hours}}
}

// fillHours makes the question of the hours.
func fillHours(v *question, a onPage, refused ui.Refused) {
	if a.form == nil {
		a.form = hoursForm(a.d.Said("horaires"), "")
	}
	other := func(mode, text string) ui.Link {
		q := url.Values{modeField: {mode}}
		if a.back != "" {
			q.Set(backField, a.back)
		}
		return ui.Link{Text: text, Href: a.path(askHours) + "?" + q.Encode()}
	}
	v.Hidden = append(v.Hidden, ui.Hidden{Name: modeField, Value: a.form.Get(modeField)})
	if a.form.Get(modeField) == modeWords {
		v.Week.Words = ui.Field{
			Name: wordsField, Label: "Les heures d'ouverture", Hint: "Une ligne par jour. Par exemple : lundi et mardi 9h-12h et 14h-17h30. Ou : sur rendez-vous.", Rows: 5,
			Value: a.form.Get(wordsField), Error: refused.Of("horaires"),
		}
		v.Links = append(v.Links, other(modeGrid, "Remplir plutôt la grille de la semaine"))
		return
	}
	v.Lead = "Écrivez par exemple 9h et 12h30. Fermé ? Laissez vide."
	v.Week.fill(gridOf(a.form), refused)
	v.Links = append(v.Links, other(modeWords, "Écrire plutôt les heures avec des mots"))
}

func (f *weekForm) fill(g place.Grid, refused ui.Refused) {
	f.Holidays = ui.Checkbox{Name: holidaysField, Label: "Fermé les jours fériés", Checked: g.HolidaysClosed}
	for day := range g.Days {
		d := dayForm{Name: dayNames[day], ID: gridField(day, 0, "de"), Error: refused.Of(gridField(day, 0, "de"))}
		for span, s := range g.Days[day] {
			d.Times = append(d.Times, timeForm{
				Label: halves[span].label, From: s.From, To: s.To, FromID: gridField(day, span, "de"), ToID: gridField(day, span, "a"),
			})
		}
		f.Days = append(f.Days, d)
	}
}

// readHours reads the hours of a form. Copying Monday, and words that wait for the reader to say that they are understood
// rightly, show the question again.
func (h *Handlers) readHours(a onPage) (place.Answer, *question, error) {
	in := place.Answer{Values: map[string]string{}}
	if a.form.Get(modeField) == modeWords {
		return h.readWords(a)
	}
	g := gridOf(a.form)
	if a.form.Get(actionField) == "copier" {
		a.form = gridForm(g.CopyMonday())
		v := h.again(a)
		v.Said = ui.Message{Kind: ui.Success, Text: "Le lundi est copié du mardi au vendredi. Changez ce qui diffère, puis continuez."}
		return in, &v, nil
	}
	hours, faults := g.Hours()
	if faults != nil {
		refused := fault.New(fault.Invalid, "place.declare.invalid")
		for _, f := range faults {
			refused.With(gridField(f.Day, 0, "de"), "place.declare.grid."+f.Kind, "Day", strings.ToLower(dayNames[f.Day]))
		}
		return in, nil, refused
	}
	in.Values["horaires"] = hours
	return in, nil, nil
}

func (h *Handlers) readWords(a onPage) (place.Answer, *question, error) {
	in := place.Answer{Values: map[string]string{"horaires": ""}}
	text := strings.TrimSpace(a.form.Get(wordsField))
	if text == "" {
		return in, nil, nil
	}
	hours, ok := place.ReadHours(text)
	if !ok {
		return in, nil, fault.New(fault.Invalid, "place.declare.invalid").With("horaires", "place.declare.wrong.horaires")
	}
	in.Values["horaires"] = hours
	if a.form.Get(understood) == hours || hours == text {
		return in, nil, nil
	}
	v := h.again(a)
	v.Said = ui.Message{Kind: ui.Info, Title: "Nous avons compris", Text: hoursSaid(hours) + ". C'est juste ? Continuez. Sinon, corrigez plus bas."}
	v.Hidden = append(v.Hidden, ui.Hidden{Name: understood, Value: hours})
	return in, &v, nil
}

// again is the question with its form as it was typed.
func (h *Handlers) again(a onPage) question {
	v := h.view(a.p, a, ui.Refused{})
	fillHours(&v, a, ui.Refused{})
	return v
}

// hoursSaid says hours as people do, or as written where they cannot be read.
func hoursSaid(hours string) string {
	read, err := openinghours.Parse(hours)
	if hours == "" || err != nil {
		return hours
	}
	spoken := openinghours.Spoken(read)
	for i := range spoken { // a sentence each: a week is long to read
		spoken[i] = capital(spoken[i])
	}
	return strings.Join(spoken, ". ")
}
