package web

import (
	"slices"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// The page of a place also speaks to search engines and assistants, in the words of schema.org (JSON-LD). It is data and
// no script: the Content-Security-Policy lets it stand, and html/template writes it so that no text of the census can end
// it.

// thing is a place in the words of schema.org.
type thing struct {
	Context     string         `json:"@context"`
	Type        string         `json:"@type"`
	ID          string         `json:"@id"`
	Name        string         `json:"name"`
	URL         string         `json:"url"`
	Description string         `json:"description,omitempty"`
	Telephone   string         `json:"telephone,omitempty"`
	Email       string         `json:"email,omitempty"`
	SameAs      []string       `json:"sameAs,omitempty"` // its own sites
	Address     *postalAddress `json:"address,omitempty"`
	Geo         *geo           `json:"geo,omitempty"`
	Free        bool           `json:"isAccessibleForFree,omitempty"`
	Hours       []openingTimes `json:"openingHoursSpecification,omitempty"`
	Special     []openingTimes `json:"specialOpeningHoursSpecification,omitempty"`
}

type postalAddress struct {
	Type     string `json:"@type"`
	Street   string `json:"streetAddress,omitempty"`
	Postcode string `json:"postalCode,omitempty"`
	Commune  string `json:"addressLocality,omitempty"`
	Country  string `json:"addressCountry"`
}

type geo struct {
	Type      string  `json:"@type"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// openingTimes is some hours of some days of the week; with dates, of these days only. Closed is written 00:00 to 00:00.
type openingTimes struct {
	Type    string   `json:"@type"`
	Days    []string `json:"dayOfWeek,omitempty"`
	Opens   string   `json:"opens"`
	Closes  string   `json:"closes"`
	From    string   `json:"validFrom,omitempty"`
	Through string   `json:"validThrough,omitempty"`
}

// publicKinds are the codes of the standard that are offices of a public body.
var publicKinds = []string{"CCAS", "CIAS", "CD", "DEPT", "EPCI", "MUNI", "REG", "PREF", "RFS", "MSAP", "MDS", "MDPH", "CAF", "CPAM", "MSA", "FT"}

// typeOf chooses among the types that schema.org has: LocalBusiness is any door that one can walk through.
func typeOf(e *place.Entry) string {
	switch {
	case e.Kinds.Has("BIB"):
		return "Library"
	case slices.ContainsFunc(publicKinds, e.Kinds.Has):
		return "GovernmentOffice"
	}
	return "LocalBusiness"
}

// thingOf says a place in the words of schema.org. page is the whole address of its page in French.
func thingOf(p ui.Page, page string, e *place.Entry) thing {
	t := thing{
		Context: "https://schema.org", Type: typeOf(e), ID: page, URL: page, Name: calm(e.Name), Description: e.Summary,
		Telephone: e.Phone, SameAs: e.Websites.Values(), Free: e.Fees == "Gratuit",
		Address: &postalAddress{Type: "PostalAddress", Street: calm(e.Place.Address), Postcode: e.Postcode, Commune: calm(e.Commune), Country: "FR"},
	}
	if mails := e.Emails.Values(); len(mails) > 0 {
		t.Email = mails[0]
	}
	if !e.Approximate && e.Stands.Known() {
		t.Geo = &geo{Type: "GeoCoordinates", Latitude: e.Stands.Lat, Longitude: e.Stands.Lon}
	}
	if h := e.Hours(); h != nil && !e.ToCheck {
		today := openinghours.DateOf(p.Now().In(e.Locale().Zone))
		t.Hours = weeklyTimes(h, today)
		t.Special = specialTimes(h.Exceptions(e.Locale(), today, exceptionDays))
	}
	return t
}

// weeklyTimes are the hours of this week, holidays left out, days of the same hours together.
func weeklyTimes(h *openinghours.Hours, today openinghours.Date) []openingTimes {
	var out []openingTimes
	monday := today.Monday()
	for _, day := range h.Week(openinghours.Place{}, monday) {
		name := day.Date.Weekday().String()
	spans:
		for _, s := range day.Spans {
			if s.State != openinghours.Open {
				continue
			}
			opens, closes := clock(s.Start), clock(s.End)
			for i := range out {
				if out[i].Opens == opens && out[i].Closes == closes {
					out[i].Days = append(out[i].Days, name)
					continue spans
				}
			}
			out = append(out, openingTimes{Type: "OpeningHoursSpecification", Days: []string{name}, Opens: opens, Closes: closes})
		}
	}
	return out
}

// specialTimes are the coming closings and other hours whose end is known.
func specialTimes(list []openinghours.Exception) []openingTimes {
	var out []openingTimes
	for _, x := range list {
		if x.Endless || x.Varies {
			continue
		}
		at := openingTimes{Type: "OpeningHoursSpecification", Opens: "00:00", Closes: "00:00", From: x.From.String(), Through: x.To.String()}
		if x.Closed() {
			out = append(out, at)
		}
		for _, s := range x.Spans {
			if s.State == openinghours.Open {
				at.Opens, at.Closes = clock(s.Start), clock(s.End)
				out = append(out, at)
			}
		}
	}
	return out
}

// clock writes a minute of the day; the end of a day that is open to the last minute is 23:59, as search engines want it.
func clock(minute int) string {
	if minute == 24*60 {
		return "23:59"
	}
	return time.Date(0, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
}
