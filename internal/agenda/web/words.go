package web

import (
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// seatsText says in words how many may still come: "3 places libres sur 8", never a fraction.
func seatsText(p ui.Page, e *agenda.Entry) string {
	now := p.Now()
	free := e.FreeAt(now)
	switch {
	case e.State == agenda.Cancelled, e.State == agenda.MovedTo:
		return ""
	case e.Series.Mode.Soft():
		return "Venez sans rendez-vous"
	case !e.Series.Books():
		return "Entrée libre"
	case e.Series.Mode.HasSlots() && free > 0:
		return "Sur rendez-vous, il reste des horaires"
	case e.Series.Mode.HasSlots():
		return "Tous les rendez-vous sont pris"
	case free < 0:
		return "Sur inscription"
	case free == 0 && !full(e, chosen{}, now):
		return "Les places qui restent sont gardées pour certains publics"
	case free == 0 && e.Series.Waiting:
		return "Complet, liste d'attente"
	case free == 0:
		return "Complet"
	case free == 1:
		return "1 place libre sur " + p.Number(e.Capacity)
	}
	return p.Number(free) + " places libres sur " + p.Number(e.Capacity)
}

// stateTag says what happened to a date; no text where nothing did.
func stateTag(e *agenda.Entry) ui.Tag {
	switch {
	case e.State == agenda.Cancelled:
		return ui.Tag{Text: "Annulé", Kind: ui.Failure}
	case e.State == agenda.MovedTo:
		return ui.Tag{Text: "Déplacé", Kind: ui.Warning}
	case e.Delay > 0:
		return ui.Tag{Text: "En retard", Kind: ui.Warning}
	case e.State == agenda.Planned:
		return ui.Tag{Text: "À confirmer", Kind: ui.Info}
	}
	return ui.Tag{}
}

// clock is a time on the clocks of the date: "14 h 30".
func clock(p ui.Page, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return p.Hour(t.Hour(), t.Minute())
}

// placeText says where a date takes place, on one line.
func placeText(e *agenda.Entry) string { return inOneLine(e.Where.Venue, e.Spot.Name, e.Ground.Name) }

// inOneLine are the parts that say something new, with commas.
func inOneLine(parts ...string) string {
	text := ""
	for _, part := range parts {
		switch {
		case part == "" || strings.Contains(text, part):
		case text == "":
			text = part
		default:
			text += ", " + part
		}
	}
	return text
}

// dayTitle says the day of a date, with its year where it is another one.
func dayTitle(p ui.Page, t time.Time) string {
	if t.Year() != p.Now().Year() {
		return p.DateLong(t)
	}
	return openinghours.SpokenDate(openinghours.DateOf(t))
}
