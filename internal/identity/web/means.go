package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/ui"
)

// meansPath is where one's own means to log in are.
const meansPath = "/pro/compte/moyens"

// meansPage is the view of what one logs in with.
type meansPage struct {
	ui.Page
	passkeys
	Back     ui.Back
	Said     ui.Message
	Errors   ui.ErrorSummary
	Current  ui.Field
	Next     ui.Field
	Password bool
	TOTP     []identity.Device
	Passkeys []ownPasskey
	Recovery int
	Ties     []string  // identities that let me in
	Tie      []ui.Link // providers that I may tie my account to
}

// ownPasskey is one of my passkeys.
type ownPasskey struct{ ID, Name, Since string }

func (h *Handlers) showMeans(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderMeans(w, r, by, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Ma connexion"))
}

func (h *Handlers) renderMeans(w http.ResponseWriter, r *http.Request, by identity.Actor, f ui.Refused, p ui.Page) error {
	means, err := h.Identity.Means(r.Context(), by)
	if err != nil {
		return err
	}
	v := meansPage{Page: p, Back: p.Back("/pro/compte"), Said: said(r), Errors: f.Summary, Password: means.Password, TOTP: means.TOTP, Recovery: means.Recovery}
	v.Current = ui.Field{Name: "current", Label: "Votre mot de passe d'aujourd'hui", Type: "password", Autocomplete: "current-password", Error: f.Of("current")}
	v.Next = newPassword(f)
	v.Next.Label = "Le nouveau"
	for _, k := range means.Passkeys {
		v.Passkeys = append(v.Passkeys, ownPasskey{ID: k.ID, Name: k.Name, Since: p.DateLong(k.CreatedAt.In(p.Now().Location()))})
	}
	ties, err := h.Identity.Ties(r.Context(), by)
	if err != nil {
		return err
	}
	for _, tie := range ties {
		v.Ties = append(v.Ties, oidc.Kind(tie.Provider).Name()+", depuis "+p.DateLong(tie.Since.In(p.Now().Location())))
	}
	if len(ties) == 0 {
		v.Tie, _ = h.waysIn("")
	}
	return h.Kit.Render(w, r, f.Status, "identity_means", v)
}

func (h *Handlers) changeMeans(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	var t identity.Token
	key := "moyens"
	switch form("action") {
	case "mot-de-passe":
		key = "motdepasse"
		t, err = h.Identity.SetPassword(r.Context(), by, r.PostForm.Get("current"), r.PostForm.Get("password"))
	case "retirer-code":
		t, err = h.Identity.RemoveTOTP(r.Context(), by, form("id"))
	case "retirer-cle":
		t, err = h.Identity.RemovePasskey(r.Context(), by, form("id"))
	case "secours":
		var codes []string
		if codes, t, err = h.Identity.PrintRecovery(r.Context(), by); err == nil {
			gate.SetSession(w, r, t)
			return h.renderRecovery(w, r, codes)
		}
	}
	if err == nil {
		gate.SetSession(w, r, t)
		return done(w, r, meansPath, key)
	}
	p := h.Kit.Page(r, "Ma connexion")
	refused, ok := p.Refuse(err)
	if !ok {
		return confirmFirst(w, r, err, meansPath)
	}
	return h.renderMeans(w, r, by, refused, p)
}

// askTOTP makes a secret: a POST, since it is kept until it is used or over.
func (h *Handlers) askTOTP(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	e, err := h.Identity.BeginTOTP(r.Context(), by)
	if err != nil {
		return confirmFirst(w, r, err, meansPath)
	}
	gate.SetStep(w, r, e.Token)
	return h.renderEnrol(w, r, h.ownEnrol(r), e.TOTP, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) ownEnrol(r *http.Request) enrolPage {
	p := h.Kit.Page(r, "Ajouter une application ou une carte")
	return enrolPage{Page: p, Password: true, Own: true, Action: meansPath + "/code", Back: p.Back(meansPath)}
}

func (h *Handlers) addTOTP(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t, err := h.Identity.FinishTOTPDevice(r.Context(), by, gate.Step(r), form("code"), form("name"))
	if err == nil {
		gate.ClearStep(w, r)
		gate.SetSession(w, r, t)
		return done(w, r, meansPath, "moyens")
	}
	v := h.ownEnrol(r)
	refused, ok := v.Refuse(err)
	if !ok {
		return confirmFirst(w, r, err, meansPath)
	}
	return h.renderEnrol(w, r, v, keyOf(form), refused)
}
