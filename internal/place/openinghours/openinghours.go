// Package openinghours reads opening hours written in the OpenStreetMap opening_hours syntax and says
// whether a place is open, until when, when it opens next, what its week looks like, and how a French
// speaker would say it. It is pure: no clock, no state, no I/O but the zone data that ZoneOf reads; the
// instant, the zone and the holidays are given by the caller.
//
// # The syntax
//
// A value is a list of rules. A rule is made of selectors, in this order, each optional:
//
//	2026-2028                     years: 2026, 2026-2028, 2026-2030/2, 2026+, lists
//	Jul 14  May-Sep  Dec 24-Jan 02  2026 May 04-08  easter +1 day  Mar Su[-1]-Oct Su[-1]
//	week 01-53/2                  ISO weeks: ranges, steps, lists
//	PH  SH  PH,Sa  SH Mo-Fr       public and school holidays; a comma means or, a space means and
//	Mo-Fr  Mo,We  Sa[1,3]  Th[-1] weekdays; [n] is the nth of the month, [-1] the last
//	09:00-12:00,14:00-18:00       times; 22:00-02:00 ends on the next day; 14:00+ has an open end
//	open | unknown | closed | off and a "comment"
//
// or of 24/7. A rule without times covers the whole day; a rule with a comment and no state is unknown
// ("sur rendez-vous"), as it is not known whether the visitor will find a door open.
//
// Rules are joined by:
//
//	;   a later rule replaces, on the days it matches, all that was said before of these days; a closed
//	    rule replaces nothing but closes its own times. A rule without any day selector after one that
//	    has some adds to it, as the widespread reader of the syntax has it.
//	,   adds to what was said before
//	||  applies where all that was said before leaves the place closed
//
// Hours that run past midnight belong to the day they start on; a later rule that replaces the next day
// also cuts the part that runs into it.
//
// # Choices
//
//   - Weekdays include public holidays unless a PH rule says otherwise.
//   - An end equal to the start means 24 hours: 14:00-14:00 ends on the next day at 14:00.
//   - An open end is unknown until midnight, for 10 hours from 17:00 on, for 8 hours from 22:00 on,
//     but not past the next time of its list.
//   - sunrise, sunset, dawn and dusk stand for 06:00, 18:00, 05:30 and 18:30: a place has no coordinates here.
//   - Easter and all dates follow the Gregorian calendar.
//   - On the night a clock goes forward, a time that does not exist is the instant of the change; on
//     the night it goes back, a time that exists twice is the first of the two.
//   - Days and times that follow others without a sign between them ("Mo 09:00-12:00 Tu 14:00-16:00") are read only
//     in a rule whose state is unknown; all its days and all its times then hold together, as the widespread reader
//     has it. "Sur rendez-vous" and "sur RDV" need no quotes.
//   - Case and spaces do not matter; the names of days and months are also read in full in English and
//     French ("lundi 9h-12h"), hours also as 9h or in pairs 9-12. What the syntax does not say plainly is
//     refused: a value read wrong sends someone to a closed door, a value refused is shown as it is.
//
// Not read: points in time and their periods (10:00-16:00/01:30), 12-hour clocks, comments as selectors,
// month ranges with a day at one end ("Apr-Oct 15"), coordinates (see sunrise above).
//
// # Beside the syntax
//
// Exceptions says on which coming days the usual week does not hold. FrenchHolidays computes the public holidays of a department and ZoneOf gives its time zone; school
// holidays are decreed and come from the caller. Spoken says hours in French; ParseFrench reads the free
// text of one day in French.
package openinghours

import (
	"fmt"
	"time"
)

// MaxLength is the length in bytes of the longest value that Parse reads.
const MaxLength = 2000

// OpenEnd is the comment of the time after an open end ("14:00+") that has no comment of its own.
const OpenEnd = "heure de fermeture non précisée"

// State says whether a place is open.
type State string

// The states of a place. Unknown covers "on appointment", open ends and every rule that carries
// only a comment.
const (
	Open    State = "open"
	Closed  State = "closed"
	Unknown State = "unknown"
)

// Hours is a parsed opening_hours value. It is immutable and safe for concurrent use; the zero Hours is
// always closed.
type Hours struct {
	rules []rule
}

// SyntaxError says where and why a value could not be read.
type SyntaxError struct {
	Offset int    // in bytes from the start of the value
	Msg    string // English, for logs and data reports
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("opening hours: at byte %d: %s", e.Offset, e.Msg)
}

// Place gives what the meaning of hours depends on: the zone of the place and its holidays.
// A nil Zone is UTC, a nil Holidays has no holiday.
type Place struct {
	Zone     *time.Location
	Holidays Holidays
}

func (p Place) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}
