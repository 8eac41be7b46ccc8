// Package web shows messages. To whoever holds a link, the page on which one says stop (/avis/arret). To everybody who
// has an account, what was sent to them and how they want to be told (/compte/messages). To the team, the people to call
// (/pro/appels), the letters and slips to print (/pro/courriers), and what became of messages (/pro/messages). To the
// administrator, what messages say, what text messages may cost and, where nothing is set up to send them, the messages
// themselves (/pro/admin/messages).
package web

import (
	"embed"
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/notice"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit      *ui.Kit
	Gate     *gate.Gate
	Notices  *notice.Service
	Identity *identity.Service

	// Who names the person behind a reference of another module, for somebody who may know them; "" otherwise.
	Who func(r *http.Request, by identity.Actor, reference string) string
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	public := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, h.Kit.Handle(f))
	}
	staff := func(pattern string, action identity.Action, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(action, f)))
	}
	public("GET "+notice.StopPath+"{jeton}", h.askStop)
	public("POST "+notice.StopPath+"{jeton}", h.stop)
	mux.Handle("GET /compte/messages", h.Kit.Handle(h.Gate.Anyone(identity.NoticePrefer, h.showMine)))
	mux.Handle("POST /compte/messages", h.Kit.Handle(h.Gate.Anyone(identity.NoticePrefer, h.prefer)))
	staff("GET /pro/appels", identity.NoticeCall, h.listCalls)
	staff("POST /pro/appels/{message}", identity.NoticeCall, h.called)
	staff("GET /pro/courriers", identity.NoticeCall, h.listSheets)
	staff("POST /pro/courriers", identity.NoticeCall, h.printed)
	staff("GET /pro/messages", identity.NoticeCall, h.list)
	staff("GET /pro/messages/{message}", identity.NoticeCall, h.show)
	staff("POST /pro/messages/{message}", identity.NoticeCall, h.retry)
	staff("GET /pro/admin/messages", identity.NoticeSettings, h.settings)
	staff("POST /pro/admin/messages", identity.NoticeSettings, h.setCap)
}

// saidWords are what pages say after a redirect.
var saidWords = map[string]string{
	"arret": "C'est noté. Vous ne recevrez plus ces messages.", "dit": "C'est noté : la personne est prévenue.",
	"absent": "C'est noté : pas de réponse. La personne reste dans la liste.", "imprime": "C'est noté : les papiers sont imprimés.",
	"relance": "Le message repart tout de suite.", "choix": "Vos choix sont enregistrés.", "plafond": "Le nouveau plafond est en vigueur.",
}

func said(r *http.Request) ui.Message {
	if text, ok := saidWords[r.URL.Query().Get("fait")]; ok {
		return ui.Message{Kind: ui.Success, Text: text}
	}
	return ui.Message{}
}

// done is where a POST leads once it is done, with the key of what to say there.
func done(w http.ResponseWriter, r *http.Request, path, key string) error {
	http.Redirect(w, r, path+"?fait="+key, http.StatusSeeOther)
	return nil
}

// unreadable is what a form is told that cannot be read at all.
func unreadable() error { return fault.New(fault.Invalid, "identity.form_unreadable") }

// stopPage is the view of a stop link: opening it changes nothing, its one button does.
type stopPage struct {
	ui.Page
	Said   ui.Message
	Action string
}

func (h *Handlers) askStop(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("jeton")
	known, err := h.Notices.Stoppable(r.Context(), token)
	if err != nil {
		return err
	}
	if !known {
		return fault.New(fault.NotFound, "notice.unknown_stop")
	}
	v := stopPage{Page: h.Kit.Page(r, "Ne plus recevoir ces messages"), Said: said(r), Action: notice.StopPath + token}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, http.StatusOK, "notice_stop", v)
}

func (h *Handlers) stop(w http.ResponseWriter, r *http.Request) error {
	by, err := h.Gate.Actor(r)
	if err != nil {
		return err
	}
	token := r.PathValue("jeton")
	if err := h.Notices.Stop(r.Context(), by.Audit(), token); err != nil {
		return err
	}
	return done(w, r, notice.StopPath+token, "arret")
}
