package agenda

import (
	"context"
	"strconv"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// closingOccurrence is the date that a closing was said of; "" for a closing that is new.
func closingOccurrence(ctx context.Context, q db.Querier, closing string) (ID, error) {
	of, err := db.One(ctx, q, db.Value[string], `SELECT occurrence_id FROM agenda_closing WHERE id = $1`, closing)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return ID(of), err
}

// insertHeads brings the people without a name of a date to what a closing says: as many taps more, or fewer.
func insertHeads(ctx context.Context, tx *db.Tx, c Closing, more int, by string) error {
	n := 1
	if more < 0 {
		n, more = -1, -more
	}
	rows := make([][]any, 0, more)
	for i := range more {
		rows = append(rows, []any{c.ID + "." + strconv.Itoa(i+1), string(c.Occurrence), db.Micros(c.At), n, by})
	}
	return db.InsertMany(ctx, tx, `agenda_headcount (id, occurrence_id, at, n, by_actor)`, 5, rows, ``)
}

// insertClosing writes a closing of a locked date, after those before.
func insertClosing(ctx context.Context, tx *db.Tx, c Closing, by string) error {
	last, err := db.One(ctx, tx, db.Value[int64], `SELECT COALESCE(MAX(turn), 0) FROM agenda_closing WHERE occurrence_id = $1`, string(c.Occurrence))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO agenda_closing (id, occurrence_id, turn, at, heads, note, by_actor) VALUES (`+db.Params(1, 7)+`)`,
		c.ID, string(c.Occurrence), last+1, db.Micros(c.At), c.Heads, c.Note, by)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, kind := range CountKinds {
		if n := c.Counts[kind]; n > 0 {
			rows = append(rows, []any{c.ID, string(kind), n})
		}
	}
	return db.InsertMany(ctx, tx, `agenda_closing_count (closing_id, kind, n)`, 3, rows, ``)
}

// closingsOf are the closings of a date, the one that counts last.
func closingsOf(ctx context.Context, q db.Querier, of ID) ([]Closing, error) {
	list, err := db.All(ctx, q, func(r db.Row) (Closing, error) {
		c := Closing{Occurrence: of, Counts: map[CountKind]int{}}
		var at int64
		err := r.Scan(&c.ID, &at, &c.Heads, &c.Note)
		c.At = db.Time(at)
		return c, err
	}, `SELECT id, at, heads, note FROM agenda_closing WHERE occurrence_id = $1 ORDER BY turn`, string(of))
	if err != nil {
		return nil, err
	}
	byID := map[string]map[CountKind]int{}
	for _, c := range list {
		byID[c.ID] = c.Counts
	}
	type count struct {
		of   string
		kind CountKind
		n    int
	}
	return list, db.Each(ctx, q, func(r db.Row) (count, error) {
		var c count
		return c, r.Scan(&c.of, &c.kind, &c.n)
	}, func(c count) error {
		if of := byID[c.of]; of != nil {
			of[c.kind] = c.n
		}
		return nil
	}, `SELECT n.closing_id, n.kind, n.n FROM agenda_closing_count n JOIN agenda_closing c ON c.id = n.closing_id WHERE c.occurrence_id = $1`, string(of))
}

// closingDifferences are the closed dates whose people without a name are not as many as their last closing says. A date that was opened again after it may have
// other taps; once it is closed, it takes none.
func closingDifferences(ctx context.Context, q db.Querier) ([]Difference, error) {
	return db.All(ctx, q, func(r db.Row) (Difference, error) {
		d := Difference{What: "closing"}
		return d, r.Scan(&d.ID, &d.Kept, &d.Row)
	}, `SELECT c.id, CAST(c.heads AS TEXT), CAST(COALESCE((SELECT SUM(h.n) FROM agenda_headcount h WHERE h.occurrence_id = c.occurrence_id), 0) AS TEXT)
		FROM agenda_closing c JOIN agenda_occurrence o ON o.id = c.occurrence_id
		WHERE o.state = 'closed' AND NOT EXISTS (SELECT 1 FROM agenda_closing l WHERE l.occurrence_id = c.occurrence_id AND l.turn > c.turn)
		AND NOT EXISTS (SELECT 1 FROM agenda_occurrence_step p WHERE p.occurrence_id = c.occurrence_id AND p.state = 'in_progress' AND p.at > c.at)
		AND c.heads <> COALESCE((SELECT SUM(h.n) FROM agenda_headcount h WHERE h.occurrence_id = c.occurrence_id), 0) ORDER BY c.id`)
}
