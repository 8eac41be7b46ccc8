package demo

import (
	"context"
	"fmt"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
)

// organisations are three of the example territory. Their SIRET is not said, since every number belongs to somebody.
var organisations = []identity.Profile{
	{
		Kind: identity.OrgDepartment, Name: "Département (exemple)", CommuneCode: "17300", Postcode: "17000", Address: "1 place de l'Exemple", Phone: "+33536490017",
		Email: "departement@viaduc.example", Listed: true, Presentation: "Le département d'exemple coordonne l'aide numérique.\nCette structure est inventée.",
	},
	{
		Kind: identity.OrgMediation, Name: "La Passerelle numérique (exemple)", CommuneCode: "17299", Postcode: "17300", Address: "2 rue de l'Exemple", Phone: "+33536490020",
		Email: "passerelle@viaduc.example", Website: "https://passerelle.example", Listed: true,
		Presentation: "Une équipe vous aide à faire vos démarches sur internet. C'est gratuit.\nCette structure est inventée.",
	},
	{
		Kind: identity.OrgCCAS, Name: "CCAS (exemple)", CommuneCode: "17415", Postcode: "17100", Address: "3 quai de l'Exemple", Phone: "+33536490030",
		Email: "ccas@viaduc.example", Listed: true, Presentation: "Le CCAS reçoit les personnes qui ont besoin d'aide.\nCette structure est inventée.",
	},
}

// people are twelve accounts over all roles, named after what they do: nobody is invented. At is the rank of their
// organisation.
var people = []struct {
	given string
	role  identity.Role
	at    int
}{
	{"Administration", identity.Administrator, 0},
	{"Mission", identity.Officer, 0},
	{"Élection", identity.Elected, 0},
	{"Protection", identity.DPO, 0},
	{"Responsable", identity.Manager, 1},
	{"Médiation", identity.Mediator, 1},
	{"Bénévolat", identity.Volunteer, 1},
	{"Accueil", identity.Manager, 2},
	{"Aide", identity.Helper, 2},
	{"Relais", identity.Relay, 2},
	{"Partenariat", identity.Partner, 2},
	{"Itinérance", identity.Mediator, 1},
}

// Person is an account of the example, and what it is for.
type Person struct {
	Account        identity.AccountID
	Membership     identity.MembershipID
	Name           string
	Role           identity.Role
	OrganisationID identity.OrganisationID
}

// People opens the accounts of the example, as the program itself. It must run on an instance without any.
func People(ctx context.Context, s *identity.Service) ([]Person, error) {
	by := identity.TheSystem()
	ids := make([]identity.OrganisationID, len(organisations))
	for i, p := range organisations {
		o, err := s.AddOrganisation(ctx, by, p)
		if err != nil {
			return nil, fmt.Errorf("example organisation %s: %w", p.Name, err)
		}
		ids[i] = o.ID
	}
	scope, err := s.AddScope(ctx, by, identity.NewScopeInput{Kind: identity.ScopeDepartment, Code: "17", Name: "Charente-Maritime"})
	if err != nil {
		return nil, fmt.Errorf("example scope: %w", err)
	}
	var out []Person
	for i, p := range people {
		in := identity.NewStaff{
			GivenName: p.given, FamilyName: "Exemple", Email: fmt.Sprintf("equipe-%d@viaduc.example", i+1), Organisation: ids[p.at], Role: p.role,
		}
		if p.role.NeedsScope() {
			in.Scope = scope.ID
		}
		a, m, err := s.EnrolStaff(ctx, by, in)
		if err != nil {
			return nil, fmt.Errorf("example account %s: %w", p.given, err)
		}
		out = append(out, Person{Account: a.ID, Membership: m.ID, Name: a.Name(), Role: p.role, OrganisationID: ids[p.at]})
	}
	return out, nil
}

// Link is a way in that works once, for whoever runs the demonstration.
type Link struct {
	Role identity.Role
	Path string
}

// Links makes a one-time link for the first account of each role, good for a day.
func Links(ctx context.Context, s *identity.Service, accounts []Person) ([]Link, error) {
	seen := map[identity.Role]bool{}
	var out []Link
	for _, p := range accounts {
		if seen[p.Role] {
			continue
		}
		seen[p.Role] = true
		t, err := s.LoginLink(ctx, identity.TheSystem(), p.Account, 24*time.Hour)
		if fault.Is(err, fault.NotFound) {
			return nil, fmt.Errorf("example account of %s is gone", p.Role)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Link{Role: p.Role, Path: identity.LinkPath + string(t)})
	}
	return out, nil
}
