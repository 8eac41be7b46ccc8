package web

import (
	"net/http"
	"net/url"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

const skillsPath = teamPath + "/autorisations"

// skillsPage is the view of who may use which machine: somebody is found by name, then read and authorised.
type skillsPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Search ui.Field
	Nobody bool
	Found  []ui.Link
	Name   string
	Person string
	Action string
	Fields []ui.Field
	Held   []heldSkill
}

// knowing lets a handler be reached by those who may know people, beside what they may do.
func knowing(f gate.Handler) gate.Handler {
	return func(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
		if identity.Reaches(by, identity.PersonRead) == identity.None {
			return fault.New(fault.Forbidden, "identity.forbidden")
		}
		return f(w, r, by)
	}
}

// heldSkill is an authorisation of somebody.
type heldSkill struct {
	ID, Skill, Until string
	Over, Mine       bool
}

// foundMost is how many people a search by name shows.
const foundMost = 12

func (h *Handlers) showSkills(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	p := h.Kit.Page(r, "Les autorisations")
	return h.renderSkills(w, r, by, url.Values{"personne": {r.URL.Query().Get("personne")}}, ui.Refused{Status: http.StatusOK}, p)
}

// renderSkills shows who was found, or one person. A name is never in an address: it is sent.
func (h *Handlers) renderSkills(w http.ResponseWriter, r *http.Request, by identity.Actor, typed url.Values, f ui.Refused, p ui.Page) error {
	m := maker{p, typed, f}
	v := skillsPage{
		Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary, Action: skillsPath, Search: *m.text("nom", "Nom ou téléphone", "La personne est connue dès sa première inscription.").Field,
	}
	if text := m.get("nom"); text != "" {
		found, err := h.Persons.Find(r.Context(), by, text, foundMost)
		if err != nil {
			return err
		}
		v.Nobody = len(found) == 0
		for _, one := range found {
			v.Found = append(v.Found, ui.Link{Text: one.Name, Hidden: ui.Phone(one.Phone), Href: skillsPath + "?" + url.Values{"personne": {string(one.ID)}}.Encode()})
		}
	}
	if id := m.get("personne"); id != "" {
		one, err := h.Persons.Known(r.Context(), by, person.ID(id))
		if err != nil {
			return err
		}
		v.Name, v.Person = one.Name, id
		v.Fields = []ui.Field{
			*m.text("skill", "Quelle machine ?", "Par exemple : Découpe laser.").Field, *m.text("expires", "Jusqu'à quel jour ?", "Par exemple 03/09/2026.", short).Field,
		}
		if err := h.fillHeld(r, by, &v); err != nil {
			return err
		}
	}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_skills", v)
}

func (h *Handlers) fillHeld(r *http.Request, by identity.Actor, v *skillsPage) error {
	list, err := h.Agenda.Authorisations(r.Context(), person.ID(v.Person))
	if err != nil {
		return err
	}
	today := openinghours.DateOf(v.Now()).String()
	for _, a := range list {
		one := heldSkill{ID: a.ID, Skill: a.Skill, Over: !a.Holds(a.Skill, today), Mine: a.Organisation == by.Organisation}
		if until, ok := readDay(a.ExpiresOn); ok {
			one.Until = v.DateLong(until.In(v.Now().Location()))
		}
		v.Held = append(v.Held, one)
	}
	return nil
}

func (h *Handlers) changeSkills(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les autorisations")
	said := "autorise"
	switch get("action") {
	case "retirer":
		err, said = h.Agenda.Revoke(r.Context(), by, get("autorisation")), "retire"
	case "autoriser":
		err = h.authorise(r, by, get)
	default:
		return h.renderSkills(w, r, by, url.Values{"nom": {get("nom")}}, ui.Refused{Status: http.StatusOK}, p)
	}
	if err == nil {
		http.Redirect(w, r, skillsPath+"?"+url.Values{"personne": {get("personne")}, "fait": {said}}.Encode(), http.StatusSeeOther)
		return nil
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderSkills(w, r, by, r.PostForm, refused, p)
}

// authorise lets somebody use a machine: only somebody whom by may know of.
func (h *Handlers) authorise(r *http.Request, by identity.Actor, get func(string) string) error {
	one, err := h.Persons.Known(r.Context(), by, person.ID(get("personne")))
	if err != nil {
		return err
	}
	on, ok := readDay(get("expires"))
	expires := on.String()
	if !ok || get("expires") == "" {
		expires = ""
	}
	_, err = h.Agenda.Authorise(r.Context(), by, one.ID, get("skill"), expires)
	return err
}
