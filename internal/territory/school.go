package territory

import (
	"cmp"
	"slices"
	"time"
)

// SchoolHoliday is a stretch of days without school in one zone, both ends included.
type SchoolHoliday struct {
	Zone     string // one of SchoolZones
	Name     string // "Vacances d'hiver"
	StartsOn string // civil date YYYY-MM-DD
	EndsOn   string
}

// SchoolZones lists the zones that have a calendar of their own, as their files name them.
func SchoolZones() []string {
	return []string{"Zone A", "Zone B", "Zone C", "Corse", "Guadeloupe", "Guyane", "Martinique", "Mayotte", "La Réunion"}
}

// schoolZones gives the zone of each département. The national calendar (code de l'éducation, art. L521-1) deals the
// académies out to three zones, the same since 2016 (arrêté du 15 décembre 2020, NOR MENE2032706A); which départements
// an académie has is art. R222-2 of the same code. Corsica and the départements overseas have a calendar each (art.
// D521-6 and D521-7).
var schoolZones = func() map[string]string {
	out := map[string]string{
		"2A": "Corse", "2B": "Corse", "971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion", "976": "Mayotte",
	}
	for zone, academies := range map[string]map[string][]string{
		"Zone A": {
			"Besançon": {"25", "39", "70", "90"}, "Bordeaux": {"24", "33", "40", "47", "64"}, "Clermont-Ferrand": {"03", "15", "43", "63"},
			"Dijon": {"21", "58", "71", "89"}, "Grenoble": {"07", "26", "38", "73", "74"}, "Limoges": {"19", "23", "87"},
			"Lyon": {"01", "42", "69"}, "Poitiers": {"16", "17", "79", "86"},
		},
		"Zone B": {
			"Aix-Marseille": {"04", "05", "13", "84"}, "Amiens": {"02", "60", "80"}, "Lille": {"59", "62"}, "Nancy-Metz": {"54", "55", "57", "88"},
			"Nantes": {"44", "49", "53", "72", "85"}, "Nice": {"06", "83"}, "Normandie": {"14", "27", "50", "61", "76"},
			"Orléans-Tours": {"18", "28", "36", "37", "41", "45"}, "Reims": {"08", "10", "51", "52"}, "Rennes": {"22", "29", "35", "56"},
			"Strasbourg": {"67", "68"},
		},
		"Zone C": {
			"Créteil": {"77", "93", "94"}, "Montpellier": {"11", "30", "34", "48", "66"}, "Paris": {"75"},
			"Toulouse": {"09", "12", "31", "32", "46", "65", "81", "82"}, "Versailles": {"78", "91", "92", "95"},
		},
	} {
		for _, departments := range academies {
			for _, d := range departments {
				out[d] = zone
			}
		}
	}
	return out
}()

// SchoolZone returns the zone of a département ("17", "2A", "974"). It is "" for an unknown code, and for
// Saint-Pierre-et-Miquelon, Saint-Barthélemy, Saint-Martin and the Pacific, whose calendars are not known here.
func SchoolZone(department string) string { return schoolZones[department] }

// SchoolDays are the days without school of one zone. The zero value has none. It is immutable.
type SchoolDays struct {
	stretches []stretch // by first day, apart from each other
}

// stretch counts its first and last day from 1970-01-01.
type stretch struct{ from, to int }

// newSchoolDays joins the holidays of one zone, which may overlap; a day that cannot be read is left out.
func newSchoolDays(list []SchoolHoliday) SchoolDays {
	var days SchoolDays
	for _, h := range list {
		from, err1 := time.Parse(time.DateOnly, h.StartsOn)
		to, err2 := time.Parse(time.DateOnly, h.EndsOn)
		if err1 == nil && err2 == nil {
			days.stretches = append(days.stretches, stretch{dayNumber(from), dayNumber(to)})
		}
	}
	slices.SortFunc(days.stretches, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	joined := days.stretches[:0]
	for _, s := range days.stretches {
		if n := len(joined); n > 0 && s.from <= joined[n-1].to+1 {
			joined[n-1].to = max(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	days.stretches = joined
	return days
}

// dayNumber counts the days of a date in UTC since 1970.
func dayNumber(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

// Has reports whether there is no school on a civil date. Beyond the years that were imported, it is false.
func (d SchoolDays) Has(year int, month time.Month, day int) bool {
	n := dayNumber(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	at, found := slices.BinarySearchFunc(d.stretches, n, func(s stretch, n int) int { return cmp.Compare(s.from, n) })
	return found || at > 0 && n <= d.stretches[at-1].to
}

// Known reports whether any school holiday was imported for the zone.
func (d SchoolDays) Known() bool { return len(d.stretches) > 0 }

// SchoolDays returns the days without school of a département; none where its zone or its calendar is not known.
func (g *Gazetteer) SchoolDays(department string) SchoolDays { return g.school[SchoolZone(department)] }

// withSchool adds the calendars of the zones to a gazetteer that nobody reads yet.
func (g *Gazetteer) withSchool(list []SchoolHoliday) *Gazetteer {
	byZone := map[string][]SchoolHoliday{}
	for _, h := range list {
		byZone[h.Zone] = append(byZone[h.Zone], h)
	}
	g.school = make(map[string]SchoolDays, len(byZone))
	for zone, holidays := range byZone {
		g.school[zone] = newSchoolDays(holidays)
	}
	return g
}
