package place

import (
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
)

// A place where somebody comes on some dates only, a stop of a tour for instance, has no weekly hours. Its coming dates stand
// for them: on the map and in lists ("ouvre jeudi à 10 h"), in the calendar, in the export of the national standard. They are
// another module's to say, in the OSM syntax ("2026 Dec 03 10:00-12:00"), and are never stored.

// SetVisits says on which coming dates places are visited. They stand for the hours of those that have none. It reports
// whether anything changed: then Build makes the index anew.
func (s *Service) SetVisits(visits map[ID]string) bool {
	held := s.visits.Load()
	if held != nil && maps.Equal(*held, visits) || held == nil && len(visits) == 0 {
		return false
	}
	s.visits.Store(&visits)
	s.restated.Store(true)
	return true
}

// Stamp names what an export of the census would hold now: its version, and the dates of the places that are visited.
func (s *Service) Stamp() string { return stamp(s.Version(), s.visited()) }

func stamp(version int64, visits map[ID]string) string {
	if len(visits) == 0 {
		return fmt.Sprint(version)
	}
	sum := fnv.New64a()
	for _, of := range slices.Sorted(maps.Keys(visits)) {
		_, _ = fmt.Fprintln(sum, of, visits[of]) // a hash takes everything
	}
	return fmt.Sprintf("%d.%x", version, sum.Sum64())
}

func (s *Service) visited() map[ID]string {
	if held := s.visits.Load(); held != nil {
		return *held
	}
	return nil
}

// hoursOr are the hours of a place, or its coming dates where it has none.
func hoursOr(p *Place, visits map[ID]string) string {
	if p.Hours == "" {
		return visits[p.ID]
	}
	return p.Hours
}

// onlyDates is what hours look like that are dates and nothing else.
var onlyDates = regexp.MustCompile(`^20\d\d [A-Z][a-z]{2} \d\d [\d:,-]+(; 20\d\d [A-Z][a-z]{2} \d\d [\d:,-]+)*$`)

// echoed reports whether a file says of a place without hours no more than the dates that an export wrote there: importing
// it again must not turn them into hours.
func echoed(old, in *Place) bool { return old.Hours == "" && onlyDates.MatchString(in.Hours) }
