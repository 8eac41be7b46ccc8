package agenda

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
)

// Index is what residents see of the agenda: the dates of published series that have not long ended. It is immutable and
// safe for concurrent use.
type Index struct {
	version   int64
	gazetteer *territory.Gazetteer
	census    *place.Index
	entries   []*Entry // by start, then number
	byNumber  map[Number]*Entry
	byID      map[ID]*Entry
	reasons   map[ReasonID]Reason
	names     map[identity.AccountID]string
	spots     []territory.Point // the places of entries, each once: a query measures each distance once
	cache     sync.Map          // what pages made of this index; see Cached
	cached    atomic.Int64
}

// Entry is one date, with what is derived from it.
type Entry struct {
	Occurrence
	Series  *Series
	Ground  territory.Commune // zero for an unknown code
	Spot    Spot
	Point   territory.Point // of the place, else of the commune; the zero Point is nowhere
	Crew    []string        // given names of who is there
	Taken   int             // seats taken or held
	Waiting int             // how many wait
	free    int             // as counted when the index was read; see FreeAt
	timed   bool            // free follows the clock: holds run out, quotas are released
	Next    *Entry          // what stands for a date that was moved; nil where it is not known
	slots   []reasonSlots
	spot    int
	claims  []Claim
	quotas  []Quota
}

// reasonSlots are the free times of one reason; that of a machine has the zero reason.
type reasonSlots struct {
	reason Reason
	at     []time.Time
}

// keepEnded is how long a date stays in the index after its end: its page then says that it is over.
const keepEnded = 36 * time.Hour

// Index returns the agenda as last read. The value never changes; keep it for the length of a request.
func (s *Service) Index() *Index { return s.index.Load() }

// Version is the state of the agenda that the index was read at.
func (x *Index) Version() int64 { return x.version }

// Entry is the date of a public number.
func (x *Index) Entry(n Number) (*Entry, bool) {
	e, ok := x.byNumber[n]
	return e, ok
}

// ByID is a date.
func (x *Index) ByID(of ID) (*Entry, bool) {
	e, ok := x.byID[of]
	return e, ok
}

// Len is how many dates there are, those that were cancelled and moved too.
func (x *Index) Len() int { return len(x.entries) }

// maxCached is how many values an index keeps for pages: more is made anew each time, so that addresses that nobody
// comes back to fill no memory.
const maxCached = 256

// Cached gives what make returned for a key the first time it was asked of this index. It serves what every reader is
// given alike.
func (x *Index) Cached(key string, make func() []byte) []byte {
	if v, ok := x.cache.Load(key); ok {
		return v.([]byte)
	}
	body := make()
	if x.cached.Add(1) <= maxCached {
		x.cache.Store(key, body)
	}
	return body
}

// raw is what an index is made of: rows.
type raw struct {
	version     int64
	occurrences []Occurrence
	series      map[SeriesID]*Series
	quotas      map[SeriesID][]Quota
	claims      map[ID][]Claim
	reasons     map[ReasonID]Reason
	names       map[identity.AccountID]string
}

// newIndex builds an index of entries, which it sorts.
func newIndex(version int64, entries []*Entry, reasons map[ReasonID]Reason) *Index {
	x := &Index{version: version, entries: entries, byNumber: make(map[Number]*Entry, len(entries)), byID: make(map[ID]*Entry, len(entries)), reasons: reasons}
	slices.SortFunc(x.entries, func(a, b *Entry) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Number, b.Number)) })
	known := map[territory.Point]int{}
	for _, e := range x.entries {
		x.byNumber[e.Number], x.byID[e.ID] = e, e
		n, ok := known[e.Point]
		if !ok {
			n = len(x.spots)
			known[e.Point] = n
			x.spots = append(x.spots, e.Point)
		}
		e.spot = n
	}
	for _, e := range x.entries {
		if e.State == MovedTo {
			e.Next = x.byID[e.MovedTo]
		}
	}
	return x
}

// Refresh brings the index up to the newest version of the agenda, reading only what changed, and to the census and the
// communes as they are in memory. It reports whether anything changed.
func (s *Service) Refresh(ctx context.Context) (bool, error) {
	held := s.index.Load()
	now, err := db.One(ctx, s.db, db.Value[int64], `SELECT version FROM agenda_state WHERE id = 1`)
	if err != nil {
		return false, err
	}
	gazetteer, census := s.territory.Gazetteer(), s.places.Index()
	if now == held.version && gazetteer == held.gazetteer && census == held.census {
		return false, nil
	}
	next := &raw{version: now}
	if now != held.version {
		err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error { return s.readChanges(ctx, q, held, next) })
		if err != nil {
			return false, err
		}
	}
	s.index.Store(s.merge(held, next, gazetteer, census))
	return true, nil
}

// readChanges reads the dates that changed since an index was read, with all that they show.
func (s *Service) readChanges(ctx context.Context, q db.Querier, held *Index, into *raw) error {
	var err error
	if into.version, err = db.One(ctx, q, db.Value[int64], `SELECT version FROM agenda_state WHERE id = 1`); err != nil {
		return err
	}
	since := db.Micros(s.now().Add(-keepEnded))
	if into.occurrences, err = db.All(ctx, q, scanOccurrence, `SELECT `+occurrenceCols+` FROM agenda_occurrence WHERE change > $1 AND ends_at > $2 ORDER BY starts_at, id`,
		held.version, since); err != nil {
		return err
	}
	crews, err := db.All(ctx, q, func(r db.Row) (crewRow, error) {
		var c crewRow
		return c, r.Scan(&c.of, &c.account)
	}, `SELECT m.occurrence_id, m.account_id FROM agenda_occurrence_member m JOIN agenda_occurrence o ON o.id = m.occurrence_id
		WHERE o.change > $1 AND o.ends_at > $2 ORDER BY m.occurrence_id, m.account_id`, held.version, since)
	if err != nil {
		return err
	}
	into.occurrences = crewed(into.occurrences, crews)
	away, err := allSpans(ctx, q, s.now())
	if err != nil {
		return err
	}
	byWho := map[identity.AccountID][]span{}
	for _, a := range away {
		byWho[a.who] = append(byWho[a.who], a)
	}
	for i := range into.occurrences {
		o := &into.occurrences[i]
		for _, m := range o.Members {
			for _, a := range byWho[m] {
				if a.from.Before(o.End) && a.to.After(o.Start) {
					o.away = append(o.away, a)
				}
			}
		}
	}
	claims, err := db.All(ctx, q, scanClaim, `SELECT `+prefixed("c", claimCols)+` FROM agenda_claim c JOIN agenda_occurrence o ON o.id = c.occurrence_id
		WHERE o.change > $1 AND o.ends_at > $2 AND c.state NOT IN ('cancelled', 'declined', 'expired')`, held.version, since)
	if err != nil {
		return err
	}
	into.claims = map[ID][]Claim{}
	for _, c := range claims {
		into.claims[c.Occurrence] = append(into.claims[c.Occurrence], c)
	}
	if err := s.readSeries(ctx, q, held, into); err != nil {
		return err
	}
	return s.readNames(ctx, held, into)
}

// readSeries reads the series of the dates that changed, and every reason: there are few.
func (s *Service) readSeries(ctx context.Context, q db.Querier, held *Index, into *raw) error {
	reasons, err := listReasons(ctx, q)
	if err != nil {
		return err
	}
	into.reasons = make(map[ReasonID]Reason, len(reasons))
	for _, r := range reasons {
		into.reasons[r.ID] = r
	}
	into.series, into.quotas = map[SeriesID]*Series{}, map[SeriesID][]Quota{}
	if held.version < 0 {
		return s.readAllSeries(ctx, q, into)
	}
	for _, o := range into.occurrences {
		if into.series[o.Series] != nil {
			continue
		}
		one, err := seriesByID(ctx, q, o.Series)
		if err != nil {
			return err
		}
		into.series[o.Series] = &one
		if into.quotas[o.Series], err = quotasOf(ctx, q, o.Series); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) readAllSeries(ctx context.Context, q db.Querier, into *raw) error {
	list, err := listSeries(ctx, q)
	if err != nil {
		return err
	}
	for i := range list {
		into.series[list[i].ID] = &list[i]
	}
	return db.Each(ctx, q, func(r db.Row) (SeriesID, error) {
		var of SeriesID
		var one Quota
		var release int64
		err := r.Scan(&of, &one.ID, &one.Seats, &one.Kind, &one.Value, &release)
		one.Release = minutes(release)
		into.quotas[of] = append(into.quotas[of], one)
		return of, err
	}, func(SeriesID) error { return nil }, `SELECT series_id, id, seats, kind, value, release_min FROM agenda_quota ORDER BY series_id, id`)
}

// readNames reads the given names of the crews that are not known yet.
func (s *Service) readNames(ctx context.Context, held *Index, into *raw) error {
	var missing []identity.AccountID
	seen := map[identity.AccountID]bool{}
	for _, o := range into.occurrences {
		for _, a := range o.Members {
			if _, ok := held.names[a]; !ok && !seen[a] {
				seen[a] = true
				missing = append(missing, a)
			}
		}
	}
	into.names = map[identity.AccountID]string{}
	for part := range slices.Chunk(missing, 500) {
		names, err := s.identity.GivenNames(ctx, part...)
		if err != nil {
			return err
		}
		for a, n := range names {
			into.names[a] = n
		}
	}
	return nil
}

// merge makes the next index: what changed replaces what was held; the rest is taken over, but what has long ended.
func (s *Service) merge(held *Index, next *raw, gazetteer *territory.Gazetteer, census *place.Index) *Index {
	now := s.now()
	names := make(map[identity.AccountID]string, len(held.names)+len(next.names))
	for _, m := range []map[identity.AccountID]string{held.names, next.names} {
		for a, n := range m {
			names[a] = n
		}
	}
	reasons := next.reasons
	if reasons == nil {
		reasons = held.reasons
	}
	replaced := make(map[ID]bool, len(next.occurrences))
	entries := make([]*Entry, 0, len(held.entries)+len(next.occurrences))
	for i := range next.occurrences {
		o := next.occurrences[i]
		replaced[o.ID] = true
		series := next.series[o.Series]
		if series == nil || !visible(*series, o) {
			continue
		}
		e := &Entry{Occurrence: o, Series: series, claims: next.claims[o.ID], quotas: next.quotas[o.Series]}
		for _, a := range o.Members {
			if n := names[a]; n != "" {
				e.Crew = append(e.Crew, n)
			}
		}
		e.count(reasons, now)
		entries = append(entries, e)
	}
	for _, e := range held.entries {
		if !replaced[e.ID] && e.End.After(now.Add(-keepEnded)) {
			kept := *e
			entries = append(entries, &kept)
		}
	}
	for _, e := range entries {
		e.stand(gazetteer, census)
	}
	x := newIndex(next.version, entries, reasons)
	x.names, x.gazetteer, x.census = names, gazetteer, census
	return x
}

// visible reports whether residents see a date: of a published series, and not one that was taken away before anybody
// booked it.
func visible(series Series, o Occurrence) bool {
	return series.State == Published && (o.State != Cancelled || o.EndedBy != "") || series.State == Ended && o.State == Cancelled && o.EndedBy != ""
}

// stand says where an entry takes place, as the census and the communes are now.
func (e *Entry) stand(gazetteer *territory.Gazetteer, census *place.Index) {
	e.Ground, _ = gazetteer.Commune(e.Where.Commune)
	e.Spot, e.Point = Spot{}, e.Ground.Point
	if p, ok := census.Shown(e.Where.Place); ok && e.Where.Place != "" {
		e.Spot = Spot{Name: p.Name, Address: p.Address, Point: p.Stands, Path: p.Number}
		e.Point = p.Stands
	}
}

// count derives the free seats and slots of an entry.
func (e *Entry) count(reasons map[ReasonID]Reason, now time.Time) {
	taken := taking(e.claims, now)
	e.Taken, e.Waiting, e.free, e.slots = seatsOf(taken), len(queue(e.claims)), -1, nil
	e.timed = len(e.quotas) > 0 || !nextHold(e.claims).IsZero()
	switch {
	case e.Series.Mode.HasSlots():
		e.countSlots(reasons, taken)
	case e.Capacity > 0:
		e.free = e.seatsLeft(taken, now)
	}
}

// seatsLeft counts the seats that anybody may take.
func (e *Entry) seatsLeft(taken []Claim, now time.Time) int {
	kept := 0
	for _, q := range e.quotas {
		if q.inForce(e.Start, now) {
			kept += max(0, q.Seats-usedOf(taken, q.ID))
		}
	}
	return max(0, e.Capacity-seatsOf(taken)-kept)
}

// FreeAt is how many seats, or times of an appointment, anybody may take at an instant, those kept for some left out; -1 is no limit.
func (e *Entry) FreeAt(now time.Time) int {
	if e.timed && e.free >= 0 && !e.Series.Mode.HasSlots() {
		return e.seatsLeft(taking(e.claims, now), now)
	}
	return e.free
}

func (e *Entry) countSlots(reasons map[ReasonID]Reason, taken []Claim) {
	list := []Reason{{}}
	if e.Series.Mode == Appointments {
		list = list[:0]
		for _, one := range e.Series.Reasons {
			if r, ok := reasons[one]; ok && !r.Retired {
				list = append(list, r)
			}
		}
	}
	e.free = 0
	for _, r := range list {
		at := freeSlots(*e.Series, e.Occurrence, r, taken)
		e.slots = append(e.slots, reasonSlots{reason: r, at: at})
		e.free = max(e.free, len(at))
	}
}

func usedOf(taken []Claim, quota string) int {
	n := 0
	for _, c := range taken {
		if c.Quota == quota {
			n += c.Seats
		}
	}
	return n
}

// prefixed puts an alias before every column of a list.
func prefixed(alias, cols string) string {
	out := make([]byte, 0, 2*len(cols))
	start := true
	for i := range len(cols) {
		c := cols[i]
		letter := c == '_' || c >= 'a' && c <= 'z'
		if letter && start {
			out = append(out, alias...)
			out = append(out, '.')
		}
		start = !letter
		out = append(out, c)
	}
	return string(out)
}
