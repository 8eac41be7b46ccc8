package territory

import (
	"context"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

const newsCols = `id, number, title, body, starts_on, ends_on, version`

func scanNews(r db.Row) (News, error) {
	var n News
	return n, r.Scan(&n.ID, &n.Number, &n.Title, &n.Body, &n.StartsOn, &n.EndsOn, &n.Version)
}

func nextNews(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.One(ctx, tx, db.Value[int64], `SELECT COALESCE(MAX(number), 0) + 1 FROM territory_news`)
}

func insertNews(ctx context.Context, tx *db.Tx, n News) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO territory_news (`+newsCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		n.ID, n.Number, n.Title, n.Body, n.StartsOn, n.EndsOn, n.Version)
	return err
}

// updateNews writes the change of the version before n's.
func updateNews(ctx context.Context, tx *db.Tx, n News) error {
	changed, err := db.Exec(ctx, tx, `UPDATE territory_news SET title = $1, body = $2, starts_on = $3, ends_on = $4, version = $5
		WHERE id = $6 AND version = $5 - 1`, n.Title, n.Body, n.StartsOn, n.EndsOn, n.Version, n.ID)
	if err != nil || changed == 1 {
		return err
	}
	known, err := db.One(ctx, tx, db.Value[int64], `SELECT count(*) FROM territory_news WHERE id = $1`, n.ID)
	if err == nil && known == 0 {
		return fault.New(fault.NotFound, "territory.news_unknown")
	}
	if err == nil {
		err = fault.New(fault.Conflict, "territory.news_changed")
	}
	return err
}

func newsByNumber(ctx context.Context, q db.Querier, number int64) (News, error) {
	n, err := db.One(ctx, q, scanNews, `SELECT `+newsCols+` FROM territory_news WHERE number = $1`, number)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "territory.news_unknown")
	}
	return n, err
}

func listShownNews(ctx context.Context, q db.Querier, on string, limit int) ([]News, error) {
	return db.All(ctx, q, scanNews, `SELECT `+newsCols+` FROM territory_news WHERE starts_on <= $1 AND (ends_on = '' OR ends_on >= $1)
		ORDER BY starts_on DESC, number DESC LIMIT $2`, on, limit)
}

func listNews(ctx context.Context, q db.Querier, limit int) ([]News, error) {
	return db.All(ctx, q, scanNews, `SELECT `+newsCols+` FROM territory_news ORDER BY starts_on DESC, number DESC LIMIT $1`, limit)
}
