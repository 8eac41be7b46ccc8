package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	h.staff(mux, "GET "+roomPlanPath, identity.AgendaPeople, h.showRoomPlan)
	h.staff(mux, "GET "+roomsPath+"/ajouter", identity.AgendaEdit, h.newRoom)
	h.staff(mux, "POST "+roomsPath+"/ajouter", identity.AgendaEdit, h.addRoom)
	h.staff(mux, "GET "+roomsPath+"/{ressource}", identity.AgendaEdit, h.editRoom)
	h.staff(mux, "POST "+roomsPath+"/{ressource}", identity.AgendaEdit, h.saveRoom)
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
	Asked    []roomUse // what waits for a yes, from today on
	Decides  bool
	Rooms    []roomDayRow
	Free     string // what nobody has booked that day
	What     ui.Choices
	Laptops  ui.Field
	HasLaps  bool
	Crew     ui.Choices
	From, To ui.Field
	Name     ui.Field
	Phone    ui.Field
	Purpose  ui.Field
	May      bool // change resources
	All      []ui.Link
}

// roomDayRow is a resource with its bookings of the day.
type roomDayRow struct {
	Name string
	Uses []roomUse
}

// roomUse is a booking.
type roomUse struct {
	ID, Hours, What, Who, With string
	Phone, PhoneHref           string
	State                      ui.Tag
	Why                        string
	Comes, Open                bool // somebody may still be said to have come; it may be cancelled
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
	day := roomDay(p, get("jour"))
	v := roomsPage{
		Page: p, Back: p.Back(teamPath), Said: saidDone(r), Errors: f.Summary, Day: day.String(), Title: openinghours.SpokenDate(day),
		Before: ui.Link{Text: "La veille", Href: roomsPath + "?jour=" + day.AddDays(-1).String()}, After: ui.Link{Text: "Le lendemain", Href: roomsPath + "?jour=" + day.AddDays(1).String()},
		May: identity.Reaches(by, identity.AgendaEdit) != identity.None,
	}
	v.Wide, v.Decides = true, v.May
	all, err := h.Agenda.AllResources(r.Context(), by)
	if err != nil {
		return err
	}
	resources := slices.DeleteFunc(slices.Clone(all), func(one agenda.Resource) bool { return one.Retired })
	for _, one := range all {
		text := one.Name + ", " + strings.ToLower(one.Kind.French())
		if one.Retired {
			text += ", plus réservé"
		}
		v.All = append(v.All, ui.Link{Text: text, Href: roomsPath + "/" + string(one.ID)})
	}
	if err := h.fillRoomDay(r.Context(), by, &v, resources, day); err != nil {
		return err
	}
	if v.Crew, err = h.crewChoices(r, by, by.Organisation, typed["members"]); err != nil {
		return err
	}
	v.Crew.Legend, v.Crew.Hint, v.Crew.Error, v.Crew.Optional = "Avec qui de l'équipe ?", "", f.Of("members"), p.Optional()
	v.fillBooking(p, resources, typed, f)
	personal(w)
	return h.Kit.Render(w, r, f.Status, "agenda_team_rooms", v)
}

// fillRoomDay lists what is booked on a day, resource by resource, and what waits for a yes.
func (h *Handlers) fillRoomDay(ctx context.Context, by identity.Actor, v *roomsPage, resources []agenda.Resource, day recur.Date) error {
	zone := v.Now().Location()
	uses, err := h.Agenda.Uses(ctx, by, day.In(zone), day.AddDays(1).In(zone))
	if err != nil {
		return err
	}
	asked, err := h.Agenda.AskedUses(ctx, by)
	if err != nil {
		return err
	}
	names, err := h.useCrew(ctx, append(slices.Clone(uses), asked...))
	if err != nil {
		return err
	}
	for _, u := range asked {
		one := useLine(v.Page, u, zone, names)
		one.Hours = dayTitle(v.Page, u.Start.In(zone)) + ", " + one.Hours
		v.Asked = append(v.Asked, one)
	}
	var free []string
	for _, one := range resources {
		row := roomDayRow{Name: one.Name}
		busy := false
		for _, u := range uses {
			if u.Resource.ID == one.ID {
				row.Uses = append(row.Uses, useLine(v.Page, u, zone, names))
				busy = busy || u.State == agenda.UseBooked || u.State == agenda.UseCheckedIn
			}
		}
		if len(row.Uses) > 0 {
			v.Rooms = append(v.Rooms, row)
		}
		if !busy {
			free = append(free, one.Name)
		}
	}
	v.Free = strings.Join(free, ", ")
	return nil
}

// useCrew gives the given names of who of the team is taken with bookings.
func (h *Handlers) useCrew(ctx context.Context, uses []agenda.TeamUse) (map[identity.AccountID]string, error) {
	var accounts []identity.AccountID
	for _, u := range uses {
		accounts = append(accounts, u.Members...)
	}
	slices.Sort(accounts)
	return h.Identity.GivenNames(ctx, slices.Compact(accounts)...)
}

// fillBooking is the form that books, with what was typed.
func (v *roomsPage) fillBooking(p ui.Page, resources []agenda.Resource, typed url.Values, f ui.Refused) {
	get := trimmed(typed)
	v.What = ui.Choices{Name: "ressource", Legend: "Quoi ?", Error: f.Of("ressource"), Inline: true}
	for _, one := range resources {
		if one.Kind == agenda.Laptop {
			v.HasLaps = true
			continue
		}
		o := ui.Option{Value: string(one.ID), Label: one.Name, Checked: slices.Contains(typed["ressource"], string(one.ID))}
		if one.Approval {
			o.Hint = "sur accord"
		}
		v.What.Options = append(v.What.Options, o)
	}
	v.Laptops = ui.Field{Name: "portables", Label: "Combien d'ordinateurs portables ?", Short: true, InputMode: "numeric", Autocomplete: "off", Value: get("portables"), Optional: p.Optional(), Error: f.Of("portables")}
	v.From = ui.Field{Name: "debut", Label: "De", Hint: "Par exemple 9 h 30.", Short: true, Value: get("debut"), Error: f.Of("debut")}
	v.To = ui.Field{Name: "fin", Label: "À", Short: true, Value: get("fin"), Error: f.Of("fin")}
	v.Name = ui.Field{Name: "nom", Label: "Pour qui ? Nom et prénom", Value: get("nom"), Autocomplete: "off", Error: f.Of("nom")}
	v.Phone = ui.Field{Name: "telephone", Label: "Téléphone", Type: "tel", InputMode: "tel", Value: get("telephone"), Autocomplete: "off", Optional: p.Optional(), Error: f.Of("telephone")}
	v.Purpose = ui.Field{
		Name: "objet", Label: "Ou pour l'équipe : pour quoi faire ?", Hint: "Par exemple : atelier du jeudi. Laissez alors le nom vide.", Value: get("objet"), Autocomplete: "off", Optional: p.Optional(), Error: f.Of("objet"),
	}
}

// useKinds are the colours of the states of a booking.
var useKinds = map[agenda.UseState]string{
	agenda.UseAsked: ui.Warning, agenda.UseRefused: ui.Failure, agenda.UseBooked: ui.Info, agenda.UseCheckedIn: ui.Success, agenda.UseCancelled: ui.Failure, agenda.UseReleased: ui.Warning,
}

// useLine is a booking as the day shows it.
func useLine(p ui.Page, u agenda.TeamUse, zone *time.Location, names map[identity.AccountID]string) roomUse {
	one := roomUse{
		ID: string(u.ID), Hours: "de " + clock(p, u.Start, zone) + " à " + clock(p, u.End, zone), What: u.Resource.Name, Who: person.Short(u.Person.Name), Why: u.Refusal,
		State: ui.Tag{Text: u.State.French(), Kind: useKinds[u.State]}, Comes: u.State == agenda.UseBooked || u.State == agenda.UseReleased,
		Open: u.State == agenda.UseBooked || u.State == agenda.UseCheckedIn,
	}
	switch {
	case u.Purpose != "":
		one.Who = u.Purpose
	case u.Person.Silent:
		one.Who = "Réservé"
	case u.Person.Phone != "":
		one.Phone, one.PhoneHref = ui.Phone(u.Person.Phone), ui.PhoneHref(u.Person.Phone)
	}
	if crew := crewText(u.Members, names); crew != "" {
		one.With = "avec " + crew
	}
	return one
}

// roomInputs say which input a refusal of the agenda stands for.
var roomInputs = []string{"from", "debut", "phone", "telephone", "resource", "ressource", "resources", "ressource", "laptops", "portables", "name", "nom", "reason", "raison"}

func (h *Handlers) changeRooms(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Salles, postes et machines")
	day := roomDay(p, get("jour"))
	use := agenda.UseID(get("reservation"))
	switch get("action") {
	case "reserver":
		err = h.bookRooms(r, by, day, p.Now().Location(), get)
	case "arrive":
		err = h.Agenda.CheckIn(r.Context(), by, use)
	case "annuler":
		err = h.Agenda.CancelUse(r.Context(), by, use)
	case "accepter":
		err = h.Agenda.AcceptUse(r.Context(), by, use)
	case "refuser":
		err = h.Agenda.RefuseUse(r.Context(), by, use, get("raison"))
	default:
		err = fault.New(fault.Invalid, "agenda.invalid")
	}
	if err == nil {
		return done(w, r, roomsPath+"?jour="+day.String(), "note", "")
	}
	refused, ok := p.Refuse(err, roomInputs...)
	if !ok {
		return err
	}
	return h.renderRooms(w, r, by, p, r.PostForm, refused)
}

// bookRooms takes what was ticked, together, on the clocks of the page.
func (h *Handlers) bookRooms(r *http.Request, by identity.Actor, day recur.Date, zone *time.Location, get func(string) string) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	from, ok := readClock(get("debut"))
	if !ok {
		f.With("debut", "agenda.minute_range")
	}
	to, ok := readClock(get("fin"))
	if !ok {
		f.With("fin", "agenda.minute_range")
	}
	laptops := typedNumber(get("portables"))
	if laptops < 0 {
		f.With("portables", "agenda.laptops_range")
	}
	in := agenda.NewBundle{
		From: recur.At(day, from, zone), To: recur.At(day, to, zone), Laptops: max(laptops, 0), Who: person.New{Name: get("nom"), Phone: get("telephone")}, Purpose: get("objet"),
	}
	for _, one := range r.PostForm["ressource"] {
		in.Resources = append(in.Resources, agenda.ResourceID(one))
	}
	for _, one := range r.PostForm["members"] {
		in.Members = append(in.Members, identity.AccountID(one))
	}
	if len(in.Resources)+in.Laptops == 0 {
		f.With("ressource", "agenda.resource_unknown")
	}
	if in.Purpose == "" {
		_, err := in.Who.Check()
		addFields(f, err)
	}
	if len(f.Fields) > 0 {
		return f
	}
	_, err := h.Agenda.BookBundle(r.Context(), by, in)
	return err
}

// roomPage is the view that adds or changes a resource.
type roomPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Errors  ui.ErrorSummary
	Title   string
	Action  string
	New     bool
	Name    ui.Field
	Kind    ui.Choices
	Parent  ui.Choices
	Hours   ui.Field
	Numbers []ui.Field
	Yes     ui.Checkbox
	Retired ui.Checkbox
}

func (h *Handlers) newRoom(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderRoom(w, r, by, h.Kit.Page(r, "Ajouter une salle, un poste ou une machine"), agenda.Resource{}, url.Values{}, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) editRoom(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	one, err := h.Agenda.Resource(r.Context(), by, agenda.ResourceID(r.PathValue("ressource")))
	if err != nil {
		return err
	}
	return h.renderRoom(w, r, by, h.Kit.Page(r, one.Name), one, typedRoom(one), ui.Refused{Status: http.StatusOK})
}

// roomNumbers are what a resource asks in numbers: the input, its words, and how many minutes its unit has.
var roomNumbers = []struct {
	name, field, label, hint string
	unit                     time.Duration
	of                       func(*agenda.Resource) *time.Duration
}{
	{"buffer", "buffer", "Temps libre entre deux réservations, en minutes", "", time.Minute, func(r *agenda.Resource) *time.Duration { return &r.Buffer }},
	{"least", "least", "Durée la plus courte, en minutes", "", time.Minute, func(r *agenda.Resource) *time.Duration { return &r.Least }},
	{"most", "most", "Durée la plus longue, en minutes", "", time.Minute, func(r *agenda.Resource) *time.Duration { return &r.Most }},
	{"step", "step", "Par tranches de combien de minutes ?", "30 : on réserve à 9 h, à 9 h 30.", time.Minute, func(r *agenda.Resource) *time.Duration { return &r.Step }},
	{"week", "week", "Heures par semaine pour une personne, au plus", "", time.Hour, func(r *agenda.Resource) *time.Duration { return &r.Week }},
	{"notice", "notice", "Combien d'heures avant, au plus tard ?", "Qui gère les salles n'y est pas tenu.", time.Hour, func(r *agenda.Resource) *time.Duration { return &r.Notice }},
	{"release", "release", "Libérer si personne n'est venu, après combien de minutes ?", "", time.Minute, func(r *agenda.Resource) *time.Duration { return &r.Release }},
}

// typedRoom is what one would have typed for a resource.
func typedRoom(one agenda.Resource) url.Values {
	v := url.Values{"name": {one.Name}, "kind": {string(one.Kind)}, "parent": {string(one.Parent)}, "hours": {roomHoursText(one.Hours)}}
	for _, n := range roomNumbers {
		if d := *n.of(&one); d > 0 {
			v.Set(n.name, strconv.Itoa(int(d/n.unit)))
		}
	}
	if one.Ahead > 0 {
		v.Set("ahead", strconv.Itoa(one.Ahead))
	}
	if one.Approval {
		v.Set("approval", "oui")
	}
	if one.Retired {
		v.Set("retired", "oui")
	}
	return v
}

func (h *Handlers) renderRoom(w http.ResponseWriter, r *http.Request, by identity.Actor, p ui.Page, one agenda.Resource, typed url.Values, f ui.Refused) error {
	get := trimmed(typed)
	v := roomPage{Page: p, Back: p.Back(roomsPath), Said: saidDone(r), Errors: f.Summary, Title: p.Title, New: one.ID == "", Action: roomsPath + "/ajouter"}
	if !v.New {
		v.Action = roomsPath + "/" + string(one.ID)
	}
	v.Name = ui.Field{Name: "name", Label: "Nom", Hint: "Par exemple : Salle bleue, Poste 4.", Value: get("name"), Autocomplete: "off", Error: f.Of("name")}
	v.Kind = ui.Choices{Name: "kind", Legend: "Qu'est-ce que c'est ?", Error: f.Of("kind"), Inline: true}
	for _, k := range []agenda.ResourceKind{agenda.Room, agenda.Desk, agenda.Device, agenda.Laptop} {
		v.Kind.Options = append(v.Kind.Options, ui.Option{Value: string(k), Label: k.French(), Checked: get("kind") == string(k)})
	}
	list, err := h.Agenda.Resources(r.Context(), by)
	if err != nil {
		return err
	}
	v.Parent = ui.Choices{Name: "parent", Legend: "Dans quelle salle ?", Hint: "Réserver la salle prend ce qui s'y trouve, et l'inverse.", Error: f.Of("parent"), Options: []ui.Option{{Label: "Aucune"}}}
	for _, room := range list {
		if room.Kind == agenda.Room {
			v.Parent.Options = append(v.Parent.Options, ui.Option{Value: string(room.ID), Label: room.Name, Checked: get("parent") == string(room.ID)})
		}
	}
	v.Hours = ui.Field{
		Name: "hours", Label: "Quand ? Un jour par ligne", Hint: "Par exemple : lundi à vendredi : 9 h - 12 h, 14 h - 18 h. Pour un jour à part : 07/05/2026 : fermé. Vide : toujours.", Rows: 5, Value: typed.Get("hours"),
		Optional: p.Optional(), Error: f.Of("hours"), Autocomplete: "off",
	}
	for _, n := range roomNumbers {
		v.Numbers = append(v.Numbers, ui.Field{Name: n.name, Label: n.label, Hint: n.hint, Short: true, InputMode: "numeric", Value: get(n.name), Optional: p.Optional(), Error: f.Of(n.field), Autocomplete: "off"})
	}
	v.Numbers = append(v.Numbers, ui.Field{Name: "ahead", Label: "Combien de jours avant, au plus tôt ?", Short: true, InputMode: "numeric", Value: get("ahead"), Optional: p.Optional(), Error: f.Of("ahead"), Autocomplete: "off"})
	v.Yes = ui.Checkbox{Name: "approval", Label: "Quelqu'un de l'équipe dit oui à chaque demande", Checked: get("approval") != ""}
	v.Retired = ui.Checkbox{Name: "retired", Label: "Ne plus réserver : hors service, ou parti", Checked: get("retired") != ""}
	return h.Kit.Render(w, r, f.Status, "agenda_team_room", v)
}

// readRoom puts what was typed into a resource; what cannot be read is told by field.
func readRoom(one agenda.Resource, typed url.Values) (agenda.Resource, *fault.Error) {
	get := trimmed(typed)
	f := fault.New(fault.Invalid, "agenda.invalid")
	one.Name, one.Approval, one.Retired = get("name"), get("approval") != "", get("retired") != ""
	hours, ok := readRoomHours(typed.Get("hours"))
	if !ok {
		f.With("hours", "agenda.resource_hours")
	}
	one.Hours, one.Ahead = hours, typedNumber(get("ahead"))
	for _, n := range roomNumbers {
		*n.of(&one) = time.Duration(typedNumber(get(n.name))) * n.unit
	}
	return one, f
}

func (h *Handlers) addRoom(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	get, err := answers(w, r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Ajouter une salle, un poste ou une machine")
	one, f := readRoom(agenda.Resource{Kind: agenda.ResourceKind(get("kind")), Parent: agenda.ResourceID(get("parent"))}, r.PostForm)
	if err = f; f.Fields == nil {
		_, err = h.Agenda.AddResource(r.Context(), by, one)
	}
	if err == nil {
		return done(w, r, roomsPath, "note", "")
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderRoom(w, r, by, p, agenda.Resource{}, r.PostForm, refused)
}

func (h *Handlers) saveRoom(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if _, err := answers(w, r); err != nil {
		return err
	}
	was, err := h.Agenda.Resource(r.Context(), by, agenda.ResourceID(r.PathValue("ressource")))
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, was.Name)
	one, f := readRoom(was, r.PostForm)
	if err = f; f.Fields == nil {
		_, err = h.Agenda.SaveResource(r.Context(), by, one)
	}
	if err == nil {
		return done(w, r, roomsPath, "note", "")
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	typed := typedRoom(was)
	for name, values := range r.PostForm {
		typed[name] = values
	}
	for _, box := range []string{"approval", "retired"} {
		if !r.PostForm.Has(box) {
			typed.Del(box)
		}
	}
	return h.renderRoom(w, r, by, p, was, typed, refused)
}
