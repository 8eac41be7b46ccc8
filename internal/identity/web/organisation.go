package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// organisationPage is the view of an organisation for those who work with it.
type organisationPage struct {
	ui.Page
	Said   ui.Message
	Name   string
	State  ui.Tag // no text while it is active
	Moved  string // name of what was merged into this one, when an old address led here
	Sheet  ui.Summary
	Text   []string
	Public string // address of its public page; "" for none
	Past   []string
	Team   ui.Table
	Invite string // addresses of what one may do; "" for what one may not
	Edit   string
	Merge  string
	Pager  ui.Pager
}

func (h *Handlers) showOwnOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderOrganisation(w, r, by, by.Organisation)
}

func (h *Handlers) showOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderOrganisation(w, r, by, identity.OrganisationID(r.PathValue("id")))
}

func (h *Handlers) renderOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor, id identity.OrganisationID) error {
	o, moved, err := h.Identity.Organisation(r.Context(), id)
	if err != nil {
		return err
	}
	if moved {
		http.Redirect(w, r, "/pro/structures/"+string(o.ID), http.StatusMovedPermanently)
		return nil
	}
	v := organisationPage{Page: h.Kit.Page(r, o.Name), Said: said(r), Name: o.Name, Text: lines(o.Presentation)}
	if o.State == identity.OrgClosed {
		v.State = ui.Tag{Text: "Fermée", Kind: ui.Warning}
	}
	if err := h.sheet(&v, r, o); err != nil {
		return err
	}
	past, err := h.Identity.PastNames(r.Context(), o.ID)
	if err != nil {
		return err
	}
	for _, p := range past {
		v.Past = append(v.Past, p.Name+", jusqu'au "+v.DateLong(p.Until.In(v.Now().Location())))
	}
	object := identity.Object{Kind: identity.ObjectOrganisation, Organisation: o.ID, Commune: o.CommuneCode}
	if o.State == identity.OrgActive && identity.Can(by, identity.OrganisationSet, object) {
		v.Edit = "/pro/structures/" + string(o.ID) + "/modifier"
	}
	if o.State == identity.OrgActive && identity.Can(by, identity.OrganisationEnd, object) {
		v.Merge = "/pro/admin/structures/" + string(o.ID) + "/reunir"
	}
	if o.State == identity.OrgActive && identity.Can(by, identity.Invite, identity.Object{Kind: identity.ObjectInvitation, Organisation: o.ID, Commune: o.CommuneCode}) {
		v.Invite = "/pro/structures/" + string(o.ID) + "/invitations"
	}
	if err := h.team(&v, r, by, o); err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_organisation", v)
}

// sheet says what is known of an organisation; what nobody said is left out.
func (h *Handlers) sheet(v *organisationPage, r *http.Request, o identity.Organisation) error {
	add := func(term, value string) {
		if value != "" {
			v.Sheet.Rows = append(v.Sheet.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	add("Genre", kindWords[o.Kind])
	number := o.SIRET
	if o.Site != "" {
		number += ", site : " + o.Site
	}
	add("SIRET", number)
	if o.Parent != "" {
		parent, _, err := h.Identity.Organisation(r.Context(), o.Parent)
		if err != nil {
			return err
		}
		add("Dépend de", parent.Name)
	}
	add("Adresse", strings.TrimSpace(strings.Join([]string{o.Address, o.Postcode, h.commune(o.CommuneCode)}, " ")))
	add("Téléphone", ui.Phone(o.Phone))
	add("E-mail", o.Email)
	add("Site", o.Website)
	if o.Listed {
		v.Public = actorPath(o)
	}
	return nil
}

func (h *Handlers) commune(code string) string {
	if h.Commune == nil || code == "" {
		return ""
	}
	return h.Commune(code)
}

func lines(text string) []string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// teamSize is how many rows a page of a table has; mostListed is how many are read, to be sorted: a territory has some
// hundreds of people and organisations, and the page says when there are more.
const (
	teamSize   = 25
	mostListed = 2000
)

func (h *Handlers) team(v *organisationPage, r *http.Request, by identity.Actor, o identity.Organisation) error {
	if identity.Reaches(by, identity.AccountRead) == identity.None {
		return nil
	}
	f := identity.MemberFilter{Organisation: o.ID, Limit: mostListed}
	members, err := h.Identity.Members(r.Context(), by, f)
	if err != nil {
		return err
	}
	v.Team = memberTable(v.Page, "L'équipe", members, false)
	v.Team.Empty = "Vous ne voyez personne ici."
	for i, m := range members {
		object := identity.Object{Kind: identity.ObjectMembership, Organisation: m.Organisation, Owner: m.Account}
		if m.Account != by.Account && identity.Can(by, identity.MembershipEdit, object) {
			v.Team.Rows[i][0].Href = "/pro/membres/" + string(m.ID)
		}
	}
	v.Team.Sort(v.Page, r.URL.Query(), "nom", "role", "visite")
	v.Pager = v.Team.Paged(v.Page, r.URL.Query(), teamSize)
	return nil
}

// memberTable lists people.
func memberTable(p ui.Page, caption string, members []identity.Member, organisation bool) ui.Table {
	t := ui.Table{Caption: caption, Columns: []string{"Nom", "Rôle", "Dernière visite"}}
	if organisation {
		t.Columns = []string{"Nom", "Structure", "Rôle", "Dernière visite"}
	}
	for _, m := range members {
		seen := "jamais"
		if !m.Person.SeenAt.IsZero() {
			seen = p.Day(m.Person.SeenAt.In(p.Now().Location()))
		}
		row := []ui.Cell{{Text: m.Person.Name(), Tag: stateTag(m)}}
		if organisation {
			row = append(row, ui.Cell{Text: m.OrganisationName})
		}
		t.Rows = append(t.Rows, append(row, ui.Cell{Text: roleWords[m.Role]}, ui.Cell{Text: seen, By: m.Person.SeenAt.UTC().Format(time.RFC3339)}))
	}
	return t
}

func stateTag(m identity.Member) ui.Tag {
	switch {
	case m.Person.State == identity.AccountDisabled:
		return ui.Tag{Text: "Compte désactivé", Kind: ui.Failure}
	case m.State == identity.MemberSuspended:
		return ui.Tag{Text: "Suspendu", Kind: ui.Warning}
	case m.State == identity.MemberEnded:
		return ui.Tag{Text: "Parti"}
	}
	return ui.Tag{}
}

// profileForm is the view of the sheet of an organisation, to be written.
type profileForm struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Heading string
	Action  string
	Version string
	Kind    ui.Choices
	Fields  []ui.Field
	Parent  ui.Choices
	Listed  ui.Checkbox
	Doubt   ui.Message // the control digit of the SIRET does not fall right
}

// profileText is what a form of an organisation sends.
func profileText(form func(string) string) identity.Profile {
	return identity.Profile{
		Kind: identity.OrganisationKind(form("kind")), Name: form("name"), SIRET: form("siret"), Site: form("site"), Parent: identity.OrganisationID(form("parent")),
		CommuneCode: form("commune_code"), Postcode: form("postcode"), Address: form("address"), Phone: form("phone"), Email: form("email"),
		Website: form("website"), Presentation: form("presentation"), Listed: form("listed") != "",
	}
}

func (h *Handlers) profileForm(r *http.Request, p ui.Page, profile identity.Profile, own identity.OrganisationID, f ui.Refused) (profileForm, error) {
	v := profileForm{Page: p, Errors: f.Summary}
	v.Kind = ui.Choices{Name: "kind", Legend: "Genre", Error: f.Of("kind")}
	for _, k := range identity.OrganisationKinds() {
		v.Kind.Options = append(v.Kind.Options, ui.Option{Value: string(k), Label: kindWords[k], Checked: k == profile.Kind})
	}
	optional := p.Optional()
	v.Fields = []ui.Field{
		{Name: "name", Label: "Nom", Value: profile.Name, Autocomplete: "off"},
		{Name: "siret", Label: "SIRET", Hint: "Quatorze chiffres.", Value: profile.SIRET, InputMode: "numeric", Optional: optional},
		{Name: "site", Label: "Site", Hint: "S'il y a plusieurs sites sous ce numéro, celui-ci.", Value: profile.Site, Optional: optional},
		{Name: "commune_code", Label: "Code INSEE de la commune", Hint: "Exemple : 17299.", Value: profile.CommuneCode, Short: true, Optional: optional},
		{Name: "postcode", Label: "Code postal", Value: profile.Postcode, Short: true, Autocomplete: "postal-code", Optional: optional},
		{Name: "address", Label: "Adresse", Value: profile.Address, Autocomplete: "off", Optional: optional},
		{Name: "phone", Label: "Téléphone", Type: "tel", Value: ui.Phone(profile.Phone), Autocomplete: "off", Optional: optional},
		{Name: "email", Label: "E-mail", Type: "email", Value: profile.Email, Autocomplete: "off", Optional: optional},
		{Name: "website", Label: "Site internet", Value: profile.Website, Optional: optional},
		{Name: "presentation", Label: "Présentation", Hint: "En quelques phrases, pour les habitants.", Rows: 6, Value: profile.Presentation, Optional: optional},
	}
	for i := range v.Fields {
		v.Fields[i].Error = f.Of(v.Fields[i].Name)
	}
	v.Listed = ui.Checkbox{Name: "listed", Label: "Montrer cette structure aux habitants, parmi les acteurs", Checked: profile.Listed}
	if profile.DoubtfulSIRET() {
		v.Doubt = ui.Message{Kind: ui.Warning, Text: "Le chiffre de contrôle de ce SIRET ne tombe pas juste. Vérifiez le numéro."}
	}
	return v, h.parents(r, &v, profile.Parent, own)
}

// parents offers the organisations that this one may depend on.
func (h *Handlers) parents(r *http.Request, v *profileForm, chosen, own identity.OrganisationID) error {
	list, err := h.Identity.Organisations(r.Context(), identity.OrganisationFilter{Limit: 500})
	if err != nil {
		return err
	}
	v.Parent = ui.Choices{Name: "parent", Legend: "Dépend de", Options: []ui.Option{{Label: "Aucune structure", Checked: chosen == ""}}}
	for _, o := range list {
		if o.ID != own {
			v.Parent.Options = append(v.Parent.Options, ui.Option{Value: string(o.ID), Label: o.Name, Checked: o.ID == chosen})
		}
	}
	return nil
}

// editable returns an organisation that by may change.
func (h *Handlers) editable(r *http.Request, by identity.Actor) (identity.Organisation, error) {
	o, _, err := h.Identity.Organisation(r.Context(), identity.OrganisationID(r.PathValue("id")))
	if err != nil {
		return o, err
	}
	return o, identity.Require(by, identity.OrganisationSet, identity.Object{Kind: identity.ObjectOrganisation, Organisation: o.ID, Commune: o.CommuneCode})
}

func (h *Handlers) editOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	o, err := h.editable(r, by)
	if err != nil {
		return err
	}
	return h.renderProfile(w, r, o, o.Profile, o.Version, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Modifier : "+o.Name))
}

func (h *Handlers) renderProfile(w http.ResponseWriter, r *http.Request, o identity.Organisation, said identity.Profile, version int64, f ui.Refused, p ui.Page) error {
	v, err := h.profileForm(r, p, said, o.ID, f)
	if err != nil {
		return err
	}
	v.Heading, v.Action = "Modifier la fiche", "/pro/structures/"+string(o.ID)+"/modifier"
	v.Back, v.Version = p.Back("/pro/structures/"+string(o.ID)), strconv.FormatInt(version, 10)
	return h.Kit.Render(w, r, f.Status, "identity_profile", v)
}

func (h *Handlers) saveOrganisation(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	o, err := h.editable(r, by)
	if err != nil {
		return err
	}
	form, err := formOf(r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(form("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	profile := profileText(form)
	if _, err = h.Identity.EditOrganisation(r.Context(), by, o.ID, version, profile); err == nil {
		return done(w, r, "/pro/structures/"+string(o.ID), "fiche")
	}
	p := h.Kit.Page(r, "Modifier : "+o.Name)
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	if fault.Is(err, fault.Conflict) {
		version = o.Version // what was typed is on the screen, beside the newest version's number: sending again decides
	}
	return h.renderProfile(w, r, o, profile, version, refused, p)
}
