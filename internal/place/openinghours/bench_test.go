package openinghours_test

import (
	"testing"
	"time"

	"viaduc/internal/place/openinghours"
)

const usual = "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00; PH off"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openinghours.Parse(usual); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStatusAt(b *testing.B) {
	h, place := parse(b, usual), saintes()
	for name, at := range map[string]time.Time{
		"open":   time.Date(2026, 5, 4, 11, 40, 0, 0, place.Zone),
		"closed": time.Date(2026, 5, 9, 18, 0, 0, 0, place.Zone),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.StatusAt(place, at)
			}
		})
	}
}

func BenchmarkParseAndStatus(b *testing.B) {
	place := saintes()
	at := time.Date(2026, 5, 9, 18, 0, 0, 0, place.Zone)
	b.ReportAllocs()
	for b.Loop() {
		h, err := openinghours.Parse(usual)
		if err != nil {
			b.Fatal(err)
		}
		h.StatusAt(place, at)
	}
}

func BenchmarkIntervals(b *testing.B) {
	h, place := parse(b, usual), saintes()
	from := time.Date(2026, 5, 4, 0, 0, 0, 0, place.Zone)
	b.ReportAllocs()
	for b.Loop() {
		h.Intervals(place, from, from.AddDate(0, 0, 7))
	}
}

func BenchmarkWeek(b *testing.B) {
	h, place := parse(b, usual), saintes()
	b.ReportAllocs()
	for b.Loop() {
		h.Week(place, openinghours.Date{Year: 2026, Month: 5, Day: 4})
	}
}
