package web

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// homePage is the view of /pro: who I am here, and where my work is.
type homePage struct {
	ui.Page
	Said         ui.Message
	Name         string
	Role         string
	Organisation string
	Scope        string
	Day          template.HTML // what by does today, of another module
	Ways         ui.Tiles
}

func (h *Handlers) showHome(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	session, err := h.Gate.Session(r)
	if err != nil {
		return err
	}
	v := homePage{
		Page: h.Kit.Page(r, "Ma journée"), Said: said(r), Name: by.Name, Role: roleWords[by.Role], Organisation: session.OrganisationName, Scope: by.Scope.Name,
	}
	if h.Day != nil {
		if v.Day, err = h.Day(r, by); err != nil {
			return err
		}
	}
	ways := []AdminTile{
		{identity.PlaceRead, ui.Tile{Icon: "map", Text: "Les lieux", Href: "/lieux", Hint: "Trouver où envoyer une personne."}},
		{identity.AccountSelf, ui.Tile{Icon: "help", Text: "Ma structure", Href: "/pro/structure", Hint: "La fiche, l'équipe, les invitations."}},
		{identity.AccountSelf, ui.Tile{Icon: "lock", Text: "Mon compte", Href: "/pro/compte", Hint: "Mon nom, mes appareils, ma connexion."}},
		{identity.ResidentAdd, ui.Tile{Icon: "access", Text: "Compte d'un habitant", Href: "/pro/habitants", Hint: "Ouvrir un compte, imprimer une carte."}},
		{identity.AuditSearch, ui.Tile{Icon: "document", Text: "Administration", Href: "/pro/admin", Hint: "Comptes, structures, textes, journal."}},
	}
	last := len(ways) - 1
	for _, way := range slices.Concat(ways[:last], h.HomeTiles, ways[last:]) {
		if identity.Reaches(by, way.Action) != identity.None {
			v.Ways.Items = append(v.Ways.Items, way.Tile)
		}
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_home", v)
}

// selfPage is the view of /pro/compte.
type selfPage struct {
	ui.Page
	Said     ui.Message
	Errors   ui.ErrorSummary
	Given    ui.Field
	Family   ui.Field
	Email    string
	Roles    []ownRole
	Sessions []ownSession
	Others   bool // there are other devices
}

// ownRole is one of my memberships.
type ownRole struct {
	ID, Organisation, Role string
	Current                bool
}

// ownSession is one of my devices.
type ownSession struct {
	ID, Device, Since, Seen string
	Current                 bool
}

func (h *Handlers) showSelf(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	v := selfPage{Page: h.Kit.Page(r, "Mon compte"), Said: said(r)}
	return h.renderSelf(w, r, by, v, http.StatusOK)
}

func (h *Handlers) renderSelf(w http.ResponseWriter, r *http.Request, by identity.Actor, v selfPage, status int) error {
	a, err := h.Identity.Account(r.Context(), by, by.Account)
	if err != nil {
		return err
	}
	v.Email = a.Email
	if v.Given.Name == "" {
		v.Given, v.Family = nameFields(a.GivenName, a.FamilyName, ui.Refused{})
	}
	members, err := h.Identity.Memberships(r.Context(), by, by.Account)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.State != identity.MemberActive {
			continue
		}
		o, _, err := h.Identity.Organisation(r.Context(), m.Organisation)
		if err != nil {
			return err
		}
		v.Roles = append(v.Roles, ownRole{ID: string(m.ID), Organisation: o.Name, Role: roleWords[m.Role], Current: m.ID == by.Membership})
	}
	if v.Sessions, v.Others, err = h.devices(r, v.Page, by); err != nil {
		return err
	}
	return h.Kit.Render(w, r, status, "identity_self", v)
}

// devices are where one is logged in; others says that there are more than this one.
func (h *Handlers) devices(r *http.Request, p ui.Page, by identity.Actor) (list []ownSession, others bool, err error) {
	sessions, err := h.Identity.Sessions(r.Context(), by, by.Account)
	for _, s := range sessions {
		one := ownSession{ID: string(s.ID), Device: s.Device, Since: when(p, s.CreatedAt), Seen: when(p, s.SeenAt), Current: s.ID == by.Session}
		list = append(list, one)
		others = others || !one.Current
	}
	return list, others, err
}

// when says an instant as people do: "mardi 3 juin à 9 h 30".
func when(p ui.Page, t time.Time) string {
	t = t.In(p.Now().Location())
	return p.Day(t) + " à " + p.Hour(t.Hour(), t.Minute())
}

func nameFields(given, family string, f ui.Refused) (g, n ui.Field) {
	return ui.Field{Name: "given_name", Label: "Prénom", Value: given, Autocomplete: "given-name", Error: f.Of("given_name")},
		ui.Field{Name: "family_name", Label: "Nom", Value: family, Autocomplete: "family-name", Error: f.Of("family_name")}
}

func (h *Handlers) renameSelf(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	given, family := form("given_name"), form("family_name")
	err = h.Identity.RenameAccount(r.Context(), by, given, family)
	if err == nil {
		return done(w, r, "/pro/compte", "nom")
	}
	v := selfPage{Page: h.Kit.Page(r, "Mon compte")}
	refused, ok := v.Refuse(err)
	if !ok {
		return err
	}
	v.Errors = refused.Summary
	v.Given, v.Family = nameFields(given, family, refused)
	return h.renderSelf(w, r, by, v, refused.Status)
}

// formOf reads a form, and returns its values without the spaces around them.
func formOf(r *http.Request) (func(name string) string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "identity.form_unreadable")
	}
	return func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }, nil
}

func (h *Handlers) switchOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t, err := h.Identity.Switch(r.Context(), by, identity.MembershipID(form("role")))
	if err != nil {
		return err
	}
	gate.SetSession(w, r, t)
	return done(w, r, "/pro", "structure")
}

func (h *Handlers) closeSession(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if form("session") == "autres" {
		if _, err := h.Identity.CloseOtherSessions(r.Context(), by, by.Account); err != nil {
			return err
		}
		return done(w, r, "/pro/compte", "sessions")
	}
	if err := h.Identity.CloseSession(r.Context(), by, by.Account, identity.SessionID(form("session"))); err != nil {
		return err
	}
	return done(w, r, "/pro/compte", "session")
}

// leavePage asks before somebody leaves for good.
type leavePage struct {
	ui.Page
	Back ui.Back
}

func (h *Handlers) askLeave(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	p := h.Kit.Page(r, "Quitter toutes vos structures")
	return h.Kit.Render(w, r, http.StatusOK, "identity_leave", leavePage{Page: p, Back: p.Back("/pro/compte")})
}

func (h *Handlers) leave(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := h.Identity.Leave(r.Context(), by); err != nil {
		return err
	}
	gate.ClearSession(w, r)
	http.Redirect(w, r, "/deconnexion", http.StatusSeeOther)
	return nil
}
