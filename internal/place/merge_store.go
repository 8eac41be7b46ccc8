package place

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// merge is a row of place_merge.
type merge struct {
	merged, kept ID
	at           time.Time
	by           audit.Actor
	ways         Ways
	before       Place
	moved        followers
	keptAfter    string
	mergedAfter  string
}

// followers are what followed a place into another, to lead it back: no person is among them.
type followers struct {
	Reports      []string    `json:"signalements,omitempty"`
	Declarations []string    `json:"declarations,omitempty"`
	Differences  [][2]string `json:"ecarts,omitempty"` // field and source
}

const mergeCols = `merged_id, kept_id, at, actor, ways, before, moved, kept_after, merged_after`

func insertMerge(ctx context.Context, tx *db.Tx, m merge) error {
	var texts [3]string
	for i, v := range []any{m.ways, m.before, m.moved} {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		texts[i] = string(raw)
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO place_merge (`+mergeCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(m.merged), string(m.kept), db.Micros(m.at), string(m.by), texts[0], texts[1], texts[2], m.keptAfter, m.mergedAfter)
	return err
}

func scanMerge(r db.Row) (merge, error) {
	var m merge
	var at int64
	var texts [3]string
	if err := r.Scan(&m.merged, &m.kept, &at, &m.by, &texts[0], &texts[1], &texts[2], &m.keptAfter, &m.mergedAfter); err != nil {
		return m, err
	}
	m.at = db.Time(at)
	for i, into := range []any{&m.ways, &m.before, &m.moved} {
		if err := json.Unmarshal([]byte(texts[i]), into); err != nil {
			return m, fmt.Errorf("merge of %s: %w", m.merged, err)
		}
	}
	return m, nil
}

func mergeOf(ctx context.Context, q db.Querier, merged ID) (merge, error) {
	return db.One(ctx, q, scanMerge, `SELECT `+mergeCols+` FROM place_merge WHERE merged_id = $1`, string(merged))
}

func deleteMerge(ctx context.Context, tx *db.Tx, merged ID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM place_merge WHERE merged_id = $1`, string(merged))
	return err
}

func latestMerges(ctx context.Context, q db.Querier, limit int) ([]merge, error) {
	return db.All(ctx, q, scanMerge, `SELECT `+mergeCols+` FROM place_merge ORDER BY at DESC, merged_id LIMIT $1`, limit)
}

// tie is what an import needs of a merge.
type tie struct {
	merged, kept ID
	ways         Ways
}

func listTies(ctx context.Context, q db.Querier) ([]tie, error) {
	scan := func(r db.Row) (tie, error) {
		var t tie
		var ways string
		if err := r.Scan(&t.merged, &t.kept, &ways); err != nil {
			return t, err
		}
		return t, json.Unmarshal([]byte(ways), &t.ways)
	}
	return db.All(ctx, q, scan, `SELECT merged_id, kept_id, ways FROM place_merge ORDER BY at, merged_id`)
}

// joinedIDs are the ids of the standard of places of several records, by the place that is kept.
func joinedIDs(ctx context.Context, q db.Querier) (map[ID]string, error) {
	type named struct{ id, into, standard string }
	scan := func(r db.Row) (n named, err error) { return n, r.Scan(&n.id, &n.into, &n.standard) }
	list, err := db.All(ctx, q, scan, `SELECT id, merged_into, standard_id FROM place_place
		WHERE merged_into <> '' OR id IN (SELECT kept_id FROM place_merge)`)
	if err != nil {
		return nil, err
	}
	into, own := map[string]string{}, map[string]string{}
	for _, n := range list {
		into[n.id], own[n.id] = n.into, n.standard
	}
	others := map[string][]string{}
	for _, n := range list {
		kept := n.id
		for into[kept] != "" {
			kept = into[kept]
		}
		if kept != n.id {
			others[kept] = append(others[kept], n.standard)
		}
	}
	out := map[ID]string{}
	for kept, ids := range others {
		out[ID(kept)] = joinIDs(own[kept], ids)
	}
	return out, nil
}

// keptNumber is the number of the place that answers for another, itself where nothing was united.
func keptNumber(ctx context.Context, q db.Querier, n Number) (Number, error) {
	for {
		kept, err := db.One(ctx, q, db.Value[Number], `SELECT k.number FROM place_place m JOIN place_place k ON k.id = m.merged_into WHERE m.number = $1`, int64(n))
		if fault.Is(err, fault.NotFound) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n = kept
	}
}

// moveFollowers has what hangs on one place hang on another, and says what it was.
func moveFollowers(ctx context.Context, tx *db.Tx, from, to ID) (followers, error) {
	var f followers
	var err error
	if f.Reports, err = db.All(ctx, tx, db.Value[string], `SELECT id FROM place_report WHERE place_id = $1 ORDER BY id`, string(from)); err != nil {
		return f, err
	}
	if f.Declarations, err = db.All(ctx, tx, db.Value[string], `SELECT id FROM place_declaration WHERE place_id = $1 ORDER BY id`, string(from)); err != nil {
		return f, err
	}
	scan := func(r db.Row) (d [2]string, err error) { return d, r.Scan(&d[0], &d[1]) }
	f.Differences, err = db.All(ctx, tx, scan, `SELECT field, source FROM place_difference WHERE place_id = $1
		AND NOT EXISTS (SELECT 1 FROM place_difference k WHERE k.place_id = $2 AND k.field = place_difference.field AND k.source = place_difference.source)
		ORDER BY field, source`, string(from), string(to))
	if err != nil {
		return f, err
	}
	return f, leadFollowers(ctx, tx, f, from, to)
}

// leadFollowers has these hang on another place, where they still hang on the first.
func leadFollowers(ctx context.Context, tx *db.Tx, f followers, from, to ID) error {
	for table, ids := range map[string][]string{"place_report": f.Reports, "place_declaration": f.Declarations} {
		for _, id := range ids {
			if _, err := db.Exec(ctx, tx, `UPDATE `+table+` SET place_id = $1 WHERE id = $2 AND place_id = $3`, string(to), id, string(from)); err != nil {
				return err
			}
		}
	}
	for _, d := range f.Differences {
		if _, err := db.Exec(ctx, tx, `UPDATE place_difference SET place_id = $1 WHERE place_id = $2 AND field = $3 AND source = $4`,
			string(to), string(from), d[0], d[1]); err != nil {
			return err
		}
	}
	return nil
}

// distinct is a row of place_distinct.
type distinct struct {
	a, b ID
	seen string
}

func listDistinct(ctx context.Context, q db.Querier) ([]distinct, error) {
	scan := func(r db.Row) (d distinct, err error) { return d, r.Scan(&d.a, &d.b, &d.seen) }
	return db.All(ctx, q, scan, `SELECT a_id, b_id, seen FROM place_distinct`)
}

func putDistinct(ctx context.Context, tx *db.Tx, d distinct, at time.Time, by audit.Actor) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO place_distinct (a_id, b_id, seen, at, actor) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (a_id, b_id) DO UPDATE SET seen = excluded.seen, at = excluded.at, actor = excluded.actor`,
		string(d.a), string(d.b), d.seen, db.Micros(at), string(by))
	return err
}

// numbered is a text for the journal and the history.
func (n Number) numbered() string { return strconv.FormatInt(int64(n), 10) }
