package identity

import (
	"context"
	"strings"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// FindStaff returns the account of staff that a text names, an address or an id. It reports fault.NotFound when there is
// none, and fault.Forbidden for whoever may not see everybody.
func (s *Service) FindStaff(ctx context.Context, by Actor, text string) (Account, error) {
	if err := Require(by, AccountDisable, Object{Kind: ObjectAccount}); err != nil {
		return Account{}, err
	}
	if id.Valid(text) {
		a, err := accountByID(ctx, s.db, AccountID(text))
		if err == nil && a.Kind != Staff {
			err = NotFound()
		}
		return a, err
	}
	email, _ := Email(text)
	return staffByEmail(ctx, s.db, email)
}

// FindOrganisation returns the organisation that a text names: an id, or a SIRET, "73282932000074/Antenne" where it has
// several sites; of a merged one, whoever took over. The empty text is the only organisation of an instance that has one.
// It reports fault.NotFound when there is none, or several.
func (s *Service) FindOrganisation(ctx context.Context, text string) (Organisation, error) {
	switch {
	case text == "":
		return onlyOrganisation(ctx, s.db)
	case id.Valid(text):
		o, _, err := s.Organisation(ctx, OrganisationID(text))
		return o, err
	}
	number, site, _ := strings.Cut(text, "/")
	return s.OrganisationBySIRET(ctx, number, site)
}

// ScopeOf returns the ground of a code (département, SIREN of an EPCI, INSEE code of a commune) or of an id, adding it
// where nobody holds a right on it yet.
func (s *Service) ScopeOf(ctx context.Context, by Actor, code string) (Scope, error) {
	if id.Valid(code) {
		row, err := scopeByID(ctx, s.db, ScopeID(code))
		if err != nil {
			return Scope{}, err
		}
		return s.scope(ctx, row)
	}
	code = strings.ToUpper(strings.TrimSpace(code))
	in := NewScopeInput{Kind: ScopeDepartment, Code: code, Name: "Département " + code}
	switch {
	case sirenCode.MatchString(code):
		in = NewScopeInput{Kind: ScopeEPCI, Code: code}
	case communeCode.MatchString(code):
		in = NewScopeInput{Kind: ScopeCommune, Code: code}
	}
	row, err := scopeByCode(ctx, s.db, in.Kind, code)
	if fault.Is(err, fault.NotFound) {
		return s.AddScope(ctx, by, in)
	}
	if err != nil {
		return Scope{}, err
	}
	return s.scope(ctx, row)
}
