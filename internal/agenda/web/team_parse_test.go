package web

import (
	"testing"

	"viaduc/internal/agenda/recur"
)

func TestDaysAndHoursAreReadAsPeopleWriteThem(t *testing.T) {
	day := recur.Date{Year: 2026, Month: 9, Day: 3}
	for text, want := range map[string]recur.Date{
		"03/09/2026": day, "3/9/2026": day, "3.9.2026": day, "03-09-2026": day, "2026-09-03": day, " 3 9 2026 ": day, "": {},
	} {
		if got, ok := readDay(text); !ok || got != want {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"31/02/2026", "demain", "2026-13-01", "3/9/26", "2026"} {
		if got, ok := readDay(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
	for text, want := range map[string]int{"9 h 30": 570, "9h30": 570, "09:30": 570, "9.30": 570, "9 h": 540, "9": 540, "9 heures": 540, "0 h 05": 5, "23h59": 1439, "9\u00a0h\u00a030": 570} {
		if got, ok := readClock(text); !ok || got != want {
			t.Errorf("%q is %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "24 h", "25", "9 h 60", "midi", "930"} {
		if got, ok := readClock(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
	if got, ok := readDay(dayText(day)); !ok || got != day {
		t.Errorf("%s is read back as %v", dayText(day), got)
	}
	if got, ok := readClock(clockText(570)); !ok || got != 570 {
		t.Errorf("%s is read back as %d", clockText(570), got)
	}
}

func TestWeeksOfTheYear(t *testing.T) {
	for text, want := range map[string]string{"2026-W19": "2026-05-04", "2026-W01": "2025-12-29", "2026-W53": "2026-12-28", "2025-W01": "2024-12-30"} {
		monday, ok := readWeek(text)
		if !ok || monday.String() != want || weekWords(monday) != text {
			t.Errorf("%s is %s (%s), %v", text, monday, weekWords(monday), ok)
		}
	}
	for _, text := range []string{"", "2026-W00", "2026-W54", "2025-W53", "W19", "2026-19"} {
		if monday, ok := readWeek(text); ok {
			t.Errorf("%q is %s", text, monday)
		}
	}
}
