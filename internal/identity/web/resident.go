package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// residentPage is the view of each question that a resident is asked to log in.
type residentPage struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Action  string
	Field   ui.Field
	Text    string
	Button  string
	Who     ui.Choices
	Names   []ui.Field
	Return  string
	Kiosk   ui.Checkbox
	Offered bool // the kiosk box is shown
}

func (h *Handlers) showAskCode(w http.ResponseWriter, r *http.Request) error {
	return h.renderAskCode(w, r, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Mon compte"))
}

func (h *Handlers) renderAskCode(w http.ResponseWriter, r *http.Request, contact string, f ui.Refused, p ui.Page) error {
	v := residentPage{
		Page: p, Back: p.Back("/connexion"), Errors: f.Summary, Action: "/connexion/habitant", Button: "Recevoir un code", Return: ui.LocalPath(r.FormValue("retour"), ""),
		Text: "Vous recevez un code à six chiffres. Il remplace un mot de passe. Un compte n'est jamais obligatoire.",
		Field: ui.Field{
			Name: "contact", Heading: true, Label: "Votre téléphone ou votre e-mail ?", Hint: "Nous envoyons un code à ce numéro ou à cette adresse.", Value: contact,
			Autocomplete: "tel", Error: f.Of("contact"),
		},
	}
	return h.Kit.Render(w, r, f.Status, "identity_resident", v)
}

func (h *Handlers) askCode(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t, err := h.Identity.AskCode(r.Context(), form("contact"), h.browserOf(r))
	if err == nil {
		gate.SetStep(w, r, t)
		http.Redirect(w, r, "/connexion/habitant/code"+returning(form("retour")), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Mon compte")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderAskCode(w, r, form("contact"), refused, p)
}

func (h *Handlers) showCode(w http.ResponseWriter, r *http.Request) error {
	return h.renderCode(w, r, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Votre code"))
}

func (h *Handlers) renderCode(w http.ResponseWriter, r *http.Request, f ui.Refused, p ui.Page) error {
	v := residentPage{
		Page: p, Back: p.Back("/connexion/habitant"), Errors: f.Summary, Action: "/connexion/habitant/code", Button: "Continuer", Return: ui.LocalPath(r.FormValue("retour"), ""),
		Text: "Le code arrive en une minute. Il sert une fois, pendant dix minutes. Ne le donnez à personne : qui a ce code, ou votre téléphone, entre à votre place.",
		Field: ui.Field{
			Name: "code", Heading: true, Label: "Quel est votre code ?", Hint: "Les six chiffres que vous avez reçus.", Autocomplete: "one-time-code", InputMode: "numeric", Short: true,
			Error: f.Of("code"),
		},
	}
	return h.Kit.Render(w, r, f.Status, "identity_resident", v)
}

func (h *Handlers) proveCode(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	proved, err := h.Identity.ProveCode(r.Context(), gate.Step(r), form("code"))
	if err != nil {
		p := h.Kit.Page(r, "Votre code")
		refused, ok := refuseLogin(&p, err)
		if !ok {
			return err
		}
		return h.renderCode(w, r, refused, p)
	}
	gate.SetStep(w, r, proved.Token)
	if len(proved.Who) == 1 {
		in, err := h.Identity.LoginAs(r.Context(), proved.Token, proved.Who[0].Account, h.browserOf(r))
		if err != nil {
			return err
		}
		h.enter(w, r, in, ui.LocalPath(form("retour"), "/compte"))
		return nil
	}
	return h.renderWho(w, r, proved.Who, identity.NewResident{}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Qui êtes-vous ?"))
}

// renderWho asks which of those who share a contact one is, or for the names of somebody who has no account yet.
func (h *Handlers) renderWho(w http.ResponseWriter, r *http.Request, who []identity.Who, in identity.NewResident, f ui.Refused, p ui.Page) error {
	v := residentPage{Page: p, Errors: f.Summary, Action: "/connexion/habitant/qui", Button: "Entrer", Return: ui.LocalPath(r.FormValue("retour"), "")}
	if len(who) > 0 {
		v.Who = ui.Choices{Name: "compte", Legend: "Qui êtes-vous ?", Heading: true}
		for _, one := range who {
			v.Who.Options = append(v.Who.Options, ui.Option{Value: string(one.Account), Label: one.Short})
		}
		return h.Kit.Render(w, r, f.Status, "identity_resident", v)
	}
	given, family := nameFields(in.GivenName, in.FamilyName, f)
	v.Names, v.Button = []ui.Field{given, family}, "Ouvrir mon compte"
	v.Text = "Vous n'avez pas encore de compte ici. Dites-nous votre nom, et il est ouvert."
	return h.Kit.Render(w, r, f.Status, "identity_resident", v)
}

func (h *Handlers) chooseWho(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	var in identity.LoggedIn
	if form("compte") != "" {
		in, err = h.Identity.LoginAs(r.Context(), gate.Step(r), identity.AccountID(form("compte")), h.browserOf(r))
	} else {
		in, err = h.Identity.LoginNew(r.Context(), gate.Step(r), form("given_name"), form("family_name"), h.browserOf(r))
	}
	if err == nil {
		h.enter(w, r, in, ui.LocalPath(form("retour"), "/compte"))
		return nil
	}
	p := h.Kit.Page(r, "Qui êtes-vous ?")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderWho(w, r, nil, identity.NewResident{GivenName: form("given_name"), FamilyName: form("family_name")}, refused, p)
}

func (h *Handlers) showCard(w http.ResponseWriter, r *http.Request) error {
	return h.renderCard(w, r, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Entrer avec votre carte"))
}

func (h *Handlers) renderCard(w http.ResponseWriter, r *http.Request, f ui.Refused, p ui.Page) error {
	v := residentPage{
		Page: p, Errors: f.Summary, Action: identity.CardPath + r.PathValue("jeton"), Button: "Entrer", Offered: true,
		Field: ui.Field{
			Name: "pin", Heading: true, Label: "Votre code secret ?", Hint: "Les six chiffres écrits à part de votre carte.", Type: "password", InputMode: "numeric", Short: true,
			Autocomplete: "off", Error: f.Of("pin"),
		},
		Kiosk: ui.Checkbox{Name: "borne", Label: "Cet appareil n'est pas à moi", Hint: "Tout s'efface après cinq minutes sans rien faire.", Checked: true},
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, f.Status, "identity_resident", v)
}

func (h *Handlers) useCard(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	in, err := h.Identity.LoginCard(r.Context(), identity.Token(r.PathValue("jeton")), form("pin"), h.browserOf(r))
	if err == nil {
		h.enter(w, r, in, "/compte")
		return nil
	}
	p := h.Kit.Page(r, "Entrer avec votre carte")
	refused, ok := refuseLogin(&p, err)
	if !ok {
		return err
	}
	return h.renderCard(w, r, refused, p)
}

// OwnSection is what another module keeps for a person, on /compte.
type OwnSection struct {
	Title string
	Empty string // said where there is nothing
	Items []OwnItem
	Add   ui.Link // where one gets more
}

// OwnItem is one thing of a section, with the form that takes it away.
type OwnItem struct {
	Text, Href            string
	Action, Value, Button string // POST to Action; Value is sent as id, "retirer" as action
}

// ownPage is the view of /compte: what a resident's own account holds.
type ownPage struct {
	ui.Page
	Said     ui.Message
	Name     string
	Contact  string
	Card     string // what is known of the card
	Sessions []ownSession
	Others   bool
	Kiosk    bool
	Sections []OwnSection
}

func (h *Handlers) showOwn(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if by.Kind == identity.Staff {
		http.Redirect(w, r, "/pro/compte", http.StatusSeeOther)
		return nil
	}
	a, err := h.Identity.Account(r.Context(), by, by.Account)
	if err != nil {
		return err
	}
	v := ownPage{Page: h.Kit.Page(r, "Mon compte"), Said: said(r), Name: a.Name(), Contact: a.Email, Kiosk: by.Kiosk}
	if v.Contact == "" {
		v.Contact = ui.Phone(a.Phone)
	}
	state, _, err := h.Identity.CardState(r.Context(), by, by.Account)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.Card = cardWords[state]
	if v.Sessions, v.Others, err = h.devices(r, v.Page, by); err != nil {
		return err
	}
	if h.OwnSections != nil {
		if v.Sections, err = h.OwnSections(r, by); err != nil {
			return err
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_own", v)
}

// cardWords say what is known of a printed card.
var cardWords = map[string]string{"active": "Vous avez une carte imprimée.", "blocked": "Votre carte est bloquée."}

func (h *Handlers) changeOwn(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	key := ""
	switch form("action") {
	case "bloquer":
		key, err = "carte", h.Identity.BlockCard(r.Context(), by, by.Account)
	case "autres":
		key = "sessions"
		_, err = h.Identity.CloseOtherSessions(r.Context(), by, by.Account)
	case "effacer":
		if err := h.Identity.EraseMine(r.Context(), by); err != nil {
			return err
		}
		gate.ClearSession(w, r)
		return done(w, r, "/connexion", "efface")
	default:
		err = h.Identity.CloseSession(r.Context(), by, by.Account, identity.SessionID(form("session")))
		key = "session"
	}
	if err != nil {
		return err
	}
	return done(w, r, "/compte", key)
}

// askErase asks before an account goes for good.
func (h *Handlers) askErase(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	p := h.Kit.Page(r, "Effacer mon compte")
	return h.Kit.Render(w, r, http.StatusOK, "identity_erase", leavePage{Page: p, Back: p.Back("/compte")})
}
