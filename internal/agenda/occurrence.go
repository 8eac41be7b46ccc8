package agenda

import (
	"slices"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
)

// State is where an occurrence stands.
type State string

// The states.
const (
	Planned       State = "planned"        // its host has not confirmed yet
	HostConfirmed State = "host_confirmed" // the room and the wifi are there
	Open          State = "open"           // nobody need confirm it
	InProgress    State = "in_progress"
	Closed        State = "closed"
	Cancelled     State = "cancelled"
	MovedTo       State = "moved" // another occurrence stands for it
)

// Ender is who cancelled an occurrence.
type Ender string

// Who cancels: the team, or the host that lends the room.
const (
	ByTeam Ender = "team"
	ByHost Ender = "host"
)

// Occurrence is one date of a series.
type Occurrence struct {
	ID       ID
	Number   Number
	Series   SeriesID
	Planned  string // civil date of the rule, "" for one that was added by hand
	On       recur.Date
	Minute   int // of the day
	Length   int // minutes
	Zone     *time.Location
	Start    time.Time
	End      time.Time
	State    State
	Reason   string
	EndedBy  Ender
	MovedTo  ID
	Delay    int // minutes
	Where    Where
	Capacity int
	Edited   bool
	Members  []identity.AccountID
	away     []span // when its members are absent, where it has slots
	change   int64
	Version  int64
}

// Live reports whether the occurrence takes place, or did.
func (o Occurrence) Live() bool { return o.State != Cancelled && o.State != MovedTo }

// Coming reports whether it takes place and has not ended.
func (o Occurrence) Coming(now time.Time) bool {
	return o.Live() && o.State != Closed && now.Before(o.End)
}

// set puts a civil time on o, with its instants.
func (o *Occurrence) set(on recur.Date, minute, length int) {
	o.On, o.Minute, o.Length = on, minute, length
	o.Start = time.Date(on.Year, on.Month, on.Day, 0, minute, 0, 0, o.Zone)
	o.End = o.Start.Add(time.Duration(length) * time.Minute)
}

// after lists what may follow each state by hand. Cancelling and moving have their own ways.
var after = map[State][]State{
	Planned:       {HostConfirmed, Open, InProgress},
	HostConfirmed: {Planned, Open, InProgress},
	Open:          {InProgress},
	InProgress:    {Closed, Open},
	Closed:        {InProgress},
}

// become reports fault.Conflict when an occurrence cannot go from its state to another.
func (o Occurrence) become(next State) error {
	if slices.Contains(after[o.State], next) {
		return nil
	}
	return fault.New(fault.Conflict, "agenda.state_conflict")
}

// bookable says why nothing can be booked on an occurrence now, whoever asks; nil when something can.
func bookable(s Series, o Occurrence, now time.Time) error {
	switch {
	case s.State != Published || !s.Books():
		return fault.New(fault.Conflict, "agenda.not_bookable")
	case o.State == Cancelled:
		return fault.New(fault.Conflict, "agenda.is_cancelled")
	case o.State == MovedTo:
		return fault.New(fault.Conflict, "agenda.is_moved")
	case o.State == Closed || !now.Before(o.End):
		return fault.New(fault.Conflict, "agenda.is_over")
	}
	return nil
}

// inTime says why a person cannot book alone at start any more, or yet. planned dates wait for their host.
func inTime(t Terms, o Occurrence, start, now time.Time) error {
	switch {
	case o.State == Planned:
		return fault.New(fault.Conflict, "agenda.host_first")
	case start.Sub(now) < t.Notice:
		return fault.New(fault.Conflict, "agenda.too_late")
	case start.Sub(now) > time.Duration(t.Ahead)*24*time.Hour:
		return fault.New(fault.Conflict, "agenda.too_early")
	}
	return nil
}
