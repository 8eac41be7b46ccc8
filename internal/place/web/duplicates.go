package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/duplicate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The team unites two records of one place in three steps: the list of those that look alike (/pro/lieux/doublons), the two
// side by side, where each field is chosen (/pro/doublons/12-31), and what comes of it, to be read before
// (/pro/doublons/12-31/verifier). A merge is undone at /pro/doublons/31/separer. The pages of a pair do not lie under
// /pro/lieux, where the second part of an address is the number of a place.

const (
	duplicatesPath = "/pro/lieux/doublons"
	pairPath       = "/pro/doublons/"
	verifyEnd      = "/verifier"
	splitEnd       = "/separer"
)

// seenField carries what whoever decides saw (place.MergeSeen).
const seenField = "vu"

func (h *Handlers) duplicateRoutes(mux ui.Mux) {
	moderate := func(f func(http.ResponseWriter, *http.Request, identity.Actor) error) http.Handler {
		return h.Kit.Handle(h.Gate.Staff(identity.PlaceModerate, f))
	}
	mux.Handle("GET "+duplicatesPath, moderate(h.listDuplicates))
	mux.Handle("GET "+pairPath+"{paire}", moderate(h.showPair))
	mux.Handle("POST "+pairPath+"{paire}", moderate(h.distinguish))
	mux.Handle("GET "+pairPath+"{paire}"+verifyEnd, moderate(h.showMerge))
	mux.Handle("POST "+pairPath+"{paire}"+verifyEnd, moderate(h.merge))
	mux.Handle("GET "+pairPath+"{numero}"+splitEnd, moderate(h.showSplit))
	mux.Handle("POST "+pairPath+"{numero}"+splitEnd, moderate(h.split))
}

// duplicateList is the view of /pro/lieux/doublons.
type duplicateList struct {
	ui.Page
	Said    ui.Message
	Start   string // the first pair; "" when there is none
	Filters ui.Filters
	List    ui.Table
	Pager   ui.Pager
	Past    ui.Table // what was united lately
}

const (
	duplicatesShown = 25
	mergesShown     = 20
)

func (h *Handlers) listDuplicates(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	asked := r.URL.Query().Get("departement")
	all, err := h.Places.Duplicates(r.Context(), by, place.DuplicateFilter{})
	if err != nil {
		return err
	}
	past, err := h.Places.Merges(r.Context(), by, mergesShown)
	if err != nil {
		return err
	}
	v := duplicateList{Page: h.Kit.Page(r, "Les doublons"), Said: duplicateSaid(r)}
	list := slices.DeleteFunc(slices.Clone(all), func(p place.DuplicatePair) bool { return asked != "" && p.First.Department() != asked })
	v.Filters = duplicateFilters(all, asked)
	if len(list) > 0 {
		v.Start = pairAddress(&list[0])
	}
	v.List = pairTable(list)
	v.Pager = v.List.Paged(v.Page, r.URL.Query(), duplicatesShown)
	v.Past = mergedTable(v.Page, past)
	return h.Kit.Render(w, r, http.StatusOK, "duplicate_list", v)
}

func duplicateSaid(r *http.Request) ui.Message {
	text := map[string]string{
		"reunis": "Les deux fiches n'en font plus qu'une. Les anciennes adresses mènent à la fiche gardée.",
		"deux":   "C'est noté : ce sont deux lieux. Ils ne seront plus proposés, sauf si leur nom, leur adresse, leur position ou leur type change.",
		"separe": "Les deux lieux sont de nouveau séparés, comme avant.",
	}[r.URL.Query().Get("fait")]
	if text == "" {
		return ui.Message{}
	}
	return ui.Message{Kind: ui.Success, Text: text}
}

// duplicateFilters offers the départements, where there are several.
func duplicateFilters(all []place.DuplicatePair, asked string) ui.Filters {
	count := map[string]int{}
	for i := range all {
		count[all[i].First.Department()]++
	}
	choices := ui.Choices{Name: "departement", Legend: "Département", Options: []ui.Option{{Label: "Tous", Checked: asked == ""}}}
	for _, d := range slices.Sorted(maps.Keys(count)) {
		choices.Options = append(choices.Options, ui.Option{Value: d, Label: d + " (" + strconv.Itoa(count[d]) + ")", Checked: d == asked})
	}
	return ui.Filters{Action: duplicatesPath, Label: "Choisir un département", Button: "Montrer", Selects: []ui.Choices{choices}}
}

func pairTable(list []place.DuplicatePair) ui.Table {
	t := ui.Table{
		Caption: pairsCounted(len(list), "une paire à regarder", "paires à regarder"), Columns: []string{"Les deux lieux", "Commune", "Ressemblance", "Sources", "Groupe"},
		Empty: "Aucun doublon. Tout est en ordre.",
	}
	groups := groupsOf(list)
	for i := range list {
		p := &list[i]
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: twoNames(p), Href: pairAddress(p)},
			{Text: calm(p.First.Commune)},
			{Text: strconv.Itoa(p.Score) + " sur 100", Number: true},
			{Text: sources(p)},
			{Text: groupText(groups[p.A])},
		})
	}
	return t
}

func pairsCounted(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return strconv.Itoa(n) + " " + many
}

func twoNames(p *place.DuplicatePair) string {
	a, b := calm(p.First.Name), calm(p.Second.Name)
	if a == b {
		return a + ", deux fois"
	}
	return a + " et " + b
}

func sources(p *place.DuplicatePair) string {
	a, b := sourceWord(&p.First), sourceWord(&p.Second)
	if a == b {
		return a
	}
	return a + " et " + b
}

func sourceWord(p *place.Place) string {
	if p.Source == "" {
		return "source non dite"
	}
	return p.Source
}

// groupsOf are the groups of the pairs, by the number of a place.
func groupsOf(list []place.DuplicatePair) map[int64]duplicate.Group {
	pairs := make([]duplicate.Pair, len(list))
	for i := range list {
		pairs[i] = list[i].Pair
	}
	out := map[int64]duplicate.Group{}
	for _, g := range duplicate.Groups(pairs) {
		for _, n := range g.Numbers {
			out[n] = g
		}
	}
	return out
}

func groupText(g duplicate.Group) string {
	if len(g.Numbers) < 3 {
		return "ces deux lieux"
	}
	return strconv.Itoa(len(g.Numbers)) + " lieux, lien le plus faible : " + strconv.Itoa(g.Weakest)
}

func mergedTable(p ui.Page, past []place.Merged) ui.Table {
	t := ui.Table{Caption: "Réunis dernièrement", Columns: []string{"Fiche gardée", "Fiche réunie", "Quand", "Séparer"}}
	for i := range past {
		m := &past[i]
		undo := ui.Cell{Text: "Séparer les lieux " + number(m.Kept.Number) + " et " + number(m.Merged.Number), Href: pairPath + number(m.Merged.Number) + splitEnd}
		if f, ok := fault.As(m.Undo); ok {
			undo = ui.Cell{Text: p.T(f.Message.Key)}
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: calm(m.Kept.Name) + " (" + number(m.Kept.Number) + ")"}, {Text: calm(m.Merged.Name) + " (" + number(m.Merged.Number) + ")"},
			{Text: p.Day(m.At.In(p.Now().Location()))}, undo,
		})
	}
	return t
}

func number(n place.Number) string { return strconv.FormatInt(int64(n), 10) }

func pairAddress(p *place.DuplicatePair) string {
	return pairPath + number(p.First.Number) + "-" + number(p.Second.Number)
}

// pair reads the two places that an address names.
func (h *Handlers) pair(r *http.Request, by identity.Actor) (place.DuplicatePair, error) {
	a, b, ok := strings.Cut(r.PathValue("paire"), "-")
	x, errA := strconv.ParseInt(a, 10, 64)
	y, errB := strconv.ParseInt(b, 10, 64)
	if !ok || errA != nil || errB != nil || x == y {
		return place.DuplicatePair{}, fault.New(fault.NotFound, "place.unknown")
	}
	return h.Places.PairOf(r.Context(), by, place.Number(x), place.Number(y))
}

// splitPage is the view of /pro/doublons/{numero}/separer.
type splitPage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Sheet  ui.Summary
	Action string // "" where it cannot be undone
}

func (h *Handlers) showSplit(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderSplit(w, r, by, nil)
}

func (h *Handlers) renderSplit(w http.ResponseWriter, r *http.Request, by identity.Actor, why error) error {
	m, err := h.Places.MergedPlace(r.Context(), by, numberOf(r))
	if err != nil {
		return err
	}
	v := splitPage{Page: h.Kit.Page(r, "Séparer deux lieux"), Action: r.URL.Path}
	v.Back = v.Page.Back(duplicatesPath)
	status := http.StatusOK
	if why == nil {
		why = m.Undo
	}
	if why != nil {
		refused, ok := v.Refuse(why)
		if !ok {
			return why
		}
		v.Errors, v.Action = refused.Summary, ""
		if r.Method == http.MethodPost {
			status = refused.Status
		}
	}
	v.Sheet.Rows = []ui.SummaryRow{
		{Term: "Fiche gardée", Value: calm(m.Kept.Name) + ", lieu " + number(m.Kept.Number)},
		{Term: "Fiche réunie", Value: calm(m.Merged.Name) + ", lieu " + number(m.Merged.Number)},
		{Term: "Réunis le", Value: v.DateLong(m.At.In(v.Now().Location()))},
	}
	return h.Kit.Render(w, r, status, "duplicate_split", v)
}

func (h *Handlers) split(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	_, err := h.Places.Unmerge(r.Context(), by, numberOf(r))
	if err == nil {
		http.Redirect(w, r, duplicatesPath+"?fait=separe", http.StatusSeeOther)
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return h.renderSplit(w, r, by, err)
	}
	return err
}
