package agenda

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/mail"
)

// SeriesState is where a series stands.
type SeriesState string

// The states of a series.
const (
	Draft     SeriesState = "draft"     // its team alone sees it
	Proposed  SeriesState = "proposed"  // waits for an officer
	Published SeriesState = "published" // residents see its dates
	Refused   SeriesState = "refused"   // by an officer, with a reason
	Ended     SeriesState = "ended"     // has no coming date any more
)

// Level is for whom a workshop is.
type Level string

// The levels; "" is everybody.
const (
	Beginner Level = "beginner"
	Middle   Level = "middle"
	Advanced Level = "advanced"
)

// French says the level: "débutants".
func (l Level) French() string {
	switch l {
	case Beginner:
		return "Débutants"
	case Middle:
		return "Niveau moyen"
	case Advanced:
		return "Personnes à l'aise"
	}
	return "Tous niveaux"
}

// Terms are the times before a start that decide who may still do what. The zero value is none of them.
type Terms struct {
	Notice time.Duration // later than this before the start, nothing is booked or offered
	Ahead  int           // days: earlier than this, nothing is booked
	Cancel time.Duration // a person cancels alone until then
	Move   time.Duration // a person moves alone until then
}

// UsualTerms are those of a new series: an hour's notice, three months ahead, and RDV Service Public's terms for whoever
// cancels (4 hours) or moves (2 days).
func UsualTerms() Terms {
	return Terms{Notice: time.Hour, Ahead: 92, Cancel: 4 * time.Hour, Move: 48 * time.Hour}
}

// Where is the venue of a series or of one date.
type Where struct {
	Place   place.ID // of the census; "" for a venue alone
	Commune string   // INSEE code
	Venue   string   // "Salle du conseil, à la mairie"; "" where the place says it all
}

// Host lends the room and is asked to confirm each date. The zero Host is none.
type Host struct {
	Name  string // "Mairie de Salindres"
	Email string
	Phone string
}

// Asked reports whether the host is asked to confirm.
func (h Host) Asked() bool { return h.Email != "" || h.Phone != "" }

// Series is what comes again.
type Series struct {
	ID            SeriesID
	Organisation  identity.OrganisationID
	Tour          TourID
	State         SeriesState
	Refusal       string
	ProposedBy    string // account, "cli" or "system"
	Mode          Mode
	Title         string
	Summary       string
	Theme         place.Need // "" for any
	Level         Level
	Prerequisites string
	Phone         string // to register by
	Where         Where
	Pattern       recur.Pattern
	Capacity      int // seats; 0 is no limit
	Desks         int // appointments at the same time
	Step          int // minutes: appointments begin on this grid
	Reasons       []ReasonID
	FirstFor      Mode          // has priority; "" for none
	Release       time.Duration // before the start, when the priority falls
	Terms         Terms
	Waiting       bool
	Hold          time.Duration // how long a freed seat is kept for one person
	Skill         string        // authorisation that is asked for
	Cycle         bool          // one enrolment is for every session
	Host          Host
	Members       []identity.AccountID
	CreatedAt     time.Time
	Version       int64
}

// NewSeries is what staff say of a series. Its fields are those of Series.
type NewSeries struct {
	Tour          TourID
	Mode          Mode
	Title         string
	Summary       string
	Theme         place.Need
	Level         Level
	Prerequisites string
	Phone         string
	Where         Where
	Pattern       recur.Pattern
	Capacity      int
	Desks, Step   int // 0 is 1 desk, a step of 15 minutes
	Reasons       []ReasonID
	FirstFor      Mode
	Release       time.Duration
	Terms         Terms // the zero value is UsualTerms
	Waiting       bool
	Hold          time.Duration // 0 is a day
	Skill         string
	Cycle         bool
	Host          Host
	Members       []identity.AccountID
	Quotas        []Quota
}

// The longest texts, in signs, and the most that a series counts.
const (
	maxTitle    = 80
	maxText     = 1000
	maxLine     = 120
	maxCapacity = 1000
	maxMembers  = 20
)

// check normalises what was said, and says what is wrong by field.
func (in NewSeries) check() (NewSeries, error) {
	f := fault.New(fault.Invalid, "agenda.invalid")
	in.Title, in.Summary, in.Prerequisites = oneLine(in.Title), strings.TrimSpace(clean(in.Summary)), oneLine(in.Prerequisites)
	in.Where.Venue, in.Skill, in.Host.Name = oneLine(in.Where.Venue), oneLine(in.Skill), oneLine(in.Host.Name)
	if in.Desks == 0 {
		in.Desks = 1
	}
	if in.Step == 0 {
		in.Step = 15
	}
	if in.Hold == 0 {
		in.Hold = 24 * time.Hour
	}
	if in.Terms == (Terms{}) {
		in.Terms = UsualTerms()
	}
	if in.Pattern.OnHoliday == "" {
		in.Pattern.OnHoliday = recur.HolidaySkip
	}
	in.checkWords(f)
	in.checkSeats(f)
	in.checkHost(f)
	if err := in.Pattern.Check(); err != nil {
		if g, ok := fault.As(err); ok {
			for field, m := range g.Fields {
				f.With(field, m.Key, m.Args...)
			}
		} else {
			return in, err
		}
	}
	if f.Fields != nil {
		return in, f
	}
	return in, nil
}

func (in *NewSeries) checkWords(f *fault.Error) {
	if !in.Mode.Known() {
		f.With("mode", "agenda.mode_unknown")
	}
	if in.Title == "" {
		f.With("title", "agenda.title_missing")
	} else if utf8.RuneCountInString(in.Title) > maxTitle {
		f.With("title", "agenda.title_long", "Most", maxTitle)
	}
	for field, text := range map[string]string{"summary": in.Summary, "prerequisites": in.Prerequisites, "venue": in.Where.Venue, "skill": in.Skill} {
		most := maxLine
		if field == "summary" {
			most = maxText
		}
		if utf8.RuneCountInString(text) > most {
			f.With(field, "agenda.text_long", "Most", most)
		}
	}
	if in.Where.Commune == "" {
		f.With("commune", "agenda.commune_missing")
	}
	if in.Phone != "" {
		phone, ok := identity.Phone(in.Phone)
		if !ok {
			f.With("phone", "agenda.phone_invalid")
		}
		in.Phone = phone
	}
	if !slices.Contains([]Level{"", Beginner, Middle, Advanced}, in.Level) {
		f.With("level", "agenda.level_unknown")
	}
}

func (in *NewSeries) checkSeats(f *fault.Error) {
	switch {
	case in.Capacity < 0 || in.Capacity > maxCapacity:
		f.With("capacity", "agenda.capacity_range", "Most", maxCapacity)
	case in.Capacity == 0 && (in.Mode == Workshop || in.Mode == Group):
		f.With("capacity", "agenda.capacity_missing")
	}
	if in.Mode == Appointments && len(in.Reasons) == 0 {
		f.With("reasons", "agenda.reason_missing")
	}
	if in.Mode == Machine && in.Skill == "" {
		f.With("skill", "agenda.skill_missing") // a machine that anybody may use says so: see NoSkill
	}
	if in.Desks < 1 || in.Desks > 20 {
		f.With("desks", "agenda.desks_range")
	}
	if in.Step < 5 || in.Step > 240 {
		f.With("step", "agenda.step_range")
	}
	if len(in.Members) > maxMembers {
		f.With("members", "agenda.members_many", "Most", maxMembers)
	}
	kept := 0
	for _, q := range in.Quotas {
		kept += q.Seats
		if q.Seats <= 0 || q.Value == "" {
			f.With("quotas", "agenda.quota_invalid")
		}
	}
	if in.Capacity > 0 && kept > in.Capacity {
		f.With("quotas", "agenda.quota_large")
	}
	if in.Hold < 10*time.Minute || in.Hold > 7*24*time.Hour {
		f.With("hold", "agenda.hold_range")
	}
}

func (in *NewSeries) checkHost(f *fault.Error) {
	if in.Host.Email != "" {
		address, ok := mail.Address(in.Host.Email)
		if !ok {
			f.With("host_email", "agenda.email_invalid")
		}
		in.Host.Email = address
	}
	if in.Host.Phone != "" {
		phone, ok := identity.Phone(in.Host.Phone)
		if !ok {
			f.With("host_phone", "agenda.phone_invalid")
		}
		in.Host.Phone = phone
	}
	if in.Host.Asked() && in.Host.Name == "" {
		f.With("host_name", "agenda.host_name_missing")
	}
}

// NoSkill is the skill of a machine that anybody may use: it must be said, so that forgetting an authorisation opens
// nothing.
const NoSkill = "-"

// Guarded reports whether an authorisation is asked for.
func (s Series) Guarded() bool { return s.Skill != "" && s.Skill != NoSkill }

// Books reports whether one can book.
func (s Series) Books() bool { return s.Mode.Books(s.Capacity) }

// priority is the mode that has priority on a date at an instant; "" once it was released. It is a soft rule: until then
// nobody else books alone, and staff may always.
func (s Series) priority(o Occurrence, now time.Time) Mode {
	if s.FirstFor == "" || o.Start.Sub(now) <= s.Release {
		return ""
	}
	return s.FirstFor
}

// Object is the series as rights see it.
func (s Series) Object() identity.Object {
	return identity.Object{Kind: identity.ObjectAgenda, Organisation: s.Organisation, Owner: identity.AccountID(s.ProposedBy), Commune: s.Where.Commune}
}

// oneLine is a text on one line, without spaces around, nor signs that no screen shows.
func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// clean leaves out of a text what is no text: control characters but line ends and tabs, and broken UTF-8.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
