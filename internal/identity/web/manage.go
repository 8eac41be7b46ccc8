package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// invitePage is the view of the invitations of an organisation.
type invitePage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Errors  ui.ErrorSummary
	Name    string
	Action  string
	Email   ui.Field
	Role    ui.Choices
	Scope   ui.Choices
	Waiting []waitingInvitation
	Over    ui.Table
}

// waitingInvitation can still be accepted, or taken back.
type waitingInvitation struct{ ID, Email, Role, Until string }

func (h *Handlers) showInvite(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderInvite(w, r, by, identity.NewInvitation{}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Inviter quelqu'un"))
}

func (h *Handlers) renderInvite(w http.ResponseWriter, r *http.Request, by identity.Actor, in identity.NewInvitation, f ui.Refused, p ui.Page) error {
	o, _, err := h.Identity.Organisation(r.Context(), identity.OrganisationID(r.PathValue("id")))
	if err != nil {
		return err
	}
	list, err := h.Identity.Invitations(r.Context(), by, o.ID)
	if err != nil {
		return err
	}
	v := invitePage{
		Page: p, Back: p.Back("/pro/structures/" + string(o.ID)), Said: said(r), Errors: f.Summary, Name: o.Name, Action: "/pro/structures/" + string(o.ID) + "/invitations",
		Email: ui.Field{Name: "email", Label: "Son adresse e-mail", Hint: "Elle reçoit un lien, qui sert une fois, pendant une semaine.", Type: "email", Value: in.Email, Autocomplete: "off", Error: f.Of("email")},
		Role:  roleChoices(by, in.Role, f),
		Over:  ui.Table{Caption: "Les invitations passées", Columns: []string{"Rôle", "Partie le", "Ce qu'elle est devenue"}},
	}
	if v.Scope, err = h.scopeChoices(r, in.Scope, f); err != nil {
		return err
	}
	zone := p.Now().Location()
	for _, i := range list {
		switch {
		case !i.UsedAt.IsZero():
			v.Over.Rows = append(v.Over.Rows, []ui.Cell{{Text: roleWords[i.Role]}, {Text: p.DateLong(i.CreatedAt.In(zone))}, {Text: "Acceptée"}})
		case !i.RevokedAt.IsZero():
			v.Over.Rows = append(v.Over.Rows, []ui.Cell{{Text: roleWords[i.Role]}, {Text: p.DateLong(i.CreatedAt.In(zone))}, {Text: "Reprise"}})
		case !p.Now().Before(i.ExpiresAt):
			v.Over.Rows = append(v.Over.Rows, []ui.Cell{{Text: roleWords[i.Role]}, {Text: p.DateLong(i.CreatedAt.In(zone))}, {Text: "Trop ancienne"}})
		default:
			v.Waiting = append(v.Waiting, waitingInvitation{ID: string(i.ID), Email: i.Email, Role: roleWords[i.Role], Until: p.Day(i.ExpiresAt.In(zone))})
		}
	}
	return h.Kit.Render(w, r, f.Status, "identity_invite", v)
}

func (h *Handlers) invite(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	here := "/pro/structures/" + r.PathValue("id") + "/invitations"
	if id := form("reprendre"); id != "" {
		if err := h.Identity.RevokeInvitation(r.Context(), by, identity.InvitationID(id)); err != nil {
			return err
		}
		return done(w, r, here, "revoquee")
	}
	in := identity.NewInvitation{
		Organisation: identity.OrganisationID(r.PathValue("id")), Role: identity.Role(form("role")), Scope: identity.ScopeID(form("scope")), Email: form("email"),
	}
	if _, _, err = h.Identity.Invite(r.Context(), by, in); err == nil {
		return done(w, r, here, "invite")
	}
	p := h.Kit.Page(r, "Inviter quelqu'un")
	refused, ok := p.Refuse(err)
	if !ok {
		return confirmFirst(w, r, err, here)
	}
	return h.renderInvite(w, r, by, in, refused, p)
}

// residentsPage is the view with which staff open an account for a resident, or find one again by name and contact.
type residentsPage struct {
	ui.Page
	Said    ui.Message
	Errors  ui.ErrorSummary
	Names   []ui.Field
	Contact ui.Field
	Find    []ui.Field
	Asked   bool
	Found   []foundResident
}

// foundResident is somebody whose card can be printed again.
type foundResident struct{ ID, Name string }

func (h *Handlers) showResidents(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Compte d'un habitant")
	return h.renderResidents(w, r, nil, false, identity.NewResident{}, ui.Refused{Status: http.StatusOK}, p)
}

func (h *Handlers) renderResidents(w http.ResponseWriter, r *http.Request, found []identity.Account, asked bool, in identity.NewResident, f ui.Refused, p ui.Page) error {
	v := residentsPage{Page: p, Said: said(r), Errors: f.Summary, Asked: asked}
	given, family := nameFields(in.GivenName, in.FamilyName, f)
	v.Names = []ui.Field{given, family}
	for i := range v.Names {
		v.Names[i].Autocomplete = "off" // another person's
	}
	v.Contact = ui.Field{
		Name: "contact", Label: "Son téléphone ou son e-mail", Hint: "Plusieurs personnes peuvent avoir le même.", Value: in.Contact, Autocomplete: "off", Optional: p.Optional(), Error: f.Of("contact"),
	}
	v.Find = []ui.Field{
		{ID: "qui", Name: "qui", Label: "Son prénom et son nom", Autocomplete: "off", Value: r.PostFormValue("qui")},
		{ID: "joindre-qui", Name: "joindre", Label: "Son téléphone ou son e-mail", Autocomplete: "off", Value: r.PostFormValue("joindre")},
	}
	for _, a := range found {
		v.Found = append(v.Found, foundResident{ID: string(a.ID), Name: a.Name()})
	}
	return h.Kit.Render(w, r, f.Status, "identity_residents", v)
}

// cardPage is the card and its PIN, this once, to be printed and cut.
type cardPage struct {
	ui.Page
	Name string
	QR   ui.QR
	PIN  string
}

func (h *Handlers) addResident(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Compte d'un habitant")
	in := identity.NewResident{GivenName: form("given_name"), FamilyName: form("family_name"), Contact: form("contact")}
	if form("action") == "chercher" {
		found, err := h.Identity.FindResidents(r.Context(), by, form("qui"), form("joindre"))
		if err != nil {
			refused, ok := p.Refuse(err, "contact", "joindre-qui")
			if !ok {
				return err
			}
			return h.renderResidents(w, r, nil, false, identity.NewResident{}, refused, p)
		}
		return h.renderResidents(w, r, found, true, identity.NewResident{}, ui.Refused{Status: http.StatusOK}, p)
	}
	a, card, err := h.Identity.AddResident(r.Context(), by, in)
	if err == nil {
		return h.renderPrinted(w, r, a.Name(), card)
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderResidents(w, r, nil, false, in, refused, p)
}

func (h *Handlers) printCard(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	id := identity.AccountID(form("compte"))
	if form("action") == "bloquer" {
		if err := h.Identity.BlockCard(r.Context(), by, id); err != nil {
			return err
		}
		return done(w, r, "/pro/habitants", "carte")
	}
	card, err := h.Identity.PrintCard(r.Context(), by, id)
	if err != nil {
		return err
	}
	return h.renderPrinted(w, r, form("nom"), card)
}

func (h *Handlers) renderPrinted(w http.ResponseWriter, r *http.Request, name string, card identity.PrintedCard) error {
	v := cardPage{Page: h.Kit.Page(r, "La carte"), Name: name, PIN: card.PIN}
	var err error
	if v.QR, err = ui.NewQR(string(originOf(r))+identity.CardPath+string(card.Token), "Le code de la carte"); err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_printed_card", v)
}

// reproofPage is the view of lost factors that wait for a second person.
type reproofPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Waiting []waitingReproof
}

// waitingReproof is one of them. Mine says that I asked: somebody else must confirm.
type waitingReproof struct {
	ID, Name, AskedBy, At string
	Mine                  bool
}

func (h *Handlers) listReproofs(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	list, err := h.Identity.Reproofs(r.Context(), by)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Comptes à retrouver")
	v := reproofPage{Page: p, Back: p.Back("/pro/admin"), Said: said(r)}
	var ids []identity.AccountID
	for _, one := range list {
		ids = append(ids, one.Account, one.AskedBy)
	}
	names, err := h.Identity.Names(r.Context(), ids...)
	if err != nil {
		return err
	}
	for _, one := range list {
		v.Waiting = append(v.Waiting, waitingReproof{ID: one.ID, Name: names[one.Account], AskedBy: names[one.AskedBy], At: when(p, one.AskedAt), Mine: one.AskedBy == by.Account})
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_reproofs", v)
}

func (h *Handlers) answerReproof(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	key := "confirme"
	switch form("action") {
	case "confirmer":
		err = h.Identity.ConfirmReproof(r.Context(), by, form("id"))
	case "refuser":
		key, err = "refuse", h.Identity.RefuseReproof(r.Context(), by, form("id"))
	default:
		err = fault.New(fault.Invalid, "identity.form_unreadable")
	}
	if err != nil {
		return confirmFirst(w, r, err, "/pro/admin/retours")
	}
	return done(w, r, "/pro/admin/retours", key)
}
