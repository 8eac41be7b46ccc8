package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// historyPage is the view of the whole history of a place.
type historyPage struct {
	ui.Page
	Back    ui.Back
	Name    string
	Changes ui.Table
	Pager   ui.Pager
}

func (h *Handlers) showHistory(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	one, err := h.Places.Managed(r.Context(), by, n)
	if err != nil {
		return err
	}
	changes, err := h.Places.History(r.Context(), n)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Historique : "+calm(one.Name))
	p.Wide = true
	v := historyPage{Page: p, Back: p.Back(managedPath(n)), Name: calm(one.Name)}
	if v.Changes, err = h.changeTable(r, p, n, changes); err != nil {
		return err
	}
	v.Pager = v.Changes.Paged(p, r.URL.Query(), historySize)
	return h.Kit.Render(w, r, http.StatusOK, "team_history", v)
}

// historySize is how many changes a page shows: each may have thirty fields.
const historySize = 10

// changeTable lists changes, the newest first, field by field.
func (h *Handlers) changeTable(r *http.Request, p ui.Page, n place.Number, changes []place.Change) (ui.Table, error) {
	t := ui.Table{Caption: "Tous les changements", Columns: []string{"Quand", "Qui", "Quoi", "Revenir"}}
	name, err := h.authors(r.Context(), changes)
	if err != nil {
		return t, err
	}
	for i, c := range changes {
		who := name(c.By)
		if c.Source != "" && c.Source != place.Here {
			who += ", d'après " + c.Source
		}
		var what []string
		for _, f := range c.Fields {
			what = append(what, h.sayChange(r, p, f))
		}
		if c.ID == place.Birth {
			who = "Source : " + cmp.Or(c.Source, "non dite")
			what = []string{"Première fois dans le recensement."}
		}
		row := []ui.Cell{{Text: p.Moment(c.At)}, {Text: who}, {Text: strings.Join(what, " · ")}, {Text: "État actuel"}}
		if i > 0 {
			row[3] = ui.Cell{Text: "Voir cet état", Href: managedPath(n) + "/revenir?" + url.Values{"a": {c.ID}}.Encode()}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// sayChange says "Téléphone : vide → 05 46 00 00 00".
func (h *Handlers) sayChange(r *http.Request, p ui.Page, f place.FieldChange) string {
	return labelOf(f.Name) + " : " + h.say(p, h.lookup(r), f.Name, f.Before) + " → " + h.say(p, h.lookup(r), f.Name, f.After)
}

// restorePage is the view of what going back would change.
type restorePage struct {
	ui.Page
	Back    ui.Back
	Name    string
	When    string
	Action  string
	Change  string
	Version string
	Fields  ui.Table
}

func (h *Handlers) askRestore(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	back, err := h.Places.Restoration(r.Context(), by, n, r.URL.Query().Get("a"))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Revenir à un état d'avant : "+calm(back.Now.Name))
	p.Wide = true
	v := restorePage{
		Page: p, Back: p.Back(managedPath(n) + "/historique"), Name: calm(back.Now.Name), When: p.Moment(back.At.At), Action: managedPath(n) + "/revenir",
		Change: back.At.ID, Version: strconv.FormatInt(back.Now.Version, 10),
	}
	v.Fields = ui.Table{Caption: "Ce qui change", Columns: []string{"Champ", "Maintenant", "À nouveau"}, Empty: "La fiche est déjà dans cet état : rien ne change."}
	for _, f := range back.Fields {
		v.Fields.Rows = append(v.Fields.Rows, []ui.Cell{
			{Text: labelOf(f.Name)}, {Text: h.say(p, h.lookup(r), f.Name, f.Before)}, {Text: h.say(p, h.lookup(r), f.Name, f.After)},
		})
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_restore", v)
}

func (h *Handlers) restore(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
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
	if _, err := h.Places.Restore(r.Context(), by, n, form.Get("a"), base); err != nil {
		return err
	}
	return did(w, r, managedPath(n), "revenu")
}
