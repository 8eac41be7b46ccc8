package recur

import (
	"slices"
	"strconv"
	"time"
)

var weekdays = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}

var ranks = map[int]string{1: "premier", 2: "deuxième", 3: "troisième", 4: "quatrième", 5: "cinquième", -1: "dernier", -2: "avant-dernier"}

// French says the pattern as people do, without its hour: "tous les jeudis, sauf pendant les vacances scolaires", "un mardi
// sur deux", "le premier lundi du mois", "une seule fois". A rule that has no such words is "selon un calendrier".
func (p Pattern) French() string {
	r, err := Read(p.Rule)
	if err != nil {
		return ""
	}
	words := r.french()
	if p.Rule == "" {
		words = "une seule fois"
		if len(p.Extra) > 0 {
			words = strconv.Itoa(1+len(p.Extra)) + " dates"
		}
	}
	switch p.School {
	case SchoolTerm:
		words += ", sauf pendant les vacances scolaires"
	case SchoolHolidays:
		words += ", seulement pendant les vacances scolaires"
	case SchoolAlways:
	}
	return words
}

func (r Rule) french() string {
	plain := len(r.MonthDays)+len(r.Months)+len(r.Positions) == 0
	switch {
	case r.Freq == Weekly && plain && len(r.Days) > 0:
		return r.frenchWeek()
	case r.Freq == Weekly && plain:
		return every(r.Every, "chaque semaine", "une semaine sur ")
	case r.Freq == Daily && plain && len(r.Days) == 0:
		return every(r.Every, "tous les jours", "un jour sur ")
	case r.Freq == Monthly && plain && len(r.Days) > 0 && !slices.ContainsFunc(r.Days, func(d Day) bool { return ranks[d.Nth] == "" }):
		return r.frenchMonth()
	case r.Freq == Monthly && len(r.MonthDays) == 1 && r.MonthDays[0] > 0 && len(r.Days)+len(r.Months)+len(r.Positions) == 0:
		number := strconv.Itoa(r.MonthDays[0])
		if number == "1" {
			number = "1er"
		}
		return "le " + number + every(r.Every, " de chaque mois", ", un mois sur ")
	}
	return "selon un calendrier"
}

// every says how often: numbers up to four in letters, as one speaks.
func every(n int, each, oneOf string) string {
	letters := map[int]string{2: "deux", 3: "trois", 4: "quatre"}
	switch {
	case n == 1:
		return each
	case letters[n] != "":
		return oneOf + letters[n]
	}
	return oneOf + strconv.Itoa(n)
}

func (r Rule) frenchWeek() string {
	list := make([]time.Weekday, 0, len(r.Days))
	for _, d := range r.Days {
		list = append(list, d.Day)
	}
	slices.SortFunc(list, func(a, b time.Weekday) int { return (int(a)+6)%7 - (int(b)+6)%7 })
	list = slices.Compact(list)
	if r.Every == 1 && len(list) == 5 && list[0] == time.Monday && list[4] == time.Friday {
		return "du lundi au vendredi"
	}
	names := make([]string, len(list))
	for i, d := range list {
		switch {
		case r.Every == 1:
			names[i] = "tous les " + weekdays[d] + "s"
		case len(list) == 1:
			names[i] = every(r.Every, "", "un "+weekdays[d]+" sur ")
		default:
			names[i] = "le " + weekdays[d]
		}
	}
	if r.Every > 1 && len(list) > 1 {
		return text(names) + ", " + every(r.Every, "", "une semaine sur ")
	}
	return text(names)
}

func (r Rule) frenchMonth() string {
	names := make([]string, len(r.Days))
	for i, d := range r.Days {
		names[i] = "le " + ranks[d.Nth] + " " + weekdays[d.Day]
	}
	return text(names) + every(r.Every, " du mois", " du mois, un mois sur ")
}
