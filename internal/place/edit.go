package place

import (
	"context"
	"maps"
	"slices"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place/contact"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// Edit gives fields of a place the values that somebody confirmed here, by the names of their columns (Columns, Local);
// "position" takes "latitude longitude" in degrees. Imports will not change these fields any more. Values are written as
// the standard wants them; one that breaks a rule is refused, unlike in an import, since whoever writes it can put it
// right.
//
// It reports fault.NotFound for an unknown number (place.unknown), fault.Invalid with the fields that cannot be, and what
// identity.Require says of PlaceEdit.
func (s *Service) Edit(ctx context.Context, by identity.Actor, n Number, values map[string]string) (Place, error) {
	return s.change(ctx, by, n, "place.edit", fieldsOf(values), func(p *Place) error { return p.confirm(values) })
}

// fieldsOf are the columns that values decide.
func fieldsOf(values map[string]string) []string {
	out := slices.Sorted(maps.Keys(values))
	for i, name := range out {
		if name == positionField {
			out[i] = columns[latitude].Name
		}
	}
	return out
}

// positionField stands for the two coordinates.
const positionField = "position"

// Verify says that somebody saw on the day of today that all of the place is right, and takes the mark "à vérifier" away.
// Its errors are Edit's.
func (s *Service) Verify(ctx context.Context, by identity.Actor, n Number) (Place, error) {
	return s.change(ctx, by, n, "place.verify", nil, s.verified)
}

// act is a change of a place on its way.
type act struct {
	by      identity.Actor
	right   identity.Action // asked for
	action  string          // in the journal
	source  string          // in the history; Here unless a source's value was taken
	base    int64           // the state that it began from; anyState for whatever is there
	decided []string        // fields whose differences with imports it settles
	detail  map[string]string
}

// anyState is the base of what need not know what was there.
const anyState = -1

// change runs fn on a place and keeps what it did. decided are the fields whose differences with imports it settles.
func (s *Service) change(ctx context.Context, by identity.Actor, n Number, action string, decided []string, fn func(*Place) error) (Place, error) {
	return s.apply(ctx, n, act{by: by, right: identity.PlaceEdit, action: action, source: Here, base: anyState, decided: decided}, fn)
}

// apply is changeTx in a transaction of its own.
func (s *Service) apply(ctx context.Context, n Number, a act, fn func(*Place) error) (Place, error) {
	var next Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		next, err = s.changeTx(ctx, tx, n, a, fn)
		return err
	})
	return next, err
}

// changeTx runs fn on a place and keeps what it did, in the caller's transaction.
func (s *Service) changeTx(ctx context.Context, tx *db.Tx, n Number, a act, fn func(*Place) error) (Place, error) {
	last, err := touch(ctx, tx)
	if err != nil {
		return Place{}, err
	}
	if n, err = keptNumber(ctx, tx, n); err != nil {
		return Place{}, err
	}
	old, err := placeByNumber(ctx, tx, n)
	if fault.Is(err, fault.NotFound) {
		return Place{}, fault.New(fault.NotFound, "place.unknown")
	}
	if err != nil {
		return Place{}, err
	}
	if err := identity.Require(a.by, a.right, old.right()); err != nil {
		return Place{}, err
	}
	if a.base != anyState && a.base != old.Version {
		return old, fault.New(fault.Conflict, "place.team.moved")
	}
	next := old
	next.Origins = maps.Clone(old.Origins)
	if err := fn(&next); err != nil {
		return Place{}, err
	}
	return next, s.keepTx(ctx, tx, last, &old, &next, a)
}

// keepTx writes what a place became, with its history, the journal's line and the version that nodes look at. What changed
// nothing leaves nothing, but for the differences that it settles.
func (s *Service) keepTx(ctx context.Context, tx *db.Tx, last Number, old, next *Place, a act) error {
	check(next)
	if err := forgetDifferences(ctx, tx, next.ID, a.decided); err != nil {
		return err
	}
	fields := differing(old, next)
	if len(fields) == 0 && maps.Equal(old.Origins, next.Origins) {
		return nil
	}
	if err := putPlaces(ctx, tx, []Place{*next}, s.now()); err != nil {
		return err
	}
	next.Version++
	if len(fields) > 0 {
		if err := insertChanges(ctx, tx, []change{newChange(next.ID, s.now(), a.by.Audit(), a.source, fields)}); err != nil {
			return err
		}
	}
	detail := map[string]string{"champs": fields.names()}
	maps.Copy(detail, a.detail)
	entry := audit.Entry{Actor: a.by.Audit(), Action: a.action, Object: audit.Object{Kind: "place", ID: string(next.ID)}, Detail: detail}
	if err := s.journal.RecordTx(ctx, tx, entry); err != nil {
		return err
	}
	return saveState(ctx, tx, last)
}

// confirm sets the fields and says that they come from here.
func (p *Place) confirm(values map[string]string) error {
	bad := fault.New(fault.Invalid, "place.edit_invalid")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		raw := strings.TrimSpace(values[name])
		if name == positionField {
			if key := p.confirmPoint(raw); key != "" {
				bad = bad.With(name, key)
			}
			continue
		}
		i := columnIndex(name)
		if i < 0 || name == "id" || i == latitude || i == longitude {
			bad = bad.With(name, "place.edit_unknown", "Field", name)
			continue
		}
		c := columns[i]
		code := p.Postcode
		if i == postcode {
			code = cleanPostcode(raw)
		}
		v, rule := cleanCell(c, raw, code)
		if rule != "" || !c.accepts(v) {
			bad = bad.With(name, "place.edit_value", "Field", name, "Value", raw)
			continue
		}
		c.set(p, v)
		p.setOrigin(c, Here)
	}
	if bad.Fields != nil {
		return bad
	}
	return nil
}

// confirmPoint takes a position, or none; it returns the key of the refusal, "" when the position was taken.
func (p *Place) confirmPoint(raw string) string {
	if raw == "" {
		p.Point = territory.Point{}
		p.setOrigin(columns[latitude], Here)
		return ""
	}
	at, ok := ParsePosition(raw)
	if !ok {
		return "place.edit_position"
	}
	p.Point = at
	p.setOrigin(columns[latitude], Here)
	return ""
}

// ParsePosition reads a position as Edit and declarations take it, in degrees: "45.74 -0.63", or "45.74,-0.63".
func ParsePosition(raw string) (territory.Point, bool) {
	parts := strings.Fields(raw)
	if len(parts) == 1 { // "45.74,-0.63"
		parts = strings.Split(raw, ",")
	}
	if len(parts) != 2 {
		return territory.Point{}, false
	}
	lat, lon, ok := contact.Coordinates(strings.TrimSuffix(parts[0], ","), parts[1])
	return territory.Point{Lat: lat, Lon: lon}, ok
}

// Metres is the distance between two points on the ground.
func Metres(a, b territory.Point) float64 {
	from, to := spotOf(a), spotOf(b)
	return metres(from.chord2(&to))
}

// accepts reports whether a value breaks no rule of the column.
func (c Column) accepts(v string) bool {
	switch {
	case v == "":
		return !c.Required
	case c.rule != nil:
		return c.rule(v) == ""
	case c.values != nil:
		return !slices.ContainsFunc(List(v).Values(), func(one string) bool { return !contains(c.values, one) })
	}
	return true
}
