package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/siret"
)

// OrganisationKind is what sort of body an organisation is.
type OrganisationKind string

// The kinds, with the word of the screen where it is not the same.
const (
	OrgDepartment  OrganisationKind = "department"  // conseil départemental
	OrgEPCI        OrganisationKind = "epci"        // intercommunalité
	OrgCommune     OrganisationKind = "commune"     // mairie
	OrgCCAS        OrganisationKind = "ccas"        // centre communal d'action sociale
	OrgAssociation OrganisationKind = "association" // association
	OrgMediation   OrganisationKind = "mediation"   // structure de médiation numérique
	OrgRelay       OrganisationKind = "relay"       // structure relais
	OrgOperator    OrganisationKind = "operator"    // La Poste, Orange, CAF...
	OrgState       OrganisationKind = "state"       // service de l'État
	OrgOther       OrganisationKind = "other"
)

// OrganisationKinds lists the kinds, in the order of a form.
func OrganisationKinds() []OrganisationKind {
	return []OrganisationKind{OrgDepartment, OrgEPCI, OrgCommune, OrgCCAS, OrgAssociation, OrgMediation, OrgRelay, OrgOperator, OrgState, OrgOther}
}

// OrganisationState is where an organisation is in its life.
type OrganisationState string

// The states.
const (
	OrgActive OrganisationState = "active"
	OrgClosed OrganisationState = "closed" // nobody works in its name any more
	OrgMerged OrganisationState = "merged" // another took over: MergedInto
)

// Profile is what people write of an organisation. Texts are "" where they do not say.
type Profile struct {
	Kind         OrganisationKind
	Name         string
	SIRET        string         // fourteen digits; "" is not known
	Site         string         // which of several sites under the number; "" for the only one
	Parent       OrganisationID // that it belongs to; "" for none
	CommuneCode  string         // INSEE
	Postcode     string
	Address      string
	Phone        string
	Email        string
	Website      string
	Presentation string // public text
	Listed       bool   // has a public page
}

// DoubtfulSIRET reports whether the key of the number is wrong: a warning, since real registers hold such numbers.
func (p Profile) DoubtfulSIRET() bool {
	if p.SIRET == "" {
		return false
	}
	_, ok := siret.Parse(p.SIRET)
	return !ok
}

// Organisation is whoever takes part in the programme.
type Organisation struct {
	ID OrganisationID
	Profile
	State      OrganisationState
	MergedInto OrganisationID // who took over, for OrgMerged
	Version    int64          // given back with a change, so that two people do not overwrite each other
	CreatedAt  time.Time
	ChangedAt  time.Time
}

// Past is what an organisation was called until an instant.
type Past struct {
	Name, SIRET, Site string
	Until             time.Time
}

// object is the organisation as rights see it.
func (o Organisation) object() Object {
	return Object{Kind: ObjectOrganisation, Organisation: o.ID, Commune: o.CommuneCode}
}

// clean tidies what was written and reports which fields cannot be.
func (p Profile) clean() (Profile, error) {
	f := fault.New(fault.Invalid, "identity.organisation_invalid")
	for _, line := range []*string{&p.Name, &p.Site, &p.CommuneCode, &p.Postcode, &p.Address, &p.Phone, &p.Email, &p.Website} {
		if *line = oneLine(*line); len([]rune(*line)) > maxLine {
			f.With("address", "identity.too_long", "Most", maxLine)
		}
	}
	if !slices.Contains(OrganisationKinds(), p.Kind) {
		f.With("kind", "identity.organisation_kind")
	}
	if p.Name == "" || len([]rune(p.Name)) > maxName {
		f.With("name", "identity.name_missing")
	}
	p.cleanSIRET(f)
	p.cleanContacts(f)
	if p.Presentation = paragraphs(p.Presentation); len([]rune(p.Presentation)) > maxPresentation {
		f.With("presentation", "identity.too_long", "Most", maxPresentation)
	}
	if f.Fields != nil {
		return p, f
	}
	return p, nil
}

func (p *Profile) cleanSIRET(f *fault.Error) {
	if strings.TrimSpace(p.SIRET) == "" {
		p.SIRET = ""
		return
	}
	number, _ := siret.Parse(p.SIRET) // a wrong key is a warning: DoubtfulSIRET
	if number == "" || number == siret.Unknown {
		f.With("siret", "identity.siret_invalid")
		return
	}
	p.SIRET = number
}

func (p *Profile) cleanContacts(f *fault.Error) {
	if p.CommuneCode = strings.ToUpper(p.CommuneCode); p.CommuneCode != "" && !communeCode.MatchString(p.CommuneCode) {
		f.With("commune_code", "identity.commune_code_invalid")
	}
	if p.Phone != "" {
		var ok bool
		if p.Phone, ok = Phone(p.Phone); !ok {
			f.With("phone", "identity.phone_invalid")
		}
	}
	if p.Email != "" {
		var ok bool
		if p.Email, ok = Email(p.Email); !ok {
			f.With("email", "identity.email_invalid")
		}
	}
	if p.Website != "" && !strings.HasPrefix(p.Website, "https://") && !strings.HasPrefix(p.Website, "http://") {
		f.With("website", "identity.website_invalid")
	}
}

// AddOrganisation writes a new organisation. It reports fault.Invalid with the fields that cannot be, and fault.Conflict
// when the number and site are another's, or were, before it was merged.
func (s *Service) AddOrganisation(ctx context.Context, by Actor, p Profile) (Organisation, error) {
	p, err := p.clean()
	if err != nil {
		return Organisation{}, err
	}
	if err := Require(by, OrganisationAdd, Object{Kind: ObjectOrganisation, Commune: p.CommuneCode}); err != nil {
		return Organisation{}, outsideGround(err)
	}
	at := s.now()
	o := Organisation{ID: OrganisationID(id.New()), Profile: p, State: OrgActive, Version: 1, CreatedAt: at, ChangedAt: at}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		if err := parentFits(ctx, tx, o.ID, p.Parent); err != nil {
			return err
		}
		if err := numberFree(ctx, tx, p, o.ID); err != nil {
			return err
		}
		if err := insertOrganisation(ctx, tx, o); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, OrganisationAdd, "organisation", string(o.ID), "genre", string(p.Kind)))
	})
	return o, err
}

// outsideGround says in a form that the commune written is not one of the caller's.
func outsideGround(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "identity.organisation_invalid").With("commune_code", "identity.commune_outside")
	}
	return err
}

// EditOrganisation writes the whole profile of an organisation that was read at version. It reports fault.Conflict when
// somebody changed it since, or has the number; fault.NotFound out of reach or for a merged one. What it was called before
// is kept.
func (s *Service) EditOrganisation(ctx context.Context, by Actor, org OrganisationID, version int64, p Profile) (Organisation, error) {
	p, err := p.clean()
	if err != nil {
		return Organisation{}, err
	}
	var o Organisation
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		if o, err = organisationByID(ctx, tx, org); err != nil {
			return err
		}
		if err := Require(by, OrganisationSet, o.object()); err != nil {
			return err
		}
		if err := Require(by, OrganisationSet, Object{Kind: ObjectOrganisation, Organisation: o.ID, Commune: p.CommuneCode}); err != nil {
			return outsideGround(err)
		}
		switch {
		case o.State == OrgMerged:
			return NotFound()
		case o.Version != version:
			return fault.New(fault.Conflict, "identity.changed_meanwhile")
		}
		return s.rewrite(ctx, tx, by, &o, p)
	})
	return o, err
}

// rewrite gives o the profile p: the old name and number go to the past, and a line to the journal.
func (s *Service) rewrite(ctx context.Context, tx *db.Tx, by Actor, o *Organisation, p Profile) error {
	if err := parentFits(ctx, tx, o.ID, p.Parent); err != nil {
		return err
	}
	if err := numberFree(ctx, tx, p, o.ID); err != nil {
		return err
	}
	if p.Name != o.Name || p.SIRET != o.SIRET || p.Site != o.Site {
		if err := insertPast(ctx, tx, *o, s.now()); err != nil {
			return err
		}
	}
	o.Profile, o.ChangedAt, o.Version = p, s.now(), o.Version+1
	if err := updateOrganisation(ctx, tx, *o); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, s.line(by, OrganisationSet, "organisation", string(o.ID)))
}

// parentFits refuses a parent that is unknown, merged, or below child itself. The caller touched the tree.
func parentFits(ctx context.Context, q db.Querier, child, parent OrganisationID) error {
	for at := parent; at != ""; {
		if at == child {
			return fault.New(fault.Invalid, "identity.organisation_invalid").With("parent", "identity.parent_below")
		}
		o, err := organisationByID(ctx, q, at)
		if fault.Is(err, fault.NotFound) || err == nil && at == parent && o.State == OrgMerged {
			return fault.New(fault.Invalid, "identity.organisation_invalid").With("parent", "identity.parent_unknown")
		}
		if err != nil {
			return err
		}
		at = o.Parent
	}
	return nil
}

// numberFree refuses a number and site that another organisation has, or had before it was merged into another than own.
func numberFree(ctx context.Context, q db.Querier, p Profile, own OrganisationID) error {
	if p.SIRET == "" {
		return nil
	}
	others, err := organisationsBySIRET(ctx, q, p.SIRET, p.Site)
	if err != nil {
		return err
	}
	for _, o := range others {
		switch {
		case o.ID == own || o.MergedInto == own:
		case o.State == OrgMerged:
			return fault.New(fault.Conflict, "identity.organisation_merged").With("siret", "identity.siret_merged")
		default:
			return fault.New(fault.Conflict, "identity.organisation_twice").With("siret", "identity.siret_taken", "Name", o.Name)
		}
	}
	return nil
}

// Organisation returns an organisation; of a merged one, whoever took over, and moved is true. It reports fault.NotFound
// for an unknown id.
func (s *Service) Organisation(ctx context.Context, org OrganisationID) (o Organisation, moved bool, err error) {
	if o, err = organisationByID(ctx, s.db, org); err == nil && o.State == OrgMerged {
		o, err = organisationByID(ctx, s.db, o.MergedInto) // merging keeps every pointer one step long
		moved = true
	}
	return o, moved, err
}

// OrganisationBySIRET is Organisation by number and site.
func (s *Service) OrganisationBySIRET(ctx context.Context, number, site string) (Organisation, error) {
	number, _ = siret.Parse(number)
	if number == "" || number == siret.Unknown {
		return Organisation{}, NotFound()
	}
	found, err := organisationsBySIRET(ctx, s.db, number, oneLine(site))
	if err != nil {
		return Organisation{}, err
	}
	for _, o := range found { // at most one of them is not merged
		if o.State != OrgMerged {
			return o, nil
		}
	}
	if len(found) == 0 {
		return Organisation{}, NotFound()
	}
	o, _, err := s.Organisation(ctx, found[0].ID)
	return o, err
}

// PastNames returns what an organisation was called, newest first.
func (s *Service) PastNames(ctx context.Context, org OrganisationID) ([]Past, error) {
	return pastOf(ctx, s.db, org)
}

// OrganisationFilter chooses organisations. The zero filter is all that are active.
type OrganisationFilter struct {
	Name   string           // words of the name
	Kind   OrganisationKind // "" for all
	States []OrganisationState
	Listed bool           // only those with a public page
	Under  OrganisationID // only the children of one
	After  OrganisationID // the last of the page before
	Limit  int            // 0 is 50
}

// pageSize is how many rows a list has where the caller does not say.
const pageSize = 50

// Organisations lists organisations by name, a page at a time.
func (s *Service) Organisations(ctx context.Context, f OrganisationFilter) ([]Organisation, error) {
	if f.Limit <= 0 {
		f.Limit = pageSize
	}
	if len(f.States) == 0 {
		f.States = []OrganisationState{OrgActive}
	}
	return listOrganisations(ctx, s.db, f)
}

// nameKey is a name as it is looked up and sorted.
func nameKey(name string) string { return fold.Key(name) }
