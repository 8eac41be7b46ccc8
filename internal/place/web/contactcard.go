package web

import (
	"strconv"
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/contentline"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

// contactCard is how to reach a place, as a vCard 4.0 (RFC 6350) for the reader's address book. page is the whole address
// of the place's page.
func contactCard(p ui.Page, page string, e *place.Entry) []byte {
	var w contentline.Writer
	name := calm(e.Name)
	w.Line("BEGIN", "VCARD")
	w.Line("VERSION", "4.0")
	w.Line("PRODID", "-//Viaduc//FR")
	w.Line("UID", "urn:uuid:"+string(e.ID))
	w.Line("KIND", "org")
	w.Text("FN", name)
	w.Text("ORG", name)
	// Post office box and extended address first: RFC 6350, 6.3.1 wants them there, and empty.
	street := strings.Join(nonEmpty(calm(e.Place.Address), calm(e.AddressExtra)), "\n")
	w.Line("ADR;TYPE=work", contentline.Fields("", "", street, calm(e.Commune), "", e.Postcode, "France"))
	if e.Phone != "" {
		w.Line("TEL;VALUE=uri;TYPE=work", ui.PhoneHref(e.Phone))
	}
	for _, mail := range e.Emails.Values() {
		w.Text("EMAIL;TYPE=work", mail)
	}
	for _, site := range e.Websites.Values() {
		w.Line("URL;TYPE=work", site)
	}
	if !e.Approximate && e.Stands.Known() {
		w.Line("GEO", "geo:"+degrees(e.Stands.Lat)+","+degrees(e.Stands.Lon))
	}
	w.Text("NOTE", cardNote(p, e))
	w.Line("SOURCE", page)
	w.Line("END", "VCARD")
	return w.Bytes()
}

// cardNote is what one wants to know before calling: what one finds there, and when it is open.
func cardNote(p ui.Page, e *place.Entry) string {
	lines := []string{p.T(offerKeys[e.Offer()])}
	if e.ToCheck {
		lines = append(lines, p.T("place.check"))
	}
	if h := e.Hours(); h != nil {
		lines = append(lines, weekInWords(p, h)...)
	}
	return strings.Join(lines, "\n")
}

// weekInWords says the usual hours: in French as a person would, else day by day.
func weekInWords(p ui.Page, h *openinghours.Hours) []string {
	if p.Lang == i18n.French || p.Lang == i18n.Simple {
		return openinghours.Spoken(h)
	}
	var out []string
	monday := openinghours.Date{Year: 2024, Month: time.January, Day: 1} // any Monday: holidays are left out
	for _, d := range h.Week(openinghours.Place{}, monday) {
		if len(d.Spans) > 0 {
			out = append(out, p.Weekday(d.Date.Weekday())+": "+spans(p, d.Spans))
		}
	}
	return out
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
