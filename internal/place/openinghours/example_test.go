package openinghours_test

import (
	"fmt"
	"strings"
	"time"

	"viaduc/internal/place/openinghours"
)

func Example() {
	h, err := openinghours.Parse("Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00; PH off")
	if err != nil {
		fmt.Println(err)
		return
	}
	place := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17")}
	now := time.Date(2026, time.May, 7, 17, 10, 0, 0, place.Zone) // the eve of 8 May

	s := h.StatusAt(place, now)
	fmt.Println(s.State, "until", s.Until.Format("15:04"), "then", s.Next.Format("Monday 15:04"))
	for _, sentence := range openinghours.Spoken(h) {
		fmt.Println(strings.ReplaceAll(sentence, "\u00a0", " "))
	}
	// Output:
	// open until 17:30 then Saturday 09:00
	// du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h 30
	// le samedi, de 9 h à 12 h
	// fermé les jours fériés
}

func ExampleParseFrench() {
	spans, ok := openinghours.ParseFrench("8h30 à 12h et de 13h30 à 17h (sur rendez-vous)")
	fmt.Println(spans, ok)
	// Output: 08:30-12:00,13:30-17:00 true
}
