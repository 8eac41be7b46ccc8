package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// The pages of the team: its coming days, one date with who comes, booking for somebody, the activities behind the dates. They
// read the database, never the residents' index, but for the search of a free seat anywhere.

// teamPath is the coming days; the other pages of the team stand below it.
const teamPath = "/pro/agenda"

// teamRoutes mounts the pages of the team.
func (h *Handlers) teamRoutes(mux ui.Mux) {
	h.staff(mux, "GET "+teamPath, identity.AgendaPropose, h.listDates)
	for pattern, f := range map[string]gate.Handler{
		"GET /dates/{numero}": h.showDay, "POST /dates/{numero}": h.actOnDay, "GET /dates/{numero}/appels": h.showCalls,
		"GET /dates/{numero}/annuler": h.askCancelDate, "POST /dates/{numero}/annuler": h.cancelDate,
		"GET /dates/{numero}/modifier": h.showChangeDate, "POST /dates/{numero}/modifier": h.changeDate,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		h.anyOf(mux, method+" "+teamPath+path, f, identity.AgendaPeople, identity.AgendaEdit)
	}
	h.bookRoutes(mux)
	h.closeRoutes(mux)
	h.seriesRoutes(mux)
	h.calendarRoutes(mux)
	h.absenceRoutes(mux)
	h.volunteerRoutes(mux)
}

// anyOf mounts a page for those whose role may do one of some actions: an officer changes dates and reads no name, a volunteer reads
// names and changes no date. What each may do there is asked again of the object.
func (h *Handlers) anyOf(mux ui.Mux, pattern string, f gate.Handler, actions ...identity.Action) {
	h.staff(mux, pattern, identity.AccountSelf, func(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
		for _, action := range actions {
			if identity.Reaches(by, action) != identity.None {
				return f(w, r, by)
			}
		}
		return fault.New(fault.Forbidden, "identity.forbidden")
	})
}

// may reports whether by may do something to a date.
func may(by identity.Actor, action identity.Action, d agenda.TeamDate) bool {
	o := d.Series.Object()
	o.Owner, o.Commune = "", d.Where.Commune // who proposed it is not its team
	return identity.Can(by, action, o)
}

// dateNumber reads the number of an address; what is none is an unknown date.
func dateNumber(r *http.Request) (agenda.Number, error) {
	n, err := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	if err != nil || n < 1 {
		return 0, identity.NotFound()
	}
	return agenda.Number(n), nil
}

// datePath is the team's page of a date.
func datePath(n agenda.Number) string { return teamPath + "/dates/" + strconv.FormatInt(int64(n), 10) }

// maxTeamBody bounds what the team sends, in bytes.
const maxTeamBody = 64 << 10

// answers reads what was filled in, without spaces around.
func answers(w http.ResponseWriter, r *http.Request) (func(string) string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxTeamBody)
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "agenda.invalid")
	}
	return trimmed(r.PostForm), nil
}

func trimmed(v url.Values) func(string) string {
	return func(name string) string { return strings.TrimSpace(v.Get(name)) }
}

// done is where a POST leads once it is done, with the key of what to say there, and where on the page.
func done(w http.ResponseWriter, r *http.Request, path, key, anchor string) error {
	to := withQuery(path, "fait="+key)
	if anchor != "" {
		to += "#" + anchor
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// addFields adds what another refusal says of fields of which nothing was said yet.
func addFields(f *fault.Error, err error) {
	g, ok := fault.As(err)
	if !ok {
		return
	}
	for field, m := range g.Fields {
		if f.Fields[field].Key == "" {
			f.With(field, m.Key, m.Args...)
		}
	}
}

// withQuery adds to what an address asks.
func withQuery(path, more string) string {
	if strings.Contains(path, "?") {
		return path + "&" + more
	}
	return path + "?" + more
}

// doneWords are what pages say after a redirect; no other key is said.
var doneWords = map[string]string{
	"propose_commune": "Le créneau est proposé. La commune est prévenue.", "tournee": "La tournée est enregistrée.",
	"absence_notee": "L'absence est notée.", "absence_retiree": "L'absence est retirée.",
	"perdu":   "C'est noté. L'appareil oubliera la journée dès qu'il retrouvera le réseau.",
	"journee": "La journée est saisie.",
	"note":    "C'est noté.", "annule": "L'inscription est annulée.", "accepte": "La place est prise.",
	"etat": "C'est noté.", "retard": "Le retard est noté. Les personnes attendues sont prévenues.", "date_annulee": "La date est annulée. Les personnes sont prévenues.",
	"deplace": "La date est déplacée. Les personnes sont prévenues.", "change": "C'est enregistré. Les habitants le voient dans un instant.",
	"ajoute": "L'activité est enregistrée. Ses dates sont dans l'agenda.", "propose": "Votre événement est proposé. Vous verrez la réponse ici.",
	"publie": "C'est publié. Les habitants le voient dans un instant.", "refuse": "C'est refusé. Votre raison est gardée pour la personne qui a proposé.",
	"fini": "L'activité est arrêtée. Ses dates à venir sont annulées.", "motif": "Le motif est enregistré.", "autorise": "L'autorisation est donnée.",
	"retire": "L'autorisation est retirée.", "adresse": "L'adresse a changé. L'ancienne ne marche plus.", "bouge": "L'inscription a changé de date.",
	"seance": "C'est noté.",
}

func saidDone(r *http.Request) ui.Message {
	text, ok := doneWords[r.URL.Query().Get("fait")]
	if !ok {
		return ui.Message{}
	}
	return ui.Message{Kind: ui.Success, Text: text}
}

// personal keeps a page with people's names out of every cache.
func personal(w http.ResponseWriter) { w.Header().Set("Cache-Control", "no-store") }

// refusedAt is the sentence of a refusal that stands on a page with several small forms, as its message.
func refusedAt(p *ui.Page, err error) (ui.Refused, bool) {
	f, ok := fault.As(err)
	if ok && len(f.Fields) > 0 { // the page says it once, on top
		for _, field := range f.Fields {
			err = &fault.Error{Kind: f.Kind, Message: field}
			break
		}
	}
	return p.Refuse(err)
}
