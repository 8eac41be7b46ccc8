package audit_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
	"viaduc/internal/testkit"
)

// seatTables are a small effect's own rows: a parent that claims touch first, and the claims.
var seatTables = []string{
	`CREATE TABLE seat_session (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)`,
	`CREATE TABLE seat_claim (id TEXT NOT NULL PRIMARY KEY, session_id TEXT NOT NULL REFERENCES seat_session (id), person_id TEXT NOT NULL,
		channel TEXT NOT NULL, note TEXT NOT NULL, created_at BIGINT NOT NULL)`,
	`CREATE INDEX seat_claim_session ON seat_claim (session_id)`,
	`CREATE INDEX seat_claim_person ON seat_claim (person_id)`,
}

func claimSeat(ctx context.Context, tx *db.Tx, session, person string) (string, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE seat_session SET version = version + 1 WHERE id = $1`, session); err != nil {
		return "", err
	}
	claim := id.New()
	_, err := db.Exec(ctx, tx, `INSERT INTO seat_claim (id, session_id, person_id, channel, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		claim, session, person, "telephone", "", int64(1))
	return claim, err
}

// BenchmarkEffect measures a small effect with its journal line beside the same effect without, one after the other, so
// that a busy machine slows both alike. "speed" is what the line leaves of the speed: the medians' ratio.
func BenchmarkEffect(b *testing.B) {
	testkit.Bench(b, func(b *testing.B, d *db.DB) {
		j := newJournal(b, d)
		session := seats(b, d)
		took := [3][]time.Duration{} // without, with a line, with a line that names a subject
		for b.Loop() {
			for kind := range took {
				begin := time.Now()
				if err := claim(b.Context(), d, j, session, kind); err != nil {
					b.Fatal(err)
				}
				took[kind] = append(took[kind], time.Since(begin))
			}
		}
		without, with, subject := median(took[0]), median(took[1]), median(took[2])
		b.ReportMetric(float64(without.Nanoseconds())/1e3, "µs-without")
		b.ReportMetric(float64(with.Nanoseconds())/1e3, "µs-with")
		b.ReportMetric(float64(without)/float64(with), "speed")
		b.ReportMetric(float64(without)/float64(subject), "speed-subject")
	})
}

// seats makes the tables of the effect and returns a session to claim seats of.
func seats(t testing.TB, d *db.DB) string {
	t.Helper()
	session := id.New()
	if err := exec(t, d, append(seatTables, `INSERT INTO seat_session (id, version) VALUES ('`+session+`', 0)`)...); err != nil {
		t.Fatal(err)
	}
	return session
}

// claim takes a seat: without a line, with one (1), or with one that names a subject (2).
func claim(ctx context.Context, d *db.DB, j *audit.Journal, session string, kind int) error {
	return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		person := id.New()
		claim, err := claimSeat(ctx, tx, session, person)
		if err != nil || kind == 0 {
			return err
		}
		return j.RecordTx(ctx, tx, audit.Entry{
			Actor: audit.Actor(person), Action: "seat.claim", Object: audit.Object{Kind: "claim", ID: claim}, Detail: map[string]string{"canal": "telephone"},
			Subjects: []audit.Object{{Kind: "person", ID: person}}[:kind-1],
		})
	})
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}

// events is how many lines a journal is verified and searched over.
const events = 100_000

// BenchmarkVerify reads and checks a journal of 100,000 lines.
func BenchmarkVerify(b *testing.B) {
	testkit.Bench(b, func(b *testing.B, d *db.DB) {
		j := newJournal(b, d)
		fill(b, d, j)
		sequence(b, j)
		busy := cpu(b)
		for b.Loop() {
			if rep := verify(b, j); rep.Bad != nil || rep.Leaves != events {
				b.Fatalf("%+v", rep)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/verify")
		b.ReportMetric((cpu(b)-busy).Seconds()/float64(b.N), "cpu-s/verify")
	})
}

// cpu is the processor time that this process has used: what a shared machine does not lengthen.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSearch looks for lines among 100,000, as the data protection officer and a person would.
func BenchmarkSearch(b *testing.B) {
	testkit.Bench(b, func(b *testing.B, d *db.DB) {
		j := newJournal(b, d)
		fill(b, d, j)
		for _, q := range []struct {
			name   string
			filter audit.Filter
			lines  int
		}{
			{"newest", audit.Filter{}, 50},
			{"actor", audit.Filter{Actor: "account-7"}, 50},
			{"object", audit.Filter{Object: audit.Object{Kind: "seat", ID: "12345"}}, 1},
			{"person", audit.Filter{Concerning: audit.Object{Kind: "person", ID: "777"}}, 20},
			{"rare-action", audit.Filter{Action: "identity.login_failed"}, 20},
		} {
			b.Run(q.name, func(b *testing.B) {
				for b.Loop() {
					p, err := j.Search(b.Context(), q.filter, 50)
					if err != nil || len(p.Lines) != q.lines {
						b.Fatalf("%d lines, %v", len(p.Lines), err)
					}
				}
			})
		}
	})
}

// fill writes lines of 100 accounts about 5,000 persons, each on its own object; one in 5,000 says a failed log-in.
func fill(b *testing.B, d *db.DB, j *audit.Journal) {
	b.Helper()
	const batch = 5000
	for start := 0; start < events; start += batch {
		entries := make([]audit.Entry, 0, batch)
		for i := start; i < start+batch; i++ {
			action := "seat.claim"
			if i%5000 == 0 {
				action = "identity.login_failed"
			}
			entries = append(entries, audit.Entry{
				Actor: audit.Actor(fmt.Sprintf("account-%d", i%100)), Action: action, Object: audit.Object{Kind: "seat", ID: fmt.Sprint(i)},
				Detail: map[string]string{"canal": "telephone"}, Subjects: []audit.Object{{Kind: "person", ID: fmt.Sprint(i % 5000)}},
			})
		}
		err := d.Write(b.Context(), func(ctx context.Context, tx *db.Tx) error { return j.RecordTx(ctx, tx, entries...) })
		if err != nil {
			b.Fatal(err)
		}
	}
	if d.Engine() == db.Postgres { // what autovacuum does a minute later
		if err := exec(b, d, "ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEffectOnTwoNodes is BenchmarkEffect from two nodes at once, each with its own session, while both sequence.
func BenchmarkEffectOnTwoNodes(b *testing.B) {
	for engine, open := range map[string]func(b *testing.B) [2]*db.DB{"sqlite": twoSQLite, "postgres": twoPostgres} {
		b.Run(engine, func(b *testing.B) {
			nodes := open(b)
			journals := [2]*audit.Journal{newJournal(b, nodes[0]), newJournal(b, nodes[1])}
			sessions := [2]string{seats(b, nodes[0]), id.New()}
			if err := exec(b, nodes[1], `INSERT INTO seat_session (id, version) VALUES ('`+sessions[1]+`', 0)`); err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			var workers sync.WaitGroup
			for _, j := range journals {
				workers.Go(func() { j.Run(ctx) })
			}
			took := [2][]time.Duration{} // for ten effects on each node: without a line, with one
			for b.Loop() {
				for kind := range took {
					begin := time.Now()
					var callers sync.WaitGroup
					for n, d := range nodes {
						callers.Go(func() {
							for range 10 {
								if err := claim(ctx, d, journals[n], sessions[n], kind); err != nil {
									b.Error(err)
								}
							}
						})
					}
					callers.Wait()
					took[kind] = append(took[kind], time.Since(begin))
				}
			}
			stop()
			workers.Wait()
			b.ReportMetric(float64(median(took[0]))/float64(median(took[1])), "speed")
		})
	}
}

func twoSQLite(b *testing.B) (nodes [2]*db.DB) {
	b.Helper()
	file := filepath.Join(testkit.SQLiteDir(b), "viaduc.db")
	for i := range nodes {
		d, err := db.OpenSQLite(b.Context(), file)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = d.Close() })
		nodes[i] = d
	}
	return nodes
}

func twoPostgres(b *testing.B) (nodes [2]*db.DB) {
	b.Helper()
	dsn := testkit.PostgresURL(b)
	for i := range nodes {
		nodes[i] = testkit.OpenPostgres(b, dsn)
	}
	return nodes
}
