package agenda

import (
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
)

// WhereText says where something takes place, on one line: "Salle du conseil, Mairie, 2 place de la Mairie, Salindres".
// What is not known is left out.
func (s *Service) WhereText(w Where) string {
	return whereText(w, s.placeOf(w), s.communeName(w.Commune))
}

// Spot is what a venue's place says of itself.
type Spot struct {
	Name, Address string
	Point         territory.Point
	Path          place.Number // of its page; 0 for none
}

// placeOf is the place of the census where something takes place; the zero Spot for a venue alone.
func (s *Service) placeOf(w Where) Spot {
	if w.Place == "" {
		return Spot{}
	}
	e, ok := s.places.Index().Shown(w.Place)
	if !ok {
		return Spot{}
	}
	return Spot{Name: e.Name, Address: e.Address, Point: e.Stands, Path: e.Number}
}

func whereText(w Where, spot Spot, commune string) string {
	var parts []string
	for _, part := range []string{w.Venue, spot.Name, spot.Address, commune} {
		if part != "" && !strings.Contains(strings.Join(parts, ", "), part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// communeName is the name of a commune, "" for an unknown code.
func (s *Service) communeName(code string) string {
	c, _ := s.territory.Gazetteer().Commune(code)
	return c.Name
}

// moment says an instant in French, on the clocks of the zone that it carries.
func (s *Service) moment(t time.Time) string { return openinghours.SpokenMoment(t, s.now()) }

// zoneOf is the zone of the clocks of a commune.
func (s *Service) zoneOf(commune string) *time.Location {
	return openinghours.ZoneOf(territory.DepartmentOf(commune))
}

// Of is "de" before a name: "d'Anduze", "de Salindres", "du Havre".
func Of(name string) string {
	switch {
	case strings.HasPrefix(name, "Le "):
		return "du " + strings.TrimPrefix(name, "Le ")
	case strings.HasPrefix(name, "Les "):
		return "des " + strings.TrimPrefix(name, "Les ")
	case strings.ContainsAny(name[:1], "AEIOUYH") || strings.HasPrefix(name, "É") || strings.HasPrefix(name, "È") || strings.HasPrefix(name, "Î"):
		return "d'" + name
	}
	return "de " + name
}

// The coming dates of a place that stand for its hours: few, since a calendar of a whole season is not read.
const (
	visitWeeks = 8
	mostVisits = 6
)

// Visits are the coming dates at each place of the census, in the OSM syntax of opening hours.
func (x *Index) Visits(now time.Time) map[place.ID]string {
	out, counts := map[place.ID]string{}, map[place.ID]int{}
	for _, f := range x.Search(Query{From: now, To: now.AddDate(0, 0, 7*visitWeeks), Live: true}) {
		of := f.Where.Place
		if of == "" || counts[of] == mostVisits {
			continue
		}
		counts[of]++
		start, end := f.Start.In(f.Zone), f.End.In(f.Zone)
		text := start.Format("2006 Jan 02 15:04") + "-" + end.Format("15:04")
		switch had := out[of]; {
		case had == "":
			out[of] = text
		case strings.Contains(had, text[:len("2006 Jan 02")]):
			out[of] = had + "," + text[len("2006 Jan 02 "):]
		default:
			out[of] = had + "; " + text
		}
	}
	return out
}
