package web

import (
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// nearbyLooked bounds how far the home page looks for open doors around the main town.
const nearbyLooked = 60

// Nearby answers the home page before it asks: the places around a commune that are open now, else those that open
// next, at most n cards. open is how many of the nearest places are open now.
func (h *Handlers) Nearby(p ui.Page, from territory.Commune, n int) (cards ui.PlaceCards, open int) {
	var now, later []place.Found
	looked := 0
	h.Places.Index().Near(from.Point, func(f place.Found) bool {
		looked++
		s, ok := f.StatusAt(p.Now())
		switch {
		case f.ToCheck: // nobody is sent, without having asked, to a place that may be gone
		case ok && s.State == openinghours.Open:
			now = append(now, f)
		case ok && !s.Next.IsZero() && s.NextState == openinghours.Open:
			later = append(later, f)
		}
		return looked < nearbyLooked
	})
	open = len(now)
	for _, f := range soonest(now, later, n) {
		c := card(p, f)
		c.Deep = true
		cards = append(cards, c)
	}
	return cards, open
}

// soonest keeps the nearest open places, and fills up with the nearest that open later.
func soonest(now, later []place.Found, n int) []place.Found {
	out := append([]place.Found(nil), now[:min(n, len(now))]...)
	return append(out, later[:min(n-len(out), len(later))]...)
}
