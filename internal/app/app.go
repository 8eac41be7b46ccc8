// Package app builds every part of Viaduc and plugs it together: the only package that sees every module, and the only
// one that knows whether the data is a folder or a cluster.
//
// Open gives the services alone, for commands; New adds the pages, the public JSON and the workers, for a server.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/secret"
	"viaduc/internal/schema"
	"viaduc/internal/territory"
)

// Options is what a process chooses beside its settings.
type Options struct {
	Now    func() time.Time // nil is the machine's clock
	Log    *slog.Logger     // nil is silence
	Demo   bool             // serve the pages that only a demonstration has
	ReadOK bool             // Open only: a folder without a database is an error, not a new territory
}

// Core is every service without any page. Close it.
type Core struct {
	DB        *db.DB
	Journal   *audit.Journal
	Territory *territory.Service
	Places    *place.Service
	Signer    secret.Signer
	Migrated  int // migrations that Open ran
	now       func() time.Time
	log       *slog.Logger
}

// ErrNoData says that the folder holds no database although the caller needs one.
var ErrNoData = errors.New("no database in the data folder")

// Open opens the database, brings it to the newest schema and builds the services.
func Open(ctx context.Context, cfg config.Config, opts Options) (*Core, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	d, err := openDatabase(ctx, cfg, opts)
	if err != nil {
		return nil, err
	}
	c := &Core{DB: d, now: opts.Now, log: opts.Log}
	if c.Migrated, err = schema.Up(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if c.Signer, err = signer(cfg); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	c.Journal = audit.New(audit.Deps{DB: d, Signer: c.Signer, Now: opts.Now, Log: opts.Log})
	c.Territory = territory.New(territory.Deps{DB: d, Journal: c.Journal, Log: opts.Log})
	c.Places = place.New(place.Deps{DB: d, Journal: c.Journal, Territory: c.Territory, Now: opts.Now, Log: opts.Log})
	return c, nil
}

func openDatabase(ctx context.Context, cfg config.Config, opts Options) (*db.DB, error) {
	if cfg.Scaled() {
		return db.OpenPostgres(ctx, cfg.DatabaseURL)
	}
	if opts.ReadOK && !db.Exists(cfg.DatabaseFile()) {
		return nil, ErrNoData
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return db.OpenSQLite(ctx, cfg.DatabaseFile())
}

// signer returns the key of the journal: handed over in the scaled mode, so that every node signs alike; a file of the
// data folder otherwise.
func signer(cfg config.Config) (secret.Signer, error) {
	if cfg.JournalKey != "" {
		return secret.ParseSigner(cfg.JournalKey)
	}
	if cfg.Scaled() {
		return secret.Signer{}, ErrNoJournalKey
	}
	return secret.FileSigner(cfg.JournalKeyFile())
}

// ErrNoJournalKey says that the scaled mode was not handed the key that every node signs the journal with.
var ErrNoJournalKey = errors.New("VIADUC_JOURNAL_KEY is not set")

// Close gives the database back.
func (c *Core) Close() error { return c.DB.Close() }

// Refresh reads into memory what changed in the database: communes and rows of places side by side, then the index of
// places, which stands on both.
func (c *Core) Refresh(ctx context.Context) error {
	g, reading := errgroup.WithContext(ctx)
	g.Go(func() error { return c.Places.Read(reading) })
	g.Go(func() error { _, err := c.Territory.Refresh(reading); return err })
	if err := g.Wait(); err != nil {
		return fmt.Errorf("read the census: %w", err)
	}
	if _, err := c.Places.Refresh(ctx); err != nil {
		return fmt.Errorf("read places: %w", err)
	}
	return nil
}

// refreshEvery is how often a node asks whether another process changed something: two reads of one row. A poll rather
// than LISTEN, because it is the same on both engines and works behind any connection pooler (ADR 6).
const refreshEvery = 500 * time.Millisecond

// Run does the work behind the pages until ctx ends: sequencing the journal, and showing what other processes change.
func (c *Core) Run(ctx context.Context) {
	var g errgroup.Group
	g.Go(func() error { c.Journal.Run(ctx); return nil })
	g.Go(func() error { c.watch(ctx); return nil })
	_ = g.Wait() // neither returns an error
}

func (c *Core) watch(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.Refresh(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("public index not refreshed", "error", err)
		}
	}
}
