package web

import (
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// adminPage is the view of /pro/admin.
type adminPage struct {
	ui.Page
	Ways ui.Tiles
}

func (h *Handlers) showAdmin(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	v := adminPage{Page: h.Kit.Page(r, "Administration")}
	v.Ways.Items = []ui.Tile{
		{Icon: "lock", Text: "Les comptes", Href: "/pro/admin/comptes", Hint: "Qui travaille où, avec quels droits."},
		{Icon: "help", Text: "Les structures", Href: "/pro/admin/structures", Hint: "Ajouter, corriger, réunir."},
	}
	if identity.Reaches(by, identity.ReproofConfirm) != identity.None {
		v.Ways.Items = append(v.Ways.Items, ui.Tile{
			Icon: "question", Text: "Comptes à retrouver", Href: "/pro/admin/retours", Hint: "Quelqu'un a tout perdu : confirmer que c'est bien la personne.",
		})
	}
	for _, t := range h.AdminTiles {
		if identity.Reaches(by, t.Action) != identity.None {
			v.Ways.Items = append(v.Ways.Items, t.Tile)
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_admin", v)
}

// accountList is the view of /pro/admin/comptes.
type accountList struct {
	ui.Page
	Filters ui.Filters
	People  ui.Table
	Pager   ui.Pager
	Most    bool // there are more than can be listed
}

func (h *Handlers) listAccounts(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	f := identity.MemberFilter{
		Name: q.Get("nom"), Role: identity.Role(q.Get("role")), Ended: q.Get("partis") != "", Limit: mostListed,
	}
	members, err := h.Identity.Members(r.Context(), by, f)
	if err != nil {
		return err
	}
	v := accountList{Page: h.Kit.Page(r, "Les comptes")}
	roles := ui.Choices{Name: "role", Legend: "Rôle", Options: []ui.Option{{Label: "Tous les rôles", Checked: f.Role == ""}}}
	for _, role := range identity.Roles() {
		roles.Options = append(roles.Options, ui.Option{Value: string(role), Label: roleWords[role], Checked: role == f.Role})
	}
	v.Filters = ui.Filters{
		Action: "/pro/admin/comptes", Label: "Chercher une personne", Button: "Chercher",
		Fields:  []ui.Field{{Name: "nom", Label: "Nom", Value: f.Name, Type: "search"}},
		Selects: []ui.Choices{roles},
		Boxes:   []ui.Choices{{Name: "partis", Legend: "Aussi", Inline: true, Options: []ui.Option{{Value: "oui", Label: "Les personnes parties", Checked: f.Ended}}}},
	}
	v.People = memberTable(v.Page, "Les personnes", members, true)
	v.People.Empty = "Personne ne correspond. Essayez un autre nom, ou tous les rôles."
	for i, m := range members {
		v.People.Rows[i][0].Href = "/pro/admin/comptes/" + string(m.Account)
	}
	v.People.Sort(v.Page, q, "nom", "structure", "role", "visite")
	v.Pager, v.Most = v.People.Paged(v.Page, q, teamSize), len(members) == mostListed
	return h.Kit.Render(w, r, http.StatusOK, "identity_accounts", v)
}

// accountPage is the view of one person, for those who may see them.
type accountPage struct {
	ui.Page
	Back     ui.Back
	Said     ui.Message
	Name     string
	Email    string
	State    ui.Tag
	Roles    ui.Table
	Action   string // "desactiver", "activer"; "" for what one may not
	Sessions int
	Slowed   bool   // too many failures: the person waits
	Lost     bool   // one may say that they lost every factor
	Here     string // where its forms are sent
}

func (h *Handlers) showAccount(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	id := identity.AccountID(r.PathValue("id"))
	a, err := h.Identity.Account(r.Context(), by, id)
	if err != nil {
		return err
	}
	members, err := h.Identity.Memberships(r.Context(), by, id)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, a.Name())
	v := accountPage{Page: p, Back: p.Back("/pro/admin/comptes"), Said: said(r), Name: a.Name(), Email: a.Email, State: accountTag(a.State), Here: "/pro/admin/comptes/" + string(id)}
	v.Roles = ui.Table{Caption: "Ses rôles", Columns: []string{"Structure", "Rôle", "Depuis", "Jusqu'à"}, Empty: "Aucun rôle."}
	for _, m := range members {
		o, _, err := h.Identity.Organisation(r.Context(), m.Organisation)
		if err != nil {
			return err
		}
		end := ""
		if !m.Ended.IsZero() {
			end = v.DateLong(m.Ended.In(v.Now().Location()))
		}
		cell := ui.Cell{Text: o.Name, Tag: stateTag(identity.Member{Membership: m})}
		if m.State != identity.MemberEnded && id != by.Account && identity.Can(by, identity.MembershipEdit, identity.Object{Kind: identity.ObjectMembership, Organisation: m.Organisation, Owner: id}) {
			cell.Href = "/pro/membres/" + string(m.ID)
		}
		v.Roles.Rows = append(v.Roles.Rows, []ui.Cell{cell, {Text: roleWords[m.Role]}, {Text: v.DateLong(m.Since.In(v.Now().Location()))}, {Text: end}})
	}
	if id != by.Account && a.State == identity.AccountActive && identity.Reaches(by, identity.AccountUnlock) != identity.None {
		slowed, err := h.Identity.Slowed(r.Context(), by, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		v.Slowed, v.Lost = slowed, err == nil
	}
	if id != by.Account && identity.Reaches(by, identity.AccountDisable) == identity.All {
		sessions, err := h.Identity.Sessions(r.Context(), by, id)
		if err != nil {
			return err
		}
		v.Sessions = len(sessions)
		v.Action = map[identity.AccountState]string{identity.AccountActive: "desactiver", identity.AccountDisabled: "activer"}[a.State]
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_account", v)
}

func accountTag(s identity.AccountState) ui.Tag {
	switch s {
	case identity.AccountDisabled:
		return ui.Tag{Text: "Désactivé", Kind: ui.Failure}
	case identity.AccountLeft:
		return ui.Tag{Text: "Parti"}
	case identity.AccountErased:
		return ui.Tag{Text: "Effacé"}
	}
	return ui.Tag{Text: "Actif", Kind: ui.Success}
}

func (h *Handlers) changeAccount(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	id := identity.AccountID(r.PathValue("id"))
	key := ""
	switch form("action") {
	case "desactiver":
		key, err = "desactive", h.Identity.DisableAccount(r.Context(), by, id)
	case "activer":
		key, err = "active", h.Identity.EnableAccount(r.Context(), by, id)
	case "deconnecter":
		key = "deconnexions"
		_, err = h.Identity.CloseOtherSessions(r.Context(), by, id)
	case "debloquer":
		key, err = "debloque", h.Identity.Unlock(r.Context(), by, id)
	case "retrouver":
		key = "retour"
		_, err = h.Identity.AskReproof(r.Context(), by, id)
	default:
		err = fault.New(fault.Invalid, "identity.form_unreadable")
	}
	if err != nil {
		return err
	}
	return done(w, r, "/pro/admin/comptes/"+string(id), key)
}

// memberForm is the view of what somebody is in an organisation, to be changed.
type memberForm struct {
	ui.Page
	Back         ui.Back
	Errors       ui.ErrorSummary
	Name         string
	Organisation string
	Action       string
	Role, Scope  ui.Choices
	Suspended    bool
}

func (h *Handlers) editMember(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	m, err := h.Identity.Member(r.Context(), by, identity.MembershipID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return h.renderMember(w, r, by, m, identity.Change{Role: m.Role, Scope: m.Scope}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Les droits de "+m.Person.Name()))
}

func (h *Handlers) renderMember(w http.ResponseWriter, r *http.Request, by identity.Actor, m identity.Member, to identity.Change, f ui.Refused, p ui.Page) error {
	v := memberForm{
		Page: p, Errors: f.Summary, Name: m.Person.Name(), Organisation: m.OrganisationName, Action: "/pro/membres/" + string(m.ID),
		Back: p.Back("/pro/structures/" + string(m.Organisation)), Suspended: m.State == identity.MemberSuspended,
	}
	var err error
	v.Role = roleChoices(by, to.Role, f)
	if v.Scope, err = h.scopeChoices(r, to.Scope, f); err != nil {
		return err
	}
	return h.Kit.Render(w, r, f.Status, "identity_member", v)
}

// roleChoices offers the roles that by may give.
func roleChoices(by identity.Actor, chosen identity.Role, f ui.Refused) ui.Choices {
	c := ui.Choices{Name: "role", Legend: "Rôle", Error: f.Of("role")}
	for _, role := range identity.Grantable(by) {
		c.Options = append(c.Options, ui.Option{Value: string(role), Label: roleWords[role], Checked: role == chosen})
	}
	return c
}

func (h *Handlers) scopeChoices(r *http.Request, chosen identity.ScopeID, f ui.Refused) (ui.Choices, error) {
	c := ui.Choices{Name: "scope", Legend: "Territoire", Hint: "Pour un chargé de mission ou un élu : là où ses droits valent.", Error: f.Of("scope")}
	scopes, err := h.Identity.Scopes(r.Context())
	if err != nil {
		return c, err
	}
	c.Options = append(c.Options, ui.Option{Label: "Aucun", Checked: chosen == ""})
	for _, s := range scopes {
		c.Options = append(c.Options, ui.Option{Value: string(s.ID), Label: s.Name, Checked: s.ID == chosen})
	}
	return c, nil
}

func (h *Handlers) saveMember(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	m, err := h.Identity.Member(r.Context(), by, identity.MembershipID(r.PathValue("id")))
	if err != nil {
		return err
	}
	form, err := formOf(r)
	if err != nil {
		return err
	}
	to := identity.Change{Role: identity.Role(form("role")), Scope: identity.ScopeID(form("scope")), State: identity.MemberActive}
	key := "role"
	switch form("action") {
	case "suspendre":
		to = identity.Change{Role: m.Role, Scope: m.Scope, State: identity.MemberSuspended}
		key = "suspendu"
	case "partir":
		to = identity.Change{Role: m.Role, Scope: m.Scope, State: identity.MemberEnded}
		key = "depart"
	}
	err = h.Identity.ChangeMembership(r.Context(), by, m.ID, to)
	if err == nil {
		return done(w, r, "/pro/structures/"+string(m.Organisation), key)
	}
	p := h.Kit.Page(r, "Les droits de "+m.Person.Name())
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderMember(w, r, by, m, to, refused, p)
}

// organisationList is the view of /pro/admin/structures.
type organisationList struct {
	ui.Page
	Filters ui.Filters
	List    ui.Table
	Add     bool
	Pager   ui.Pager
	Most    bool // there are more than can be listed
}

func (h *Handlers) listOrganisations(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	f := identity.OrganisationFilter{Name: q.Get("nom"), Kind: identity.OrganisationKind(q.Get("genre")), Limit: mostListed}
	list, err := h.Identity.Organisations(r.Context(), f)
	if err != nil {
		return err
	}
	v := organisationList{Page: h.Kit.Page(r, "Les structures"), Add: identity.Reaches(by, identity.OrganisationAdd) != identity.None}
	kinds := ui.Choices{Name: "genre", Legend: "Genre", Options: []ui.Option{{Label: "Tous les genres", Checked: f.Kind == ""}}}
	for _, k := range identity.OrganisationKinds() {
		kinds.Options = append(kinds.Options, ui.Option{Value: string(k), Label: kindWords[k], Checked: k == f.Kind})
	}
	v.Filters = ui.Filters{
		Action: "/pro/admin/structures", Label: "Chercher une structure", Button: "Chercher",
		Fields: []ui.Field{{Name: "nom", Label: "Nom", Value: f.Name, Type: "search"}}, Selects: []ui.Choices{kinds},
	}
	v.List = ui.Table{Caption: "Les structures", Columns: []string{"Nom", "Genre", "Commune", "SIRET"}, Empty: "Aucune structure ne correspond."}
	for _, o := range list {
		v.List.Rows = append(v.List.Rows, []ui.Cell{
			{Text: o.Name, Href: "/pro/structures/" + string(o.ID)}, {Text: kindWords[o.Kind]}, {Text: h.commune(o.CommuneCode)}, {Text: o.SIRET},
		})
	}
	v.List.Sort(v.Page, q, "nom", "genre", "commune", "siret")
	v.Pager, v.Most = v.List.Paged(v.Page, q, teamSize), len(list) == mostListed
	return h.Kit.Render(w, r, http.StatusOK, "identity_organisations", v)
}

func (h *Handlers) newOrganisation(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	return h.renderNew(w, r, identity.Profile{}, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Ajouter une structure"))
}

func (h *Handlers) renderNew(w http.ResponseWriter, r *http.Request, said identity.Profile, f ui.Refused, p ui.Page) error {
	v, err := h.profileForm(r, p, said, "", f)
	if err != nil {
		return err
	}
	v.Heading, v.Action, v.Back = "Ajouter une structure", "/pro/admin/structures/ajouter", p.Back("/pro/admin/structures")
	return h.Kit.Render(w, r, f.Status, "identity_profile", v)
}

func (h *Handlers) addOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	profile := profileText(form)
	o, err := h.Identity.AddOrganisation(r.Context(), by, profile)
	if err == nil {
		return done(w, r, "/pro/structures/"+string(o.ID), "ajoute")
	}
	p := h.Kit.Page(r, "Ajouter une structure")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderNew(w, r, profile, refused, p)
}

// mergeForm asks which organisation goes on where two are the same.
type mergeForm struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Name   string
	Action string
	Into   ui.Choices
}

func (h *Handlers) askMerge(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderMerge(w, r, by, "", ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Réunir deux structures"))
}

func (h *Handlers) renderMerge(w http.ResponseWriter, r *http.Request, _ identity.Actor, chosen identity.OrganisationID, f ui.Refused, p ui.Page) error {
	o, _, err := h.Identity.Organisation(r.Context(), identity.OrganisationID(r.PathValue("id")))
	if err != nil {
		return err
	}
	list, err := h.Identity.Organisations(r.Context(), identity.OrganisationFilter{Limit: 500})
	if err != nil {
		return err
	}
	v := mergeForm{Page: p, Errors: f.Summary, Name: o.Name, Back: p.Back("/pro/structures/" + string(o.ID)), Action: "/pro/admin/structures/" + string(o.ID) + "/reunir"}
	v.Into = ui.Choices{Name: "into", Legend: "La structure qui reste", Error: f.Of("into")}
	for _, other := range list {
		if other.ID != o.ID {
			v.Into.Options = append(v.Into.Options, ui.Option{Value: string(other.ID), Label: other.Name, Checked: other.ID == chosen})
		}
	}
	return h.Kit.Render(w, r, f.Status, "identity_merge", v)
}

func (h *Handlers) merge(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	into := identity.OrganisationID(form("into"))
	err = h.Identity.MergeOrganisations(r.Context(), by, identity.OrganisationID(r.PathValue("id")), into)
	if err == nil {
		return done(w, r, "/pro/structures/"+string(into), "reunies")
	}
	p := h.Kit.Page(r, "Réunir deux structures")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderMerge(w, r, by, into, refused, p)
}
