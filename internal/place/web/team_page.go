package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// managedPage is the view of one place for the team.
type managedPage struct {
	ui.Page
	Back     ui.Back
	Said     ui.Message
	Name     string
	States   []ui.Tag
	Facts    ui.Summary
	Todo     []ui.Message
	Here     string // address of its pages
	Public   string // address of the residents' page, "" while they do not see it
	Number   string
	Sections []ui.Table
	Recent   ui.Table
}

func (h *Handlers) showManaged(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	one, err := h.Places.Managed(r.Context(), by, n)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, calm(one.Name))
	v := managedPage{
		Page: p, Back: p.Back(teamPath), Said: didSay(r), Name: calm(one.Name), States: statesOf(&one), Here: managedPath(n), Number: strconv.FormatInt(int64(n), 10),
	}
	v.Wide = true
	if e, ok := h.Places.Index().Place(n); ok {
		v.Public = Path(e)
	}
	h.facts(r, &v, &one)
	if err := h.managedTodo(r, by, &v, &one); err != nil {
		return err
	}
	h.sections(r, &v, &one)
	changes, err := h.Places.History(r.Context(), n)
	if err != nil {
		return err
	}
	v.Recent, err = h.changeTable(r, p, n, changes[:min(len(changes), 3)])
	if err != nil {
		return err
	}
	v.Recent.Caption = "Les derniers changements"
	return h.Kit.Render(w, r, http.StatusOK, "team_place", v)
}

// facts is what one wants to know first: where, how fresh, whose.
func (h *Handlers) facts(r *http.Request, v *managedPage, one *place.Place) {
	add := func(term, value string) {
		if value != "" {
			v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	add("Adresse", strings.TrimSpace(calm(one.Address)+" "+one.Postcode+" "+calm(one.Commune)))
	fresh := newsOf(v.Page, one)
	if on, verified, ok := place.FreshOn(one.UpdatedOn, one.VerifiedOn); ok {
		fresh += ", le " + v.DateLong(on)
		if verified {
			fresh += " (vérifié ici)"
		}
	}
	add("Dernières nouvelles", fresh)
	add("Source", one.Source)
	add("Structure qui répond de la fiche", h.ownerName(r, one.OwnerID))
}

// managedTodo is what waits about this place.
func (h *Handlers) managedTodo(r *http.Request, by identity.Actor, v *managedPage, one *place.Place) error {
	reports, err := h.Places.TeamReports(r.Context(), by, one.Number, false)
	if err != nil {
		return err
	}
	if n := len(reports); n > 0 {
		v.Todo = append(v.Todo, ui.Message{
			Kind: ui.Warning, Text: v.N("place.team.here.reports", n), Links: []ui.Link{{Text: "Lire et répondre", Href: teamPath + "/signalements?lieu=" + v.Number}},
		})
	}
	differences, err := h.Places.TeamDifferences(r.Context(), by, one.Number)
	if err != nil {
		return err
	}
	if n := len(differences); n > 0 {
		v.Todo = append(v.Todo, ui.Message{
			Kind: ui.Info, Text: v.N("place.team.here.differences", n), Links: []ui.Link{{Text: "Comparer", Href: teamPath + "/differences?lieu=" + v.Number}},
		})
	}
	if place.Decides(by, *one) {
		waiting, err := h.Places.Queue(r.Context(), by)
		if err != nil {
			return err
		}
		for _, d := range waiting {
			if d.PlaceID == one.ID {
				v.Todo = append(v.Todo, ui.Message{Kind: ui.Info, Text: "Une correction est proposée.", Links: []ui.Link{{Text: "La relire", Href: declarationPath + "/" + d.Reference}}})
			}
		}
	}
	var missing []string
	for _, broken := range one.Violations() {
		if broken.Blocks() {
			missing = append(missing, labelOf(broken.Column.Name))
		}
	}
	if len(missing) > 0 {
		v.Todo = append(v.Todo, ui.Message{
			Kind: ui.Warning, Text: "À compléter ou à corriger pour le fichier national : " + strings.Join(missing, ", ") + ".", Links: []ui.Link{{Text: "Modifier", Href: v.Here + "/modifier"}},
		})
	}
	return nil
}

// sections are all that is known, with where each value comes from.
func (h *Handlers) sections(r *http.Request, v *managedPage, one *place.Place) {
	for _, s := range teamSections {
		t := ui.Table{Caption: s.title, Columns: []string{"Champ", "Valeur", "D'où elle vient"}, Empty: "Rien n'est dit."}
		for _, f := range s.fields {
			value := one.Value(f.name)
			if value == "" {
				continue
			}
			t.Rows = append(t.Rows, []ui.Cell{{Text: f.label}, {Text: h.say(v.Page, h.lookup(r), f.name, value)}, {Text: originOf(one, f.name)}})
		}
		v.Sections = append(v.Sections, t)
	}
}

func originOf(one *place.Place, name string) string {
	if name == "position" {
		name = "latitude"
	}
	switch o := one.Origin(teamColumns[name]); o {
	case place.Here:
		return "confirmé ici"
	case "":
		return "non dit"
	default:
		return o
	}
}

func (h *Handlers) lookup(r *http.Request) func(string) string {
	return func(id string) string { return h.ownerName(r, id) }
}

// authors says who made changes, as readers of the journal may know them: where people work, not their names.
func (h *Handlers) authors(ctx context.Context, changes []place.Change) (func(audit.Actor) string, error) {
	var ids []string
	for _, c := range changes {
		if c.By.Account() {
			ids = append(ids, string(c.By))
		}
	}
	names := map[string]string{}
	if h.Names != nil && len(ids) > 0 {
		var err error
		if names, err = h.Names.AccountNames(ctx, ids); err != nil {
			return nil, err
		}
	}
	return func(a audit.Actor) string {
		switch a {
		case "":
			return "—"
		case audit.CLI:
			return "l'administration du serveur"
		case audit.System:
			return "le programme"
		case audit.Anonymous:
			return "une personne par un lien"
		}
		if name, ok := names[string(a)]; ok {
			return name
		}
		return "une personne de l'équipe"
	}, nil
}
