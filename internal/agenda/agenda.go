// Package agenda is when and where somebody helps, for how many, and who comes: permanences, itinerant tours, workshops,
// appointments, machines, repair cafés, events, group visits.
//
// # Series and occurrences
//
// A Series is a rule (package recur: anchor, season, public and school holidays) and what each of its dates is unless
// something else is said of it. Its dates are rows, Occurrences, each with a state, a place, a crew and a number of seats of
// its own:
//
//	planned > host_confirmed > open > in_progress > closed | cancelled(reason, by) | moved(to)
//
// An occurrence has a short public number that its address begins with (/agenda/42). One that is moved to another day stays
// where it was announced and leads to the new one; its bookings go with it. Changing a series changes its coming dates but
// those that somebody changed by hand. Times are civil: a date, a minute and a zone; instants follow from them.
//
// # Modes
//
// A Mode says how one takes part: walk-in (heads are counted, capacity is a hint), workshop and game (seats), appointments
// and machines (slots), repair café, event, public hours of a point in a collège, group visit (one contact, N seats). A
// mode may have priority on a date (Series.FirstFor), until a set time before the start. A partner's event is proposed, then
// published or refused.
//
// # Claims
//
// A Claim is a seat, or several, of one person on one occurrence:
//
//	waiting > held(until) > booked > arrived > attended | partly | no_show, or cancelled | declined | expired
//
// Whatever decides on seats first touches the occurrence's row, then counts rows: callers of both engines take turns, and
// nothing is kept that could drift. Each change adds a step; the state of a claim is its last step's. A person is a row of
// module person, never an e-mail address or a telephone; a contact has at most three live bookings from the web.
//
//   - The waiting list is joined by choice, in the order of arrival. A freed seat is held for the first one it suits, for a
//     set time; unanswered, it passes on by itself. Nobody is offered a seat after the series' notice has begun. Whoever
//     cancels has left the list. While somebody waits, nobody who comes later takes a seat. Raising the capacity offers what
//     it adds.
//   - Seats may be kept for a commune, an audience or a relay (Quota) until a time before the start.
//   - A person cancels until four hours, and moves until two days, before (RDV Service Public's terms), unless the series or the
//     reason says otherwise; staff always may.
//   - A machine may ask for an authorisation, granted by staff and for a time.
//   - Silence: the claims of a person under silence, and those of a silent reason, count as seats and show nowhere: on no
//     list of another team, in no feed, in no message.
//
// # Tours
//
// A Tour is a crew, a van, its kit and a season; its stops are series. Days are checked for travel (package travel). A
// host, usually the town hall, confirms a stop, or calls it off, by a link that opens a page with buttons; those who are booked are
// told in the same transaction. A commune asks for half a day or a day (Request); agreeing makes the series.
//
// # Rooms, desks, machines
//
// A Resource is booked for a time (Use), by what it Asks: hours, length, grid, notice, a limit a week, a yes. What stands in a room is blocked while the
// room is taken, and the other way round. Several resources, laptops whichever are free, and people of the team are taken together or not at all
// (BookBundle): whoever books touches the rows of the outermost resources first, then those of people, always in the same order. What asks for a yes
// is asked for, and blocks nothing meanwhile; a yes refuses who asked for the same. A booking to which nobody came is released by itself,
// where the resource says after how long; a day that is keyed in later takes it back, if nobody else has it.
//
// # A day without network
//
// MyDay is what somebody does today. A FieldDevice keeps it and sends each thing done as an Action, under an id and a rank of its own, until it is
// answered: Sync takes it once, in any order. What two noted otherwise is a Gap, which changes nothing until its author decides (Settle). A device
// that is lost forgets (LoseDevice, Lost). ADR 14 says why.
//
// # Closing
//
// A Closing is what the team says at the end of a date: who came, how many without a name and of what kind, a note on the session. People without
// a name are rows of +1 and -1, never persons. Closings are only added: the last counts, the same one sent twice counts once. A closed date takes no tap.
//
// # People
//
// An Absence says when somebody who works is away, and of what kind alone. It cancels no date: whoever notes it sees the dates that it
// touches first, and a slot for all of which nobody of the crew is there is neither offered nor given.
//
// # Volunteers
//
// A Shift is what volunteers do at a time, and how many are needed. Whoever signs somebody up touches its row, then counts. Nobody is on two
// shifts at once. Rows are only added (ShiftEntry): the last one of each volunteer says where they stand, and the hours are those of who came.
//
// # Reading
//
// Residents read an immutable in-memory Index, brought up to date when agenda_state.version rises: a node reads what
// changed since the version it holds. A booking decides on rows, not on the index.
//
// # Tables
//
// agenda_state, agenda_reason, agenda_tour, agenda_tour_member, agenda_series, agenda_series_member, agenda_quota,
// agenda_occurrence, agenda_occurrence_member, agenda_occurrence_step, agenda_claim, agenda_claim_step, agenda_headcount,
// agenda_authorisation, agenda_request, agenda_request_step, agenda_leg, agenda_feed, agenda_resource, agenda_use, agenda_use_member, agenda_use_step,
// agenda_device, agenda_action, agenda_closing, agenda_closing_count, agenda_absence, agenda_shift, agenda_shift_entry.
//
// # What it does not do
//
// It knows no reason why a person comes beyond a series' theme, keeps no note of what was done, and books no room for a date
// by itself.
package agenda

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/territory"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// ID is an occurrence.
type ID string

// SeriesID is a series, TourID a tour, ClaimID a claim, ReasonID a reason of appointments.
type (
	SeriesID string
	TourID   string
	ClaimID  string
	ReasonID string
)

// Number is the public number of an occurrence: short, stable, never given twice. Addresses begin with it.
type Number int64

// Service is the agenda. It is safe for concurrent use.
type Service struct {
	db        *db.DB
	journal   *audit.Journal
	territory *territory.Service
	identity  *identity.Service
	places    *place.Service
	persons   *person.Service
	notices   *notice.Service
	jobs      *jobs.Queue
	key       []byte
	now       func() time.Time
	log       *slog.Logger
	index     atomic.Pointer[Index]
}

// Deps is what a Service needs.
type Deps struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Identity  *identity.Service
	Places    *place.Service
	Persons   *person.Service
	Notices   *notice.Service // Events are registered there
	Jobs      *jobs.Queue     // its handlers are registered here
	Key       []byte          // of links and fingerprints; the same on every node
	Zone      *time.Location  // in which daily rounds are timed
	Now       func() time.Time
	Log       *slog.Logger
}

// New returns a service whose index is empty until Refresh has run.
func New(d Deps) *Service {
	s := &Service{
		db: d.DB, journal: d.Journal, territory: d.Territory, identity: d.Identity, places: d.Places, persons: d.Persons, notices: d.Notices,
		jobs: d.Jobs, key: d.Key, now: d.Now, log: d.Log,
	}
	s.index.Store(newIndex(-1, nil, nil))
	jobs.Handle(d.Jobs, jobs.Options{}, func(ctx context.Context, t passTask) error { return s.Pass(ctx, t.Occurrence) })
	jobs.Handle(d.Jobs, jobs.Options{Lease: 10 * time.Minute}, func(ctx context.Context, _ hostTask) error { return s.AskHosts(ctx) })
	jobs.Handle(d.Jobs, jobs.Options{}, func(ctx context.Context, t releaseTask) error { return s.release(ctx, t.Use) })
	jobs.Handle(d.Jobs, jobs.Options{Lease: 10 * time.Minute}, func(ctx context.Context, _ recountTask) error { return s.recount(ctx) })
	d.Jobs.Schedule("agenda.recount", jobs.Daily(3, 40, d.Zone), func(time.Time) jobs.Task { return recountTask{} })
	d.Jobs.Schedule("agenda.hosts", jobs.Daily(9, 0, d.Zone), func(time.Time) jobs.Task { return hostTask{} })
	return s
}

// token is a proof that an id was given out by this instance, for one use: what leads to a page in a message.
func (s *Service) token(use, id string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(use + " " + id))
	return id + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// tokenOf is the id of a token; "" for one that is none.
func (s *Service) tokenOf(use, token string) string {
	id, _, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(token), []byte(s.token(use, id))) {
		return ""
	}
	return id
}

// fingerprint is what is kept of a contact: keyed, since telephone numbers can all be tried. "" has none.
func (s *Service) fingerprint(contact string) string {
	if contact == "" {
		return ""
	}
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("contact " + contact))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

func unknown() error { return fault.New(fault.NotFound, "agenda.unknown") }
