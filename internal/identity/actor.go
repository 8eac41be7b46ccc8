package identity

import (
	"time"

	"viaduc/internal/audit"
)

// Kind is what sort of caller an Actor is. The zero Kind may do nothing.
type Kind string

// The kinds.
const (
	Staff     Kind = "staff"     // a person with a role in an organisation
	Resident  Kind = "resident"  // a person with an account of their own and no role
	Anonymous Kind = "anonymous" // whoever reads the public pages
	CLI       Kind = "cli"       // a person at the command line of the machine, who owns the data anyway
	System    Kind = "system"    // the program itself: a worker, the demo
)

// Role is what a person is in an organisation. Only Staff have one.
type Role string

// The roles, with the word of the screen.
const (
	Mediator      Role = "mediator"      // médiateur, médiatrice
	Helper        Role = "helper"        // aidant, aidante
	Volunteer     Role = "volunteer"     // bénévole
	Relay         Role = "relay"         // relais: hands out passes, sends people on
	Manager       Role = "manager"       // responsable de structure
	Officer       Role = "officer"       // chargé de mission of the territory
	Administrator Role = "administrator" // administrateur of the territory
	Partner       Role = "partner"       // partenaire
	Elected       Role = "elected"       // élu: reads only
	DPO           Role = "dpo"           // délégué à la protection des données
)

// Roles lists every role of staff, in the order of the table of rights.
func Roles() []Role {
	return []Role{Mediator, Helper, Volunteer, Relay, Manager, Officer, Administrator, Partner, Elected, DPO}
}

// Known reports whether r is a role.
func (r Role) Known() bool { return r.column() >= 0 }

// column is the rank of r in Roles, -1 for what is no role.
func (r Role) column() int {
	switch r {
	case Mediator:
		return 0
	case Helper:
		return 1
	case Volunteer:
		return 2
	case Relay:
		return 3
	case Manager:
		return 4
	case Officer:
		return 5
	case Administrator:
		return 6
	case Partner:
		return 7
	case Elected:
		return 8
	case DPO:
		return 9
	}
	return -1
}

// NeedsScope reports whether a membership of role r names the ground it holds on.
func (r Role) NeedsScope() bool { return r == Officer || r == Elected }

// Actor is who acts: a parameter of every use case, never a value in a context, so that a signature shows that a right is
// needed. The zero Actor may do nothing.
type Actor struct {
	Account        AccountID // "" for Anonymous, CLI and System
	Kind           Kind
	Name           string // as the screen shows the person to themselves
	Membership     MembershipID
	Organisation   OrganisationID
	Role           Role
	Scope          Scope     // ground of the membership; the zero Scope holds nothing
	SecondFactorAt time.Time // when the second factor was last given; zero is never
	Session        SessionID
	Kiosk          bool // a screen that others use next
}

// Nobody is whoever reads the public pages.
func Nobody() Actor { return Actor{Kind: Anonymous} }

// AtCLI is the person at the command line of the machine.
func AtCLI() Actor { return Actor{Kind: CLI} }

// TheSystem is the program itself.
func TheSystem() Actor { return Actor{Kind: System} }

// Audit is the actor as the journal names it.
func (a Actor) Audit() audit.Actor {
	switch a.Kind {
	case CLI:
		return audit.CLI
	case System:
		return audit.System
	case Staff, Resident:
		return audit.Actor(a.Account)
	case Anonymous:
		return audit.Anonymous
	}
	return audit.Anonymous
}

// Fresh reports whether the second factor was given less than within before now: what changes passwords, factors and
// rights asks for it again.
func (a Actor) Fresh(now time.Time, within time.Duration) bool {
	return a.Kind == CLI || a.Kind == System || !a.SecondFactorAt.IsZero() && now.Sub(a.SecondFactorAt) < within
}
