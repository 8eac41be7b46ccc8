package retention

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
)

// Rule is one thing that a module keeps about people. All texts are French, without a full stop: they stand in the
// register of processing (RGPD art. 30) and on the page « Données personnelles ».
type Rule struct {
	Key      string // "agenda.bookings": the module, a dot, what
	Activity string // the processing that it belongs to in the register: "Rendez-vous"
	Purpose  string // why it is kept
	Basis    Basis
	People   string   // whose data it is: "habitants qui prennent rendez-vous"
	Keeps    string   // what is kept
	Receives []string // who sees it, beside those who keep it; none is nobody
	Abroad   string   // transfers out of the European Union; "" is none

	Keep        Term   // how long, unless the data protection officer has said otherwise
	From        string // from when: "de la date du rendez-vous"
	Least, Most Term   // bounds that a law sets; zero is none

	Erases     string // what goes at the end
	Anonymises string // what stays and no longer names anyone; "" is nothing
	Statistics string // the figures that stay; "" is none

	// Object is the kind of what Due lists, as the journal and holds name it: "booking".
	Object string

	// Due lists what has had its time: whatever began before an instant, after an item (the zero Item first), at most
	// limit, in the order of Since and ID. It must not list what Erase has anonymised.
	Due func(ctx context.Context, q db.Querier, before time.Time, after Item, limit int) ([]Item, error)

	// Erase erases or anonymises items, all of them or none, in the caller's transaction. It may be run again.
	Erase func(ctx context.Context, tx *db.Tx, items []Item) (Count, error)

	// Warn, when it is set, tells people beforehand: nothing is erased without it.
	Warn *Warning
}

// Basis is why the law allows a processing.
type Basis struct {
	Letter string // of RGPD art. 6, paragraph 1: "a" consent, "b" contract, "c" legal obligation, "d" vital interests, "e" public interest, "f" legitimate interests
	Text   string // what it rests on: the law, the deliberation
}

// French is the basis as the register says it.
func (b Basis) French() string {
	text := fmt.Sprintf("%s (RGPD, art. 6.1.%s)", bases[b.Letter], b.Letter)
	if b.Text != "" {
		text += " : " + b.Text
	}
	return text
}

var bases = map[string]string{
	"a": "consentement", "b": "contrat", "c": "obligation légale", "d": "intérêts vitaux", "e": "mission d'intérêt public", "f": "intérêt légitime",
}

// Item is one thing that has had its time.
type Item struct {
	ID    string
	Since time.Time // when its term began

	// Of is whatever it belongs to or names: the person of a booking, the organisation. A hold on one of them holds it.
	Of []audit.Object
}

// Count is what became of items.
type Count struct {
	Erased     int
	Anonymised int
}

func (c Count) plus(d Count) Count { return Count{c.Erased + d.Erased, c.Anonymised + d.Anonymised} }

// Warning is the step before an erasure that people are told of.
type Warning struct {
	// Ahead is how long before the end people are told: nothing is erased sooner after the warning than this.
	Ahead Term

	// Send makes sure, in the caller's transaction, that each will be told. It is called once for each term: whoever
	// comes back and leaves again is told again. It may be run again.
	Send func(ctx context.Context, tx *db.Tx, warned []Warned) error
}

// Warned is an item that will be erased.
type Warned struct {
	Item
	EraseOn time.Time // the first day on which it may be gone, at its beginning
}

var keyForm = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// check reports what a rule lacks.
func (r Rule) check() error {
	for name, text := range map[string]string{
		"Activity": r.Activity, "Purpose": r.Purpose, "People": r.People, "Keeps": r.Keeps, "From": r.From, "Erases": r.Erases, "Object": r.Object,
	} {
		if text == "" {
			return fmt.Errorf("it has no %s", name)
		}
	}
	switch {
	case !keyForm.MatchString(r.Key):
		return errors.New("the key is not a module, a dot and a word")
	case bases[r.Basis.Letter] == "":
		return fmt.Errorf("RGPD art. 6.1 has no letter %q", r.Basis.Letter)
	case r.Due == nil || r.Erase == nil:
		return errors.New("one of Due and Erase is missing")
	case !r.Keep.valid() || !r.admits(r.Keep):
		return fmt.Errorf("it cannot be kept for %s", r.Keep)
	case r.Warn != nil && (r.Warn.Send == nil || !r.Warn.Ahead.valid() || !r.Keep.longerThan(r.Warn.Ahead)):
		return errors.New("the warning cannot be")
	}
	return nil
}

// admits reports whether a term is within the bounds.
func (r Rule) admits(t Term) bool {
	return (r.Least == Term{} || !r.Least.longerThan(t)) && (r.Most == Term{} || !t.longerThan(r.Most))
}
