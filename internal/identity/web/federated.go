package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// linkingPath is where somebody whom an identity provider named, and whom no account is tied to, chooses what next.
const linkingPath = "/connexion/identite"

// provider returns an identity provider that the instance is registered with; fault.NotFound for another.
func (h *Handlers) provider(kind oidc.Kind) (*oidc.Provider, error) {
	for _, p := range h.Providers {
		if p.Kind() == kind {
			return p, nil
		}
	}
	return nil, identity.NotFound()
}

// waysIn are the links of the log-in page, to the providers of the team and of residents.
func (h *Handlers) waysIn(back string) (team, residents []ui.Link) {
	for _, p := range h.Providers {
		link := ui.Link{Text: "Entrer avec " + p.Kind().Name(), Href: p.Kind().StartPath() + returning(back)}
		if p.Kind() == oidc.ProConnect {
			team = append(team, link)
		} else {
			residents = append(residents, link)
		}
	}
	return team, residents
}

// startFederated sends the browser to a provider. What the answer must fit stays on the server, for this browser.
func (h *Handlers) startFederated(kind oidc.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := h.provider(kind)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		address, pending, err := p.Begin(ui.LocalPath(r.URL.Query().Get("retour"), ""))
		if err != nil {
			return err
		}
		raw, err := json.Marshal(pending)
		if err != nil {
			return err
		}
		t, err := h.Identity.BeginAway(r.Context(), string(raw))
		if err != nil {
			return err
		}
		gate.SetStep(w, r, t)
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	}
}

// finishFederated takes the provider's answer: the person is in, or owes our second factor, or is unknown here.
func (h *Handlers) finishFederated(kind oidc.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := h.provider(kind)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		asked, err := h.Identity.TakeAway(r.Context(), gate.Step(r))
		if err != nil {
			return err
		}
		gate.ClearStep(w, r)
		var pending oidc.Pending
		if err := json.Unmarshal([]byte(asked), &pending); err != nil {
			return err
		}
		who, err := p.Finish(r.Context(), pending, r.URL.Query())
		if err != nil {
			return err
		}
		return h.goOn(w, r, who, pending.Return)
	}
}

// goOn leads on whom a provider named.
func (h *Handlers) goOn(w http.ResponseWriter, r *http.Request, who oidc.Identity, back string) error {
	claims := identity.Claims{GivenName: who.GivenName, FamilyName: who.FamilyName, Email: who.Email, SIRET: who.SIRET, AMR: who.AMR}
	in, err := h.Identity.LoginFederated(r.Context(), identity.Provider(who.Kind), who.Subject, who.IDP, claims, h.browserOf(r))
	if err != nil {
		return err
	}
	gate.SetProof(w, r, string(who.Kind), who.IDToken)
	home := "/pro"
	if who.Kind == oidc.FranceConnect {
		home = "/compte"
	}
	switch {
	case in.LoggedIn.Session != "":
		h.enter(w, r, in.LoggedIn, ui.LocalPath(back, home))
	case in.Step.Token != "":
		gate.SetStep(w, r, in.Step.Token)
		http.Redirect(w, r, "/connexion/etape"+returning(back), http.StatusSeeOther)
	default:
		gate.SetLinking(w, r, in.Linking)
		http.Redirect(w, r, linkingPath+returning(back), http.StatusSeeOther)
	}
	return nil
}

// linkingView is the view of an identity that waits to be tied.
type linkingView struct {
	ui.Page
	Provider, Name string
	Action         string
	Invitation     string // path of an invitation that it may accept
	LoggedIn       string // name of the account that it may be tied to
	Join           bool   // an account may be opened
	Login          string // where to log in and come back
}

func (h *Handlers) showLinking(w http.ResponseWriter, r *http.Request) error {
	waits, err := h.Identity.ReadLinking(r.Context(), gate.Linking(r))
	if err != nil {
		return err
	}
	name := oidc.Kind(waits.Provider).Name()
	v := linkingView{Page: h.Kit.Page(r, "Vous et "+name), Provider: name, Name: waits.Name, Action: linkingPath, Login: "/connexion" + returning(linkingPath)}
	resident := waits.Provider == identity.FranceConnect
	if resident {
		v.Login, v.Join = "/connexion/habitant"+returning(linkingPath), true
	}
	if back := ui.LocalPath(r.URL.Query().Get("retour"), ""); strings.HasPrefix(back, identity.InvitationPath) && !resident && waits.Factored {
		v.Invitation = back
	}
	if s, err := h.Gate.Session(r); err == nil && (s.Actor.Kind == identity.Resident) == resident {
		v.LoggedIn = s.Actor.Name
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, http.StatusOK, "identity_linking", v)
}

// tieIdentity does what somebody chose: tie the identity to the account that is logged in, open an account, or accept an
// invitation.
func (h *Handlers) tieIdentity(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t := gate.Linking(r)
	var in identity.LoggedIn
	to := "/pro"
	switch form("action") {
	case "relier":
		return h.tieMine(w, r, t)
	case "ouvrir":
		to = "/compte"
		in, err = h.Identity.JoinFederated(r.Context(), t, h.browserOf(r))
	case "rejoindre":
		invitation := identity.Token(strings.TrimPrefix(form("retour"), identity.InvitationPath))
		in, err = h.Identity.AcceptFederated(r.Context(), t, invitation, h.browserOf(r))
	default:
		err = fault.New(fault.Invalid, "identity.form_unreadable")
	}
	if err != nil {
		return err
	}
	gate.ClearLinking(w, r)
	h.enter(w, r, in, to)
	return nil
}

// tieMine ties the identity to the account that is logged in.
func (h *Handlers) tieMine(w http.ResponseWriter, r *http.Request, t identity.Token) error {
	session, err := h.Gate.Session(r)
	if err != nil {
		return err
	}
	if err := h.Identity.LinkFederated(r.Context(), session.Actor, t); err != nil {
		return confirmFirst(w, r, err, linkingPath)
	}
	gate.ClearLinking(w, r)
	if session.Actor.Kind == identity.Resident {
		return done(w, r, "/compte", "relie")
	}
	return done(w, r, meansPath, "relie")
}

// leaveFederated ends, after ours, the session that a provider keeps for this browser: the page goes there by itself, and
// has a button. A form may lead to this site alone (Content-Security-Policy), so that the log-out cannot redirect there.
func (h *Handlers) leaveFederated(w http.ResponseWriter, r *http.Request, v *loggedOutPage) error {
	kind, idToken := gate.Proof(r)
	if idToken == "" {
		return nil
	}
	gate.ClearProof(w, r)
	p, err := h.provider(oidc.Kind(kind))
	if err != nil {
		return nil // not registered there any more
	}
	v.Provider = p.Kind().Name()
	address, state, err := p.EndSession(idToken)
	switch {
	case fault.Is(err, fault.Unavailable):
		return nil // the page says so
	case err != nil:
		return err
	case address == "":
		v.Provider = ""
		return nil
	}
	v.Address = address
	gate.SetLeaving(w, r, state)
	w.Header().Set("Refresh", "0; url="+address)
	w.Header().Set("Referrer-Policy", "no-referrer")
	return nil
}

// errOtherReturn answers a return from a log-out that this browser did not begin.
func errOtherReturn() error { return fault.New(fault.Forbidden, "identity.oidc_return") }

// leftFederated is where a browser comes back from the end of a provider's session.
func (h *Handlers) leftFederated(w http.ResponseWriter, r *http.Request) error {
	if !oidc.Returned(gate.Leaving(r), r.URL.Query()) {
		return errOtherReturn()
	}
	gate.SetLeaving(w, r, "")
	http.Redirect(w, r, "/deconnexion", http.StatusSeeOther)
	return nil
}
