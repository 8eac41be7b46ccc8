package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/secret"
	"viaduc/internal/testkit"
)

// effect is the shape of a use case: it touches the parent row, then writes a row of its own, with or without its line.
func effect(ctx context.Context, d *db.DB, j *audit.Journal, parent int) error {
	return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `UPDATE sample_parent SET version = version + 1 WHERE id = $1`, parent); err != nil {
			return err
		}
		row := id.New()
		if _, err := db.Exec(ctx, tx, `INSERT INTO sample_row (id, parent, at, word) VALUES ($1, $2, $3, $4)`, row, parent, 1, "réservé"); err != nil {
			return err
		}
		if j == nil {
			return nil
		}
		return j.RecordTx(ctx, tx, audit.Entry{
			Actor: "0198c0de-0000-7000-8000-000000000001", Action: "agenda.book", Object: audit.Object{Kind: "booking", ID: row}, Detail: map[string]string{"lieu": "x"},
		})
	})
}

// parents are as many rows as callers that do not wait for each other.
const parents = 8

// BenchmarkEffect measures an effect with its line beside the same without, in turns, from one node and from two.
func BenchmarkEffect(b *testing.B) {
	for _, nodes := range []int{1, 2} {
		for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
			b.Run(fmt.Sprintf("%s/%d", engine, nodes), func(b *testing.B) { benchEffect(b, open(b, engine, nodes)) })
		}
	}
}

// open opens one database as several nodes do.
func open(b *testing.B, engine db.Engine, nodes int) []*db.DB {
	b.Helper()
	var out []*db.DB
	if engine == db.Postgres {
		dsn := testkit.PostgresURL(b)
		for range nodes {
			out = append(out, testkit.OpenPostgres(b, dsn))
		}
		return out
	}
	file := filepath.Join(testkit.SQLiteDir(b), "viaduc.db")
	for range nodes {
		d, err := db.OpenSQLite(b.Context(), file)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = d.Close() })
		out = append(out, d)
	}
	return out
}

func benchEffect(b *testing.B, nodes []*db.DB) {
	text, err := secret.NewSignerKey()
	if err != nil {
		b.Fatal(err)
	}
	key, err := secret.ParseSigner(text)
	if err != nil {
		b.Fatal(err)
	}
	journals := make([]*audit.Journal, len(nodes))
	for i, d := range nodes {
		journals[i] = audit.New(audit.Deps{DB: d, Signer: key, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	}
	err = nodes[0].Write(b.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, text := range []string{
			`CREATE TABLE sample_parent (id BIGINT PRIMARY KEY, version BIGINT)`, `CREATE TABLE sample_row (id TEXT PRIMARY KEY, parent BIGINT, at BIGINT, word TEXT)`,
		} {
			if _, err := db.Exec(ctx, tx, text); err != nil {
				return err
			}
		}
		for i := range parents {
			if _, err := db.Exec(ctx, tx, `INSERT INTO sample_parent (id, version) VALUES ($1, 0)`, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	// some runs n effects from every node and returns how long they took.
	some := func(with bool, n int) time.Duration {
		start := time.Now()
		var wg sync.WaitGroup
		for i, d := range nodes {
			wg.Go(func() {
				var j *audit.Journal
				if with {
					j = journals[i]
				}
				for k := range n {
					if err := effect(b.Context(), d, j, (i*parents/len(nodes)+k)%parents); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		return time.Since(start)
	}
	some(true, 20)
	some(false, 20)
	const batch = 50
	var with, without time.Duration
	rounds := 0
	for b.Loop() {
		with += some(true, batch)
		without += some(false, batch)
		rounds++
	}
	perEffect := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(rounds*batch*len(nodes)) }
	b.ReportMetric(perEffect(with), "µs/with")
	b.ReportMetric(perEffect(without), "µs/without")
	b.ReportMetric(float64(without)/float64(with), "speed-ratio")
	b.ReportMetric(0, "ns/op")
}
