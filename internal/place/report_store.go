package place

import (
	"context"
	"math"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
)

// placeRef is what a report needs of its place.
type placeRef struct {
	id       ID
	postcode string
}

// placeAt finds a place by its public number, or the one that answers for it. fault.NotFound when there is none.
func placeAt(ctx context.Context, q db.Querier, n Number) (placeRef, error) {
	n, err := keptNumber(ctx, q, n)
	if err != nil {
		return placeRef{}, err
	}
	scan := func(r db.Row) (p placeRef, err error) { return p, r.Scan(&p.id, &p.postcode) }
	return db.One(ctx, q, scan, `SELECT id, postcode FROM place_place WHERE number = $1`, int64(n))
}

const reportCols = `r.id, r.place_id, p.number, p.name, p.commune, r.reference, r.at, r.topics, r.text, r.contact, r.state, r.closed_at, p.owner_id, p.commune_code`

const reportFrom = ` FROM place_report r JOIN place_place p ON p.id = r.place_id `

func scanReport(row db.Row) (Report, error) {
	var r Report
	var at int64
	var closed *int64
	var topics string
	r.right.Kind = identity.ObjectPlace
	if err := row.Scan(&r.ID, &r.Place, &r.Number, &r.Name, &r.Commune, &r.Reference, &at, &topics, &r.Text, &r.Contact, &r.State, &closed, &r.right.Organisation, &r.right.Commune); err != nil {
		return r, err
	}
	r.At = db.Time(at)
	if closed != nil {
		r.ClosedAt = db.Time(*closed)
	}
	for _, t := range List(topics).Values() {
		r.Topics = append(r.Topics, Topic(t))
	}
	return r, nil
}

func joinTopics(topics []Topic) string {
	words := make([]string, len(topics))
	for i, t := range topics {
		words[i] = string(t)
	}
	return strings.Join(words, "|")
}

func insertReport(ctx context.Context, tx *db.Tx, r Report) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO place_report (id, place_id, reference, at, topics, text, contact, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, string(r.Place), r.Reference, db.Micros(r.At), joinTopics(r.Topics), r.Text, r.Contact, string(r.State))
	return err
}

// sameReport returns the reference of an open report that says the same and is not older than since; fault.NotFound when
// there is none.
func sameReport(ctx context.Context, q db.Querier, r Report, since time.Time) (string, error) {
	return db.One(ctx, q, db.Value[string], `SELECT reference FROM place_report
		WHERE place_id = $1 AND at >= $2 AND state = 'open' AND topics = $3 AND text = $4 AND contact = $5 ORDER BY at`,
		string(r.Place), db.Micros(since), joinTopics(r.Topics), r.Text, r.Contact)
}

func listReports(ctx context.Context, q db.Querier, all bool) ([]Report, error) {
	where := `WHERE r.state = 'open' `
	if all {
		where = ""
	}
	return db.All(ctx, q, scanReport, `SELECT `+reportCols+reportFrom+where+`ORDER BY r.at, r.id`)
}

func reportByReference(ctx context.Context, q db.Querier, reference string) (Report, error) {
	return db.One(ctx, q, scanReport, `SELECT `+reportCols+reportFrom+`WHERE r.reference = $1`, reference)
}

// closeReport closes a report if it is still open, and reports whether it was.
func closeReport(ctx context.Context, tx *db.Tx, reference string, as ReportState, at time.Time) (bool, error) {
	n, err := db.Exec(ctx, tx, `UPDATE place_report SET state = $1, closed_at = $2 WHERE reference = $3 AND state = 'open'`, string(as), db.Micros(at), reference)
	return n > 0, err
}

func reachableReports(ctx context.Context, q db.Querier, before, since time.Time, after string, limit int) ([]Report, error) {
	from := int64(math.MinInt64) // the zero time is before every other
	if !since.IsZero() {
		from = db.Micros(since)
	}
	return db.All(ctx, q, scanReport, `SELECT `+reportCols+reportFrom+`WHERE r.contact <> '' AND r.at < $1 AND (r.at, r.id) > ($2, $3) ORDER BY r.at, r.id LIMIT $4`,
		db.Micros(before), from, after, limit)
}

func forgetReporters(ctx context.Context, tx *db.Tx, reports []string) (int, error) {
	forgotten := 0
	for _, r := range reports {
		n, err := db.Exec(ctx, tx, `UPDATE place_report SET contact = '' WHERE id = $1 AND contact <> ''`, r)
		if err != nil {
			return 0, err
		}
		forgotten += int(n)
	}
	return forgotten, nil
}
