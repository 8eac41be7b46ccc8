package agenda

import (
	"slices"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/person"
)

// ClaimState is where a claim stands.
type ClaimState string

// The states of a claim.
const (
	Waiting   ClaimState = "waiting" // in the waiting list
	Held      ClaimState = "held"    // a freed seat is kept for the person until HeldUntil
	Booked    ClaimState = "booked"
	Arrived   ClaimState = "arrived"
	Attended  ClaimState = "attended"
	Partly    ClaimState = "partly"
	NoShow    ClaimState = "no_show"
	Withdrawn ClaimState = "cancelled" // by the person, the team or with the occurrence: the step says which
	Declined  ClaimState = "declined"  // left the list, or said no to an offer
	Expired   ClaimState = "expired"   // did not answer in time
)

// French says the state in one or two words, for staff.
func (s ClaimState) French() string {
	switch s {
	case Waiting:
		return "En attente"
	case Held:
		return "Place proposée"
	case Booked:
		return "Inscrit"
	case Arrived:
		return "Arrivé"
	case Attended:
		return "Venu"
	case Partly:
		return "Venu en partie"
	case NoShow:
		return "Pas venu"
	case Withdrawn:
		return "Annulé"
	case Declined:
		return "N'attend plus"
	case Expired:
		return "Sans réponse"
	}
	return ""
}

// takes reports whether a claim in this state takes a seat.
func (s ClaimState) takes() bool {
	return s == Held || s == Booked || s == Arrived || s == Attended || s == Partly || s == NoShow
}

// live reports whether a claim in this state still leads to something.
func (s ClaimState) live() bool { return s == Waiting || s == Held || s == Booked || s == Arrived }

// claimAfter lists what may follow each state. The outcome of a session may be put right.
var claimAfter = map[ClaimState][]ClaimState{
	Waiting:  {Held, Booked, Declined, Withdrawn},
	Held:     {Booked, Declined, Expired, Withdrawn},
	Booked:   {Arrived, Attended, Partly, NoShow, Withdrawn},
	Arrived:  {Booked, Attended, Partly, NoShow, Withdrawn},
	Attended: {Booked, Arrived, Partly, NoShow},
	Partly:   {Booked, Arrived, Attended, NoShow},
	NoShow:   {Booked, Arrived, Attended, Partly},
}

// Origin is by which way a booking came.
type Origin string

// The origins.
const (
	FromWeb    Origin = "web"     // the person, or a relative
	FromPhone  Origin = "phone"   // called, a clerk typed
	FromDesk   Origin = "desk"    // at the counter
	FromHelper Origin = "helper"  // a helper booked for the person (prescripteur)
	FromWalkIn Origin = "walk_in" // came without booking, and gave a name
)

// Claim is a seat, asked for or held.
type Claim struct {
	ID           ClaimID
	Occurrence   ID
	Person       person.ID // "" once the person was erased
	State        ClaimState
	Seats        int
	Slot         time.Time // of an appointment; the zero instant for the whole occurrence
	SlotEnd      time.Time // its buffer included
	Reason       ReasonID
	Reference    string // "" on the later sessions of a cycle
	Cycle        ClaimID
	Origin       Origin
	By           identity.AccountID
	Organisation identity.OrganisationID // of the member of staff who booked
	Quota        string
	Commune      string
	Audience     string
	Silent       bool
	Turn         int64     // order of arrival in the waiting list; 0 for who never waited
	HeldUntil    time.Time // the zero instant unless held
	CreatedAt    time.Time
	EndedAt      time.Time
	phoneKey     string
	emailKey     string
	Version      int64
}

// taking lists the claims that take a seat at now: a hold that has run out takes none.
func taking(claims []Claim, now time.Time) []Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(c Claim) bool {
		return !c.State.takes() || c.State == Held && !now.Before(c.HeldUntil)
	})
}

// seatsOf counts the seats of claims.
func seatsOf(claims []Claim) int {
	n := 0
	for _, c := range claims {
		n += c.Seats
	}
	return n
}

// queue lists who waits, in the order of arrival.
func queue(claims []Claim) []Claim {
	out := slices.DeleteFunc(slices.Clone(claims), func(c Claim) bool { return c.State != Waiting })
	slices.SortFunc(out, func(a, b Claim) int { return int(a.Turn - b.Turn) })
	return out
}

// Rank is the place of a claim in the waiting list, 1 for the first; 0 for one that does not wait.
func Rank(c Claim, claims []Claim) int {
	return 1 + slices.IndexFunc(queue(claims), func(o Claim) bool { return o.ID == c.ID })
}
