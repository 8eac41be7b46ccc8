package web

import (
	"net/http"
	"net/url"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// roomsPath is the day of the rooms, desks and machines of a structure.
const roomsPath = teamPath + "/salles"

func (h *Handlers) roomRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+roomsPath, identity.AgendaPeople, h.showRooms)
	h.staff(mux, "POST "+roomsPath, identity.AgendaPeople, h.changeRooms)
}

// roomsPage is the view of a day of the rooms.
type roomsPage struct {
	ui.Page
	Back     ui.Back
	Said     ui.Message
	Errors   ui.ErrorSummary
	Day      string // 2026-05-07, which forms carry along
	Title    string
	Before   ui.Link
	After    ui.Link
	Uses     []roomUse
	Resource ui.Choices
	From, To ui.Field
	Name     ui.Field
	Phone    ui.Field
	May      bool // add a resource
	NewName  ui.Field
	NewKind  ui.Choices
	Parent   ui.Choices
	Release  ui.Field
}

// roomUse is a booking of the day.
type roomUse struct {
	ID, Hours, What, Who string
	State                ui.Tag
	Open                 bool // somebody may still come
}

func (h *Handlers) showRooms(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderRooms(w, r, by, h.Kit.Page(r, "Salles, postes et machines"), r.URL.Query(), ui.Refused{Status: http.StatusOK})
}

// roomDay is the day that a page is about: today where none is said.
func roomDay(p ui.Page, text string) recur.Date {
	if day, ok := readDay(text); ok && text != "" {
		return day
	}
	return openinghours.DateOf(p.Now())
}

func (h *Handlers) renderRooms(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, typed url.Values, f ui.Refused) error {
	get := trimmed(typed)
	zone := p.Now().Location()
	day := roomDay(p, get("jour"))
	v := roomsPage{Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary, Day: day.String(), Title: openinghours.SpokenDate(day)}
	v.Before = ui.Link{Text: "La veille", Href: roomsPath + "?jour=" + day.AddDays(-1).String()}
	v.After = ui.Link{Text: "Le lendemain", Href: roomsPath + "?jour=" + day.AddDays(1).String()}
	resources, err := h.Agenda.Resources(r.Context(), by)
	if err != nil {
		return err
	}
	uses, err := h.Agenda.Uses(r.Context(), by, day.In(zone), day.AddDays(1).In(zone))
	if err != nil {
		return err
	}
	for _, u := range uses {
		v.Uses = append(v.Uses, useLine(p, u, zone))
	}
	v.Resource = ui.Choices{Name: "ressource", Legend: "Quoi ?", Error: f.Of("ressource")}
	v.Parent = ui.Choices{Name: "parent", Legend: "Dans quelle salle ?", Error: f.Of("parent"), Options: []ui.Option{{Label: "Aucune"}}}
	for _, one := range resources {
		v.Resource.Options = append(v.Resource.Options, ui.Option{Value: string(one.ID), Label: one.Name + ", " + one.Kind.French(), Checked: get("ressource") == string(one.ID)})
		if one.Kind == agenda.Room {
			v.Parent.Options = append(v.Parent.Options, ui.Option{Value: string(one.ID), Label: one.Name, Checked: get("parent") == string(one.ID)})
		}
	}
	v.From = ui.Field{Name: "debut", Label: "De", Hint: "Par exemple 9 h 30.", Short: true, Value: get("debut"), Error: f.Of("debut")}
	v.To = ui.Field{Name: "fin", Label: "À", Short: true, Value: get("fin"), Error: f.Of("fin")}
	v.Name = ui.Field{Name: "nom", Label: "Nom et prénom", Value: get("nom"), Autocomplete: "off", Error: f.Of("nom")}
	v.Phone = ui.Field{Name: "telephone", Label: "Téléphone", Type: "tel", InputMode: "tel", Value: get("telephone"), Autocomplete: "off", Optional: p.Optional(), Error: f.Of("telephone")}
	v.May = identity.Reaches(by, identity.AgendaEdit) != identity.None
	v.NewName = ui.Field{Name: "name", Label: "Nom", Hint: "Par exemple : Salle bleue, Poste 4.", Value: get("name"), Autocomplete: "off", Error: f.Of("name")}
	v.NewKind = ui.Choices{Name: "kind", Legend: "Qu'est-ce que c'est ?", Error: f.Of("kind")}
	for _, k := range []agenda.ResourceKind{agenda.Room, agenda.Desk, agenda.Device, agenda.Laptop} {
		v.NewKind.Options = append(v.NewKind.Options, ui.Option{Value: string(k), Label: k.French(), Checked: get("kind") == string(k)})
	}
	v.Release = ui.Field{Name: "release", Label: "Libérer si personne n'est venu, après combien de minutes ?", Hint: "Vide : jamais.", Short: true, InputMode: "numeric", Value: get("release"), Optional: p.Optional(), Error: f.Of("release")}
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_rooms", v)
}

// useLine is a booking as the day shows it.
func useLine(p ui.Page, u agenda.TeamUse, zone *time.Location) roomUse {
	kind := map[agenda.UseState]string{agenda.UseBooked: ui.Info, agenda.UseCheckedIn: ui.Success, agenda.UseCancelled: ui.Failure, agenda.UseReleased: ui.Warning}[u.State]
	return roomUse{
		ID: string(u.ID), Hours: "de " + clock(p, u.Start, zone) + " à " + clock(p, u.End, zone), What: u.Resource.Name, Who: person.Short(u.Person.Name),
		State: ui.Tag{Text: u.State.French(), Kind: kind}, Open: u.State == agenda.UseBooked,
	}
}

// roomInputs say which input a refusal of the agenda stands for.
var roomInputs = []string{"from", "debut", "phone", "telephone", "resource", "ressource"}

func (h *Handlers) changeRooms(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Salles, postes et machines")
	day, inputs := roomDay(p, get("jour")), roomInputs
	switch get("action") {
	case "ajouter":
		_, err = h.Agenda.AddResource(r.Context(), by, agenda.Resource{
			Name: get("name"), Kind: agenda.ResourceKind(get("kind")), Parent: agenda.ResourceID(get("parent")), Release: time.Duration(typedNumber(get("release"))) * time.Minute,
		})
	case "reserver":
		inputs = append([]string{"name", "nom"}, inputs...)
		err = h.bookRoom(r, by, day, p.Now().Location(), get)
	case "arrive":
		err = h.Agenda.CheckIn(r.Context(), by, agenda.UseID(get("reservation")))
	case "annuler":
		err = h.Agenda.CancelUse(r.Context(), by, agenda.UseID(get("reservation")))
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err == nil {
		http.Redirect(w, r, roomsPath+"?jour="+day.String()+"&fait=note", http.StatusSeeOther)
		return nil
	}
	refused, ok := p.Refuse(err, inputs...)
	if !ok {
		return err
	}
	return h.renderRooms(w, r, by, p, r.PostForm, refused)
}

// bookRoom takes a resource for somebody, on the clocks of the page.
func (h *Handlers) bookRoom(r *http.Request, by identity.Actor, day recur.Date, zone *time.Location, get func(string) string) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	from, ok := readClock(get("debut"))
	if !ok {
		f.With("debut", "agenda.minute_range")
	}
	to, ok := readClock(get("fin"))
	if !ok {
		f.With("fin", "agenda.minute_range")
	}
	if get("ressource") == "" {
		f.With("ressource", "agenda.resource_unknown")
	}
	who := person.New{Name: get("nom"), Phone: get("telephone")}
	if _, err := who.Check(); err != nil {
		if g, is := fault.As(err); is {
			for field, m := range g.Fields {
				f.With(map[string]string{"name": "nom", "phone": "telephone"}[field], m.Key, m.Args...)
			}
		}
	}
	if len(f.Fields) > 0 {
		return f
	}
	_, err := h.Agenda.BookResource(r.Context(), by, agenda.ResourceID(get("ressource")), recur.At(day, from, zone), recur.At(day, to, zone), who)
	if g, is := fault.As(err); is && g.Kind == fault.Conflict {
		return fault.New(fault.Conflict, g.Message.Key).With("ressource", g.Message.Key)
	}
	return err
}
