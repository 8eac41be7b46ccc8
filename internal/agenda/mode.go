package agenda

// Mode is how one takes part in what is on the agenda.
type Mode string

// The modes, with the word of the screen.
const (
	WalkIn       Mode = "walk_in"      // permanence sans rendez-vous
	Workshop     Mode = "workshop"     // atelier
	Appointments Mode = "appointments" // rendez-vous individuels
	Game         Mode = "game"         // jeux
	Machine      Mode = "machine"      // machine de fablab
	Repair       Mode = "repair"       // repair café
	Event        Mode = "event"        // événement
	OpenHours    Mode = "open_hours"   // accueil du public dans un collège
	Group        Mode = "group"        // visite d'un groupe
)

// Modes lists the modes in the order of the screens.
func Modes() []Mode {
	return []Mode{WalkIn, Workshop, Appointments, Game, Repair, Event, Machine, OpenHours, Group}
}

// Known reports whether m is a mode.
func (m Mode) Known() bool { return m.French() != "" }

// French names the mode, for one of them: "Atelier".
func (m Mode) French() string {
	switch m {
	case WalkIn:
		return "Permanence sans rendez-vous"
	case Workshop:
		return "Atelier"
	case Appointments:
		return "Rendez-vous individuels"
	case Game:
		return "Jeux"
	case Machine:
		return "Machine de fablab"
	case Repair:
		return "Repair café"
	case Event:
		return "Événement"
	case OpenHours:
		return "Accueil du public"
	case Group:
		return "Visite de groupe"
	}
	return ""
}

// HasSlots reports whether one books a time within the occurrence, and not the occurrence.
func (m Mode) HasSlots() bool { return m == Appointments || m == Machine }

// Soft reports whether the capacity is a hint: people come without booking, and nobody is turned away by a number.
func (m Mode) Soft() bool { return m == WalkIn || m == OpenHours }

// Books reports whether one can book at all, where a series of m has that many seats. Events and repair cafés take bookings
// where their seats are counted, and walk-ins never.
func (m Mode) Books(capacity int) bool {
	switch m {
	case Workshop, Appointments, Game, Machine, Group:
		return true
	case Repair, Event:
		return capacity > 0
	}
	return false
}

// Moderated reports whether a partner's proposal of m may be published by an officer. Only events are: the rest is what a
// structure does itself.
func (m Mode) Moderated() bool { return m == Event }
