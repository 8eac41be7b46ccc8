package web

import (
	"encoding/json"
	"io"
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// Passkeys need a script: /assets/cle.js asks the options of a ceremony here, lets the browser answer, and hands the answer
// back. The step's token stays in its cookie. What goes wrong comes back as one sentence for the page.

// passkeys is embedded by the views whose page has a button for passkeys.
type passkeys struct{}

// passkeyButton is a button of the script: template "identity_passkey".
type passkeyButton struct{ Text, Path string }

// Key is the button of a page.
func (passkeys) Key(text, path string) passkeyButton { return passkeyButton{text, path} }

// maxAnswer bounds what a browser answers: a few kilobytes.
const maxAnswer = 64 << 10

// originOf is where the page was loaded from.
func originOf(r *http.Request) identity.Origin {
	if gate.HTTPS(r) {
		return identity.Origin("https://" + r.Host)
	}
	return identity.Origin("http://" + r.Host)
}

// sayJSON answers the script.
func sayJSON(w http.ResponseWriter, status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the reader left: nothing to do
	return nil
}

// inJSON turns a refusal into a sentence for the script; what is no refusal stays an error.
func (h *Handlers) inJSON(w http.ResponseWriter, r *http.Request, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	p := h.Kit.Page(r, "")
	return sayJSON(w, httpx.Status(f.Kind), map[string]string{"message": p.T(f.Message.Key, f.Message.Args...)})
}

// beginPasskey gives the options of a ceremony that needs nobody logged in: logging in, the second factor, or an enrolment.
func (h *Handlers) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	var options []byte
	var err error
	switch r.PathValue("pour") {
	case "entrer":
		var t identity.Token
		if options, t, err = h.Identity.BeginPasskeyLogin(r.Context(), originOf(r)); err == nil {
			gate.SetStep(w, r, t)
		}
	case "second":
		options, err = h.Identity.BeginPasskeyFactor(r.Context(), gate.Step(r), originOf(r))
	case "enroler":
		options, err = h.Identity.BeginEnrolPasskey(r.Context(), gate.Step(r), originOf(r))
	default:
		err = identity.NotFound()
	}
	if err != nil {
		return h.inJSON(w, r, err)
	}
	return sayJSON(w, http.StatusOK, json.RawMessage(options))
}

// finishPasskey takes what the browser answered, and says where to go.
func (h *Handlers) finishPasskey(w http.ResponseWriter, r *http.Request) error {
	answer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return h.inJSON(w, r, fault.New(fault.Invalid, "identity.form_unreadable"))
	}
	from := h.browserOf(r)
	var in identity.LoggedIn
	switch r.PathValue("pour") {
	case "entrer":
		in, err = h.Identity.FinishPasskeyLogin(r.Context(), gate.Step(r), originOf(r), answer, from)
	case "second":
		in, err = h.Identity.FinishPasskeyFactor(r.Context(), gate.Step(r), originOf(r), answer, from)
	case "enroler":
		var e identity.Enrolled
		e, err = h.Identity.EnrolPasskey(r.Context(), gate.Step(r), originOf(r), device(r.UserAgent()), answer, from)
		if in = e.LoggedIn; err == nil {
			h.set(w, r, in)
			return sayJSON(w, http.StatusOK, map[string]any{"codes": e.Recovery, "vers": "/pro"})
		}
	default:
		err = identity.NotFound()
	}
	if err != nil {
		return h.inJSON(w, r, err)
	}
	h.set(w, r, in)
	return sayJSON(w, http.StatusOK, map[string]string{"vers": ui.LocalPath(r.URL.Query().Get("retour"), "/pro")})
}

// set gives the browser its cookies.
func (h *Handlers) set(w http.ResponseWriter, r *http.Request, in identity.LoggedIn) {
	gate.ClearStep(w, r)
	gate.SetSession(w, r, in.Session)
	if in.Known != "" {
		gate.SetKnown(w, r, in.Known)
	}
}

// beginOwnPasskey gives the options of a ceremony of somebody logged in: one more passkey, or to confirm.
func (h *Handlers) beginOwnPasskey(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	var options []byte
	var t identity.Token
	err := identity.NotFound()
	switch r.PathValue("pour") {
	case "ajouter":
		options, t, err = h.Identity.BeginPasskey(r.Context(), by, originOf(r))
	case "confirmer":
		options, t, err = h.Identity.BeginConfirmPasskey(r.Context(), by, originOf(r))
	}
	if err != nil {
		return h.inJSON(w, r, err)
	}
	gate.SetStep(w, r, t)
	return sayJSON(w, http.StatusOK, json.RawMessage(options))
}

func (h *Handlers) finishOwnPasskey(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	answer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return h.inJSON(w, r, fault.New(fault.Invalid, "identity.form_unreadable"))
	}
	var t identity.Token
	to := meansPath + "?fait=moyens"
	err = identity.NotFound()
	switch r.PathValue("pour") {
	case "ajouter":
		t, err = h.Identity.FinishPasskey(r.Context(), by, gate.Step(r), originOf(r), device(r.UserAgent()), answer)
	case "confirmer":
		to = ui.LocalPath(r.URL.Query().Get("retour"), meansPath)
		t, err = h.Identity.FinishConfirmPasskey(r.Context(), by, gate.Step(r), originOf(r), answer)
	}
	if err != nil {
		return h.inJSON(w, r, err)
	}
	gate.ClearStep(w, r)
	gate.SetSession(w, r, t)
	return sayJSON(w, http.StatusOK, map[string]string{"vers": to})
}
