package web

import (
	"net/http"

	"viaduc/internal/ui"
)

// checkPage is the view before sending.
type checkPage struct {
	ui.Page
	What    ui.Summary
	Who     ui.Summary
	Action  string
	Change  string
	Hidden  []ui.Hidden
	Button  string
	Waiting bool
}

func (h *Handlers) renderCheck(w http.ResponseWriter, r *http.Request, p ui.Page, c chosen, in typed) error {
	p.Title = "Vérifier avant d'envoyer"
	v := checkPage{Page: p, What: h.what(p, c), Action: bookingPath(c.e), Change: bookingPath(c.e) + "/vous", Hidden: in.hidden(), Button: "Envoyer mon inscription", Waiting: in.wait}
	if in.wait {
		v.Button = "M'inscrire sur la liste d'attente"
	}
	row := func(term, value string) {
		if value != "" {
			v.Who.Rows = append(v.Who.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	for _, reason := range c.e.Reasons(false) {
		if string(reason.ID) == in.reason {
			row("Pourquoi", reason.Name)
			row("À apporter", reason.Bring)
		}
	}
	row("Nom", in.name)
	row("Pour", in.other)
	if in.phone != "" {
		row("Téléphone", ui.Phone(in.phone))
	}
	row("Adresse e-mail", in.email)
	if in.seats != "1" {
		row("Personnes", in.seats)
	}
	row("Commune", in.commune)
	row("Public", in.audience)
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, http.StatusOK, "agenda_book_check", v)
}
