package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// A commune asks for a mediator half a day or a day a week. The team studies the request, proposes a half-day; the commune
// says yes in one button, and the dates exist.

func (h *Handlers) requestRoutes(mux ui.Mux) {
	h.public(mux, "GET "+askPath, h.showAsk)
	h.public(mux, "POST "+askPath, h.ask)
	h.public(mux, "GET "+agenda.RequestPath+"{jeton}", h.showRequest)
	h.public(mux, "POST "+agenda.RequestPath+"{jeton}", h.agree)
	h.staff(mux, "GET "+requestsPath, identity.AgendaRequest, h.listRequests)
	h.staff(mux, "GET "+requestsPath+"/{demande}", identity.AgendaRequest, h.studyRequest)
	h.staff(mux, "POST "+requestsPath+"/{demande}", identity.AgendaRequest, h.decideRequest)
}

const (
	askPath      = "/agenda/demander"
	requestsPath = "/pro/agenda/demandes"
)

// askPage is the view of a request to make.
type askPage struct {
	ui.Page
	Errors  ui.ErrorSummary
	Commune ui.Field
	Which   ui.Choices // which of several communes; no option where one is sure
	Length  ui.Choices
	Every   ui.Choices
	Days    ui.Choices
	Half    ui.Choices
	From    ui.DateFields
	Rooms   ui.Field
	Wifi    ui.Choices
	Step    ui.Choices
	Needs   ui.Field
	Name    ui.Field
	Role    ui.Field
	Email   ui.Field
	Phone   ui.Field
	Check   *ui.Summary // what was answered, to check; nil while asking
	Hidden  []ui.Hidden
}

func (h *Handlers) showAsk(w http.ResponseWriter, r *http.Request) error {
	typed := url.Values{"length": {"half"}, "every": {"1"}, "commune": {clip(r.URL.Query().Get("ou"))}}
	return h.renderAsk(w, r, h.Kit.Page(r, "Demander un médiateur"), typed, ui.Refused{Status: http.StatusOK})
}

// option is one answer of a question, as typed.
func option(typed url.Values, name, value, label string) ui.Option {
	o := ui.Option{Value: value, Label: label}
	for _, v := range typed[name] {
		o.Checked = o.Checked || v == value
	}
	return o
}

func (h *Handlers) renderAsk(w http.ResponseWriter, r *http.Request, p ui.Page, typed url.Values, f ui.Refused) error {
	get := trimmed(typed)
	v := askPage{Page: p, Errors: f.Summary}
	v.Commune = ui.Field{Name: "commune", Label: "Quelle commune ?", Hint: "Son nom ou son code postal.", Value: get("commune"), Error: f.Of("commune")}
	if _, sure, among := h.communeAsked(r, get); !sure && len(among) > 0 {
		v.Which = ui.Choices{Name: "insee", Legend: "Laquelle ?", Error: f.Of("insee")}
		for _, c := range among {
			v.Which.Options = append(v.Which.Options, ui.Option{Value: c.Code, Label: c.Name + " (" + c.Department + ")", Checked: c.Code == get("insee")})
		}
	}
	v.Length = ui.Choices{Name: "length", Legend: "Combien de temps à chaque fois ?", Inline: true, Options: []ui.Option{option(typed, "length", "half", "Une demi-journée"), option(typed, "length", "day", "Une journée")}}
	v.Every = ui.Choices{Name: "every", Legend: "À quel rythme ?", Inline: true, Error: f.Of("every"), Options: []ui.Option{option(typed, "every", "1", "Chaque semaine"), option(typed, "every", "2", "Une semaine sur deux")}}
	v.Days = ui.Choices{Name: "days", Legend: "Quels jours préférez-vous ?", Optional: p.Optional(), Inline: true}
	for d := time.Monday; d <= time.Saturday; d++ {
		v.Days.Options = append(v.Days.Options, option(typed, "days", strconv.Itoa(int(d)), p.Weekday(d)))
	}
	v.Half = ui.Choices{Name: "half", Legend: "Plutôt le matin ou l'après-midi ?", Inline: true, Options: []ui.Option{option(typed, "half", "", "Peu importe"), option(typed, "half", "morning", "Le matin"), option(typed, "half", "afternoon", "L'après-midi")}}
	if get("half") == "" {
		v.Half.Options[0].Checked = true
	}
	v.From = p.DateFields("from", "À partir de quand ?")
	v.From.Day, v.From.Month, v.From.Year, v.From.Error = get("from-jour"), get("from-mois"), get("from-annee"), f.Of("from")
	v.Rooms = ui.Field{Name: "rooms", Label: "Quelle salle prêtez-vous ?", Hint: "Par exemple : salle du conseil, à la mairie, 20 places.", Value: get("rooms"), Error: f.Of("rooms")}
	yesNo := func(name, legend string) ui.Choices {
		return ui.Choices{Name: name, Legend: legend, Inline: true, Options: []ui.Option{option(typed, name, "yes", "Oui"), option(typed, name, "no", "Non"), {Value: "", Label: "Je ne sais pas", Checked: get(name) == ""}}}
	}
	v.Wifi, v.Step = yesNo("wifi", "Y a-t-il du wifi ?"), yesNo("step_free", "Entre-t-on sans marche ?")
	v.Needs = ui.Field{Name: "needs", Label: "De quoi vos habitants ont-ils besoin ?", Rows: 3, Value: get("needs"), Optional: p.Optional(), Error: f.Of("needs")}
	v.Name = ui.Field{Name: "contact", Label: "Qui pouvons-nous appeler ? Son nom", Value: get("contact"), Autocomplete: "name", Error: f.Of("contact")}
	v.Role = ui.Field{Name: "role", Label: "Sa fonction", Hint: "Par exemple : secrétaire de mairie.", Value: get("role"), Optional: p.Optional(), Error: f.Of("role")}
	v.Email = ui.Field{Name: "email", Label: "Adresse e-mail", Type: "email", Value: get("email"), Autocomplete: "email", Error: f.Of("email")}
	v.Phone = ui.Field{Name: "phone", Label: "Téléphone", Type: "tel", InputMode: "tel", Value: get("phone"), Autocomplete: "tel", Optional: p.Optional(), Error: f.Of("phone")}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "agenda_request_ask", v)
}

// communeAsked is the commune that asks: the one that a text names for sure, else the one that was chosen among those it may
// mean. A postcode has several; a request of another one would never be noticed.
func (h *Handlers) communeAsked(r *http.Request, get func(string) string) (code string, sure bool, among []territory.Commune) {
	if c, ok := h.communeNamed(r, get("commune")); ok {
		return c.Code, true, nil
	}
	here := h.Territory.MainCommune(r.Host).Department
	if among = h.Territory.Gazetteer().Find(get("commune"), here).Communes; len(among) == 0 {
		among = h.Territory.Gazetteer().Guess(get("commune"), here)
	}
	for _, c := range among {
		if c.Code == get("insee") {
			code = c.Code
		}
	}
	return code, false, among
}

// refuseAsk reads what is wrong with a request: a commune to be chosen among several is said beside them.
func (h *Handlers) refuseAsk(r *http.Request, p *ui.Page, why error) (ui.Refused, bool) {
	get := trimmed(r.PostForm)
	_, sure, among := h.communeAsked(r, get)
	if f, ok := fault.As(why); ok && !sure && f.Fields["commune"].Key != "" && get("commune") != "" {
		if len(among) > 0 {
			return p.Refuse(why, "commune", "insee")
		}
		f.With("commune", "agenda.commune_unknown")
	}
	return p.Refuse(why)
}

// wish is what was typed, as the agenda reads it.
func (h *Handlers) wish(r *http.Request) agenda.NewRequest {
	typed := r.PostForm
	get := trimmed(typed)
	in := agenda.NewRequest{
		WholeDay: get("length") == "day", EveryWeeks: typedNumber(get("every")), Half: get("half"), Rooms: get("rooms"), Wifi: get("wifi"), StepFree: get("step_free"), Needs: get("needs"),
		ContactName: get("contact"), ContactRole: get("role"), Email: get("email"), Phone: get("phone"),
	}
	in.Commune, _, _ = h.communeAsked(r, get)
	for _, d := range typed["days"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < 7 {
			in.Days = append(in.Days, time.Weekday(n))
		}
	}
	if on, ok := readDay(get("from-jour") + "/" + get("from-mois") + "/" + get("from-annee")); ok {
		in.From = on.String()
	}
	return in
}

func (h *Handlers) ask(w http.ResponseWriter, r *http.Request) error {
	if _, err := answers(w, r); err != nil {
		return err
	}
	in := h.wish(r)
	p := h.Kit.Page(r, "Demander un médiateur")
	if err := h.Agenda.CheckRequest(in); err != nil || r.PostForm.Get("etape") == "modifier" {
		refused := ui.Refused{Status: http.StatusOK}
		if r.PostForm.Get("etape") != "modifier" {
			var ok bool
			if refused, ok = h.refuseAsk(r, &p, err); !ok {
				return err
			}
		}
		return h.renderAsk(w, r, p, r.PostForm, refused)
	}
	if r.PostForm.Get("etape") != "envoyer" {
		return h.renderAskCheck(w, r, p, in)
	}
	if !h.askers.Allow(httpx.Client(r)) {
		return fault.New(fault.TooMany, "agenda.slow_down")
	}
	request, err := h.Agenda.AskFor(r.Context(), in)
	if err != nil {
		return err
	}
	http.Redirect(w, r, agenda.RequestPath+request.Token+"?fait=demande", http.StatusSeeOther)
	return nil
}

// askFields are what travels from the questions to the page to check.
var askFields = []string{"commune", "insee", "length", "every", "days", "half", "from-jour", "from-mois", "from-annee", "rooms", "wifi", "step_free", "needs", "contact", "role", "email", "phone"}

func (h *Handlers) renderAskCheck(w http.ResponseWriter, r *http.Request, p ui.Page, in agenda.NewRequest) error {
	p.Title = "Vérifier avant d'envoyer"
	s := h.requestFacts(p, in)
	v := askPage{Page: p, Check: &s}
	for _, name := range askFields {
		for _, value := range r.PostForm[name] {
			if value != "" {
				v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: value})
			}
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, http.StatusOK, "agenda_request_check", v)
}

// requestFacts say what a commune asks for.
func (h *Handlers) requestFacts(p ui.Page, in agenda.NewRequest) ui.Summary {
	var s ui.Summary
	row := func(term, value string) {
		if value != "" {
			s.Rows = append(s.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	row("Commune", h.communeOf(in.Commune))
	what := "Une demi-journée"
	if in.WholeDay {
		what = "Une journée"
	}
	if in.EveryWeeks == 2 {
		row("Quoi", what+", une semaine sur deux")
	} else {
		row("Quoi", what+", chaque semaine")
	}
	var wished []string
	for _, d := range in.Days {
		wished = append(wished, p.Weekday(d))
	}
	row("Jours", strings.Join(wished, ", "))
	row("Moment", map[string]string{"morning": "Le matin", "afternoon": "L'après-midi"}[in.Half])
	if on, err := agenda.ParseDate(in.From); err == nil && in.From != "" {
		row("À partir du", p.DateLong(on.In(p.Now().Location())))
	}
	row("Salle", in.Rooms)
	answer := map[string]string{"yes": "Oui", "no": "Non"}
	row("Wifi", answer[in.Wifi])
	row("Sans marche", answer[in.StepFree])
	row("Besoins", in.Needs)
	row("Qui appeler", inOneLine(in.ContactName, in.ContactRole))
	if in.Phone != "" {
		row("Téléphone", ui.Phone(in.Phone))
	}
	row("Adresse e-mail", in.Email)
	return s
}

func (h *Handlers) communeOf(code string) string {
	c, _ := h.Territory.Gazetteer().Commune(code)
	return c.Name
}

// requestPage is the view of a request, for its commune.
type requestPage struct {
	ui.Page
	Done   ui.Confirmation
	State  ui.Message
	Facts  ui.Summary
	Offer  *ui.Summary
	Dates  []string
	Action string
	Days   ui.EventDays
}

func (h *Handlers) showRequest(w http.ResponseWriter, r *http.Request) error {
	request, err := h.Agenda.Request(r.Context(), r.PathValue("jeton"))
	if err != nil {
		return err
	}
	v := requestPage{Page: h.Kit.Page(r, "Votre demande"), Action: agenda.RequestPath + r.PathValue("jeton")}
	v.KeepSecret(w)
	if r.URL.Query().Get("fait") == "demande" {
		v.Done = v.Confirmation("Votre demande est envoyée", request.Reference, "Nous l'étudions et nous vous écrivons.")
	}
	v.Facts = h.requestFacts(v.Page, request.NewRequest)
	v.State = requestNote(request)
	if request.State == agenda.Offered && request.Offer != nil {
		s := h.offerFacts(v.Page, request)
		v.Offer, v.Dates = &s, h.offerDates(v.Page, request)
	}
	if request.Series != "" {
		found := h.Agenda.Index().Search(agenda.Query{Series: request.Series, From: v.Now(), Live: true})
		v.Days = days(v.Page, found[:min(len(found), 10)])
	}
	return h.Kit.Render(w, r, http.StatusOK, "agenda_request", v)
}

func requestNote(request agenda.Request) ui.Message {
	switch request.State {
	case agenda.Offered:
		return ui.Message{Title: "Nous vous proposons un créneau", Text: "Dites-nous s'il vous convient."}
	case agenda.Agreed, agenda.Scheduled:
		return ui.Message{Kind: ui.Success, Title: "C'est au calendrier", Text: "Nous venons chez vous. Vous confirmerez chaque date par un bouton."}
	case agenda.Turned:
		return ui.Message{Kind: ui.Warning, Title: "Nous ne pouvons pas répondre à cette demande", Text: request.Refusal}
	case agenda.Asked, agenda.Studied:
	}
	return ui.Message{Title: "Nous étudions votre demande", Text: "Nous vous écrivons dès que nous avons une réponse."}
}

// offerFacts say which half-day is proposed.
func (h *Handlers) offerFacts(p ui.Page, request agenda.Request) ui.Summary {
	o := request.Offer
	at := func(minute int) string { return p.Hour(minute/60%24, minute%60) }
	when := "Tous les " + p.Weekday(o.Weekday) + "s"
	if o.Parity != "" || request.EveryWeeks == 2 {
		when = "Un " + p.Weekday(o.Weekday) + " sur deux"
	}
	return ui.Summary{Rows: []ui.SummaryRow{{Term: "Quand", Value: when + ", de " + at(o.Minute) + " à " + at(o.Minute+o.Length), Big: true}, {Term: "Où", Value: inOneLine(request.Rooms, h.communeOf(request.Commune))}}}
}

// offerDates are the first dates of what is proposed.
func (h *Handlers) offerDates(p ui.Page, request agenda.Request) []string {
	on, err := agenda.ParseDate(request.Offer.Starts)
	if err != nil {
		return nil
	}
	every := request.EveryWeeks
	if request.Offer.Parity != "" {
		every = 2
	}
	pattern := recur.Pattern{
		Rule: recur.EveryWeek(every, on.Weekday()), Starts: on, Minute: request.Offer.Minute, Length: request.Offer.Length, Zone: p.Now().Location(), OnHoliday: recur.HolidaySkip,
	}
	var out []string
	for _, s := range pattern.Next(h.Agenda.Calendar(request.Commune), p.Now(), 5) {
		out = append(out, dayTitle(p, s.Start.In(p.Now().Location())))
	}
	return out
}

func (h *Handlers) agree(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.Agenda.Agree(r.Context(), r.PathValue("jeton")); err != nil {
		return err
	}
	if _, err := h.Agenda.Refresh(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, agenda.RequestPath+r.PathValue("jeton"), http.StatusSeeOther)
	return nil
}
