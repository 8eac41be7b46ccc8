package place

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/id"
)

// Refusal is why a declaration is refused, from a closed list.
type Refusal string

// The refusals, in the order in which pages offer them.
const (
	RefusedKnown   Refusal = "known"   // the census has this place already
	RefusedOutside Refusal = "outside" // not on this territory
	RefusedNoHelp  Refusal = "no_help" // nobody helps there, and nothing is lent
	RefusedMissing Refusal = "missing" // too little is said to find the place
	RefusedOther   Refusal = "other"   // for the words beside it to say
)

// Refusals lists every refusal in the order of the pages.
func Refusals() []Refusal {
	return []Refusal{RefusedKnown, RefusedOutside, RefusedNoHelp, RefusedMissing, RefusedOther}
}

// refusalWords is what the declarant is told.
var refusalWords = map[Refusal]string{
	RefusedKnown: "ce lieu est déjà connu ici.", RefusedOutside: "ce lieu n'est pas sur notre territoire.",
	RefusedNoHelp:  "ce lieu n'aide pas à utiliser un ordinateur, un téléphone ou internet.",
	RefusedMissing: "il manque de quoi trouver ce lieu.", RefusedOther: "",
}

// MaxRefusalText is how many letters the words beside a refusal have at most.
const MaxRefusalText = 500

// Proposal is a field of a declaration. Of a new place, Before and Now are "".
type Proposal struct {
	Name          string // column, or "position"
	Before        string // what the place said when the correction began
	Proposed, Now string
}

// Moved reports whether the place says something else by now than when the correction began, and not what is proposed.
func (p Proposal) Moved() bool { return p.Now != p.Before && p.Now != p.Proposed }

// Submission is a declaration that was sent, beside the place that it speaks of.
type Submission struct {
	Declaration
	Place     *Place // the place that it corrects; nil for a new one
	Name      string // of the place
	Commune   string
	Proposals []Proposal
	Decides   bool // the reader may decide on it
	right     identity.Object
}

// submission puts a declaration beside its place. by may decide on it, or not.
func (s *Service) submission(by identity.Actor, d Declaration, now *Place) Submission {
	sub := Submission{Declaration: d, Place: now, Name: d.Said("nom"), Commune: d.Said("commune")}
	if now != nil {
		sub.right = now.right()
	} else {
		sub.right = identity.Object{Kind: identity.ObjectPlace, Commune: s.communeOf(d)}
	}
	sub.Decides = identity.Can(by, identity.PlaceModerate, sub.right)
	for _, name := range Declarable() {
		proposed, ok := d.Values[name]
		if !ok {
			continue
		}
		p := Proposal{Name: name, Before: d.Base[name], Proposed: proposed}
		if now != nil {
			p.Now = valueOf(now, name)
		}
		sub.Proposals = append(sub.Proposals, p)
	}
	return sub
}

// communeOf is the INSEE code of where a declared place lies: as said, or that of the only commune of its name and postal
// code; "" when neither tells.
func (s *Service) communeOf(d Declaration) string {
	if code := d.Said("code_insee"); code != "" {
		return code
	}
	name, found := fold.Key(d.Said("commune")), ""
	for _, c := range s.ground.Gazetteer().Postcode(d.Said("code_postal")) {
		if fold.Key(c.Name) != name {
			continue
		}
		if found != "" {
			return ""
		}
		found = c.Code
	}
	return found
}

// Queue lists the declarations that wait and that by may decide on, the first sent first.
func (s *Service) Queue(ctx context.Context, by identity.Actor) ([]Submission, error) {
	if identity.Reaches(by, identity.PlaceModerate) == identity.None {
		return nil, nil
	}
	var out []Submission
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		out = nil
		sent, err := declarationsSent(ctx, q)
		if err != nil {
			return err
		}
		var ids []ID
		for _, d := range sent {
			if d.PlaceID != "" {
				ids = append(ids, d.PlaceID)
			}
		}
		places, err := placesByID(ctx, q, ids)
		if err != nil {
			return err
		}
		for _, d := range sent {
			if sub := s.submission(by, d, placeOf(places, d.PlaceID)); sub.Decides {
				out = append(out, sub)
			}
		}
		return nil
	})
	return out, err
}

func placeOf(places map[ID]Place, one ID) *Place {
	if p, ok := places[one]; ok {
		return &p
	}
	return nil
}

// Submitted returns a declaration by its reference, sent or decided, for somebody who may decide on it. It reports
// fault.NotFound for every other, and for a draft.
func (s *Service) Submitted(ctx context.Context, by identity.Actor, reference string) (Submission, error) {
	return s.submitted(ctx, s.db, by, reference)
}

func (s *Service) submitted(ctx context.Context, q db.Querier, by identity.Actor, reference string) (Submission, error) {
	if err := identity.Require(by, identity.PlaceModerate, identity.Object{Kind: identity.ObjectPlace}); err != nil && !fault.Is(err, fault.NotFound) {
		return Submission{}, err
	}
	d, err := declarationByReference(ctx, q, reference)
	if fault.Is(err, fault.NotFound) || err == nil && d.State == DeclarationDraft {
		return Submission{}, identity.NotFound()
	}
	if err != nil {
		return Submission{}, err
	}
	places, err := placesByID(ctx, q, []ID{d.PlaceID})
	if err != nil {
		return Submission{}, err
	}
	sub := s.submission(by, d, placeOf(places, d.PlaceID))
	if !sub.Decides {
		return Submission{}, identity.NotFound()
	}
	return sub, nil
}

// Accept writes what a declaration says into the census, all of it or the fields named (nil for all), and tells its author.
// A new place gets a number, an id of the standard of ours, and the status that its fields make. version is the one that
// was shown. It reports fault.Conflict when somebody else has decided, or its author has taken it back or sent another
// (place.team.declaration_gone), fault.Invalid for no field at all or for a new place without its name, and Submitted's
// errors.
func (s *Service) Accept(ctx context.Context, by identity.Actor, reference string, version int64, fields []string) (Place, error) {
	var next Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		next, err = s.acceptTx(ctx, tx, by, reference, version, fields)
		return err
	})
	return next, err
}

// Judged is what came of one declaration of several.
type Judged struct {
	Reference string
	Err       error // nil when it was accepted
}

// AcceptAll accepts several declarations whole, each in a transaction of its own: one that somebody else has decided stops
// no other. versions are by reference.
func (s *Service) AcceptAll(ctx context.Context, by identity.Actor, versions map[string]int64) []Judged {
	var out []Judged
	for _, reference := range slices.Sorted(maps.Keys(versions)) {
		_, err := s.Accept(ctx, by, reference, versions[reference], nil)
		out = append(out, Judged{reference, err})
	}
	return out
}

func (s *Service) acceptTx(ctx context.Context, tx *db.Tx, by identity.Actor, reference string, version int64, fields []string) (Place, error) {
	last, err := touch(ctx, tx)
	if err != nil {
		return Place{}, err
	}
	sub, err := s.lockSubmission(ctx, tx, by, reference, version)
	if err != nil {
		return Place{}, err
	}
	taken := sub.Declaration
	if fields != nil {
		taken.Values = maps.Clone(sub.Values)
		maps.DeleteFunc(taken.Values, func(name, _ string) bool { return !slices.Contains(fields, name) })
	}
	if len(taken.Values) == 0 || sub.Place == nil && taken.Values["nom"] == "" {
		return Place{}, fault.New(fault.Invalid, "place.team.nothing_taken").With("champ", "place.team.nothing_taken")
	}
	old := Place{}
	if sub.Place != nil {
		old = *sub.Place
	}
	next, err := taken.Place(sub.Place)
	if err != nil {
		return Place{}, err
	}
	s.date(&next, sub)
	a := act{by: by, action: "place.accept", source: Here, decided: fieldsOf(taken.Values), detail: map[string]string{"référence": reference}}
	if sub.Place == nil {
		last++
		err = s.bearTx(ctx, tx, last, &next, a)
	} else {
		err = s.keepTx(ctx, tx, last, &old, &next, a)
	}
	if err != nil {
		return Place{}, err
	}
	if _, err := s.decideTx(ctx, tx, sub.Declaration, DeclarationAccepted, "", next.ID); err != nil {
		return Place{}, err
	}
	return next, s.tellTx(ctx, tx, EventAccepted, sub.Declaration, nil)
}

// date says when what is declared was known to be so: the day it was sent, by whoever answers for the place and had all of
// it before the eyes.
func (s *Service) date(p *Place, sub Submission) {
	on := sub.SentAt.Format(time.DateOnly)
	if sub.Place == nil {
		p.Source, p.UpdatedOn = s.ownSource(), on
		if p.CommuneCode == "" {
			p.CommuneCode = s.communeOf(sub.Declaration)
		}
		return
	}
	p.VerifiedOn, p.ToCheck = max(on, p.VerifiedOn), false
}

// ownSource is the source of a place that was declared here: the territory, as its site names itself.
func (s *Service) ownSource() string {
	if name := s.ground.Site("").Name; name != "" {
		return name
	}
	return "Viaduc"
}

// OwnIDPrefix begins the ids of the standard of places that were declared here.
const OwnIDPrefix = "Viaduc_"

// bearTx writes a place that the census did not have.
func (s *Service) bearTx(ctx context.Context, tx *db.Tx, number Number, p *Place, a act) error {
	p.ID, p.Number = ID(id.New()), number
	p.StandardID = OwnIDPrefix + string(p.ID)
	check(p)
	if err := putPlaces(ctx, tx, []Place{*p}, s.now()); err != nil {
		return err
	}
	detail := map[string]string{"champs": "tous"}
	maps.Copy(detail, a.detail)
	entry := audit.Entry{Actor: a.by.Audit(), Action: a.action, Object: audit.Object{Kind: "place", ID: string(p.ID)}, Detail: detail}
	if err := s.journal.RecordTx(ctx, tx, entry); err != nil {
		return err
	}
	return saveState(ctx, tx, number)
}

// lockSubmission returns a declaration that waits, which nobody else decides on meanwhile.
func (s *Service) lockSubmission(ctx context.Context, tx *db.Tx, by identity.Actor, reference string, version int64) (Submission, error) {
	sub, err := s.submitted(ctx, tx, by, reference)
	if err != nil {
		return sub, err
	}
	d, err := lockDeclarationByID(ctx, tx, sub.ID)
	if fault.Is(err, fault.NotFound) {
		return sub, identity.NotFound()
	}
	if err != nil {
		return sub, err
	}
	if d.State != DeclarationSent || d.Version != version {
		return sub, fault.New(fault.Conflict, "place.team.declaration_gone")
	}
	return s.submission(by, d, sub.Place), nil
}

// Refuse closes a declaration with a reason, and tells its author why. It reports fault.Invalid on reason and text, and
// Accept's other errors.
func (s *Service) Refuse(ctx context.Context, by identity.Actor, reference string, version int64, why Refusal, text string) error {
	text = strings.Join(strings.Fields(legibleText(text)), " ")
	words, ok := refusalWords[why]
	bad := fault.New(fault.Invalid, "place.team.refusal_invalid")
	switch n := utf8.RuneCountInString(text); {
	case !ok:
		bad.With("reason", "place.team.refusal_missing")
	case n > MaxRefusalText:
		bad.With("text", "place.team.refusal_long", "Most", MaxRefusalText, "N", n)
	case n == 0 && words == "":
		bad.With("text", "place.team.refusal_words")
	}
	if bad.Fields != nil {
		return bad
	}
	reason := strings.TrimSpace(words + " " + text)
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		sub, err := s.lockSubmission(ctx, tx, by, reference, version)
		if err != nil {
			return err
		}
		if _, err := s.decideTx(ctx, tx, sub.Declaration, DeclarationRefused, reason, ""); err != nil {
			return err
		}
		object := audit.Object{Kind: "declaration", ID: sub.ID}
		if sub.Place != nil {
			object = audit.Object{Kind: "place", ID: string(sub.Place.ID)}
		}
		entry := audit.Entry{Actor: by.Audit(), Action: "place.refuse", Object: object, Detail: map[string]string{"référence": reference, "raison": string(why)}}
		if err := s.journal.RecordTx(ctx, tx, entry); err != nil {
			return err
		}
		return s.tellTx(ctx, tx, EventRefused, sub.Declaration, map[string]string{"reason": reason})
	})
}

// tellTx tells the author of a declaration what was decided; nobody where the address was erased.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, event string, d Declaration, fields map[string]string) error {
	if s.notices == nil || d.Email == "" {
		return nil
	}
	told := map[string]string{"reference": d.Reference}
	maps.Copy(told, fields)
	return s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: event, Key: d.ID + " decided " + strconv.FormatInt(d.Version, 10), To: d.recipient(), Path: s.DeclarationLink(d), Fields: told,
	})
}
