package place

import (
	"context"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
)

// sourcePlace is a place by its two names.
type sourcePlace struct {
	id         ID
	standardID string
}

func scanSourcePlace(r db.Row) (sourcePlace, error) {
	var p sourcePlace
	return p, r.Scan(&p.id, &p.standardID)
}

// eachOfSource gives fn the places of a source that are not marked "à vérifier" yet, the oldest first.
func eachOfSource(ctx context.Context, q db.Querier, source string, fn func(sourcePlace)) error {
	return db.Each(ctx, q, scanSourcePlace, func(p sourcePlace) error {
		fn(p)
		return nil
	}, `SELECT id, standard_id FROM place_place WHERE source = $1 AND NOT to_check AND merged_into = '' ORDER BY number`, source)
}

// markToCheck marks places "à vérifier".
func markToCheck(ctx context.Context, tx *db.Tx, places []ID, at time.Time) error {
	most := db.MaxParams(tx.Engine()) - 1
	for start := 0; start < len(places); start += most {
		part := places[start:min(start+most, len(places))]
		marks := make([]string, len(part))
		args := []any{db.Micros(at)}
		for i, one := range part {
			marks[i] = "$" + strconv.Itoa(i+2)
			args = append(args, string(one))
		}
		if _, err := db.Exec(ctx, tx, `UPDATE place_place SET to_check = TRUE, version = version + 1, changed_at = $1 WHERE id IN (`+strings.Join(marks, ",")+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}
