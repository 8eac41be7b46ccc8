package agenda

import (
	"slices"
	"strings"
	"time"
)

// QuotaKind says for whom seats are kept.
type QuotaKind string

// The kinds of quotas.
const (
	ForCommune QuotaKind = "commune" // who lives in one of some communes
	ForPublic  QuotaKind = "public"  // an audience of the census: "Seniors"
	ForRelay   QuotaKind = "relay"   // whom the staff of an organisation book
)

// Quota keeps seats of each date of a series for some, until a time before the start.
type Quota struct {
	ID      string
	Seats   int
	Kind    QuotaKind
	Value   string // INSEE codes joined by "|", an audience, an organisation
	Release time.Duration
}

// suits reports whether a claim may take a seat of the quota.
func (q Quota) suits(c Claim) bool {
	switch q.Kind {
	case ForCommune:
		return c.Commune != "" && slices.Contains(strings.Split(q.Value, "|"), c.Commune)
	case ForPublic:
		return c.Audience != "" && c.Audience == q.Value
	case ForRelay:
		return c.Organisation != "" && string(c.Organisation) == q.Value
	}
	return false
}

// inForce reports whether the quota still keeps its seats for an occurrence at now.
func (q Quota) inForce(start, now time.Time) bool { return start.Sub(now) > q.Release }

// allot says from which quota a claim takes its seats, and whether there is room: seats kept for others are none for it.
// It prefers a quota that suits the claim, so that the open seats stay open. A capacity of 0 has always room.
func allot(c Claim, capacity int, quotas []Quota, taken []Claim, start, now time.Time) (quota string, ok bool) {
	if capacity == 0 {
		return "", true
	}
	used := map[string]int{}
	for _, t := range taken {
		used[t.Quota] += t.Seats
	}
	kept := 0
	for _, q := range quotas {
		if !q.inForce(start, now) {
			continue
		}
		left := max(0, q.Seats-used[q.ID])
		if q.suits(c) && left >= c.Seats {
			quota, ok = q.ID, true
		}
		kept += left
	}
	free := capacity - seatsOf(taken)
	if ok && free >= c.Seats {
		return quota, true
	}
	return "", free-kept >= c.Seats
}
