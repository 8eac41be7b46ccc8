package person

import (
	"context"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fold"
)

const cols = `id, name, pseudonym, phone, email, commune_code, lang, relation_to, relation, account_id, organisation_id, silent, created_at, seen_at, version`

func scan(r db.Row) (Person, error) {
	var p Person
	var created, seen int64
	err := r.Scan(&p.ID, &p.Name, &p.Pseudonym, &p.Phone, &p.Email, &p.Commune, &p.Lang, &p.RelationTo, &p.Relation, &p.Account, &p.Organisation, &p.Silent, &created, &seen, &p.Version)
	p.CreatedAt, p.SeenAt = db.Time(created), db.Time(seen)
	return p, err
}

func insertPerson(ctx context.Context, tx *db.Tx, p Person) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO person_person (`+cols+`, name_key) VALUES (`+db.Params(1, 16)+`)`, string(p.ID), p.Name, p.Pseudonym, p.Phone, p.Email, p.Commune,
		string(p.Lang), string(p.RelationTo), string(p.Relation), string(p.Account), string(p.Organisation), p.Silent, db.Micros(p.CreatedAt), db.Micros(p.SeenAt), p.Version, fold.Key(p.Name))
	return err
}

func updatePerson(ctx context.Context, tx *db.Tx, p Person) error {
	_, err := db.Exec(ctx, tx, `UPDATE person_person SET name = $2, name_key = $3, pseudonym = $4, phone = $5, email = $6, commune_code = $7, lang = $8, relation_to = $9,
		relation = $10, account_id = $11, silent = $12, seen_at = $13, version = version + 1 WHERE id = $1`, string(p.ID), p.Name, fold.Key(p.Name), p.Pseudonym, p.Phone,
		p.Email, p.Commune, string(p.Lang), string(p.RelationTo), string(p.Relation), string(p.Account), p.Silent, db.Micros(p.SeenAt))
	return err
}

// touch makes the caller's transaction the only one that changes a person until it ends.
func touch(ctx context.Context, tx *db.Tx, p ID) error {
	_, err := db.Exec(ctx, tx, `UPDATE person_person SET seen_at = seen_at WHERE id = $1`, string(p))
	return err
}

func personByID(ctx context.Context, q db.Querier, p ID) (Person, error) {
	return db.One(ctx, q, scan, `SELECT `+cols+` FROM person_person WHERE id = $1`, string(p))
}

func personsByID(ctx context.Context, q db.Querier, ids []ID) (map[ID]Person, error) {
	out := make(map[ID]Person, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), 500)
		args := make([]any, n)
		for i, p := range ids[:n] {
			args[i] = string(p)
		}
		list, err := db.All(ctx, q, scan, `SELECT `+cols+` FROM person_person WHERE id IN (`+db.Params(1, n)+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.ID] = p
		}
		ids = ids[n:]
	}
	return out, nil
}

// same are the people who are the one that somebody speaks of, the first known first. Whoever has neither contact nor account
// is nobody known.
func same(ctx context.Context, q db.Querier, in New, nameKey string) ([]Person, error) {
	return db.All(ctx, q, scan, `SELECT `+cols+` FROM person_person WHERE account_id = $1 AND account_id <> ''
		OR name_key = $2 AND (phone = $3 AND phone <> '' OR email = $4 AND email <> '') ORDER BY created_at, id LIMIT 2`, string(in.Account), nameKey, in.Phone, in.Email)
}

// lockName makes this the only transaction that meets somebody of a name until it ends: she may have no row yet that
// could be touched. PostgreSQL locks the number of the name; SQLite has one writer.
func lockName(ctx context.Context, tx *db.Tx, name int64) error {
	_, err := db.One(ctx, tx, db.Value[string], tx.Engine().Pick(`SELECT CAST($1 AS TEXT)`, `SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)`), name)
	return err
}

// findPersons are the people of a reach who have a contact, or whose name has words that begin so.
func findPersons(ctx context.Context, q db.Querier, where string, args []any, contact string, values []string, organisation string, limit int) ([]Person, error) {
	param := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	conditions := []string{where, "(silent = FALSE OR organisation_id = " + param(organisation) + ")"}
	for _, v := range values {
		if contact != "" {
			conditions = append(conditions, contact+param(v))
			continue
		}
		v = strings.NewReplacer("%", "", "_", "").Replace(v)
		conditions = append(conditions, "(name_key LIKE "+param(v+"%")+" OR name_key LIKE "+param("% "+v+"%")+")")
	}
	return db.All(ctx, q, scan, `SELECT `+cols+` FROM person_person WHERE `+strings.Join(conditions, " AND ")+` ORDER BY seen_at DESC, id LIMIT `+param(limit), args...)
}

func unseenPersons(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, func(r db.Row) (Old, error) {
		var o Old
		var at int64
		err := r.Scan(&o.ID, &at)
		o.Since = db.Time(at)
		return o, err
	}, `SELECT id, seen_at FROM person_person WHERE seen_at < $1 AND (seen_at, id) > ($2, $3) ORDER BY seen_at, id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), string(after.ID), limit)
}

// deletePerson removes a person; those for whom she answered answer for themselves.
func deletePerson(ctx context.Context, tx *db.Tx, p ID) (int64, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE person_person SET relation_to = '', relation = '' WHERE relation_to = $1`, string(p)); err != nil {
		return 0, err
	}
	return db.Exec(ctx, tx, `DELETE FROM person_person WHERE id = $1`, string(p))
}
