package openinghours

import (
	"slices"
	"time"
)

// Holidays says which days are holidays at a place. A nil Holidays has none.
// An implementation that also has Name(Date) (string, bool), as *Calendar does, gives the name of a
// public holiday to the intervals that a PH selector opens or closes.
type Holidays interface {
	Public(d Date) bool
	School(d Date) bool
}

// Calendar holds the public holidays of one French department, for any year.
// It knows no school holidays (they are decreed, not computed): see WithSchool.
type Calendar struct {
	local  []localHoliday
	school func(Date) bool
}

type localHoliday struct {
	name       string
	month      time.Month
	day        int // 0: counted from Easter
	fromEaster int // days after Easter Sunday
	since      int // first year, 0: always
	until      int // last year, 0: still
}

// national are the eleven days of Code du travail, art. L3133-1.
var national = []localHoliday{
	{name: "Jour de l’an", month: time.January, day: 1},
	{name: "Lundi de Pâques", fromEaster: 1},
	{name: "Fête du Travail", month: time.May, day: 1},
	{name: "Fête de la Victoire 1945", month: time.May, day: 8},
	{name: "Ascension", fromEaster: 39},
	{name: "Lundi de Pentecôte", fromEaster: 50},
	{name: "Fête nationale", month: time.July, day: 14},
	{name: "Assomption", month: time.August, day: 15},
	{name: "Toussaint", month: time.November, day: 1},
	{name: "Armistice 1918", month: time.November, day: 11},
	{name: "Noël", month: time.December, day: 25},
}

// alsaceMoselle are the two days more of Code du travail, art. L3134-13.
var alsaceMoselle = []localHoliday{
	{name: "Vendredi saint", fromEaster: -2},
	{name: "Saint-Étienne", month: time.December, day: 26},
}

const abolition = "Abolition de l’esclavage"

// local are the days that a department has beside the national ones. The overseas days are those of
// Code du travail, art. L3422-2, and of décret n° 83-1003 (amended by n° 2012-553).
var local = map[string][]localHoliday{
	"57":  alsaceMoselle,
	"67":  alsaceMoselle,
	"68":  alsaceMoselle,
	"971": {{name: abolition, month: time.May, day: 27}},
	"972": {{name: abolition, month: time.May, day: 22}},
	"973": {{name: abolition, month: time.June, day: 10}},
	"974": {{name: abolition, month: time.December, day: 20}},
	"976": {{name: abolition, month: time.April, day: 27}},
	"977": {{name: abolition, month: time.October, day: 9}},
	// Saint-Martin: 27 May by the decree; 28 May since the circular of 4 May 2018 (the decree of 2016 that
	// was to say so printed 28 March).
	"978": {
		{name: abolition, month: time.May, day: 27, until: 2017},
		{name: abolition, month: time.May, day: 28, since: 2018},
	},
}

// FrenchHolidays returns the public holidays of a department, given by its INSEE code ("17", "2A", "974").
// An empty or unknown code has the eleven national days; so have 975, 986, 987 and 988, whose own
// local days are not known here.
//
// In Alsace-Moselle, Good Friday is a holiday only in the communes with a Protestant church or a mixed
// one; the calendar counts it everywhere there, for want of a list of these communes.
func FrenchHolidays(department string) *Calendar {
	return &Calendar{local: local[department]}
}

// WithSchool returns a copy of c whose school holidays are the days that school reports.
func (c *Calendar) WithSchool(school func(Date) bool) *Calendar {
	return &Calendar{local: c.local, school: school}
}

// Public reports whether d is a public holiday.
func (c *Calendar) Public(d Date) bool {
	_, ok := c.Name(d)
	return ok
}

// School reports whether d is in the school holidays; always false without WithSchool.
func (c *Calendar) School(d Date) bool { return c.school != nil && c.school(d) }

// Name returns the French name of the public holiday on d, and false when d is none.
func (c *Calendar) Name(d Date) (string, bool) {
	toEaster := d.Sub(easter(d.Year))
	for _, list := range [2][]localHoliday{national, c.local} {
		for i := range list {
			if list[i].falls(d, toEaster) {
				return list[i].name, true
			}
		}
	}
	return "", false
}

// Holiday is one public holiday of a year.
type Holiday struct {
	Date Date
	Name string
}

// Year lists the public holidays of a year by date.
func (c *Calendar) Year(year int) []Holiday {
	sunday := easter(year)
	var days []Holiday
	for _, h := range slices.Concat(national, c.local) {
		if !h.in(year) {
			continue
		}
		day := Date{year, h.month, h.day}
		if h.day == 0 {
			day = sunday.AddDays(h.fromEaster)
		}
		days = append(days, Holiday{day, h.name})
	}
	slices.SortStableFunc(days, func(a, b Holiday) int { return a.Date.Sub(b.Date) })
	return days
}

func (h *localHoliday) falls(d Date, toEaster int) bool {
	if !h.in(d.Year) {
		return false
	}
	if h.day == 0 {
		return toEaster == h.fromEaster
	}
	return d.Month == h.month && d.Day == h.day
}

func (h *localHoliday) in(year int) bool {
	return year >= h.since && (h.until == 0 || year <= h.until)
}
