package web

import (
	"time"

	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// freshness says how old the information about a place is, and invites to call when it is too old to be trusted.
type freshness struct {
	Text string
	Old  string // "" while it is fresh enough
}

// freshnessOf says "Informations mises à jour il y a 3 mois, le lundi 2 février 2026."
func freshnessOf(p ui.Page, updatedOn, verifiedOn, source string) freshness {
	on, verified, ok := place.FreshOn(updatedOn, verifiedOn)
	if !ok {
		return freshness{Text: p.T("place.fresh.unknown"), Old: p.T("place.fresh.call")}
	}
	key := "place.fresh.updated"
	switch {
	case days(p, on) < 0: // a day to come is a slip of the source: the date alone is said
		key = "place.fresh"
	case verified:
		key = "place.fresh.verified"
	}
	f := freshness{Text: p.T(key, "Ago", ago(p, on), "Date", p.DateLong(on))}
	if source != "" {
		f.Text += " " + p.T("place.fresh.source", "Source", source)
	}
	if months(p, on) >= place.AskMonths {
		f.Old = p.T("place.fresh.old")
	}
	return f
}

// ago says how long ago a day was: today, yesterday, in days for a month, in months for a year, then in years.
func ago(p ui.Page, on time.Time) string {
	switch n, m := days(p, on), months(p, on); {
	case n <= 0:
		return p.T("place.ago.today")
	case n == 1:
		return p.T("place.ago.yesterday")
	case m == 0:
		return p.N("place.ago.days", n)
	case m < 12:
		return p.N("place.ago.months", m)
	default:
		return p.N("place.ago.years", m/12)
	}
}

// days counts the days from a civil day, at midnight UTC, to the day of the page.
func days(p ui.Page, on time.Time) int {
	y, m, d := p.Now().Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(on).Hours() / 24)
}

// months counts the whole months since a civil day.
func months(p ui.Page, on time.Time) int { return place.MonthsSince(on, p.Now()) }
