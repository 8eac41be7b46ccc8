package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/ui"
)

// listSize bounds what the team is shown of its lists: the most urgent first, the others come as these go.
const listSize = 50

// callsPage is the view of /pro/appels: the people whom no machine could tell, for somebody with a telephone.
type callsPage struct {
	ui.Page
	Said   ui.Message
	Empty  ui.EmptyState
	Calls  []toCall
	More   bool
	Sheets int // letters and slips that wait to be printed
}

// toCall is one call to make.
type toCall struct {
	Action, Name, Phone, Href string
	Say                       string
	Why                       string // what it announces
	Until                     string
	Tries                     string // "" for none
}

func (h *Handlers) listCalls(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Notices.CallList(r.Context(), by, listSize+1)
	if err != nil {
		return err
	}
	v := callsPage{Page: h.Kit.Page(r, "À appeler"), Said: said(r), More: len(list) > listSize}
	v.Empty = ui.EmptyState{Title: "Personne à appeler", Text: "Quand un message ne peut partir ni par e-mail ni par SMS, la personne apparaît ici."}
	for _, c := range list[:min(len(list), listSize)] {
		one := toCall{
			Action: "/pro/appels/" + string(c.ID), Name: h.Who(r, by, c.Recipient), Phone: ui.Phone(c.Phone), Href: ui.PhoneHref(c.Phone), Say: c.Say, Why: upperFirst(c.Announces),
			Until: v.Moment(c.Until),
		}
		if c.Tries > 0 {
			one.Tries = v.Number(c.Tries) + " sans réponse"
		}
		v.Calls = append(v.Calls, one)
	}
	for _, channel := range []notice.Channel{notice.Letter, notice.Slip} {
		sheets, err := h.Notices.ToPrint(r.Context(), by, channel, listSize)
		if err != nil {
			return err
		}
		v.Sheets += len(sheets)
	}
	return h.Kit.Render(w, r, http.StatusOK, "notice_calls", v)
}

func (h *Handlers) called(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	told := r.PostFormValue("action") != "absent"
	if err := h.Notices.Called(r.Context(), by, notice.ID(r.PathValue("message")), told); err != nil {
		return err
	}
	if told {
		return done(w, r, "/pro/appels", "dit")
	}
	return done(w, r, "/pro/appels", "absent")
}

// sheetsPage is the view of /pro/courriers: letters and slips, each on its own sheet once printed.
type sheetsPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Empty  ui.EmptyState
	Sheets []sheet
}

// sheet is one paper.
type sheet struct {
	notice.Sheet
	Name  string // whom a slip is for
	Day   string
	Limit string
}

func (h *Handlers) listSheets(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	v := sheetsPage{Page: h.Kit.Page(r, "À imprimer"), Said: said(r)}
	v.Back = v.Page.Back("/pro/appels")
	v.Empty = ui.EmptyState{Title: "Rien à imprimer", Text: "Les lettres et les papiers à remettre apparaissent ici."}
	for _, channel := range []notice.Channel{notice.Letter, notice.Slip} {
		list, err := h.Notices.ToPrint(r.Context(), by, channel, listSize)
		if err != nil {
			return err
		}
		for _, s := range list {
			v.Sheets = append(v.Sheets, sheet{Sheet: s, Name: h.Who(r, by, s.Recipient), Day: v.DateLong(s.On.In(v.Now().Location())), Limit: v.Moment(s.Until)})
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "notice_sheets", v)
}

func (h *Handlers) printed(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return unreadable()
	}
	var sheets []notice.ID
	for _, id := range r.PostForm["papier"] {
		sheets = append(sheets, notice.ID(id))
	}
	if err := h.Notices.Printed(r.Context(), by, sheets...); err != nil {
		return err
	}
	return done(w, r, "/pro/courriers", "imprime")
}
