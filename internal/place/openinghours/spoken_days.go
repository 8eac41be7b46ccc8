package openinghours

import (
	"strconv"
	"strings"
)

var (
	frenchDays   = [...]string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}
	frenchMonths = [...]string{"Pâques", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
)

// spokenWeekdays says a set of weekdays: "du lundi au vendredi", "le lundi et le jeudi".
func spokenWeekdays(mask uint8) string {
	if mask == everyDay {
		return "tous les jours"
	}
	var parts []string
	for d := 0; d < 7; d++ {
		if mask>>d&1 == 0 {
			continue
		}
		end := d
		for end+1 < 7 && mask>>(end+1)&1 == 1 {
			end++
		}
		if end-d >= 2 {
			parts = append(parts, "du "+frenchDays[d]+" au "+frenchDays[end])
			d = end
			continue
		}
		parts = append(parts, "le "+frenchDays[d])
	}
	return enumerate(parts)
}

// when says the selectors of an exception.
func (e *exception) when() string {
	var parts []string
	say := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if w := e.rule.wide; w != nil {
		say(spokenYears(w.years))
		say(spokenDates(w.dates))
		say(spokenWeeks(w.weeks))
		say(spokenDays(w.holidays))
	}
	switch {
	case e.holiday != nil:
		say(spokenDays(e.holiday))
	case len(e.rule.days) > 0 && !(e.narrow && e.rule.plain):
		say(spokenDays(e.rule.days))
	case e.narrow && e.days != everyDay:
		say(spokenWeekdays(e.days))
	case len(e.rule.days) > 0:
		say(spokenWeekdays(e.days))
	}
	return strings.Join(parts, ", ")
}

// spokenDays says an or-list of days.
func spokenDays(list []daySelector) string {
	var mask uint8
	var parts []string
	for i := range list {
		d := &list[i]
		if d.kind != weekday || len(d.nth) > 0 || d.offset != 0 {
			parts = append(parts, d.spoken())
			continue
		}
		for w := d.from; ; w = (w + 1) % 7 {
			mask |= 1 << w
			if w == d.to {
				break
			}
		}
	}
	if mask != 0 {
		parts = append([]string{spokenWeekdays(mask)}, parts...)
	}
	return enumerate(parts)
}

func (d *daySelector) spoken() string {
	switch d.kind {
	case publicHoliday:
		return spokenOffset(int(d.offset), "les jours fériés", "des jours fériés")
	case schoolHoliday:
		return "pendant les vacances scolaires"
	}
	var ranks []string
	fromEnd := ""
	for _, r := range d.nth {
		for n := r.from; n <= r.to; n++ {
			ranks = append(ranks, "le "+spokenRank(n))
			if n < -2 {
				fromEnd = farFromEnd
			}
		}
	}
	day := enumerate(ranks) + " " + frenchDays[d.from] + " du mois" + fromEnd
	return spokenOffset(int(d.offset), day, "du "+strings.TrimPrefix(day, "le "))
}

// spokenRank says the rank of a weekday in its month.
func spokenRank(n int8) string {
	switch {
	case n == 1:
		return "1er"
	case n > 1:
		return strconv.Itoa(int(n)) + "e"
	case n == -1:
		return "dernier"
	case n == -2:
		return "avant-dernier"
	}
	return strconv.Itoa(-int(n)) + "e" // with farFromEnd after the day
}

const farFromEnd = " en partant de la fin"

// spokenOffset says a day some days before or after another; of is the other one with "de".
func spokenOffset(days int, day, of string) string {
	switch {
	case days == 0:
		return day
	case days == 1:
		return "le lendemain " + of
	case days == -1:
		return "la veille " + of
	case days == 2:
		return "le surlendemain " + of
	case days == -2:
		return "l’avant-veille " + of
	case days < 0:
		return strconv.Itoa(-days) + nbsp + "jours avant " + day
	}
	return strconv.Itoa(days) + nbsp + "jours après " + day
}

func spokenYears(list []numberRange) string {
	var parts []string
	for _, r := range list {
		from, to := strconv.Itoa(int(r.from)), strconv.Itoa(int(r.to))
		switch {
		case r.to == 0:
			parts = append(parts, "en "+from)
		case r.to < 0:
			parts = append(parts, "à partir de "+from)
		default:
			parts = append(parts, "de "+from+" à "+to)
		}
		if r.step > 1 {
			parts[len(parts)-1] += " (une année sur" + nbsp + strconv.Itoa(int(r.step)) + ")"
		}
	}
	return enumerate(parts)
}

// spokenWeeks says ISO weeks; every other week of the year is said by its parity, as people do.
func spokenWeeks(list []numberRange) string {
	var parts []string
	for _, r := range list {
		from, to := strconv.Itoa(int(r.from)), strconv.Itoa(int(r.to))
		switch {
		case r.to == 0:
			parts = append(parts, "la semaine"+nbsp+from)
		case r.step == 2 && r.from <= 2 && r.to >= 52:
			parts = append(parts, [...]string{"les semaines paires", "les semaines impaires"}[r.from%2])
		case r.step > 1:
			parts = append(parts, "une semaine sur"+nbsp+strconv.Itoa(int(r.step))+", de la semaine"+nbsp+from+" à la semaine"+nbsp+to)
		default:
			parts = append(parts, "de la semaine"+nbsp+from+" à la semaine"+nbsp+to)
		}
	}
	return enumerate(parts)
}

func spokenDates(list []dateRange) string {
	var parts []string
	for i := range list {
		parts = append(parts, list[i].spoken()...)
	}
	return enumerate(parts)
}

// spoken says a range of dates; two neighbouring months are said one by one.
func (r *dateRange) spoken() []string {
	from, to := r.from, r.to
	month := from.month != 0 && from.day == 0 && from.nth == 0
	switch {
	case r.single && month:
		return []string{"en " + from.spoken(true)}
	case r.single && from.month == 0:
		return []string{from.spokenEaster()}
	case r.single:
		return []string{"le " + from.spoken(true)}
	case r.onwards && (from.month == 0 || month):
		return []string{"à partir " + deOf(from.spoken(true))}
	case r.onwards:
		return []string{"à partir du " + from.spoken(true)}
	case month && to.month == from.month%12+1 && to.year == 0:
		return []string{"en " + from.spoken(false), "en " + datePoint{year: from.year, month: to.month}.spoken(true)}
	case month:
		to = to.withYear(from)
		return []string{deOf(from.spoken(to.year != from.year)) + " à " + to.spoken(true)}
	case r.short:
		return []string{"du " + spokenDayNumber(from.day) + " au " + to.spoken(true)}
	}
	to = to.withYear(from)
	return []string{fromOf(from, to.year != from.year) + " " + toOf(to)}
}

// withYear gives the end of a range the year of its start, when it has none and lies in the same year.
func (p datePoint) withYear(from datePoint) datePoint {
	if p.year == 0 && from.year != 0 {
		p.year = from.year
		if p.key(int(p.year), true) < from.key(int(from.year), false) {
			p.year++
		}
	}
	return p
}

func deOf(name string) string {
	if strings.HasPrefix(name, "a") || strings.HasPrefix(name, "o") {
		return "d’" + name
	}
	return "de " + name
}

func fromOf(p datePoint, year bool) string {
	if p.month == 0 {
		return deOf(p.spoken(year))
	}
	return "du " + p.spoken(year)
}

func toOf(p datePoint) string {
	if p.month == 0 {
		return "à " + p.spoken(true)
	}
	return "au " + p.spoken(true)
}

func spokenDayNumber(day uint8) string {
	if day == 1 {
		return "1er"
	}
	return strconv.Itoa(int(day))
}

// spoken says a date without article: "14 juillet", "juillet 2026", "dernier dimanche de mars".
func (p datePoint) spoken(year bool) string {
	text := frenchMonths[p.month]
	switch {
	case p.nth != 0:
		text = spokenRank(p.nth) + " " + frenchDays[p.weekday] + " " + deOf(text)
		if p.nth < -2 {
			text += farFromEnd
		}
	case p.day != 0:
		text = spokenDayNumber(p.day) + " " + text
	}
	if year && p.year != 0 {
		text += " " + strconv.Itoa(int(p.year))
	}
	if p.offset > 0 {
		text += " plus" + nbsp + strconv.Itoa(int(p.offset)) + nbsp + "j"
	} else if p.offset < 0 {
		text += " moins" + nbsp + strconv.Itoa(-int(p.offset)) + nbsp + "j"
	}
	return text
}

// spokenEaster says a day counted from Easter by its name, if it has one.
func (p datePoint) spokenEaster() string {
	var text string
	switch p.offset {
	case -2:
		text = "le Vendredi saint"
	case 1:
		text = "le lundi de Pâques"
	case 39:
		text = "le jeudi de l’Ascension"
	case 50:
		text = "le lundi de Pentecôte"
	default:
		text = spokenOffset(int(p.offset), "le dimanche de Pâques", "du dimanche de Pâques")
	}
	if p.year != 0 {
		text += " " + strconv.Itoa(int(p.year))
	}
	return text
}
