package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// invitationPage is the view of an invitation: who invites, to what, and the names and password of the newcomer.
type invitationPage struct {
	passwordPage
	Organisation string
	Role         string
	Email        string
	HasAccount   bool   // log in, then accept
	LoggedIn     bool   // ...and here one is
	Login        string // where to log in and come back
	Providers    []ui.Link
}

func (h *Handlers) showInvitation(w http.ResponseWriter, r *http.Request) error {
	return h.renderInvitation(w, r, identity.Newcomer{}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Votre invitation"))
}

func (h *Handlers) renderInvitation(w http.ResponseWriter, r *http.Request, in identity.Newcomer, f ui.Refused, p ui.Page) error {
	i, err := h.Identity.ReadInvitation(r.Context(), identity.Token(r.PathValue("jeton")))
	if err != nil {
		return err
	}
	v := invitationPage{Organisation: i.Organisation, Role: roleWords[i.Role], Email: i.Email, HasAccount: i.HasAccount}
	v.Page, v.Errors, v.Action, v.Password, v.Passkey = p, f.Summary, identity.InvitationPath+r.PathValue("jeton"), newPassword(f), true
	given, family := nameFields(in.GivenName, in.FamilyName, f)
	v.Names = []ui.Field{given, family}
	v.Login = "/connexion" + returning(v.Action)
	v.Providers, _ = h.waysIn(v.Action)
	if s, err := h.Gate.Session(r); err == nil && s.Actor.Kind == identity.Staff {
		v.LoggedIn = true
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, f.Status, "identity_invitation", v)
}

func (h *Handlers) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t := identity.Token(r.PathValue("jeton"))
	if s, err := h.Gate.Session(r); err == nil && form("action") == "rejoindre" {
		if _, err := h.Identity.AcceptAs(r.Context(), s.Actor, t); err != nil {
			return err
		}
		return done(w, r, "/pro/compte", "rejoint")
	}
	in := identity.Newcomer{GivenName: form("given_name"), FamilyName: form("family_name"), Password: r.PostForm.Get("password")}
	e, err := h.Identity.BeginInvitation(r.Context(), t, in)
	if err == nil {
		return h.beginEnrolment(w, r, e, in.Password != "")
	}
	p := h.Kit.Page(r, "Votre invitation")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderInvitation(w, r, in, refused, p)
}

func (h *Handlers) showReproof(w http.ResponseWriter, r *http.Request) error {
	return h.renderReproof(w, r, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Retrouver votre compte"))
}

func (h *Handlers) renderReproof(w http.ResponseWriter, r *http.Request, f ui.Refused, p ui.Page) error {
	name, err := h.Identity.ReadReproof(r.Context(), identity.Token(r.PathValue("jeton")))
	if err != nil {
		return err
	}
	v := passwordPage{
		Page: p, Errors: f.Summary, Heading: "Retrouver votre compte, " + name, Action: identity.ReproofPath + r.PathValue("jeton"), Password: newPassword(f), Passkey: true,
		Text: "Deux personnes ont confirmé que c'est vous. Choisissez un nouveau mot de passe, puis une nouvelle deuxième preuve.",
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, f.Status, "identity_password", v)
}

func (h *Handlers) reprove(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	password := r.PostForm.Get("password")
	e, err := h.Identity.BeginReproof(r.Context(), identity.Token(r.PathValue("jeton")), password)
	if err == nil {
		return h.beginEnrolment(w, r, e, password != "")
	}
	p := h.Kit.Page(r, "Retrouver votre compte")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderReproof(w, r, refused, p)
}

// enrolPage is the view of the second factor of somebody who enrols: an application or a card that gives codes, or a passkey.
type enrolPage struct {
	ui.Page
	passkeys
	Errors   ui.ErrorSummary
	Password bool // a password was chosen: a code completes it
	QR       ui.QR
	Secret   string
	URI      string // carried by the form, so that a wrong code shows the same secret again
	Code     ui.Field
	Name     ui.Field
	Action   string
	Passkey  string // where the script asks; "" for no passkey
	Own      bool   // of an account that exists: the frame leads back to it
	Back     ui.Back
}

// beginEnrolment shows the secret of the one-time passwords right away: it is nowhere else to be read again.
func (h *Handlers) beginEnrolment(w http.ResponseWriter, r *http.Request, e identity.Enrolment, password bool) error {
	gate.SetStep(w, r, e.Token)
	v := enrolPage{Page: h.Kit.Page(r, "Votre deuxième preuve"), Password: password, Action: "/connexion/moyens", Passkey: "/connexion/cle/enroler"}
	return h.renderEnrol(w, r, v, e.TOTP, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderEnrol(w http.ResponseWriter, r *http.Request, v enrolPage, key identity.TOTPKey, f ui.Refused) error {
	var err error
	if v.QR, err = ui.NewQR(key.URI, "Le code à lire avec votre application"); err != nil {
		return err
	}
	v.Errors, v.Secret, v.URI = f.Summary, key.Secret, key.URI
	v.Code = codeField(f)
	v.Name = ui.Field{Name: "name", Label: "Le nom de cet appareil", Hint: "Pour le reconnaître : « mon téléphone », « ma carte ».", Value: r.PostFormValue("name"), Optional: v.Optional()}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "identity_enrol", v)
}

// keyOf reads back the secret that a form carries.
func keyOf(form func(string) string) identity.TOTPKey {
	return identity.TOTPKey{Secret: form("secret"), URI: form("uri")}
}

func (h *Handlers) enrolTOTP(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	in, err := h.Identity.EnrolTOTP(r.Context(), gate.Step(r), form("code"), form("name"), h.browserOf(r))
	if err == nil {
		return h.enrolled(w, r, in)
	}
	v := enrolPage{Page: h.Kit.Page(r, "Votre deuxième preuve"), Password: true, Action: "/connexion/moyens", Passkey: "/connexion/cle/enroler"}
	refused, ok := refuseLogin(&v.Page, err)
	if !ok || form("uri") == "" {
		return err
	}
	return h.renderEnrol(w, r, v, keyOf(form), refused)
}

// recoveryPage shows the recovery codes, this once, to be printed.
type recoveryPage struct {
	ui.Page
	Codes []string
}

func (h *Handlers) enrolled(w http.ResponseWriter, r *http.Request, in identity.Enrolled) error {
	gate.ClearStep(w, r)
	gate.SetSession(w, r, in.Session)
	if in.Known != "" {
		gate.SetKnown(w, r, in.Known)
	}
	return h.renderRecovery(w, r, in.Recovery)
}

func (h *Handlers) renderRecovery(w http.ResponseWriter, r *http.Request, codes []string) error {
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, http.StatusOK, "identity_recovery", recoveryPage{h.Kit.Page(r, "Vos codes de secours"), codes})
}
