package place

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place/contact"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Topic is what a report says is wrong about a place.
type Topic string

// The topics, in the order in which pages offer them.
const (
	WrongHours   Topic = "hours"
	WrongAddress Topic = "address"
	WrongContact Topic = "contact" // telephone or e-mail
	WrongHelp    Topic = "help"
	Gone         Topic = "gone" // the place does not exist any more
	OtherTopic   Topic = "other"
)

// Topics lists every topic in the order of the pages.
func Topics() []Topic {
	return []Topic{WrongHours, WrongAddress, WrongContact, WrongHelp, Gone, OtherTopic}
}

// ReportState says what became of a report.
type ReportState string

// The states of a report. One that is closed is never opened again.
const (
	ReportOpen      ReportState = "open"
	ReportDone      ReportState = "done"      // somebody put it right
	ReportDismissed ReportState = "dismissed" // there was nothing to put right
)

// Bounds of what a report may hold, in letters.
const (
	MaxReportText    = 1000
	MaxReportContact = 120
)

// NewReport is what a resident says about a place.
type NewReport struct {
	Place   Number
	Topics  []Topic
	Text    string // what is wrong, in her words; needed only when OtherTopic is all she chose
	Contact string // a telephone number or an e-mail address, as typed; "" for none
}

// Report is what the team reads.
type Report struct {
	ID        string
	Place     ID
	Number    Number
	Name      string // of the place
	Commune   string
	Reference string // what the resident was told: "KTB-94M"
	At        time.Time
	Topics    []Topic
	Text      string
	Contact   string // a telephone number without blanks, an e-mail address, or "" when not said or forgotten
	State     ReportState
	ClosedAt  time.Time // zero while open
	right     identity.Object
}

// dialled are the numbers that the normaliser of the standard does not take but that somebody answers: those of another
// country, and those of a range that the numbering plan opened lately.
var dialled = regexp.MustCompile(`^(?:\+|00)\d{8,15}$|^0[1-9]\d{8}$`)

// Check reports what Report would refuse: fault.Invalid with a message by field (topics, text, contact). postcode is the
// place's own: it decides what a short overseas number means.
func (in NewReport) Check(postcode string) error {
	_, err := in.checked(postcode)
	return err
}

// checked returns the report as it is kept, or what Check reports.
func (in NewReport) checked(postcode string) (NewReport, error) {
	refused := fault.New(fault.Invalid, "place.report.invalid")
	var topics []Topic
	for _, t := range Topics() { // in this order, each once, and no other
		if slices.Contains(in.Topics, t) {
			topics = append(topics, t)
		}
	}
	in.Topics, in.Text = topics, legibleText(in.Text)
	if len(topics) == 0 {
		refused = refused.With("topics", "place.report.topics_missing")
	}
	switch n := utf8.RuneCountInString(in.Text); {
	case n > MaxReportText:
		refused = refused.With("text", "place.report.text_long", "Most", MaxReportText, "N", n)
	case n == 0 && slices.Equal(topics, []Topic{OtherTopic}):
		refused = refused.With("text", "place.report.text_missing")
	}
	reach, ok := reachable(in.Contact, postcode)
	if !ok {
		refused = refused.With("contact", "place.report.contact_invalid")
	}
	in.Contact = reach
	if refused.Fields != nil {
		return NewReport{}, refused
	}
	return in, nil
}

// legibleText keeps words and line ends, and drops what only machines see: a terminal obeys some control characters.
func legibleText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s))
}

// reachable reads a telephone number or an e-mail address; ok is false for anything else but nothing.
func reachable(raw, postcode string) (string, bool) {
	raw = strings.TrimSpace(legibleText(raw))
	switch {
	case raw == "":
		return "", true
	case utf8.RuneCountInString(raw) > MaxReportContact:
		return "", false
	case strings.Contains(raw, "@"):
		if mails := contact.Emails(raw); len(mails) == 1 {
			return mails[0], true
		}
		return "", false
	}
	if phone, ok := contact.Phone(raw, postcode); ok {
		return phone, true
	}
	bare := strings.NewReplacer(" ", "", "\u00a0", "", ".", "", "-", "", "(", "", ")", "").Replace(raw)
	return bare, dialled.MatchString(bare)
}

// again is how soon the same words about the same place are the same report, sent twice by an impatient finger.
const again = 15 * time.Minute

// Report keeps what a resident says is wrong about a place and returns the reference to tell her. The same words sent
// again within a quarter of an hour give the same reference. The journal keeps the reference alone, never the words. It
// reports fault.Invalid with its fields (topics, text, contact) and fault.NotFound for an unknown place.
func (s *Service) Report(ctx context.Context, in NewReport) (reference string, err error) {
	at, err := placeAt(ctx, s.db, in.Place)
	if err != nil {
		return "", err
	}
	if in, err = in.checked(at.postcode); err != nil {
		return "", err
	}
	for range 3 { // a reference that is taken is one in millions
		reference, err = s.keepReport(ctx, at.id, in)
		if !db.IsUnique(err) {
			break
		}
	}
	return reference, err
}

func (s *Service) keepReport(ctx context.Context, of ID, in NewReport) (string, error) {
	r := Report{ID: id.New(), Place: of, Reference: id.NewReference(), At: s.now(), Topics: in.Topics, Text: in.Text, Contact: in.Contact, State: ReportOpen}
	kept := r.Reference
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		earlier, err := sameReport(ctx, tx, r, r.At.Add(-again))
		if err == nil {
			kept = earlier
			return nil
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		kept = r.Reference
		if err := insertReport(ctx, tx, r); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: audit.Anonymous, Action: "place.report", Object: audit.Object{Kind: "place", ID: string(of)}, Detail: map[string]string{"référence": r.Reference},
		})
	})
	if err != nil {
		return "", fmt.Errorf("keep report: %w", err)
	}
	return kept, nil
}

// Reports lists what residents reported, oldest first: the open ones, or every one.
func (s *Service) Reports(ctx context.Context, all bool) ([]Report, error) {
	return listReports(ctx, s.db, all)
}

// HasReport reports whether a reference is that of a report about the place.
func (s *Service) HasReport(ctx context.Context, n Number, reference string) (bool, error) {
	r, err := reportByReference(ctx, s.db, reference)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && r.Number == n, err
}

// CloseReport ends a report, as ReportDone or ReportDismissed, and returns it. It reports fault.NotFound for an unknown
// reference, fault.Conflict for a report that somebody closed before, and what identity.Require says of PlaceEdit.
func (s *Service) CloseReport(ctx context.Context, by identity.Actor, reference string, as ReportState) (Report, error) {
	var r Report
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		closed, err := closeReport(ctx, tx, reference, as, s.now())
		if err != nil {
			return err
		}
		if r, err = reportByReference(ctx, tx, reference); err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.New(fault.NotFound, "place.report_unknown", "Reference", reference)
			}
			return err
		}
		about, err := placeByNumber(ctx, tx, r.Number)
		if err != nil {
			return err
		}
		if err := identity.Require(by, identity.PlaceEdit, about.right()); err != nil {
			return err
		}
		if !closed {
			return fault.New(fault.Conflict, "place.report_closed", "Reference", reference)
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: by.Audit(), Action: "place.report_close", Object: audit.Object{Kind: "place", ID: string(r.Place)},
			Detail: map[string]string{"référence": reference, "état": string(as)},
		})
	})
	return r, err
}

// ReachableReports lists, for retention, the reports older than before that still say how to reach their author, oldest
// first, by pages: those after the report of the instant since with the id after (zero and "" for the first page).
func (s *Service) ReachableReports(ctx context.Context, q db.Querier, before, since time.Time, after string, limit int) ([]Report, error) {
	return reachableReports(ctx, q, before, since, after, limit)
}

// ForgetReportersTx erases how to reach the authors of reports, in the caller's transaction, and returns of how many. What
// they said about the place stays. Retention writes the line of the journal.
func (s *Service) ForgetReportersTx(ctx context.Context, tx *db.Tx, reports ...string) (int, error) {
	return forgetReporters(ctx, tx, reports)
}
