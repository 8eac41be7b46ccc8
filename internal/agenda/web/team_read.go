package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// readSeries reads what was typed of an activity. What the form does not ask stays as it was. What cannot be read is in f, by
// field.
func (h *Handlers) readSeries(r *http.Request, typed url.Values, was agenda.Series, f *fault.Error) agenda.NewSeries {
	get := trimmed(typed)
	in := agenda.NewSeries{
		Tour: agenda.TourID(get("tour")), Mode: agenda.Mode(get("mode")), Title: get("title"), Summary: get("summary"), Theme: place.Need(get("theme")), Level: agenda.Level(get("level")),
		Prerequisites: get("prerequisites"), Phone: get("phone"), Where: h.readWhere(r, get, f), Capacity: typedNumber(get("capacity")), Desks: typedNumber(get("desks")),
		Step: typedNumber(get("step")), FirstFor: agenda.Mode(get("first_for")), Release: typedHours(get("release")), Terms: was.Terms, Waiting: get("waiting") != "",
		Hold: was.Hold, Skill: get("skill"), Cycle: get("cycle") != "", Members: accountsOf(typed["members"]),
		Host: agenda.Host{Name: get("host_name"), Email: get("host_email"), Phone: get("host_phone")},
	}
	for _, reason := range typed["reasons"] {
		in.Reasons = append(in.Reasons, agenda.ReasonID(reason))
	}
	in.Pattern = readPattern(typed, was.Pattern, in.Where.Commune, f)
	in.Quotas = h.readQuotas(r, get, f)
	return in
}

// readProposal reads the six answers of an event that is proposed.
func (h *Handlers) readProposal(r *http.Request, typed url.Values, f *fault.Error) agenda.NewSeries {
	get := trimmed(typed)
	from, to, _ := strings.Cut(hoursMark.ReplaceAllString(get("heures"), "|"), "|")
	one := url.Values{"starts": typed["starts"], "minute": {from}, "fin": {to}, "frequence": {"une"}, "feries": {string(recur.HolidayKeep)}}
	in := agenda.NewSeries{Mode: agenda.Event, Title: get("title"), Summary: get("summary"), Where: h.readWhere(r, get, f)}
	in.Pattern = readPattern(one, recur.Pattern{}, in.Where.Commune, f)
	if f.Fields["minute"].Key != "" || f.Fields["length"].Key != "" {
		delete(f.Fields, "minute")
		delete(f.Fields, "length")
		f.With("minute", "agenda.hours_invalid")
	}
	return in
}

var hoursMark = regexp.MustCompile(`\s*(?:à|-|–)\s*`)

func readPattern(typed url.Values, was recur.Pattern, commune string, f *fault.Error) recur.Pattern {
	get := trimmed(typed)
	p := recur.Pattern{Zone: zoneOf(commune), OnHoliday: recur.OnHoliday(get("feries")), School: recur.School(get("ecole")), Except: was.Except, Extra: was.Extra}
	var ok bool
	if p.Starts, ok = readDay(get("starts")); !ok || get("starts") == "" {
		f.With("starts", "agenda.date_invalid")
	}
	if p.Until, ok = readDay(get("until")); !ok {
		f.With("until", "agenda.date_invalid")
	}
	if p.Minute, ok = readClock(get("minute")); !ok {
		f.With("minute", "agenda.minute_range")
	}
	end, ok := readClock(get("fin"))
	if !ok {
		f.With("length", "agenda.minute_range")
	}
	if p.Length = end - p.Minute; p.Length <= 0 {
		p.Length += 24 * 60 // it ends after midnight
	}
	if p.Rule, ok = readRule(typed, was.Rule, p.Starts); !ok {
		f.With("rule", "agenda.every_missing")
	}
	if p.Rule == "" {
		p.Until = recur.Date{} // once is on the first day
	}
	return p
}

// readRule is the rule that a frequency and some days make; without a day, that of the first date.
func readRule(typed url.Values, was string, starts recur.Date) (string, bool) {
	var days []time.Weekday
	for _, text := range typed["jours"] {
		if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < 7 {
			days = append(days, time.Weekday(n))
		}
	}
	if len(days) == 0 && starts != (recur.Date{}) {
		days = []time.Weekday{starts.Weekday()}
	}
	often := typed.Get("frequence")
	switch {
	case often == "une":
		return "", true
	case often == keepRule && was != "":
		return was, true
	case len(days) == 0:
		return "", true // the first date is missing, and says so
	case often == "1" || often == "2":
		return recur.EveryWeek(number(often), days...), true
	}
	if nth, ok := strings.CutPrefix(often, "mois"); ok && slices.Contains([]string{"1", "2", "3", "4", "-1"}, nth) {
		return recur.EveryMonth(number(nth), days[0]), true
	}
	return "", false
}

// typedHours reads a number of hours; what is none is refused later, as less than nothing.
func typedHours(text string) time.Duration { return time.Duration(typedNumber(text)) * time.Hour }

// readQuotas reads the lines of kept seats; an empty line is none.
func (h *Handlers) readQuotas(r *http.Request, get func(string) string, f *fault.Error) []agenda.Quota {
	var out []agenda.Quota
	for i := range quotaLines {
		n := strconv.Itoa(i + 1)
		seats, value := get("quota_places_"+n), get("quota_valeur_"+n)
		if seats == "" && value == "" {
			continue
		}
		q := agenda.Quota{Seats: typedNumber(seats), Kind: agenda.QuotaKind(get("quota_genre_" + n)), Release: typedHours(get("quota_heures_" + n))}
		q.Value = h.quotaValue(r, q.Kind, value)
		if q.Value == "" || q.Release < 0 {
			f.With("quotas", "agenda.quota_invalid")
		}
		out = append(out, q)
	}
	return out
}

// quotaValue reads for whom seats are kept; "" for what is not known.
func (h *Handlers) quotaValue(r *http.Request, kind agenda.QuotaKind, text string) string {
	switch kind {
	case agenda.ForCommune:
		var codes []string
		for _, name := range strings.Split(text, ",") {
			c, ok := h.communeNamed(r, name)
			if !ok {
				return ""
			}
			codes = append(codes, c.Code)
		}
		return strings.Join(codes, "|")
	case agenda.ForPublic:
		return text
	case agenda.ForRelay:
		list, err := h.Identity.Organisations(r.Context(), identity.OrganisationFilter{Name: text, Limit: 2})
		if err != nil || len(list) != 1 {
			return ""
		}
		return string(list[0].ID)
	}
	return ""
}

// quotaText says for whom seats are kept, as one types it.
func (h *Handlers) quotaText(r *http.Request, q agenda.Quota) string {
	switch q.Kind {
	case agenda.ForCommune:
		var names []string
		for _, code := range strings.Split(q.Value, "|") {
			names = append(names, h.communeText(code))
		}
		return strings.Join(names, ", ")
	case agenda.ForRelay:
		return h.organisationName(r.Context(), identity.OrganisationID(q.Value))
	}
	return q.Value
}

// previewSize is how many dates are shown before an activity is saved, and how many of those that holidays take away.
const (
	previewSize = 5
	droppedSize = 8
)

// preview says which dates an activity would have. It reports what is wrong with all of it at once: what could not be read
// and what the rules refuse.
func (h *Handlers) preview(r *http.Request, by identity.Actor, p ui.Page, in agenda.NewSeries, f *fault.Error) (*previewed, error) {
	next, dropped, total, err := h.Agenda.Preview(in, previewSize)
	if err != nil {
		g, ok := fault.As(err)
		if !ok || g.Kind != fault.Invalid {
			return nil, err
		}
		addFields(f, g)
	}
	if f.Fields != nil {
		return nil, f
	}
	v := &previewed{Seen: seenText(in), Where: h.Agenda.WhereText(in.Where), Total: plural(p, total, "date en tout", "dates en tout")}
	for _, s := range next {
		line := p.DateLong(s.Start.In(in.Pattern.Zone)) + ", de " + clock(p, s.Start, in.Pattern.Zone) + " à " + clock(p, s.End, in.Pattern.Zone)
		if s.Moved != "" {
			line += " (déplacé : " + s.Moved + ")"
		}
		v.Next = append(v.Next, line)
	}
	for _, d := range dropped[:min(len(dropped), droppedSize)] {
		v.Dropped = append(v.Dropped, p.DateLong(d.On.In(in.Pattern.Zone))+" : "+d.Why)
	}
	if more := len(dropped) - droppedSize; more > 0 {
		v.More = plural(p, more, "autre date tombe aussi.", "autres dates tombent aussi.")
	}
	v.Away, err = h.awayLines(r, by, p, in)
	return v, err
}

// awayLines say on which days of an activity somebody of its crew is away, for whoever plans it.
func (h *Handlers) awayLines(r *http.Request, by identity.Actor, p ui.Page, in agenda.NewSeries) ([]string, error) {
	if identity.Reaches(by, identity.AgendaEdit) == identity.None || len(in.Members) == 0 {
		return nil, nil
	}
	days, err := h.Agenda.AwayFrom(r.Context(), by, in)
	if err != nil || len(days) == 0 {
		return nil, err
	}
	names, err := h.Identity.GivenNames(r.Context(), in.Members...)
	var out []string
	for _, d := range days[:min(len(days), droppedSize)] {
		out = append(out, p.DateLong(d.On.In(in.Pattern.Zone))+" : "+crewText(d.Who, names))
	}
	if more := len(days) - droppedSize; more > 0 {
		out = append(out, plural(p, more, "autre date", "autres dates"))
	}
	return out, err
}

// seenText is all that the dates of an activity follow from: they are saved only where they are those that were shown.
func seenText(in agenda.NewSeries) string {
	p := in.Pattern
	return strings.Join([]string{
		p.Rule, p.Starts.String(), p.Until.String(), strconv.Itoa(p.Minute), strconv.Itoa(p.Length), string(p.OnHoliday), string(p.School), in.Where.Commune,
	}, "|")
}
