package agenda

import (
	"cmp"
	"slices"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// Query narrows the agenda. The zero value of a field is any.
type Query struct {
	Communes     []string        // INSEE codes
	Near         territory.Point // distances start there
	Within       float64         // metres from Near; 0 is any
	Mode         Mode
	Theme        place.Need
	Level        Level
	Crew         string // a given name
	Organisation string
	Place        place.ID
	Tour         TourID
	Series       SeriesID
	From, To     time.Time // those that end after From and start before To
	FreeOnly     bool      // something can still be booked, or nobody need book
	Live         bool      // neither cancelled nor moved
}

// Found is a date that answers a query. Metres is negative where the distance is not known or not asked for.
type Found struct {
	*Entry
	Metres float64
}

// Search lists the dates that answer a query, the next first.
func (x *Index) Search(q Query) []Found {
	var out []Found
	metres := x.measure(q.Near)
	crew := fold.Key(q.Crew)
	for _, e := range x.entries {
		if !q.admits(e, crew) {
			continue
		}
		f := Found{Entry: e, Metres: metres(e)}
		if q.Within > 0 && (f.Metres < 0 || f.Metres > q.Within) {
			continue
		}
		out = append(out, f)
	}
	return out
}

func (q Query) admits(e *Entry, crew string) bool {
	switch {
	case !e.End.After(q.From), !q.To.IsZero() && !e.Start.Before(q.To):
		return false
	case len(q.Communes) > 0 && !slices.Contains(q.Communes, e.Where.Commune), q.Mode != "" && e.Series.Mode != q.Mode:
		return false
	case q.Theme != "" && e.Series.Theme != q.Theme, q.Level != "" && e.Series.Level != q.Level && e.Series.Level != "":
		return false
	case q.Organisation != "" && string(e.Series.Organisation) != q.Organisation, q.Place != "" && e.Where.Place != q.Place:
		return false
	case q.Tour != "" && e.Series.Tour != q.Tour, q.Series != "" && e.Occurrence.Series != q.Series:
		return false
	case q.Live && !e.Live(), q.FreeOnly && (e.FreeAt(q.From) == 0 || !e.Live()):
		return false
	}
	return crew == "" || slices.ContainsFunc(e.Crew, func(name string) bool { return fold.Key(name) == crew })
}

// measure returns how far entries are from a point: each place is measured once.
func (x *Index) measure(from territory.Point) func(*Entry) float64 {
	if !from.Known() {
		return func(*Entry) float64 { return -1 }
	}
	known := make([]float64, len(x.spots))
	return func(e *Entry) float64 {
		if known[e.spot] == 0 {
			known[e.spot] = -1
			if p := x.spots[e.spot]; p.Known() {
				known[e.spot] = max(place.Metres(from, p), 1)
			}
		}
		return known[e.spot]
	}
}

// Slot is a free appointment.
type Slot struct {
	*Entry
	Reason Reason
	At     time.Time
	Metres float64 // negative where it is not known
}

// SlotQuery asks for the next free appointments.
type SlotQuery struct {
	Query
	Reason ReasonID // "" for any
	Staff  bool     // whoever asks may book what helpers book
	Alone  bool     // the terms of a person hold: notice, and not too early
	Limit  int
}

// NextSlots lists the next free appointments near a point, the earliest first; at one time, the nearest first.
func (x *Index) NextSlots(q SlotQuery, now time.Time) []Slot {
	var out []Slot
	metres := x.measure(q.Near)
	q.Live = true
	latest := time.Time{} // what begins later than this is not among the first
	for _, e := range x.entries {
		if !latest.IsZero() && e.Start.After(latest) {
			break
		}
		if len(e.slots) == 0 || !q.admits(e, "") || q.Alone && e.State == Planned {
			continue
		}
		m := metres(e)
		if q.Within > 0 && (m < 0 || m > q.Within) {
			continue
		}
		if out = e.addSlots(out, q, m, now); latest.IsZero() && len(out) >= q.Limit {
			sortSlots(out)
			latest = out[q.Limit-1].At
		}
	}
	sortSlots(out)
	return out[:min(len(out), q.Limit)]
}

func sortSlots(list []Slot) {
	slices.SortStableFunc(list, func(a, b Slot) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Metres, b.Metres)) })
}

func (e *Entry) addSlots(out []Slot, q SlotQuery, metres float64, now time.Time) []Slot {
	for _, r := range e.slots {
		if q.Reason != "" && r.reason.ID != q.Reason || r.reason.BookableBy == TeamOnly || r.reason.BookableBy == Helpers && !q.Staff {
			continue
		}
		t := terms(*e.Series, r.reason)
		for _, at := range r.at {
			wait := at.Sub(now)
			if wait < 0 || q.Alone && (wait < t.Notice || wait > time.Duration(t.Ahead)*24*time.Hour) {
				continue
			}
			out = append(out, Slot{Entry: e, Reason: r.reason, At: at, Metres: metres})
		}
	}
	return out
}

// Slots lists the free times of an entry for a reason, in order; those of a machine have no reason.
func (e *Entry) Slots(reason ReasonID) []time.Time {
	for _, r := range e.slots {
		if r.reason.ID == reason {
			return r.at
		}
	}
	return nil
}

// Reasons lists the reasons for which one may take an appointment at an entry.
func (e *Entry) Reasons(staff bool) []Reason {
	var out []Reason
	for _, r := range e.slots {
		if r.reason.ID != "" && (r.reason.BookableBy == Everyone || staff && r.reason.BookableBy == Helpers) {
			out = append(out, r.reason)
		}
	}
	return out
}

// Bookable reports whether somebody may book the entry alone now, whatever is free.
func (e *Entry) Bookable(now time.Time) bool {
	if first := e.Priority(now); first != "" && first != e.Series.Mode {
		return false
	}
	return bookable(*e.Series, e.Occurrence, now) == nil && (e.Series.Mode.HasSlots() || inTime(e.Series.Terms, e.Occurrence, e.Start, now) == nil)
}

// InTime reports whether a person may take an appointment alone at an instant: neither too late nor too early.
func (e *Entry) InTime(at time.Time, reason ReasonID, now time.Time) bool {
	t := e.Series.Terms
	for _, r := range e.slots {
		if r.reason.ID == reason {
			t = terms(*e.Series, r.reason)
		}
	}
	return inTime(t, e.Occurrence, at, now) == nil
}

// Asks says what a booking of the entry must tell beside a name and a contact, because seats are kept for some: the commune of
// residence, or one of some audiences.
func (e *Entry) Asks(now time.Time) (commune bool, audiences []string) {
	for _, q := range e.quotas {
		if !q.inForce(e.Start, now) {
			continue
		}
		commune = commune || q.Kind == ForCommune
		if q.Kind == ForPublic {
			audiences = append(audiences, q.Value)
		}
	}
	return commune, audiences
}

// Priority is the mode that has priority on the entry now; "" once it was released.
func (e *Entry) Priority(now time.Time) Mode { return e.Series.priority(e.Occurrence, now) }

func (x *Index) bornNear(at territory.Point, metres float64, since, until, now time.Time) []*Entry {
	var out []*Entry
	seen := map[SeriesID]bool{}
	for _, f := range x.Search(Query{Near: at, Within: metres, From: now, Live: true}) {
		if seen[f.Entry.Occurrence.Series] || !f.Series.CreatedAt.After(since) || f.Series.CreatedAt.After(until) {
			continue
		}
		seen[f.Entry.Occurrence.Series] = true
		out = append(out, f.Entry)
	}
	slices.SortStableFunc(out, func(a, b *Entry) int { return b.Series.CreatedAt.Compare(a.Series.CreatedAt) })
	return out
}

// BornNear lists the series that were added in a stretch of time within some metres of a point, each by its next date, the
// last added first.
func (s *Service) BornNear(at territory.Point, metres float64, since, until time.Time) []*Entry {
	return s.Index().bornNear(at, metres, since, until, s.now())
}
