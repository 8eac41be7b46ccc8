package place

import (
	"context"
	"time"

	"viaduc/internal/platform/db"
)

const photoCols = `id, alt, width, height, rank`

func scanPhoto(r db.Row) (Photo, error) {
	var p Photo
	return p, r.Scan(&p.ID, &p.Alt, &p.Width, &p.Height, &p.rank)
}

// listPhotos returns the photos of every place, without their pixels.
func listPhotos(ctx context.Context, q db.Querier) (map[ID][]Photo, error) {
	type owned struct {
		Photo
		of ID
	}
	all, err := db.All(ctx, q, func(r db.Row) (owned, error) {
		var o owned
		return o, r.Scan(&o.ID, &o.Alt, &o.Width, &o.Height, &o.rank, &o.of)
	}, `SELECT `+photoCols+`, place_id FROM place_photo ORDER BY place_id, rank`)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := map[ID][]Photo{}
	for _, o := range all {
		out[o.of] = append(out[o.of], o.Photo)
	}
	return out, nil
}

func photosOf(ctx context.Context, q db.Querier, of ID) ([]Photo, error) {
	return db.All(ctx, q, scanPhoto, `SELECT `+photoCols+` FROM place_photo WHERE place_id = $1 ORDER BY rank`, string(of))
}

func photoBody(ctx context.Context, q db.Querier, photo string) ([]byte, error) {
	return db.One(ctx, q, db.Value[[]byte], `SELECT body FROM place_photo WHERE id = $1`, photo)
}

// insertPhoto is the one conditional write by which a place gets a photo: none where it has as many as it may.
func insertPhoto(ctx context.Context, tx *db.Tx, of ID, p Photo, body []byte, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `INSERT INTO place_photo (id, place_id, rank, alt, width, height, body, added_at)
		SELECT $1, $2, (SELECT COALESCE(MAX(rank), 0) + 1 FROM place_photo WHERE place_id = $2), $3, $4, $5, $6, $7
		WHERE (SELECT COUNT(*) FROM place_photo WHERE place_id = $2) < $8`,
		p.ID, string(of), p.Alt, int64(p.Width), int64(p.Height), body, db.Micros(at), int64(MaxPhotos))
}

func deletePhoto(ctx context.Context, tx *db.Tx, of ID, photo string) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM place_photo WHERE place_id = $1 AND id = $2`, string(of), photo)
}

// swapPhotos exchanges the ranks of two photos; a rank that no photo has stands in between.
func swapPhotos(ctx context.Context, tx *db.Tx, a, b Photo) error {
	for _, step := range []struct {
		id   string
		rank int64
	}{{a.ID, -a.rank}, {b.ID, a.rank}, {a.ID, b.rank}} {
		if _, err := db.Exec(ctx, tx, `UPDATE place_photo SET rank = $2 WHERE id = $1`, step.id, step.rank); err != nil {
			return err
		}
	}
	return nil
}
