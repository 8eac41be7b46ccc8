package place

import (
	"context"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// FieldChange is a field that became another. Name is a column of the standard or of ours, "état" for the status, "à
// vérifier" for the mark or "réunion" for the place that it was united with; what the standard writes stands before and after.
type FieldChange struct {
	Name   string `json:"champ"`
	Before string `json:"avant"`
	After  string `json:"apres"`
}

type fieldChanges []FieldChange

func (f fieldChanges) names() string {
	out := make([]string, len(f))
	for i := range f {
		out[i] = f[i].Name
	}
	return strings.Join(out, ", ")
}

// fieldToCheck and fieldStatus are how history and journal name what is no column.
const (
	fieldToCheck = "à vérifier"
	fieldStatus  = "état"
	fieldMerged  = "réunion" // "avec 31", "dans 12": with which place, by its number
)

// differing lists the fields in which b differs from a, nil when they are the same.
func differing(a, b *Place) fieldChanges {
	var out fieldChanges
	for _, c := range columns {
		if before, after := c.Value(a), c.Value(b); before != after {
			out = append(out, FieldChange{c.Name, before, after})
		}
	}
	if a.Status != b.Status {
		out = append(out, FieldChange{fieldStatus, string(a.Status), string(b.Status)})
	}
	if a.ToCheck != b.ToCheck {
		out = append(out, FieldChange{fieldToCheck, yesNo(a.ToCheck), yesNo(b.ToCheck)})
	}
	return out
}

func yesNo(v bool) string {
	if v {
		return "oui"
	}
	return "non"
}

// Birth is the ID of the birth of a place in its history.
const Birth = "naissance"

// Change is one change of a place, with what its fields were before.
type Change struct {
	ID     string // Birth for the birth of the place
	At     time.Time
	By     audit.Actor
	Source string        // whose file brought it; Here for what somebody confirmed on this instance; "" when nobody said
	Fields []FieldChange // nil for the birth of the place
}

// change is a Change on its way to the database.
type change struct {
	id     string
	place  ID
	at     time.Time
	by     audit.Actor
	source string
	fields fieldChanges
}

func newChange(place ID, at time.Time, by audit.Actor, source string, fields fieldChanges) change {
	return change{id: id.New(), place: place, at: at, by: by, source: source, fields: fields}
}

// History returns every change of a place, the newest first; the last is its birth, whose author only the journal knows.
// It reports fault.NotFound for an unknown number.
func (s *Service) History(ctx context.Context, n Number) ([]Change, error) {
	var out []Change
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		born, err := placeBirth(ctx, q, n)
		if err != nil {
			return err
		}
		out, err = changesOf(ctx, q, born.id)
		out = append(out, Change{ID: Birth, At: born.at, Source: born.source})
		return err
	})
	return out, err
}

// Stored returns a place as the database has it, shown or not. It reports fault.NotFound (place.unknown) for an unknown
// number.
func (s *Service) Stored(ctx context.Context, n Number) (Place, error) {
	p, err := placeByNumber(ctx, s.db, n)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "place.unknown")
	}
	return p, err
}

// Difference is a value that a source gives otherwise than what somebody confirmed here, for somebody to decide.
type Difference struct {
	Number    Number
	PlaceName string
	Field     string // column
	Source    string
	Value     string // what the source says
	Held      string // what was confirmed here
	SeenAt    time.Time
	right     identity.Object
}

// difference is a row of place_difference.
type difference struct {
	place         ID
	field, source string
	value         string
	seenAt        time.Time
}

// Differences lists what sources say otherwise than what was confirmed here, by place.
func (s *Service) Differences(ctx context.Context) ([]Difference, error) {
	var out []Difference
	err := s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		rows, err := listDifferences(ctx, q)
		if err != nil {
			return err
		}
		ids := make([]ID, len(rows))
		for i, r := range rows {
			ids[i] = r.place
		}
		places, err := placesByID(ctx, q, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			p := places[r.place]
			d := Difference{Number: p.Number, PlaceName: p.Name, Field: r.field, Source: r.source, Value: r.value, SeenAt: r.seenAt, right: p.right()}
			if i := columnIndex(r.field); i >= 0 {
				d.Held = cellOf(&p, i)
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// cellOf is what a place says in a column; the two coordinates stand together, where latitude stands for both.
func cellOf(p *Place, column int) string {
	if column == latitude {
		return valueOf(p, positionField)
	}
	return columns[column].Value(p)
}
