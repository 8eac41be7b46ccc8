package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/ui"
)

// minePage is the view of /compte/messages: what was sent to me, and how I want to be told.
type minePage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Table   ui.Table
	Choices []contactChoices
}

// contactChoices are what the owner of one contact chooses.
type contactChoices struct {
	Heading string
	Kind    string // which contact the form is about: "email" or "phone"
	Rather  ui.Checkbox
	Stop    ui.Checkbox
}

// mineLines is how many messages the page shows.
const mineLines = 25

func (h *Handlers) showMine(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Mes messages")
	v := minePage{Page: p, Back: p.Back(homeOf(by)), Said: said(r)}
	lines, err := h.Notices.Lines(r.Context(), by, notice.Filter{Recipient: "account:" + string(by.Account), Limit: mineLines})
	if err != nil {
		return err
	}
	v.Table = ui.Table{Caption: "Ce que nous vous avons écrit", Columns: []string{"Quoi", "Comment", "Quand", "Où en est-on"}, Empty: "Nous ne vous avons rien écrit."}
	for _, l := range lines {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: l.Announces}, {Text: "par " + l.Channel.French()}, {Text: p.Moment(l.CreatedAt)}, {Tag: tagOf(l.State)}})
	}
	contacts, err := h.contacts(r, by)
	if err != nil {
		return err
	}
	for _, kind := range []string{"email", "phone"} {
		if contacts[kind] == "" {
			continue
		}
		asked, err := h.Notices.Preference(r.Context(), contacts[kind])
		if err != nil {
			return err
		}
		v.Choices = append(v.Choices, choicesOf(kind, contacts[kind], asked))
	}
	return h.Kit.Render(w, r, http.StatusOK, "notice_mine", v)
}

// contacts are how by can be written to.
func (h *Handlers) contacts(r *http.Request, by identity.Actor) (map[string]string, error) {
	a, err := h.Identity.Account(r.Context(), by, by.Account)
	return map[string]string{"email": a.Email, "phone": a.Phone}, err
}

func choicesOf(kind, contact string, asked notice.Preference) contactChoices {
	c := contactChoices{Kind: kind, Heading: "Pour " + contact}
	if kind == "phone" {
		c.Heading = "Pour le " + ui.Phone(contact)
		c.Rather = ui.Checkbox{ID: kind + "-appel", Name: "appel", Label: "Appelez-moi, ne m'écrivez pas", Checked: asked.RatherCall}
	}
	c.Stop = ui.Checkbox{
		ID: kind + "-arret", Name: "arret", Label: "Ne m'écrivez plus ici", Checked: asked.Stopped, Hint: "Sauf ce que vous demandez vous-même, comme un code pour entrer.",
	}
	return c
}

func (h *Handlers) prefer(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return unreadable()
	}
	contacts, err := h.contacts(r, by)
	if err != nil {
		return err
	}
	contact := contacts[r.PostForm.Get("pour")]
	asked, err := h.Notices.Preference(r.Context(), contact) // what the form does not ask stays
	if err != nil {
		return err
	}
	asked.RatherCall, asked.Stopped = r.PostForm.Has("appel"), r.PostForm.Has("arret")
	if err := h.Notices.SetPreference(r.Context(), by.Audit(), contact, asked); err != nil {
		return err
	}
	return done(w, r, "/compte/messages", "choix")
}

// homeOf is the page of one's own account.
func homeOf(by identity.Actor) string {
	if by.Kind == identity.Staff {
		return "/pro/compte"
	}
	return "/compte"
}
