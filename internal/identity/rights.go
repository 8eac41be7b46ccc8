package identity

import (
	"fmt"
	"strings"

	"viaduc/internal/platform/fault"
)

// Action is a thing that can be done, "module.thing.verb" or "module.verb". The constants of rights_table.go are all
// there are.
type Action string

// Reach says on which objects a role may do an action. A wider reach holds the narrower ones.
type Reach uint8

// The reaches.
const (
	None           Reach = iota // never
	Own                         // what I created, or what is about me
	InOrganisation              // what belongs to my current organisation, too
	InScope                     // what lies in the scope of my membership, too
	All                         // everything
)

// ObjectKind names what an Object is: "place", "account"...
type ObjectKind string

// Object is what an action is done to, as far as rights go. An attribute that is not said admits nobody by it.
type Object struct {
	Kind         ObjectKind
	Organisation OrganisationID // that it belongs to
	Owner        AccountID      // who created it, or whom it is about
	Commune      string         // INSEE code of where it lies
}

// Can reports whether a may do action to o. It is pure. An unknown action, kind of actor, role or kind of object, and an
// object that does not say whose it is, are refused.
func Can(a Actor, action Action, o Object) bool {
	r, ok := rights[action]
	return ok && r.object == o.Kind && r.reach(&a).admits(&a, &o)
}

// Reaches returns how far a may do action; None for what is unknown. Pages ask it to know whether to offer something at
// all.
func Reaches(a Actor, action Action) Reach {
	r, ok := rights[action]
	if !ok {
		return None
	}
	return r.reach(&a)
}

// Require returns nil where Can, and otherwise the fault to answer with: Unauthenticated when nobody is logged in,
// Forbidden when the role lacks the action altogether, NotFound when the object is out of its reach.
func Require(a Actor, action Action, o Object) error {
	if Can(a, action, o) {
		return nil
	}
	switch {
	case Reaches(a, action) > None:
		return NotFound()
	case a.Kind == Anonymous || a.Kind == "":
		return fault.New(fault.Unauthenticated, "identity.login_first")
	}
	return fault.New(fault.Forbidden, "identity.forbidden")
}

// NotFound is the one answer for what does not exist and for what the caller may not know of.
func NotFound() error { return fault.New(fault.NotFound, "identity.not_found") }

// Right is a row of the table.
type Right struct {
	Action    Action
	What      string // in English, for docs/rights.md
	Object    ObjectKind
	Anonymous Reach
	Resident  Reach
	Staff     map[Role]Reach // a role that is not named has None
}

// compiled is a Right as Can reads it: no map, nothing to allocate.
type compiled struct {
	object              ObjectKind
	anonymous, resident Reach
	staff               [10]Reach
}

// reach is how far the kind and role of a go.
func (c *compiled) reach(a *Actor) Reach {
	switch a.Kind {
	case CLI, System:
		return All
	case Anonymous:
		return c.anonymous
	case Resident:
		if a.Account == "" {
			return None
		}
		return c.resident
	case Staff:
		i := a.Role.column()
		// A session of staff always has a membership, and was opened with two factors.
		if i < 0 || a.Account == "" || a.Organisation == "" || a.SecondFactorAt.IsZero() {
			return None
		}
		return c.staff[i]
	}
	return None
}

// admits reports whether o is within the reach.
func (r Reach) admits(a *Actor, o *Object) bool {
	switch {
	case r == All:
		return true
	case r >= Own && o.Owner != "" && o.Owner == a.Account,
		r >= InOrganisation && o.Organisation != "" && o.Organisation == a.Organisation,
		r >= InScope && a.Scope.Holds(o.Commune):
		return true
	}
	return false
}

var rights = compile(table)

func compile(table []Right) map[Action]*compiled {
	out := make(map[Action]*compiled, len(table))
	for _, r := range table {
		if _, twice := out[r.Action]; twice || r.Object == "" {
			panic(fmt.Sprintf("identity: right %s is written twice or names no object", r.Action)) // a mistake in the table
		}
		c := &compiled{object: r.Object, anonymous: r.Anonymous, resident: r.Resident}
		for role, reach := range r.Staff {
			c.staff[role.column()] = reach
		}
		out[r.Action] = c
	}
	return out
}

// Rights returns the table, in its order, for pages and for docs/rights.md.
func Rights() []Right { return table }

// Columns names the columns that hold, in a query, what an Object says of a row; "" where rows have no such column.
type Columns struct{ Owner, Organisation, Commune string }

// Where returns the condition of SQL that is true for the rows on which a may do action, and its arguments, numbered from
// $first on. It answers as Can does on each row.
func Where(a Actor, action Action, c Columns, first int) (condition string, args []any) {
	reach := Reaches(a, action)
	if reach == All {
		return "1 = 1", nil
	}
	var or []string
	add := func(text string, values ...any) {
		marks := make([]string, len(values))
		for i := range values {
			marks[i] = fmt.Sprintf("$%d", first+len(args)+i)
		}
		or = append(or, strings.Replace(text, "?", strings.Join(marks, ", "), 1))
		args = append(args, values...)
	}
	if reach >= Own && c.Owner != "" && a.Account != "" {
		add(c.Owner+" = ?", string(a.Account))
	}
	if reach >= InOrganisation && c.Organisation != "" && a.Organisation != "" {
		add(c.Organisation+" = ?", string(a.Organisation))
	}
	if reach >= InScope && c.Commune != "" {
		if text, values := a.Scope.where(c.Commune); text != "" {
			add(text, values...)
		}
	}
	if len(or) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}
