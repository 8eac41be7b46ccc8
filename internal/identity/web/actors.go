package web

import (
	"net/http"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/ui"
)

// actorsPage is the view of /acteurs: those who help on this territory.
type actorsPage struct {
	ui.Page
	Actors []actorRow
	More   string
}

// actorRow is one organisation in the list.
type actorRow struct {
	Name, Href, Kind, Commune string
}

// actorsSize keeps a page of residents under its number of elements.
const actorsSize = 30

func (h *Handlers) listActors(w http.ResponseWriter, r *http.Request) error {
	f := identity.OrganisationFilter{Listed: true, After: identity.OrganisationID(r.URL.Query().Get("apres")), Limit: actorsSize + 1}
	list, err := h.Identity.Organisations(r.Context(), f)
	if err != nil {
		return err
	}
	v := actorsPage{Page: h.Kit.Page(r, "Ceux qui vous aident")}
	if len(list) > actorsSize {
		list = list[:actorsSize]
		v.More = "/acteurs?apres=" + string(list[actorsSize-1].ID)
	}
	for _, o := range list {
		v.Actors = append(v.Actors, actorRow{Name: o.Name, Href: actorPath(o), Kind: kindWords[o.Kind], Commune: h.commune(o.CommuneCode)})
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_actors", v)
}

// actorPath is the address of an organisation's public page: the id says which, the name is for people.
func actorPath(o identity.Organisation) string {
	return "/acteurs/" + string(o.ID) + "-" + ui.Slug(o.Name)
}

// idLength is how long the id of an organisation is, a UUID in text.
const idLength = 36

// actorPage is the public view of an organisation.
type actorPage struct {
	ui.Page
	Back    ui.Back
	Name    string
	Kind    string
	Text    []string
	Address string
	Phone   string
	Tel     string
	Links   []ui.Link
	Places  []ui.Link // where it receives people
}

func (h *Handlers) showActor(w http.ResponseWriter, r *http.Request) error {
	slug := r.PathValue("slug")
	id := identity.OrganisationID(slug[:min(idLength, len(slug))])
	o, _, err := h.Identity.Organisation(r.Context(), id)
	if err != nil {
		return err
	}
	if !o.Listed || o.State != identity.OrgActive {
		return identity.NotFound()
	}
	if r.URL.Path != actorPath(o) {
		http.Redirect(w, r, actorPath(o), http.StatusMovedPermanently)
		return nil
	}
	p := h.Kit.Page(r, o.Name)
	v := actorPage{
		Page: p, Back: p.Back("/acteurs"), Name: o.Name, Kind: kindWords[o.Kind], Text: lines(o.Presentation), Phone: ui.Phone(o.Phone), Tel: ui.PhoneHref(o.Phone),
		Address: strings.TrimSpace(strings.Join([]string{o.Address, o.Postcode, h.commune(o.CommuneCode)}, " ")),
	}
	if o.Email != "" {
		v.Links = append(v.Links, ui.Link{Text: "Écrire à " + o.Email, Href: "mailto:" + o.Email, Icon: "mail"})
	}
	if o.Website != "" {
		v.Links = append(v.Links, ui.Link{Text: "Son site", Href: o.Website, Icon: "globe"})
	}
	if h.Places != nil {
		v.Places = h.Places(p, o.ID)
	}
	return h.Kit.Render(w, r, http.StatusOK, "identity_actor", v)
}
