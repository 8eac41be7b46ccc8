package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// loginPage is the view of /connexion: password for the team, and the other ways in.
type loginPage struct {
	ui.Page
	passkeys
	Errors    ui.ErrorSummary
	Said      ui.Message
	Email     ui.Field
	Password  ui.Field
	Return    string
	Team      []ui.Link // identity providers of the team
	Residents []ui.Link // and of residents
	Resident  string    // where a resident asks for a code, and goes on to where they were going
}

func (h *Handlers) showLogin(w http.ResponseWriter, r *http.Request) error {
	if s, err := h.Gate.Session(r); err == nil {
		http.Redirect(w, r, homeOf(s.Actor), http.StatusSeeOther)
		return nil
	}
	return h.renderLogin(w, r, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Se connecter"))
}

func (h *Handlers) renderLogin(w http.ResponseWriter, r *http.Request, email string, f ui.Refused, p ui.Page) error {
	v := loginPage{Page: p, Errors: f.Summary, Said: said(r), Return: ui.LocalPath(r.FormValue("retour"), "")}
	v.Team, v.Residents = h.waysIn(v.Return)
	v.Resident = "/connexion/habitant" + returning(v.Return)
	v.Email = ui.Field{Name: "email", Label: "Votre adresse e-mail", Type: "email", Value: email, Autocomplete: "username", Error: f.Of("email")}
	v.Password = ui.Field{Name: "password", Label: "Votre mot de passe", Type: "password", Autocomplete: "current-password", Error: f.Of("password")}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "identity_login", v)
}

// homeOf is where somebody who is logged in begins.
func homeOf(a identity.Actor) string {
	if a.Kind == identity.Resident {
		return "/compte"
	}
	return "/pro"
}

func (h *Handlers) login(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	in := identity.PasswordLogin{Email: form("email"), Password: r.PostForm.Get("password"), Known: gate.Known(r)}
	step, err := h.Identity.LoginPassword(r.Context(), in, h.browserOf(r))
	if err == nil {
		gate.SetStep(w, r, step.Token)
		http.Redirect(w, r, "/connexion/etape"+returning(form("retour")), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Se connecter")
	refused, ok := refuseLogin(&p, err)
	if !ok {
		return err
	}
	return h.renderLogin(w, r, in.Email, refused, p)
}

// refuseLogin is Page.Refuse for a log-in, which comes back too when it was wrong.
func refuseLogin(p *ui.Page, err error) (ui.Refused, bool) {
	if f, ok := fault.As(err); ok && f.Kind == fault.Unauthenticated {
		wrong := fault.New(fault.Invalid, f.Message.Key, f.Message.Args...)
		refused, ok := p.Refuse(wrong)
		return refused, ok
	}
	return p.Refuse(err)
}

// returning carries where somebody was going, as a query; "" where nobody said.
func returning(path string) string {
	if path = ui.LocalPath(path, ""); path == "" {
		return ""
	}
	return "?" + url.Values{"retour": {path}}.Encode()
}

// enter gives the browser a session and leads to where the person was going.
func (h *Handlers) enter(w http.ResponseWriter, r *http.Request, in identity.LoggedIn, to string) {
	gate.ClearStep(w, r)
	gate.SetSession(w, r, in.Session)
	if in.Known != "" {
		gate.SetKnown(w, r, in.Known)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// factorPage is the view of the second step.
type factorPage struct {
	ui.Page
	passkeys
	Errors   ui.ErrorSummary
	Heading  string
	Action   string
	Return   string
	TOTP     bool
	Passkey  string // where the script asks; "" for no passkey
	Recovery bool
	Code     ui.Field
	Rescue   ui.Field
}

func (h *Handlers) showFactor(w http.ResponseWriter, r *http.Request) error {
	return h.renderFactor(w, r, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Votre deuxième preuve"))
}

func (h *Handlers) renderFactor(w http.ResponseWriter, r *http.Request, f ui.Refused, p ui.Page) error {
	step, err := h.Identity.StepFactors(r.Context(), gate.Step(r))
	if err != nil {
		return err
	}
	v := factorPage{
		Page: p, Errors: f.Summary, Heading: "Montrez que c'est bien vous", Action: "/connexion/etape", Return: ui.LocalPath(r.FormValue("retour"), ""),
		TOTP: step.TOTP, Recovery: step.Recovery, Code: codeField(f), Rescue: ui.Field{Name: "secours", Label: "Un code de secours", Hint: "Un de ceux que vous avez imprimés.", Error: f.Of("secours")},
	}
	if step.Passkey {
		v.Passkey = "/connexion/cle/second"
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "identity_factor", v)
}

func codeField(f ui.Refused) ui.Field {
	return ui.Field{
		Name: "code", Label: "Le code à six chiffres", Hint: "Votre application ou votre carte le donne. Il change toutes les trente secondes.",
		Autocomplete: "one-time-code", InputMode: "numeric", Short: true, Error: f.Of("code"),
	}
}

func (h *Handlers) finishFactor(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	var in identity.LoggedIn
	if form("secours") != "" {
		in, err = h.Identity.FinishRecovery(r.Context(), gate.Step(r), form("secours"), h.browserOf(r))
	} else {
		in, err = h.Identity.FinishTOTP(r.Context(), gate.Step(r), form("code"), h.browserOf(r))
	}
	if err == nil {
		h.enter(w, r, in, ui.LocalPath(form("retour"), "/pro"))
		return nil
	}
	p := h.Kit.Page(r, "Votre deuxième preuve")
	refused, ok := refuseLogin(&p, err)
	if !ok {
		return err
	}
	if _, over := h.Identity.StepFactors(r.Context(), gate.Step(r)); over != nil {
		return err // the step itself is over: one begins again
	}
	return h.renderFactor(w, r, refused, p)
}

// confirmPage asks for the second factor again before what matters.
func (h *Handlers) showConfirm(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderConfirm(w, r, by, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Confirmez que c'est vous"))
}

func (h *Handlers) renderConfirm(w http.ResponseWriter, r *http.Request, by identity.Actor, f ui.Refused, p ui.Page) error {
	means, err := h.Identity.Means(r.Context(), by)
	if err != nil {
		return err
	}
	v := factorPage{
		Page: p, Errors: f.Summary, Heading: "Confirmez que c'est vous", Action: "/pro/compte/confirmer", Return: ui.LocalPath(r.FormValue("retour"), "/pro/compte/moyens"),
		TOTP: len(means.TOTP) > 0, Code: codeField(f),
	}
	if len(means.Passkeys) > 0 {
		v.Passkey = "/pro/compte/cle/confirmer"
	}
	return h.Kit.Render(w, r, f.Status, "identity_factor", v)
}

func (h *Handlers) confirm(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t, err := h.Identity.ConfirmTOTP(r.Context(), by, form("code"))
	if err == nil {
		gate.SetSession(w, r, t)
		http.Redirect(w, r, ui.LocalPath(form("retour"), "/pro/compte/moyens"), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Confirmez que c'est vous")
	refused, ok := refuseLogin(&p, err)
	if !ok {
		return err
	}
	return h.renderConfirm(w, r, by, refused, p)
}

// confirmFirst sends to the page that asks for the second factor again, when that is what a refusal wants; the page then
// leads back to where one was.
func confirmFirst(w http.ResponseWriter, r *http.Request, err error, back string) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Message.Key != identity.ConfirmFirst {
		return err
	}
	http.Redirect(w, r, "/pro/compte/confirmer"+returning(back), http.StatusSeeOther)
	return nil
}

// linkPage is the view of a one-time link: opening it changes nothing, its one button does.
type linkPage struct {
	ui.Page
	Action string
}

func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request) error {
	v := linkPage{Page: h.Kit.Page(r, "Entrer avec votre lien"), Action: identity.LinkPath + r.PathValue("jeton")}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, http.StatusOK, "identity_link", v)
}

func (h *Handlers) useLink(w http.ResponseWriter, r *http.Request) error {
	t, err := h.Identity.LoginByLink(r.Context(), identity.Token(r.PathValue("jeton")), h.browserOf(r))
	if err != nil {
		return err
	}
	h.enter(w, r, identity.LoggedIn{Session: t}, "/pro")
	return nil
}

// browserOf is what a log-in knows of where it comes from.
func (h *Handlers) browserOf(r *http.Request) identity.Browser {
	return identity.Browser{Address: httpx.Client(r).String(), Device: device(r.UserAgent()), Kiosk: r.PostFormValue("borne") != ""}
}

// device names a browser as its owner knows it: "Firefox, Linux". What is not one of a few is "Navigateur".
func device(agent string) string {
	name := "Navigateur"
	for _, known := range []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, known.mark) {
			name = known.name
			break
		}
	}
	for _, known := range []struct{ mark, name string }{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, known.mark) {
			return name + ", " + known.name
		}
	}
	return name
}

func (h *Handlers) logout(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Gate.Session(r)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	if err == nil {
		if err := h.Identity.Logout(r.Context(), session.Actor); err != nil {
			return err
		}
	}
	gate.ClearSession(w, r)
	gate.ClearLinking(w, r)
	// What the browser keeps of the pages goes too, so that nothing is left on a shared screen; but for what was done without network and
	// not yet sent, where its author says so: the script of the page has taken the names away before.
	clear := `"cache", "storage"`
	if r.PostFormValue("garder") == "oui" {
		clear = `"cache"`
	}
	w.Header().Set("Clear-Site-Data", clear)
	http.Redirect(w, r, "/deconnexion", http.StatusSeeOther)
	return nil
}

// loggedOutPage is the view after logging out. Who came by an identity provider goes on to end its session too.
type loggedOutPage struct {
	ui.Page
	Stay     string // where somebody who is logged in stays: one button logs them out; "" for nobody
	Provider string // "" for none
	Address  string // that ends its session; "" while it does not answer
}

func (h *Handlers) showLoggedOut(w http.ResponseWriter, r *http.Request) error {
	v := loggedOutPage{Page: h.Kit.Page(r, "Vous êtes déconnecté")}
	w.Header().Set("Cache-Control", "no-store")
	if s, err := h.Gate.Session(r); err == nil {
		v.Stay, v.Title, v.Staff = homeOf(s.Actor), "Se déconnecter", s.Actor.Kind == identity.Staff
	} else if err := h.leaveFederated(w, r, &v); err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_logged_out", v)
}

// resetPage asks where to send a link to choose a new password.
type resetPage struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Email  ui.Field
	Sent   bool
}

func (h *Handlers) showAskReset(w http.ResponseWriter, r *http.Request) error {
	p := h.Kit.Page(r, "Mot de passe oublié")
	return h.renderAskReset(w, r, "", r.URL.Query().Get("fait") == "envoye", ui.Refused{Status: http.StatusOK}, p)
}

func (h *Handlers) renderAskReset(w http.ResponseWriter, r *http.Request, email string, sent bool, f ui.Refused, p ui.Page) error {
	v := resetPage{Page: p, Back: p.Back("/connexion"), Errors: f.Summary, Sent: sent}
	v.Email = ui.Field{Name: "email", Label: "Votre adresse e-mail", Type: "email", Value: email, Autocomplete: "username", Error: f.Of("email")}
	return h.Kit.Render(w, r, f.Status, "identity_ask_reset", v)
}

func (h *Handlers) askReset(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if err = h.Identity.AskReset(r.Context(), form("email"), h.browserOf(r)); err == nil {
		return done(w, r, "/connexion/mot-de-passe", "envoye")
	}
	p := h.Kit.Page(r, "Mot de passe oublié")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderAskReset(w, r, form("email"), false, refused, p)
}

// passwordPage is the view of a link that leads to a new password.
type passwordPage struct {
	ui.Page
	Errors   ui.ErrorSummary
	Heading  string
	Text     string
	Action   string
	Names    []ui.Field // of a newcomer
	Password ui.Field
	Passkey  bool // a passkey may do without a password
}

func newPassword(f ui.Refused) ui.Field {
	return ui.Field{
		Name: "password", Label: "Votre mot de passe", Type: "password", Autocomplete: "new-password", Error: f.Of("password"),
		Hint: "Douze signes au moins. Plusieurs mots que vous aimez font un bon mot de passe.",
	}
}

func (h *Handlers) showReset(w http.ResponseWriter, r *http.Request) error {
	if err := h.Identity.ReadReset(r.Context(), identity.Token(r.PathValue("jeton"))); err != nil {
		return err
	}
	return h.renderReset(w, r, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Nouveau mot de passe"))
}

func (h *Handlers) renderReset(w http.ResponseWriter, r *http.Request, f ui.Refused, p ui.Page) error {
	v := passwordPage{
		Page: p, Errors: f.Summary, Heading: "Choisir un nouveau mot de passe", Action: identity.ResetPath + r.PathValue("jeton"), Password: newPassword(f),
		Text: "Il faudra ensuite votre deuxième preuve, comme d'habitude.",
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, f.Status, "identity_password", v)
}

func (h *Handlers) reset(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	step, err := h.Identity.Reset(r.Context(), identity.Token(r.PathValue("jeton")), r.PostForm.Get("password"))
	if err == nil {
		gate.SetStep(w, r, step.Token)
		http.Redirect(w, r, "/connexion/etape", http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Nouveau mot de passe")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderReset(w, r, refused, p)
}
