package place

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// Team returns the places that by may change, by number, as last read from the database (Refresh).
func (s *Service) Team(by identity.Actor) []Place {
	held := s.rows.Load()
	if held == nil {
		return nil
	}
	var out []Place
	for i := range held.places {
		if held.places[i].MergedInto == "" && identity.Can(by, identity.PlaceEdit, held.places[i].right()) {
			out = append(out, held.places[i])
		}
	}
	return out
}

// Managed returns a place as the database has it, for somebody who may change it. It reports fault.NotFound for an unknown
// number and for a place out of reach, and what identity.Require says of PlaceEdit.
func (s *Service) Managed(ctx context.Context, by identity.Actor, n Number) (Place, error) {
	return s.managed(ctx, s.db, by, n)
}

func (s *Service) managed(ctx context.Context, q db.Querier, by identity.Actor, n Number) (Place, error) {
	p, err := placeByNumber(ctx, q, n)
	if fault.Is(err, fault.NotFound) {
		return p, identity.NotFound()
	}
	if err != nil {
		return p, err
	}
	if p.MergedInto != "" { // the place that answers for it has its own page
		return p, identity.NotFound()
	}
	return p, identity.Require(by, identity.PlaceEdit, p.right())
}

// Decides reports whether by may decide on what is declared of a place.
func Decides(by identity.Actor, p Place) bool {
	return identity.Can(by, identity.PlaceModerate, p.right())
}

// Value is what a place says in a column, or in "position".
func (p *Place) Value(name string) string {
	if name != positionField && columnIndex(name) < 0 {
		return ""
	}
	return valueOf(p, name)
}

// Clash is a field that stands otherwise than when a form began. Mine is what the form says, Now what the place says,
// Began what it said then.
type Clash struct {
	Name             string // column, or "position"
	Began, Now, Mine string
}

// Both reports whether both sides changed the field, to different values: somebody must choose.
func (c Clash) Both() bool { return c.Mine != c.Began && c.Now != c.Began && c.Mine != c.Now }

// Revise is Edit for a form that began from a state of the place (Place.Version): values are all that it shows, and only
// what differs from what it showed then is taken for a decision. When somebody else changed the place meanwhile nothing is
// written, and it reports fault.Conflict with every field that either side changed, and the place as it stands. Its other
// errors are Edit's.
func (s *Service) Revise(ctx context.Context, by identity.Actor, n Number, base int64, values map[string]string) (Place, []Clash, error) {
	var next Place
	var clashes []Clash
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		clashes = nil
		if _, err := touch(ctx, tx); err != nil {
			return err
		}
		now, err := s.managed(ctx, tx, by, n)
		if err != nil {
			return err
		}
		since, err := changesSince(ctx, tx, now.ID, base)
		if err != nil {
			return err
		}
		began := now.undone(since)
		said, err := began.decided(values)
		if err != nil {
			return err
		}
		if clashes = clashing(&began, &now, said); clashes != nil {
			next = now
			return fault.New(fault.Conflict, "place.team.clash")
		}
		a := act{by: by, right: identity.PlaceEdit, action: "place.edit", source: Here, base: anyState, decided: fieldsOf(said)}
		next, err = s.changeTx(ctx, tx, n, a, func(p *Place) error { return p.confirm(said) })
		return err
	})
	return next, clashes, err
}

// decided are the values of a form that differ from what the place says, written as the standard wants them. What is as it
// was is nobody's decision, however it breaks a rule.
func (p *Place) decided(values map[string]string) (map[string]string, error) {
	bad := fault.New(fault.Invalid, "place.edit_invalid")
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := strings.TrimSpace(legibleText(values[name]))
		if name != positionField && columnIndex(name) < 0 {
			bad.With(name, "place.edit_unknown", "Field", name)
			continue
		}
		if v == strings.TrimSpace(valueOf(p, name)) || sameSet(name, v, valueOf(p, name)) {
			continue
		}
		if name == positionField && v == "" {
			out[name] = ""
			continue
		}
		trial := *p
		trial.Origins = nil
		if i := columnIndex("code_postal"); name == "telephone" && values["code_postal"] != "" { // its form depends on where the place lies
			columns[i].set(&trial, cleanPostcode(strings.TrimSpace(values["code_postal"])))
		}
		if err := trial.confirm(map[string]string{name: v}); err != nil {
			bad.With(name, "place.team.wrong."+wrongGroup(name))
			continue
		}
		if v = valueOf(&trial, name); v != valueOf(p, name) {
			out[name] = v
		}
	}
	if bad.Fields != nil {
		return nil, bad
	}
	return out, nil
}

// sameSet reports whether two values of a column of exact strings hold the same ones: boxes to tick have their own order.
func sameSet(name, a, b string) bool {
	i := columnIndex(name)
	if i < 0 || columns[i].values == nil || columns[i].list == nil {
		return false
	}
	x, y := List(a).Values(), List(b).Values()
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// wrongGroup names the sentence that says how to write a column.
func wrongGroup(name string) string {
	switch name {
	case "telephone", "courriels", "site_web", "code_postal", "code_insee", "pivot", positionField, "horaires", "nom", "commune", "adresse", "date_maj":
		return name
	case "prise_rdv", "fiche_acces_libre":
		return "site_web"
	case "viaduc_horaires_mediation":
		return "horaires"
	case "viaduc_verifie_le":
		return "date_maj"
	}
	return "other"
}

// clashing lists the fields that stand otherwise than a form began with, whichever side changed them; nil when nobody else
// changed any.
func clashing(began, now *Place, said map[string]string) []Clash {
	names := map[string]bool{}
	for _, f := range differing(began, now) {
		switch {
		case f.Name == "latitude" || f.Name == "longitude":
			names[positionField] = true
		case columnIndex(f.Name) >= 0:
			names[f.Name] = true
		}
	}
	if len(names) == 0 {
		return nil
	}
	for name := range said {
		names[name] = true
	}
	var out []Clash
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := Clash{Name: name, Began: valueOf(began, name), Now: valueOf(now, name)}
		c.Mine = c.Began
		if v, ok := said[name]; ok {
			c.Mine = v
		}
		out = append(out, c)
	}
	return out
}

// undone is the place before changes, given the newest first.
func (p *Place) undone(changes []Change) Place {
	was := map[string]string{}
	for _, c := range changes {
		for _, f := range c.Fields {
			was[f.Name] = f.Before
		}
	}
	out := *p
	out.Origins = maps.Clone(p.Origins)
	out.write(was)
	return out
}

// write gives fields the values that history names them by, just as they were: also those that break a rule.
func (p *Place) write(values map[string]string) {
	if v, ok := values[voucherColumn]; ok { // before the labels, which it writes too
		sayVoucher(p, v)
	}
	for i, c := range columns {
		v, ok := values[c.Name]
		switch {
		case !ok || c.Name == voucherColumn:
		case i == latitude:
			p.Point.Lat = degrees(v)
		case i == longitude:
			p.Point.Lon = degrees(v)
		case c.list != nil:
			*c.list(p) = List(v)
		default:
			c.set(p, v)
		}
	}
	if v, ok := values[fieldToCheck]; ok {
		p.ToCheck = v == yesNo(true)
	}
	check(p)
}

func degrees(text string) float64 {
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0 // history writes no position as ""
	}
	return d
}

// Restoration is a place as it was after one of its changes, beside what it is.
type Restoration struct {
	At     Change        // the change after which it was so
	Now    Place         // its Version goes into Restore
	Then   Place         // as it would be again
	Fields []FieldChange // that would change, from Now to Then; nil when it is so
}

// Restoration shows what Restore would do. It reports fault.NotFound for a place out of reach and for an unknown change.
func (s *Service) Restoration(ctx context.Context, by identity.Actor, n Number, change string) (Restoration, error) {
	var out Restoration
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) (err error) {
		out, err = s.restoration(ctx, q, by, n, change)
		return err
	})
	return out, err
}

func (s *Service) restoration(ctx context.Context, q db.Querier, by identity.Actor, n Number, change string) (Restoration, error) {
	now, err := s.managed(ctx, q, by, n)
	if err != nil {
		return Restoration{}, err
	}
	all, err := changesOf(ctx, q, now.ID)
	if err != nil {
		return Restoration{}, err
	}
	born, err := placeBirth(ctx, q, n)
	if err != nil {
		return Restoration{}, err
	}
	all = append(all, Change{ID: Birth, At: born.at, Source: born.source})
	at := slices.IndexFunc(all, func(c Change) bool { return c.ID == change })
	if at < 0 {
		return Restoration{}, identity.NotFound()
	}
	r := Restoration{At: all[at], Now: now, Then: now.undone(all[:at])}
	r.Fields = differing(&now, &r.Then)
	return r, nil
}

// Restore gives a place back every field as it was after one of its changes (Birth for its beginning). It is a change
// like any other: history keeps both, and it can be undone alike; imports leave alone what it gave back. base is the
// state that was shown (Place.Version). It reports fault.Conflict when the place has changed since, or when another place
// has taken its id of the standard, and Restoration's errors.
func (s *Service) Restore(ctx context.Context, by identity.Actor, n Number, change string, base int64) (Place, error) {
	var next Place
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := touch(ctx, tx); err != nil {
			return err
		}
		r, err := s.restoration(ctx, tx, by, n, change)
		if err != nil {
			return err
		}
		if err := freeID(ctx, tx, &r); err != nil {
			return err
		}
		a := act{by: by, right: identity.PlaceEdit, action: "place.restore", source: Here, base: base, decided: columnsOf(r.Fields)}
		next, err = s.changeTx(ctx, tx, n, a, func(p *Place) error {
			values := map[string]string{}
			for _, f := range r.Fields {
				values[f.Name] = f.After
			}
			p.write(values)
			for _, name := range columnsOf(r.Fields) {
				if name != "id" && name != "source" && name != "longitude" {
					p.setOrigin(columns[columnIndex(name)], Here)
				}
			}
			return nil
		})
		return err
	})
	return next, err
}

// freeID reports whether the id of the standard that a place had is still to be had.
func freeID(ctx context.Context, tx *db.Tx, r *Restoration) error {
	if r.Then.StandardID == r.Now.StandardID {
		return nil
	}
	held, err := placesByStandardID(ctx, tx, []string{r.Then.StandardID})
	if err == nil && len(held) > 0 {
		err = fault.New(fault.Conflict, "place.team.id_taken")
	}
	return err
}

func columnsOf(fields []FieldChange) []string {
	var out []string
	for _, f := range fields {
		if columnIndex(f.Name) >= 0 {
			out = append(out, f.Name)
		}
	}
	return out
}

// VerifyAll is Verify for several places, each with its own line of the journal, and returns how many there were: all of
// them, or none.
func (s *Service) VerifyAll(ctx context.Context, by identity.Actor, numbers []Number) (int, error) {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, n := range numbers {
			a := act{by: by, right: identity.PlaceEdit, action: "place.verify", source: Here, base: anyState}
			if _, err := s.changeTx(ctx, tx, n, a, s.verified); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(numbers), nil
}

// verified says that somebody saw today that all of a place is right.
func (s *Service) verified(p *Place) error {
	p.VerifiedOn, p.ToCheck = s.now().Format(time.DateOnly), false
	return nil
}

// TeamDifferences lists the differences of the places that by may change; of one place, where n is not 0.
func (s *Service) TeamDifferences(ctx context.Context, by identity.Actor, n Number) ([]Difference, error) {
	all, err := s.Differences(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d Difference) bool {
		return n != 0 && d.Number != n || !identity.Can(by, identity.PlaceEdit, d.right)
	}), nil
}

// SettleDifference decides on what a source says otherwise: its value is taken, as an import would have, or what was
// confirmed here stays and the same value is not asked about again. value is what was shown: it reports fault.Conflict
// when the source says something else by now, or nothing, and Managed's errors.
func (s *Service) SettleDifference(ctx context.Context, by identity.Actor, n Number, field, source, value string, take bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := touch(ctx, tx); err != nil {
			return err
		}
		p, err := s.managed(ctx, tx, by, n)
		if err != nil {
			return err
		}
		d, err := differenceOf(ctx, tx, p.ID, field, source)
		if fault.Is(err, fault.NotFound) || err == nil && d.value != value {
			return fault.New(fault.Conflict, "place.team.difference_gone")
		}
		if err != nil {
			return err
		}
		if !take {
			return s.keepOursTx(ctx, tx, by, d)
		}
		a := act{by: by, right: identity.PlaceEdit, action: "place.take", source: source, base: anyState, decided: []string{field}}
		_, err = s.changeTx(ctx, tx, n, a, func(p *Place) error {
			i := columnIndex(field)
			if i < 0 {
				return fault.New(fault.Conflict, "place.team.difference_gone")
			}
			if i == latitude {
				lat, lon, _ := strings.Cut(d.value, " ")
				p.Point = territory.Point{Lat: degrees(lat), Lon: degrees(lon)}
			} else {
				columns[i].set(p, d.value)
			}
			p.setOrigin(columns[i], source)
			return nil
		})
		return err
	})
}

// keepOursTx leaves a place as it is, and remembers it.
func (s *Service) keepOursTx(ctx context.Context, tx *db.Tx, by identity.Actor, d difference) error {
	if err := keepDifference(ctx, tx, d, s.now()); err != nil {
		return err
	}
	if err := dropDifference(ctx, tx, d); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: by.Audit(), Action: "place.keep", Object: audit.Object{Kind: "place", ID: string(d.place)}, Detail: map[string]string{"champs": d.field},
	})
}

// TeamReports lists the reports on places that by may change, oldest first: the open ones, or every one; of one place,
// where n is not 0.
func (s *Service) TeamReports(ctx context.Context, by identity.Actor, n Number, all bool) ([]Report, error) {
	found, err := listReports(ctx, s.db, all)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(r Report) bool {
		return n != 0 && r.Number != n || !identity.Can(by, identity.PlaceEdit, r.right)
	}), nil
}

// Waiting is what the team has to do about places.
type Waiting struct {
	Declarations int // to read
	Reports      int // from residents
	Differences  int // with imports
}

// Waits counts what by has to do.
func (s *Service) Waits(ctx context.Context, by identity.Actor) (Waiting, error) {
	declared, err := s.Queue(ctx, by)
	if err != nil {
		return Waiting{}, err
	}
	reports, err := s.TeamReports(ctx, by, 0, false)
	if err != nil {
		return Waiting{}, err
	}
	differences, err := s.TeamDifferences(ctx, by, 0)
	return Waiting{len(declared), len(reports), len(differences)}, err
}
