package web

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"viaduc/internal/place/openinghours"
)

// The hours of a room are typed a line for a day, or for some days, or for a date; they are kept as opening_hours, a rule for each line, the
// dates last so that they have the last word.

var (
	weekdays = []struct{ french, osm string }{
		{"lundi", "Mo"}, {"mardi", "Tu"}, {"mercredi", "We"}, {"jeudi", "Th"}, {"vendredi", "Fr"}, {"samedi", "Sa"}, {"dimanche", "Su"},
	}
	dayRange = regexp.MustCompile(`^(?:du )?(\pL+)(?: (?:à|au|-) ?(\pL+))?$`)
	dateRule = regexp.MustCompile(`^(\d{4}) ([A-Z][a-z]{2}) (\d{2}) (.+)$`)
	weekRule = regexp.MustCompile(`^([A-Z][a-z])(?:-([A-Z][a-z]))? (.+)$`)
)

// readRoomHours reads what was typed; ok is false where a line is no day with its hours. "" is always.
func readRoomHours(text string) (osm string, ok bool) {
	var week, dates []string
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			continue
		}
		when, hours, found := strings.Cut(line, ":")
		spans, read := roomSpans(hours)
		if !found || !read {
			return "", false
		}
		when = strings.ToLower(strings.TrimSpace(when))
		if day, is := readDay(when); is && when != "" {
			dates = append(dates, fmt.Sprintf("%04d %s %02d %s", day.Year, day.Month.String()[:3], day.Day, spans))
			continue
		}
		days := osmDays(when)
		if days == "" {
			return "", false
		}
		week = append(week, days+" "+spans)
	}
	return strings.Join(append(week, dates...), "; "), true
}

// roomSpans reads the hours of a line: "9 h - 12 h, 14 h - 18 h", or "fermé".
func roomSpans(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "fermé" || text == "ferme" {
		return "off", true
	}
	return openinghours.ParseFrench(text)
}

// osmDays says a day, or a stretch of days, of the week; "" for what is none.
func osmDays(text string) string {
	m := dayRange.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	name := func(french string) string {
		for _, d := range weekdays {
			if d.french == french {
				return d.osm
			}
		}
		return ""
	}
	from, to := name(m[1]), name(m[2])
	switch {
	case from == "" || m[2] != "" && to == "":
		return ""
	case m[2] == "":
		return from
	}
	return from + "-" + to
}

// roomHoursText is what one types for hours that were kept: each rule on its line.
func roomHoursText(osm string) string {
	var lines []string
	for rule := range strings.SplitSeq(osm, "; ") {
		if rule != "" {
			lines = append(lines, roomRuleText(rule))
		}
	}
	return strings.Join(lines, "\n")
}

func roomRuleText(rule string) string {
	if m := dateRule.FindStringSubmatch(rule); m != nil {
		if month, err := time.Parse("Jan", m[2]); err == nil {
			return fmt.Sprintf("%s/%02d/%s : %s", m[3], month.Month(), m[1], spansText(m[4]))
		}
	}
	m := weekRule.FindStringSubmatch(rule)
	if m == nil {
		return rule
	}
	french := func(osm string) string {
		for _, d := range weekdays {
			if d.osm == osm {
				return d.french
			}
		}
		return osm
	}
	days := french(m[1])
	if m[2] != "" {
		days += " à " + french(m[2])
	}
	return days + " : " + spansText(m[3])
}

// spansText says times of opening_hours as one types them.
func spansText(spans string) string {
	if spans == "off" {
		return "fermé"
	}
	var out []string
	for span := range strings.SplitSeq(spans, ",") {
		from, to, _ := strings.Cut(span, "-")
		out = append(out, shortClock(from)+" - "+shortClock(to))
	}
	return strings.Join(out, ", ")
}

// shortClock says "09:00" as "9h", "09:30" as "9h30": without spaces, so that it reads back whatever stands beside it.
func shortClock(text string) string {
	hour, minute, _ := strings.Cut(text, ":")
	if minute == "00" {
		return fmt.Sprintf("%dh", number(hour))
	}
	return fmt.Sprintf("%dh%s", number(hour), minute)
}
