package agenda

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/mail"
)

// RequestState is where a commune's request stands.
type RequestState string

// The states of a request.
const (
	Asked     RequestState = "asked"
	Studied   RequestState = "studied"
	Offered   RequestState = "proposed"  // the commune is asked whether a half-day suits it
	Agreed    RequestState = "agreed"    // it does
	Scheduled RequestState = "scheduled" // the series exists
	Turned    RequestState = "declined"  // with a reason
)

// French says the state for staff and for the commune.
func (s RequestState) French() string {
	return map[RequestState]string{
		Asked: "Reçue", Studied: "À l'étude", Offered: "Créneau proposé", Agreed: "Créneau accepté", Scheduled: "Au calendrier", Turned: "Refusée",
	}[s]
}

// requestAfter lists what may follow each state.
var requestAfter = map[RequestState][]RequestState{
	Asked: {Studied, Offered, Turned}, Studied: {Offered, Turned}, Offered: {Offered, Agreed, Studied, Turned}, Agreed: {Scheduled, Turned}, Turned: {Studied},
}

// NewRequest is what a commune asks for.
type NewRequest struct {
	Commune     string // INSEE code
	WholeDay    bool
	EveryWeeks  int // 1 or 2
	Days        []time.Weekday
	Half        string // "morning", "afternoon", "" for either
	From        string // civil date
	Rooms       string
	Wifi        string // "yes", "no", "" for not known
	StepFree    string
	Needs       string
	ContactName string
	ContactRole string
	Email       string
	Phone       string
}

// HalfDay is a half-day that the team proposes to a commune.
type HalfDay struct {
	Tour    TourID       `json:"tour"`
	Weekday time.Weekday `json:"weekday"`
	Half    string       `json:"half"`
	Parity  string       `json:"parity,omitempty"` // "", "odd" or "even" ISO weeks
	Starts  string       `json:"starts"`           // civil date of the first time
	Minute  int          `json:"minute"`
	Length  int          `json:"length"`
	Reasons []string     `json:"reasons,omitempty"` // why it was proposed, in French
}

// Request is what a commune asked for, and what became of it.
type Request struct {
	NewRequest
	ID        string
	Reference string
	State     RequestState
	Offer     *HalfDay
	Series    SeriesID
	Refusal   string
	CreatedAt time.Time
	EndedAt   time.Time
	Version   int64
	Token     string // of its page
}

// RequestPath is the page of a request for the commune, followed by its token.
const RequestPath = "/agenda/demande/"

// EventRequest tells a commune what became of its request.
const EventRequest = "agenda.request"

// check normalises a request and says what is wrong by field.
func (in NewRequest) check() (NewRequest, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	in.Rooms, in.ContactName, in.ContactRole, in.Needs = oneLine(in.Rooms), oneLine(in.ContactName), oneLine(in.ContactRole), strings.TrimSpace(clean(in.Needs))
	if in.Commune == "" {
		f.With("commune", "agenda.commune_missing")
	}
	if in.EveryWeeks != 1 && in.EveryWeeks != 2 {
		f.With("every", "agenda.every_missing")
	}
	if !slices.Contains([]string{"", "morning", "afternoon"}, in.Half) {
		f.With("half", "agenda.invalid")
	}
	if in.Rooms == "" {
		f.With("rooms", "agenda.rooms_missing")
	}
	if in.ContactName == "" {
		f.With("contact", "agenda.contact_name_missing")
	}
	if on, err := ParseDate(in.From); err != nil || in.From == "" || on.Year < 2000 {
		f.With("from", "agenda.date_invalid")
	}
	for field, text := range map[string]string{"rooms": in.Rooms, "contact": in.ContactName, "role": in.ContactRole, "needs": in.Needs} {
		if utf8.RuneCountInString(text) > maxText {
			f.With(field, "agenda.text_long", "Most", maxText)
		}
	}
	if in.Email = strings.TrimSpace(in.Email); in.Email != "" {
		address, ok := mail.Address(in.Email)
		if in.Email = address; !ok {
			f.With("email", "agenda.email_invalid")
		}
	}
	if in.Phone = strings.TrimSpace(in.Phone); in.Phone != "" {
		phone, ok := identity.Phone(in.Phone)
		if in.Phone = phone; !ok {
			f.With("phone", "agenda.phone_invalid")
		}
	}
	if in.Email == "" && in.Phone == "" && f.Fields["email"].Key == "" && f.Fields["phone"].Key == "" {
		f.With("email", "agenda.contact_missing")
	}
	if f.Fields != nil {
		return in, f
	}
	return in, nil
}

// Object is a request as rights see it: of the ground of its commune.
func (r Request) Object() identity.Object {
	return identity.Object{Kind: identity.ObjectRequest, Commune: r.Commune}
}

// CheckRequest says what AskFor would refuse, by field: a page that asks to check before sending calls it.
func (s *Service) CheckRequest(in NewRequest) error {
	_, err := in.check()
	return err
}

// AskFor sends the request of a commune, without an account, and returns it with its reference. It reports fault.Invalid by field.
func (s *Service) AskFor(ctx context.Context, in NewRequest) (Request, error) {
	in, err := in.check()
	if err != nil {
		return Request{}, err
	}
	if _, ok := s.territory.Gazetteer().Commune(in.Commune); !ok {
		return Request{}, fault.New(fault.Invalid, "agenda.invalid").With("commune", "agenda.commune_missing")
	}
	r := Request{NewRequest: in, ID: id.New(), Reference: id.NewReference(), State: Asked, CreatedAt: s.now(), Version: 1}
	r.Token = s.token("request", r.ID)
	return r, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertRequest(ctx, tx, r); err != nil {
			return err
		}
		if err := insertRequestStep(ctx, tx, r, audit.Anonymous, "", s.now()); err != nil {
			return err
		}
		if err := s.tellRequest(ctx, tx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.Anonymous, "agenda.request", "request", r.ID)
	})
}

// Request returns the request of a token, for the commune that made it. It reports fault.NotFound.
func (s *Service) Request(ctx context.Context, token string) (Request, error) {
	return s.requestOf(ctx, s.db, token)
}

func (s *Service) requestOf(ctx context.Context, q db.Querier, token string) (Request, error) {
	one := s.tokenOf("request", token)
	if one == "" {
		return Request{}, unknown()
	}
	r, err := requestByID(ctx, q, one)
	if fault.Is(err, fault.NotFound) {
		return r, unknown()
	}
	r.Token = token
	return r, err
}

// RequestFor returns a request that by may study. One out of reach answers as an unknown one.
func (s *Service) RequestFor(ctx context.Context, by identity.Actor, request string) (Request, error) {
	return s.requestFor(ctx, s.db, by, request)
}

func (s *Service) requestFor(ctx context.Context, q db.Querier, by identity.Actor, request string) (Request, error) {
	r, err := requestByID(ctx, q, request)
	if fault.Is(err, fault.NotFound) {
		return r, identity.NotFound()
	}
	if err != nil {
		return r, err
	}
	r.Token = s.token("request", r.ID)
	return r, identity.Require(by, identity.AgendaRequest, r.Object())
}

// Requests lists the requests that by may study, those that wait first.
func (s *Service) Requests(ctx context.Context, by identity.Actor) ([]Request, error) {
	if identity.Reaches(by, identity.AgendaRequest) == identity.None {
		return nil, identity.Require(by, identity.AgendaRequest, identity.Object{Kind: identity.ObjectRequest})
	}
	return requestsOf(ctx, s.db, by)
}

// Study takes a request up.
func (s *Service) Study(ctx context.Context, by identity.Actor, request string, version int64) error {
	return s.decideRequest(ctx, by, request, version, Studied, func(context.Context, *db.Tx, *Request) error { return nil })
}

// Offer proposes a half-day to the commune, which is told. It reports fault.Invalid by field: what a commune says yes to must
// make dates, so that the tour is under way and the first day is to come, in its season.
func (s *Service) Offer(ctx context.Context, by identity.Actor, request string, version int64, day HalfDay) error {
	return s.decideRequest(ctx, by, request, version, Offered, func(ctx context.Context, tx *db.Tx, r *Request) error {
		t, err := tourByID(ctx, tx, day.Tour)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil || t.Ended {
			return fault.New(fault.Invalid, "agenda.invalid").With("tour", "agenda.proposal_missing")
		}
		if err := day.check(t, civil(openinghours.DateOf(s.now().In(s.zoneOf(r.Commune))))); err != nil {
			return err
		}
		r.Offer = &day
		return nil
	})
}

// check says what keeps a half-day of a tour from being proposed on a day.
func (d HalfDay) check(t Tour, today string) error {
	f := fault.New(fault.Invalid, "agenda.invalid")
	switch on, err := ParseDate(d.Starts); {
	case err != nil || d.Starts == "" || on.Weekday() != d.Weekday:
		f.With("starts", "agenda.date_weekday")
	case civil(on) < today:
		f.With("starts", "agenda.date_past")
	case civil(on) < t.From || civil(on) > t.To:
		f.With("starts", "agenda.outside_season")
	}
	if d.Minute < 0 || d.Minute > 1439 || d.Length < 15 || d.Length > 720 {
		f.With("minute", "agenda.minute_range")
	}
	if f.Fields != nil {
		return f
	}
	return nil
}

// Turn says no, with a reason that the commune reads. It reports fault.Invalid on reason without one.
func (s *Service) Turn(ctx context.Context, by identity.Actor, request string, version int64, why string) error {
	return s.decideRequest(ctx, by, request, version, Turned, func(_ context.Context, _ *db.Tx, r *Request) error {
		var err error
		r.Refusal, err = reason(why)
		return err
	})
}

func (s *Service) decideRequest(ctx context.Context, by identity.Actor, request string, version int64, next RequestState, change func(context.Context, *db.Tx, *Request) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touchRequest(ctx, tx, request); err != nil {
			return err
		}
		r, err := s.requestFor(ctx, tx, by, request)
		if err != nil {
			return err
		}
		if r.Version != version {
			return fault.New(fault.Conflict, "agenda.stale")
		}
		if err := change(ctx, tx, &r); err != nil {
			return err
		}
		return s.requestBecomes(ctx, tx, by.Audit(), r, next)
	})
}

// requestBecomes writes a request in its next state, and tells the commune.
func (s *Service) requestBecomes(ctx context.Context, tx *db.Tx, by audit.Actor, r Request, next RequestState) error {
	if !slices.Contains(requestAfter[r.State], next) {
		return fault.New(fault.Conflict, "agenda.state_conflict")
	}
	r.State, r.EndedAt = next, time.Time{}
	if next == Scheduled || next == Turned {
		r.EndedAt = s.now()
	}
	if err := updateRequest(ctx, tx, r); err != nil {
		return err
	}
	if err := insertRequestStep(ctx, tx, r, by, r.Refusal, s.now()); err != nil {
		return err
	}
	if next != Studied {
		if err := s.tellRequest(ctx, tx, r); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, by, "agenda.request."+string(next), "request", r.ID)
}

// Agree says yes to the half-day that was proposed, for the commune: the series of its stops exists from then on. Twice is once. It reports
// fault.Conflict when nothing is proposed any more.
func (s *Service) Agree(ctx context.Context, token string) (Request, error) {
	var r Request
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := touchRequest(ctx, tx, s.tokenOf("request", token))
		if err != nil {
			return err
		}
		if r, err = s.requestOf(ctx, tx, token); err != nil || r.State == Scheduled {
			return err
		}
		if r.State != Offered || r.Offer == nil {
			return fault.New(fault.Conflict, "agenda.state_conflict")
		}
		if err := s.requestBecomes(ctx, tx, audit.Anonymous, r, Agreed); err != nil {
			return err
		}
		if r, err = requestByID(ctx, tx, r.ID); err != nil {
			return err
		}
		series, err := s.seriesOf(ctx, tx, r)
		if err != nil {
			return err
		}
		if err := s.addSeriesTx(ctx, tx, identity.TheSystem(), series, nil); err != nil {
			return err
		}
		r.Series = series.ID
		return s.requestBecomes(ctx, tx, audit.Anonymous, r, Scheduled)
	})
	return r, err
}

// seriesOf is the series that a request becomes: the half-day of its tour, at the commune, which lends the room.
func (s *Service) seriesOf(ctx context.Context, q db.Querier, r Request) (Series, error) {
	t, err := tourByID(ctx, q, r.Offer.Tour)
	if err != nil {
		return Series{}, fmt.Errorf("tour of a proposed half-day: %w", err)
	}
	on, err := ParseDate(r.Offer.Starts)
	if err != nil {
		return Series{}, err
	}
	until, err := ParseDate(t.To)
	if err != nil {
		return Series{}, err
	}
	every := r.EveryWeeks
	if r.Offer.Parity != "" {
		every = 2
	}
	zone := s.zoneOf(r.Commune)
	in := NewSeries{
		Tour: t.ID, Mode: WalkIn, Title: "Permanence à " + s.communeName(r.Commune), Where: Where{Commune: r.Commune, Venue: r.Rooms}, Members: t.Members,
		Host: Host{Name: "Mairie " + Of(s.communeName(r.Commune)), Email: r.Email, Phone: r.Phone},
		Pattern: recur.Pattern{
			Rule: recur.EveryWeek(every, on.Weekday()), Starts: on, Until: until, Minute: r.Offer.Minute, Length: r.Offer.Length, Zone: zone, OnHoliday: recur.HolidaySkip,
		},
	}
	in, err = in.check()
	if err != nil {
		return Series{}, err
	}
	series := in.series()
	series.ID, series.Organisation, series.State, series.ProposedBy, series.CreatedAt, series.Version = SeriesID(id.New()), t.Organisation, Published, "system", s.now(), 1
	return series, nil
}

// tellRequest tells a commune where its request stands.
func (s *Service) tellRequest(ctx context.Context, tx *db.Tx, r Request) error {
	fields := map[string]string{"commune": s.communeName(r.Commune), "reference": r.Reference, "state": requestWords[r.State], "why": r.Refusal}
	return s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: EventRequest, Key: fmt.Sprintf("%s %s %d", r.ID, r.State, r.Version), To: notice.Recipient{Ref: "request:" + r.ID, Email: r.Email, Phone: r.Phone},
		Path: RequestPath + s.token("request", r.ID), Fields: fields,
	})
}

// requestWords say to a commune what became of its request.
var requestWords = map[RequestState]string{
	Asked:     "Nous l'avons reçue. Nous l'étudions.",
	Offered:   "Nous vous proposons un créneau. Dites-nous s'il vous convient.",
	Agreed:    "Vous avez dit oui. Merci.",
	Scheduled: "C'est au calendrier. Les dates sont sur la page.",
	Turned:    "Nous ne pouvons pas y répondre pour l'instant.",
	Studied:   "Nous l'étudions de nouveau.",
}

// marshal writes what is proposed as it is kept; "" for nothing.
func (d *HalfDay) marshal() (string, error) {
	if d == nil {
		return "", nil
	}
	text, err := json.Marshal(d)
	return string(text), err
}
