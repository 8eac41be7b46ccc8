package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// editPage is the view of the form.
type editPage struct {
	ui.Page
	Back     ui.Back
	Errors   ui.ErrorSummary
	Name     string
	Action   string
	Version  string
	Names    string // every field of the form, so that a box that nobody ticked is told from one that was not there
	Sections []editSection
}

// editSection is a part of the form.
type editSection struct {
	Title  string
	Inputs []editInput
}

// editInput is one question: exactly one of the three.
type editInput struct {
	Field  *ui.Field
	Boxes  *ui.Choices
	Select *ui.Choices
}

// The hidden fields of the form.
const (
	versionField = "version"
	namesField   = "champs"
	choiceField  = "choix"
	beganField   = "debut"
)

// oneOf are the columns with exact strings of which one is chosen.
var oneOf = map[string]bool{"viaduc_offre": true, "viaduc_pass": true}

func (h *Handlers) editPlace(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	one, err := h.Places.Managed(r.Context(), by, n)
	if err != nil {
		return err
	}
	return h.renderEdit(w, r, &one, one.Version, one.Value, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Modifier : "+calm(one.Name)))
}

// renderEdit shows the form with what value says of each field.
func (h *Handlers) renderEdit(w http.ResponseWriter, r *http.Request, one *place.Place, version int64, value func(string) string, f ui.Refused, p ui.Page) error {
	v := editPage{
		Page: p, Back: p.Back(managedPath(one.Number)), Errors: f.Summary, Name: calm(one.Name), Action: managedPath(one.Number) + "/modifier", Version: strconv.FormatInt(version, 10),
	}
	var names []string
	for _, s := range teamSections {
		section := editSection{Title: s.title}
		for _, field := range s.fields {
			names = append(names, field.name)
			section.Inputs = append(section.Inputs, inputOf(field, value(field.name), f.Of(field.name)))
		}
		v.Sections = append(v.Sections, section)
	}
	v.Names = strings.Join(names, " ")
	return h.Kit.Render(w, r, f.Status, "team_edit", v)
}

func inputOf(f teamField, value, wrong string) editInput {
	exact := teamColumns[f.name].Values()
	if exact == nil {
		field := &ui.Field{Name: f.name, Label: f.label, Hint: f.hint, Error: wrong, Value: value, Rows: f.rows, Short: f.short, Type: f.kind, Autocomplete: "off"}
		if strings.HasPrefix(value, "+33") && f.name == "telephone" { // any other spelling is shown as it is
			field.Value = ui.Phone(value)
		}
		if f.lines {
			field.Value = strings.ReplaceAll(value, "|", "\n")
		}
		return editInput{Field: field}
	}
	c := &ui.Choices{Name: f.name, Legend: f.label, Hint: f.hint, Error: wrong, Inline: true}
	said := place.List(value).Values()
	if oneOf[f.name] {
		c.Options = []ui.Option{{Label: "Non dit", Checked: value == ""}}
	}
	for _, v := range exact {
		c.Options = append(c.Options, ui.Option{Value: v, Label: wordOf(v), Checked: slices.Contains(said, v)})
	}
	for _, v := range said { // a value that the standard does not have stays, unless somebody takes it away
		if !slices.Contains(exact, v) {
			c.Options = append(c.Options, ui.Option{Value: v, Label: v + " (hors du standard)", Checked: true})
		}
	}
	if oneOf[f.name] {
		return editInput{Select: c}
	}
	return editInput{Boxes: c}
}

func wordOf(value string) string {
	switch value {
	case "oui":
		return "Accepté"
	case "non":
		return "Pas accepté"
	}
	if word, ok := teamValues[value]; ok {
		return word
	}
	return value
}

// teamFieldOf finds a field of the form.
func teamFieldOf(name string) (teamField, bool) {
	for _, s := range teamSections {
		for _, f := range s.fields {
			if f.name == name {
				return f, true
			}
		}
	}
	return teamField{}, false
}

// valuesOf are what a form says of the fields that it names.
func valuesOf(form url.Values) map[string]string {
	out := map[string]string{}
	for _, name := range strings.Fields(form.Get(namesField)) {
		f, ok := teamFieldOf(name)
		switch {
		case !ok:
		case f.lines:
			var lines []string
			for _, l := range strings.Split(form.Get(name), "\n") {
				if l = strings.TrimSpace(l); l != "" {
					lines = append(lines, l)
				}
			}
			out[name] = strings.Join(lines, "|")
		default:
			out[name] = strings.Join(form[name], "|")
		}
	}
	return out
}

func (h *Handlers) savePlace(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(form.Get(versionField), 10, 64)
	if err != nil || base < 0 {
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	if form.Get(choiceField) != "" {
		return h.saveChosen(w, r, by, n, form)
	}
	return h.revise(w, r, by, n, base, valuesOf(form), false)
}

// revise saves, or shows what stands in the way.
func (h *Handlers) revise(w http.ResponseWriter, r *http.Request, by identity.Actor, n place.Number, base int64, values map[string]string, unchosen bool) error {
	one, clashes, err := h.Places.Revise(r.Context(), by, n, base, values)
	if clashes != nil {
		return h.renderClash(w, r, by, &one, base, clashes, unchosen)
	}
	if err != nil {
		p := h.Kit.Page(r, "Modifier")
		refused, ok := p.Refuse(err)
		if !ok {
			return err
		}
		if one, err = h.Places.Managed(r.Context(), by, n); err != nil {
			return err
		}
		p.Title = "Modifier : " + calm(one.Name)
		value := func(name string) string {
			if v, ok := values[name]; ok {
				return v
			}
			return one.Value(name)
		}
		return h.renderEdit(w, r, &one, base, value, refused, p)
	}
	return did(w, r, managedPath(n), "modifie")
}

// clashPage is the view of two changes of one place.
type clashPage struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Name    string
	Who     string // a sentence without its end
	Action  string
	Version string // of what is there now
	Began   string // that the form began from
	Names   string
	Rows    []clashRow
}

// clashRow is a field that one side changed, or both.
type clashRow struct {
	Name, Label            string
	Began, Now, Mine, Sent string // Sent is what the form said, to be sent again
	TakeNow, TakeMine      bool
	Wrong                  string
}

func (h *Handlers) renderClash(w http.ResponseWriter, r *http.Request, by identity.Actor, one *place.Place, base int64, clashes []place.Clash, unchosen bool) error {
	p := h.Kit.Page(r, "Deux modifications en même temps")
	p.Wide, p.Problem = true, true
	v := clashPage{
		Page: p, Back: p.Back(managedPath(one.Number)), Name: calm(one.Name), Action: managedPath(one.Number) + "/modifier", Who: "Quelqu'un d'autre a changé la fiche pendant que vous écriviez",
		Version: strconv.FormatInt(one.Version, 10), Began: strconv.FormatInt(base, 10),
	}
	changes, err := h.Places.History(r.Context(), one.Number)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		name, err := h.authors(r.Context(), changes[:1])
		if err != nil {
			return err
		}
		v.Who = "Pendant que vous écriviez, la fiche a été changée par " + name(changes[0].By)
		if changes[0].By == by.Audit() {
			v.Who = "Vous avez changé la fiche dans une autre fenêtre"
		}
	}
	var names []string
	var errs []ui.FieldError
	for _, c := range clashes {
		if _, ok := teamFieldOf(c.Name); !ok && c.Mine == c.Began {
			continue // no field of the form
		}
		names = append(names, c.Name)
		row := clashRow{
			Name: c.Name, Label: labelOf(c.Name), Began: h.say(p, h.lookup(r), c.Name, c.Began), Now: h.say(p, h.lookup(r), c.Name, c.Now),
			Mine: h.say(p, h.lookup(r), c.Name, c.Mine), Sent: c.Mine, TakeNow: !c.Both() && c.Mine == c.Began, TakeMine: !c.Both() && c.Mine != c.Began,
		}
		if c.Both() && unchosen {
			row.Wrong = "Choisissez une des deux valeurs."
			errs = append(errs, ui.FieldError{Field: row.Name, Text: row.Label + " : choisissez une des deux valeurs."})
		}
		v.Rows = append(v.Rows, row)
	}
	if len(errs) > 0 {
		v.Errors = p.ErrorSummary(errs...)
	}
	v.Names = strings.Join(names, " ")
	return h.Kit.Render(w, r, http.StatusConflict, "team_clash", v)
}

// saveChosen saves what was chosen between two changes.
func (h *Handlers) saveChosen(w http.ResponseWriter, r *http.Request, by identity.Actor, n place.Number, form url.Values) error {
	base, _ := strconv.ParseInt(form.Get(versionField), 10, 64) // savePlace has read it
	mine, values, unchosen := map[string]string{}, map[string]string{}, false
	for _, name := range strings.Fields(form.Get(namesField)) {
		mine[name] = form.Get("moi-" + name)
		switch form.Get(name) {
		case "moi":
			values[name] = mine[name]
		case "ici":
		default:
			unchosen = true
		}
	}
	if unchosen {
		began, err := strconv.ParseInt(form.Get(beganField), 10, 64)
		if err != nil || began < 0 {
			return fault.New(fault.Invalid, "place.team.unreadable")
		}
		return h.revise(w, r, by, n, began, mine, true)
	}
	return h.revise(w, r, by, n, base, values, false)
}
