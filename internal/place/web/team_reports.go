package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// Reports and differences wait in lists of cards, each with what to do about it.

// cardsSize is how many cards a page shows.
const cardsSize = 15

// reportCard is what a resident reported.
type reportCard struct {
	Reference, Name, Href, Edit string
	When, Topics                string
	Text                        []string
	Contact                     string
	State                       ui.Tag
	Open                        bool
}

// reportList is the view of /pro/lieux/signalements.
type reportList struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Filters ui.Filters
	Cards   []reportCard
	Pager   ui.Pager
}

// askedPlace is the place that a list is asked for, 0 for all.
func askedPlace(r *http.Request) place.Number {
	n, err := strconv.ParseInt(r.URL.Query().Get("lieu"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return place.Number(n)
}

func (h *Handlers) listReports(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	all := q.Get("etat") == "tous"
	found, err := h.Places.TeamReports(r.Context(), by, askedPlace(r), all)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les signalements")
	v := reportList{Page: p, Back: p.Back(teamPath), Said: didSay(r)}
	states := []ui.Option{{Value: "", Label: "Qui attendent"}, {Value: "tous", Label: "Tous"}}
	v.Filters = ui.Filters{Action: teamPath + "/signalements", Label: "Choisir des signalements", Button: "Montrer", Selects: []ui.Choices{choose("etat", "Lesquels", states, q.Get("etat"))}}
	var page []place.Report
	page, v.Pager = paged(p, r, found, cardsSize)
	for _, one := range page {
		v.Cards = append(v.Cards, reportOf(p, one))
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_reports", v)
}

// paged keeps the part of a list that the address asks for.
func paged[T any](p ui.Page, r *http.Request, list []T, size int) ([]T, ui.Pager) {
	pages := max(1, (len(list)+size-1)/size)
	at, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || at < 1 {
		at = 1
	}
	at = min(at, pages)
	return list[min((at-1)*size, len(list)):min(at*size, len(list))], p.Pager(p.Current, r.URL.Query(), at, pages)
}

func reportOf(p ui.Page, one place.Report) reportCard {
	c := reportCard{
		Reference: one.Reference, Name: calm(one.Name) + ", " + calm(one.Commune), Href: managedPath(one.Number), Edit: managedPath(one.Number) + "/modifier",
		When: p.Moment(one.At), Text: paragraphs(one.Text), Contact: one.Contact, Open: one.State == place.ReportOpen,
	}
	if !strings.Contains(c.Contact, "@") {
		c.Contact = ui.Phone(c.Contact)
	}
	var topics []string
	for _, t := range one.Topics {
		topics = append(topics, topicName(p, t))
	}
	c.Topics = strings.Join(topics, ", ")
	switch one.State {
	case place.ReportDone:
		c.State = ui.Tag{Text: "Corrigé", Kind: ui.Success}
	case place.ReportDismissed:
		c.State = ui.Tag{Text: "Sans suite"}
	}
	return c
}

func (h *Handlers) closeReport(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	as, key := place.ReportDone, "corrige"
	switch form.Get("action") {
	case "corrige":
	case "sanssuite":
		as, key = place.ReportDismissed, "sanssuite"
	default:
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	if _, err := h.Places.CloseReport(r.Context(), by, form.Get("numero"), as); err != nil {
		return err
	}
	return did(w, r, teamPath+"/signalements", key)
}

// differenceCard is what a source says otherwise.
type differenceCard struct {
	Name, Href, Number         string
	Field, Label               string
	Source, Value, SaidValue   string
	Held, Seen, SourceReadable string
}

// differenceList is the view of /pro/lieux/differences.
type differenceList struct {
	ui.Page
	Back  ui.Back
	Said  ui.Message
	Cards []differenceCard
	Pager ui.Pager
}

func (h *Handlers) listDifferences(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	found, err := h.Places.TeamDifferences(r.Context(), by, askedPlace(r))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les différences")
	v := differenceList{Page: p, Back: p.Back(teamPath), Said: didSay(r)}
	var page []place.Difference
	page, v.Pager = paged(p, r, found, cardsSize)
	for _, d := range page {
		name := d.Field
		if name == "latitude" {
			name = "position"
		}
		c := differenceCard{
			Name: calm(d.PlaceName), Href: managedPath(d.Number), Number: strconv.FormatInt(int64(d.Number), 10), Field: d.Field, Label: labelOf(name),
			Source: d.Source, SourceReadable: d.Source, Value: d.Value, SaidValue: h.say(p, h.lookup(r), name, d.Value), Held: h.say(p, h.lookup(r), name, d.Held), Seen: p.Moment(d.SeenAt),
		}
		if c.SourceReadable == "" {
			c.SourceReadable = "Une source sans nom"
		}
		v.Cards = append(v.Cards, c)
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_differences", v)
}

func (h *Handlers) settleDifference(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(form.Get("lieu"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	take := form.Get("action") == "prendre"
	if !take && form.Get("action") != "garder" {
		return fault.New(fault.Invalid, "place.team.unreadable")
	}
	if err := h.Places.SettleDifference(r.Context(), by, place.Number(n), form.Get("champ"), form.Get("source"), form.Get("valeur"), take); err != nil {
		return err
	}
	if take {
		return did(w, r, teamPath+"/differences", "pris")
	}
	return did(w, r, teamPath+"/differences", "garde")
}
