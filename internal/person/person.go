// Package person is the people who are helped: who they are, and how to reach them.
//
// It is minimal on purpose: a person exists from the first booking on, and needs no account. What is done with her, and why
// she comes, is not here.
//
// # Rules
//
//   - A booking is keyed on a person, never on an e-mail address or a telephone: two people may share a phone, and stay two.
//     A person may have only a telephone, only an e-mail address, or neither; a name that the team gave is a pseudonym.
//   - The same folded name with the same telephone or e-mail address, or the same account, is the same person (Service.MeetTx): she is
//     completed with what was not known, and nothing that is known is overwritten. Whoever meets the same person at the same
//     time takes turns, so that she is one row.
//   - A person may be reached through another one, a relative or a helper (RelationTo).
//   - Silence is for people in danger: they are found by their own structure alone, and no message is planned or kept.
//   - Nothing of a person stands in a log, an address or a line of the journal but the id.
//
// # What is kept
//
// Name, telephone, e-mail address, commune of residence, language, until nobody has seen the person for two years
// (retention). Modules that hold rows of a person are told first (OnErase).
//
// # Tables
//
// person_person.
//
// # What it does not do
//
// It draws no page, keeps no history of help, and merges nobody by itself.
package person

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/mail"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

// ID is a person.
type ID string

// Relation is what a person is to the one who answers for her.
type Relation string

// The relations. The empty one is none.
const (
	Relative  Relation = "relative"  // a relative answers
	Helper    Relation = "helper"    // a helper answers
	Household Relation = "household" // somebody of the same household answers
)

// Person is somebody who is helped.
type Person struct {
	ID           ID
	Name         string
	Pseudonym    bool   // the team gave the name
	Phone        string // E.164, "" for none
	Email        string
	Commune      string // INSEE code of residence
	Lang         i18n.Lang
	RelationTo   ID
	Relation     Relation
	Account      identity.AccountID
	Organisation identity.OrganisationID // that first met her
	Silent       bool
	CreatedAt    time.Time
	SeenAt       time.Time
	Version      int64
}

// New is what somebody says of a person. Its fields are those of Person.
type New struct {
	Name         string
	Pseudonym    bool
	Phone        string // as written
	Email        string
	Commune      string
	Lang         i18n.Lang
	RelationTo   ID
	Relation     Relation
	Account      identity.AccountID
	Organisation identity.OrganisationID
	Silent       bool
}

// longestName is the most signs of a name.
const longestName = 80

// Check returns what was said as it is kept. It reports fault.Invalid on name, phone and email. Contacts may be missing: what
// is needed is the caller's to say.
func (in New) Check() (New, error) {
	f := fault.New(fault.Invalid, "person.invalid")
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	switch {
	case in.Name == "":
		f.With("name", "person.name_missing")
	case utf8.RuneCountInString(in.Name) > longestName:
		f.With("name", "person.name_long", "Most", longestName)
	case strings.ContainsFunc(in.Name, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }):
		f.With("name", "person.name_signs")
	}
	if in.Phone = strings.TrimSpace(in.Phone); in.Phone != "" {
		phone, ok := identity.Phone(in.Phone)
		if !ok {
			f.With("phone", "person.phone_invalid")
		} else {
			in.Phone = phone
		}
	}
	if in.Email = strings.TrimSpace(in.Email); in.Email != "" {
		address, ok := mail.Address(in.Email)
		if !ok {
			f.With("email", "person.email_invalid")
		} else {
			in.Email = strings.ToLower(address)
		}
	}
	if f.Fields != nil {
		return in, f
	}
	return in, nil
}

// Short is a name as it may stand on a screen that others see: the first name and an initial, "Fatima B.".
func Short(name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return name
	}
	first, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return words[0] + " " + string(unicode.ToUpper(first)) + "."
}

// Object is the person as rights see her.
func (p Person) Object() identity.Object {
	return identity.Object{Kind: identity.ObjectPerson, Organisation: p.Organisation, Owner: p.Account}
}

// EraseHook is what a module does with its rows of a person who is erased, in the same transaction.
type EraseHook func(ctx context.Context, tx *db.Tx, person ID) error

// Service knows people. It is safe for concurrent use once its hooks are given.
type Service struct {
	db      *db.DB
	journal *audit.Journal
	notices *notice.Service
	key     []byte
	now     func() time.Time
	hooks   []EraseHook
}

// Deps is what a Service needs.
type Deps struct {
	DB      *db.DB
	Journal *audit.Journal
	Notices *notice.Service
	Key     []byte // of the locks of those who meet the same person; the same on every node
	Now     func() time.Time
}

// NewService returns a service without hooks.
func NewService(d Deps) *Service {
	return &Service{db: d.DB, journal: d.Journal, notices: d.Notices, key: d.Key, now: d.Now}
}

// OnErase adds what modules do before a person is erased, in this order. It is called before anything else.
func (s *Service) OnErase(hooks ...EraseHook) { s.hooks = append(s.hooks, hooks...) }

// MeetTx finds the person that somebody speaks of, completed and seen now, or adds her, in the caller's transaction.
// in was checked.
func (s *Service) MeetTx(ctx context.Context, tx *db.Tx, by audit.Actor, in New) (Person, error) {
	if err := s.lock(ctx, tx, in); err != nil {
		return Person{}, err
	}
	known, err := same(ctx, tx, in, fold.Key(in.Name))
	if err != nil {
		return Person{}, err
	}
	if len(known) == 0 {
		return s.AddTx(ctx, tx, by, in)
	}
	// Locked, then read again: meanwhile she may have asked for silence, or have been erased.
	if err := touch(ctx, tx, known[0].ID); err != nil {
		return Person{}, err
	}
	was, err := personByID(ctx, tx, known[0].ID)
	if fault.Is(err, fault.NotFound) {
		return s.AddTx(ctx, tx, by, in)
	}
	if err != nil {
		return Person{}, err
	}
	p := was.completed(in)
	p.SeenAt = s.now()
	if p.Silent && !was.Silent {
		if err := s.notices.ForgetTx(ctx, tx, ref(p.ID)); err != nil {
			return p, err
		}
	}
	return p, updatePerson(ctx, tx, p)
}

// lock makes those who meet the same name by the same contact take turns until their transaction ends. It takes the locks
// of both contacts in one order, so that none waits for the other.
func (s *Service) lock(ctx context.Context, tx *db.Tx, in New) error {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("name " + fold.Key(in.Name)))
	return lockName(ctx, tx, int64(binary.BigEndian.Uint64(mac.Sum(nil))))
}

// completed is a person with what was not known of her.
func (p Person) completed(in New) Person {
	fill := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	fill(&p.Phone, in.Phone)
	fill(&p.Email, in.Email)
	fill(&p.Commune, in.Commune)
	if p.Lang == "" {
		p.Lang = in.Lang
	}
	if p.Account == "" {
		p.Account = in.Account
	}
	if p.RelationTo == "" && in.RelationTo != p.ID {
		p.RelationTo, p.Relation = in.RelationTo, in.Relation
	}
	p.Silent = p.Silent || in.Silent
	return p
}

// AddTx adds a person, whoever else has that name, in the caller's transaction. in was checked.
func (s *Service) AddTx(ctx context.Context, tx *db.Tx, by audit.Actor, in New) (Person, error) {
	p := Person{
		ID: ID(id.New()), Name: in.Name, Pseudonym: in.Pseudonym, Phone: in.Phone, Email: in.Email, Commune: in.Commune, Lang: in.Lang, RelationTo: in.RelationTo,
		Relation: in.Relation, Account: in.Account, Organisation: in.Organisation, Silent: in.Silent, CreatedAt: s.now(), SeenAt: s.now(), Version: 1,
	}
	if err := insertPerson(ctx, tx, p); err != nil {
		return p, err
	}
	return p, s.record(ctx, tx, by, "person.meet", p.ID)
}

func (s *Service) record(ctx context.Context, tx *db.Tx, by audit.Actor, action string, p ID) error {
	object := audit.Object{Kind: "person", ID: string(p)}
	return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by, Action: action, Object: object, Subjects: []audit.Object{object}})
}

// SeenTx writes that a person was met just now, in the caller's transaction: retention counts from it.
func (s *Service) SeenTx(ctx context.Context, tx *db.Tx, p ID) error {
	_, err := db.Exec(ctx, tx, `UPDATE person_person SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, string(p), db.Micros(s.now()))
	return err
}

// Person returns a person. It checks no right: the caller knows why it asks. It reports fault.NotFound.
func (s *Service) Person(ctx context.Context, q db.Querier, p ID) (Person, error) {
	return personByID(ctx, q, p)
}

// Persons returns people by id; those who are gone are left out.
func (s *Service) Persons(ctx context.Context, q db.Querier, ids ...ID) (map[ID]Person, error) {
	return personsByID(ctx, q, ids)
}

// Find lists the people that by may know of whom a text speaks of, by the beginnings of the words of a name, by a telephone in any
// form, or by an e-mail address; who was seen last comes first. Who is under silence is found by the structure that met her alone.
func (s *Service) Find(ctx context.Context, by identity.Actor, text string, limit int) ([]Person, error) {
	if identity.Reaches(by, identity.PersonRead) == identity.None {
		return nil, identity.Require(by, identity.PersonRead, identity.Object{Kind: identity.ObjectPerson})
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	where, args := identity.Where(by, identity.PersonRead, identity.Columns{Organisation: "organisation_id"}, 1)
	if phone, ok := identity.Phone(text); ok {
		return findPersons(ctx, s.db, where, args, "phone = ", []string{phone}, string(by.Organisation), limit)
	}
	if strings.Contains(text, "@") {
		return findPersons(ctx, s.db, where, args, "email = ", []string{strings.ToLower(text)}, string(by.Organisation), limit)
	}
	words := fold.Words(text)
	if len(words) == 0 {
		return nil, nil
	}
	return findPersons(ctx, s.db, where, args, "", words, string(by.Organisation), limit)
}

// Known returns a person that by may know of, as Find finds her. It reports fault.NotFound for a person out of reach as for an unknown one.
func (s *Service) Known(ctx context.Context, by identity.Actor, person ID) (Person, error) {
	p, err := personByID(ctx, s.db, person)
	if fault.Is(err, fault.NotFound) {
		return Person{}, identity.NotFound()
	}
	if err != nil {
		return Person{}, err
	}
	if p.Silent && p.Organisation != by.Organisation {
		return Person{}, identity.NotFound()
	}
	if err := identity.Require(by, identity.PersonRead, p.Object()); err != nil {
		return Person{}, err
	}
	return p, nil
}

// Correct writes what is known of a person anew, from the version that was read. by needs person.edit. It reports fault.Invalid by field,
// fault.Conflict for a stale version.
func (s *Service) Correct(ctx context.Context, by identity.Actor, person ID, version int64, in New) (Person, error) {
	in, err := in.Check()
	if err != nil {
		return Person{}, err
	}
	var p Person
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if p, err = s.edited(ctx, tx, by, person); err != nil {
			return err
		}
		if p.Version != version {
			return fault.New(fault.Conflict, "person.stale")
		}
		p.Name, p.Pseudonym, p.Phone, p.Email, p.Commune, p.Lang = in.Name, in.Pseudonym, in.Phone, in.Email, in.Commune, in.Lang
		if err := updatePerson(ctx, tx, p); err != nil {
			return err
		}
		p.Version++
		return s.record(ctx, tx, by.Audit(), "person.correct", p.ID)
	})
	return p, err
}

// edited locks a person whom by may change, for the caller's transaction.
func (s *Service) edited(ctx context.Context, tx *db.Tx, by identity.Actor, person ID) (Person, error) {
	if err := touch(ctx, tx, person); err != nil {
		return Person{}, err
	}
	p, err := personByID(ctx, tx, person)
	if fault.Is(err, fault.NotFound) {
		return p, identity.NotFound()
	}
	if err != nil {
		return p, err
	}
	if p.Silent && p.Organisation != by.Organisation {
		return p, identity.NotFound()
	}
	return p, identity.Require(by, identity.PersonEdit, p.Object())
}

// Silence puts a person under silence, or ends it. Under silence nothing is sent, and what was planned disappears. by needs
// person.edit.
func (s *Service) Silence(ctx context.Context, by identity.Actor, person ID, on bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.edited(ctx, tx, by, person)
		if err != nil || p.Silent == on {
			return err
		}
		p.Silent = on
		if err := updatePerson(ctx, tx, p); err != nil {
			return err
		}
		if on {
			if err := s.notices.ForgetTx(ctx, tx, ref(p.ID)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, by.Audit(), "person.silence", p.ID)
	})
}

func ref(p ID) string { return "person:" + string(p) }

// Recipient is how a person is told things.
func (s *Service) Recipient(p Person) notice.Recipient {
	return notice.Recipient{Ref: ref(p.ID), Email: p.Email, Phone: p.Phone, Lang: p.Lang}
}

// Old is a person who has not been seen since an instant.
type Old struct {
	ID    ID
	Since time.Time
}

// UnseenSince lists, for retention, the people whom nobody has seen since before an instant, the longest unseen first, after the
// given one, at most limit.
func (s *Service) UnseenSince(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return unseenPersons(ctx, q, before, after, limit)
}

// EraseTx erases people in the caller's transaction, with what was written to them, after every module did its part. It
// returns how many there were, and writes no line of the journal.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, persons ...ID) (int, error) {
	total := 0
	for _, p := range persons {
		for _, hook := range s.hooks {
			if err := hook(ctx, tx, p); err != nil {
				return total, err
			}
		}
		if err := s.notices.ForgetTx(ctx, tx, ref(p)); err != nil {
			return total, err
		}
		n, err := deletePerson(ctx, tx, p)
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// ForgetAccountTx cuts the link of an account that is erased, in the caller's transaction: the person stays who she is.
func (s *Service) ForgetAccountTx(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
	_, err := db.Exec(ctx, tx, `UPDATE person_person SET account_id = '', version = version + 1 WHERE account_id = $1`, string(account))
	return err
}

// MoveTx gives the people whom an organisation met to another, in the caller's transaction, and returns how many there were.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, from, into identity.OrganisationID) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE person_person SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`, string(from), string(into))
}

// Sentences is how people read the journal's lines about persons.
func Sentences() []audit.Sentence {
	return []audit.Sentence{
		{Action: "person.meet", Text: "{auteur} a inscrit une personne pour la première fois"},
		{Action: "person.correct", Text: "{auteur} a corrigé ce qui est noté d'une personne"},
		{Action: "person.silence", Text: "{auteur} a changé le mode silence d'une personne"},
	}
}
