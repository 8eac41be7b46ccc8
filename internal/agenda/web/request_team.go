package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/agenda/travel"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// requestsPage is the view of the requests of communes, for those who study them.
type requestsPage struct {
	ui.Page
	Table ui.Table
	Pager ui.Pager
}

func (h *Handlers) listRequests(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Agenda.Requests(r.Context(), by)
	if err != nil {
		return err
	}
	v := requestsPage{Page: h.Kit.Page(r, "Les demandes des communes")}
	v.Table = ui.Table{Caption: "Les demandes, celles qui attendent d'abord", Columns: []string{"Commune", "Demande", "Reçue le", "Où elle en est"}, Empty: "Aucune commune n'a rien demandé."}
	for _, one := range list {
		what := "Demi-journée"
		if one.WholeDay {
			what = "Journée"
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: h.communeOf(one.Commune), Href: requestsPath + "/" + one.ID}, {Text: what + map[bool]string{true: ", une semaine sur deux", false: ", chaque semaine"}[one.EveryWeeks == 2]},
			{Text: v.DateLong(one.CreatedAt.In(v.Now().Location()))}, {Text: "", Tag: ui.Tag{Text: one.State.French(), Kind: requestKind(one.State)}},
		})
	}
	v.Pager = v.Table.Paged(v.Page, r.URL.Query(), 25)
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_request_list", v)
}

func requestKind(s agenda.RequestState) string {
	switch s {
	case agenda.Asked:
		return ui.Warning
	case agenda.Scheduled, agenda.Agreed:
		return ui.Success
	case agenda.Turned:
		return ui.Failure
	case agenda.Studied, agenda.Offered:
	}
	return ui.Info
}

// studyPage is the view of a request with the half-days that suit it.
type studyPage struct {
	ui.Page
	Back      ui.Back
	Said      ui.Message
	Errors    ui.ErrorSummary
	Heading   string
	State     ui.Tag
	Facts     ui.Summary
	Action    string
	Version   int64
	Study     bool
	Choose    ui.Choices
	None      string // why there is nothing to propose
	Starts    ui.Field
	Minute    ui.Field
	End       ui.Field
	Refusal   ui.Field
	Offered   *ui.Summary
	Refusable bool
}

// maxProposals is how many half-days are proposed to the team.
const maxProposals = 10

func (h *Handlers) studyRequest(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderStudy(w, r, by, h.Kit.Page(r, "Une demande"), func(string) string { return "" }, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderStudy(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, get func(string) string, f ui.Refused) error {
	one, err := h.Agenda.RequestFor(r.Context(), by, r.PathValue("demande"))
	if err != nil {
		return err
	}
	v := studyPage{
		Page: p, Back: p.Back(requestsPath), Said: saidDone(r), Errors: f.Summary, Heading: h.communeOf(one.Commune) + " demande un médiateur", Action: requestsPath + "/" + one.ID,
		State: ui.Tag{Text: one.State.French(), Kind: requestKind(one.State)}, Facts: h.requestFacts(p, one.NewRequest), Version: one.Version, Study: one.State == agenda.Asked || one.State == agenda.Turned,
	}
	if one.Offer != nil {
		s := h.offerFacts(p, one)
		v.Offered = &s
	}
	v.Refusable = one.State != agenda.Scheduled && one.State != agenda.Turned
	if v.Refusable && one.State != agenda.Agreed {
		if err := h.proposals(r, by, &v, one, get, f); err != nil {
			return err
		}
	}
	v.Refusal = ui.Field{Name: "reason", Label: "Pourquoi ?", Hint: "La commune le lira.", Value: get("reason"), Error: f.Of("reason")}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_request_study", v)
}

// proposals offers the half-days that suit, the best first, each with its reasons.
func (h *Handlers) proposals(r *http.Request, by identity.Actor, v *studyPage, one agenda.Request, get func(string) string, f ui.Refused) error {
	list, err := h.Agenda.Proposals(r.Context(), by, one.ID, maxProposals)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		v.None = "Aucune tournée n'a de demi-journée libre qui convienne. Ajoutez une tournée, ou changez celles qui existent."
		return nil
	}
	v.Choose = ui.Choices{Name: "creneau", Legend: "Quel créneau proposer ?", Error: f.Of("creneau")}
	for i, p := range list {
		value := proposalValue(p)
		v.Choose.Options = append(v.Choose.Options, ui.Option{
			Value: value, Label: proposalText(v.Page, p), Hint: strings.Join(p.Reasons, ". ") + ". Note : " + strconv.Itoa(p.Score) + " sur 100.", Checked: value == get("creneau") || get("creneau") == "" && i == 0,
		})
	}
	starts := get("starts")
	if starts == "" {
		starts = one.From
	}
	v.Starts = ui.Field{Name: "starts", Label: "Pas avant le", Hint: "La première date est le premier jour qui convient.", Value: starts, Short: true, Error: f.Of("starts")}
	v.Minute = ui.Field{Name: "minute", Label: "Début", Hint: "Par exemple 9 h 30. Vide : 10 h le matin, 14 h l'après-midi.", Value: get("minute"), Short: true, Optional: v.Optional(), Error: f.Of("minute")}
	v.End = ui.Field{Name: "fin", Label: "Fin", Value: get("fin"), Short: true, Optional: v.Optional(), Error: f.Of("fin")}
	return nil
}

func proposalValue(p travel.Proposal) string {
	return p.Crew + " " + strconv.Itoa(int(p.Weekday)) + " " + string(p.Half) + " " + string(p.Parity)
}

func proposalText(p ui.Page, one travel.Proposal) string {
	half := map[travel.Half]string{travel.Morning: " matin", travel.Afternoon: " après-midi", travel.AllDay: ", la journée"}[one.Half]
	parity := map[travel.Parity]string{travel.OddWeeks: ", semaines impaires", travel.EvenWeeks: ", semaines paires"}[one.Parity]
	return "Le " + p.Weekday(one.Weekday) + half + parity + ", avec " + one.Name
}

func (h *Handlers) decideRequest(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	id, version := r.PathValue("demande"), int64(typedNumber(get("version")))
	p := h.Kit.Page(r, "Une demande")
	key := "note"
	switch get("action") {
	case "etudier":
		err = h.Agenda.Study(r.Context(), by, id, version)
	case "proposer":
		var day agenda.HalfDay
		if day, err = halfDay(get); err == nil {
			err = h.Agenda.Offer(r.Context(), by, id, version, day)
		}
		key = "propose_commune"
	case "refuser":
		err = h.Agenda.Turn(r.Context(), by, id, version, get("reason"))
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err == nil {
		return done(w, r, requestsPath+"/"+id, key, "")
	}
	refused, ok := p.Refuse(err, "tour", "creneau", "length", "fin")
	if !ok {
		return err
	}
	return h.renderStudy(w, r, by, p, get, refused)
}

// halfDay is the half-day that was chosen: the first one, from a day on, that falls on its weekday, in its weeks.
func halfDay(get func(string) string) (agenda.HalfDay, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	parts := strings.Split(get("creneau")+"   ", " ")
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 0 || n > 6 {
		return agenda.HalfDay{}, f.With("creneau", "agenda.proposal_missing")
	}
	day := agenda.HalfDay{Tour: agenda.TourID(parts[0]), Weekday: time.Weekday(n), Half: parts[2], Parity: parts[3]}
	on, ok := readDay(get("starts"))
	if !ok || get("starts") == "" {
		return day, f.With("starts", "agenda.date_invalid")
	}
	day.Starts = firstDay(on, day).String()
	day.Minute, day.Length = 10*60, 120
	if day.Half == string(travel.Afternoon) {
		day.Minute = 14 * 60
	}
	if day.Half == string(travel.AllDay) {
		day.Minute, day.Length = 9*60+30, 7*60
	}
	if text := get("minute"); text != "" {
		if day.Minute, ok = readClock(text); !ok {
			return day, f.With("minute", "agenda.minute_range")
		}
	}
	if text := get("fin"); text != "" {
		end, ok := readClock(text)
		if !ok || end <= day.Minute {
			return day, f.With("length", "agenda.minute_range")
		}
		day.Length = end - day.Minute
	}
	return day, nil
}

// firstDay is the first day of a half-day's weekday and weeks, from a day on.
func firstDay(on recur.Date, day agenda.HalfDay) openinghours.Date {
	for on.Weekday() != day.Weekday {
		on = on.AddDays(1)
	}
	if _, week := on.ISOWeek(); day.Parity == string(travel.OddWeeks) && week%2 == 0 || day.Parity == string(travel.EvenWeeks) && week%2 == 1 {
		on = on.AddDays(7)
	}
	return on
}
