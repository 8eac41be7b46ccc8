package web

import (
	"net/http"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/ui"
)

// eventData is a date in the words of schema.org, for search engines. It is data and no script: html/template writes it so that
// no text can end it.
type eventData struct {
	Context    string  `json:"@context"`
	Type       string  `json:"@type"`
	ID         string  `json:"@id"`
	Name       string  `json:"name"`
	URL        string  `json:"url"`
	Text       string  `json:"description,omitempty"`
	Starts     string  `json:"startDate"`
	Ends       string  `json:"endDate"`
	Status     string  `json:"eventStatus"`
	Attendance string  `json:"eventAttendanceMode"`
	Place      eventAt `json:"location"`
}

type eventAt struct {
	Type    string       `json:"@type"`
	Name    string       `json:"name"`
	Address eventAddress `json:"address"`
}

type eventAddress struct {
	Type    string `json:"@type"`
	Street  string `json:"streetAddress,omitempty"`
	Commune string `json:"addressLocality,omitempty"`
	Country string `json:"addressCountry"`
}

func eventOf(r *http.Request, public string, p ui.Page, e *agenda.Entry) *eventData {
	base := public
	if base == "" {
		base = "http://" + r.Host
	}
	address := base + p.Path(Path(e))
	name := e.Where.Venue
	if name == "" {
		name = strings.Split(placeText(e), ", ")[0]
	}
	return &eventData{
		Context: "https://schema.org", Type: "Event", ID: address, Name: e.Series.Title, URL: address, Text: e.Series.Summary,
		Starts: e.Start.In(e.Zone).Format(time.RFC3339), Ends: e.End.In(e.Zone).Format(time.RFC3339), Status: "https://schema.org/EventScheduled",
		Attendance: "https://schema.org/OfflineEventAttendanceMode",
		Place:      eventAt{Type: "Place", Name: name, Address: eventAddress{Type: "PostalAddress", Street: e.Spot.Address, Commune: e.Ground.Name, Country: "FR"}},
	}
}
