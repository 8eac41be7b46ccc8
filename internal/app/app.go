// Package app builds every part of Viaduc and plugs it together: the only package that sees every module, and the only
// one that knows whether the data is a folder or a cluster.
//
// Open gives the services alone, for commands; New adds the pages, the public JSON and the workers, for a server.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"viaduc/internal/agenda"
	"viaduc/internal/alert"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/notice"
	"viaduc/internal/person"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/secret"
	"viaduc/internal/platform/tile"
	"viaduc/internal/retention"
	"viaduc/internal/schema"
	"viaduc/internal/territory"
)

// Options is what a process chooses beside its settings.
type Options struct {
	Now      func() time.Time // nil is the machine's clock
	Log      *slog.Logger     // nil is silence
	Demo     bool             // serve the pages that only a demonstration has
	ReadOnly bool             // Open only: make nothing, neither a database nor a key nor a migration
}

// Core is every service without any page. Close it.
type Core struct {
	DB        *db.DB
	Journal   *audit.Journal
	Lines     *audit.Reader // says lines of the journal in French
	Territory *territory.Service
	Identity  *identity.Service
	Places    *place.Service
	Retention *retention.Service
	Jobs      *jobs.Queue
	Notices   *notice.Service
	Persons   *person.Service
	Agenda    *agenda.Service
	Alerts    *alert.Service
	Geocoder  territory.Geocoder // nil when the settings name none
	Register  place.Register     // of organisations; nil when the settings name none
	Providers []*oidc.Provider   // identity providers that people may log in with
	Signer    secret.Signer
	Tiles     *tile.Proxy // background of the detailed map; nil when the settings name none
	Credit    string      // what must be written on it
	Migrated  int         // migrations that Open ran
	now       func() time.Time
	log       *slog.Logger
	visited   atomic.Pointer[time.Time] // when the dates of places were last worked out
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
	key, err := signer(cfg, opts)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	d, err := openDatabase(ctx, cfg, opts)
	if err != nil {
		return nil, err
	}
	c := &Core{DB: d, Signer: key, now: opts.Now, log: opts.Log}
	if err := c.prepare(ctx, cfg, opts); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := c.build(cfg, opts); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return c, nil
}

// build makes the services, each on those before it.
func (c *Core) build(cfg config.Config, opts Options) (err error) {
	c.Journal = audit.New(audit.Deps{DB: c.DB, Signer: c.Signer, Now: opts.Now, Log: opts.Log})
	if cfg.GeocoderURL != "" {
		c.Geocoder, err = territory.NewAddressAPI(territory.AddressAPIDeps{URL: cfg.GeocoderURL, Now: opts.Now, Log: opts.Log})
		if err != nil {
			return err
		}
	}
	if cfg.TilesURL != "" {
		c.Credit = cfg.TilesSource
		if c.Tiles, err = tile.New(tile.Options{Template: cfg.TilesURL, Agent: strings.TrimSpace("Viaduc " + cfg.PublicURL), Now: opts.Now, Log: opts.Log}); err != nil {
			return err
		}
	}
	c.Territory = territory.New(territory.Deps{DB: c.DB, Journal: c.Journal, Geocoder: c.Geocoder, Log: opts.Log})
	c.Jobs = jobs.New(jobs.Deps{DB: c.DB, Now: opts.Now, Log: opts.Log})
	if c.Notices, err = notices(c, cfg, opts); err != nil {
		return err
	}
	c.Identity = identity.New(identity.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Messenger: messenger{c.Notices}, Key: c.Signer.Derive("identity"), Now: opts.Now, Log: opts.Log,
	})
	if c.Providers, err = federations(cfg, opts); err != nil {
		return err
	}
	c.Retention = retention.New(retention.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Now: opts.Now, Zone: paris, Measures: measures, Log: opts.Log,
	})
	c.Places = place.New(place.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Notices: c.Notices, Key: c.Signer.Derive("place"), Now: opts.Now, Log: opts.Log,
	})
	if cfg.RegisterURL != "" {
		if c.Register, err = place.NewRegisterAPI(cfg.RegisterURL); err != nil {
			return err
		}
	}
	c.Places.ScheduleAsks(c.Jobs, paris)
	c.Persons = person.NewService(person.Deps{DB: c.DB, Journal: c.Journal, Notices: c.Notices, Key: c.Signer.Derive("person"), Now: opts.Now})
	c.Agenda = agenda.New(agenda.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Identity: c.Identity, Places: c.Places, Persons: c.Persons, Notices: c.Notices, Jobs: c.Jobs,
		Key: c.Signer.Derive("agenda"), Zone: paris, Now: opts.Now, Log: opts.Log,
	})
	c.Alerts = alert.New(alert.Deps{
		DB: c.DB, Journal: c.Journal, Territory: c.Territory, Identity: c.Identity, Notices: c.Notices, Jobs: c.Jobs, Sources: []alert.Source{newPlaces{c.Places}, newDates{c.Agenda}},
		Key: c.Signer.Derive("alert"), Zone: paris, Now: opts.Now, Log: opts.Log,
	})
	if err := c.Notices.Register(slices.Concat(alert.Events(), place.Events(), agenda.Events())...); err != nil {
		return err
	}
	c.plug()
	c.plugAgenda()
	if c.Lines, err = audit.NewReader(c.Identity, identity.Sentences(), territory.Sentences(), retention.Sentences(), place.Sentences(), notice.Sentences(), alert.Sentences(), sentencesOfAgenda()); err != nil {
		return err
	}
	return c.Retention.Register(append(slices.Concat(c.retentionRules(), c.alertRules(), c.agendaRules()), retention.JournalRule(c.Journal))...)
}

// measures are the security measures that hold for the whole program, for the register of processing.
var measures = []string{
	"chaque changement laisse une ligne dans un journal que la base refuse de réécrire et que des têtes signées permettent de vérifier",
	"aucune page n'appelle un autre site ; un formulaire envoyé depuis un autre site est refusé",
	"le fichier de la base et la clé du journal ne sont lisibles que du compte qui fait tourner le programme",
	"les données sont effacées par le programme lui-même au bout de leur durée, et chaque passage est compté",
}

// prepare brings the schema and the key to where the services can stand on them. A reader changes nothing: it is told
// when the schema is older than the program. A key that is gone while the journal has signed heads is never replaced.
func (c *Core) prepare(ctx context.Context, cfg config.Config, opts Options) error {
	if opts.ReadOnly {
		current, err := schema.Current(ctx, c.DB)
		if err == nil && !current {
			err = ErrOldSchema
		}
		return err
	}
	var err error
	if c.Migrated, err = schema.Up(ctx, c.DB); err != nil || c.Signer.Signer != nil {
		return err
	}
	signed, err := audit.HasHeads(ctx, c.DB)
	if err != nil {
		return err
	}
	if signed {
		return ErrKeyLost
	}
	c.Signer, err = secret.FileSigner(cfg.JournalKeyFile())
	return err
}

// ErrOldSchema says that the database has not had every migration of this program, and that the caller only reads.
var ErrOldSchema = errors.New("the schema is older than the program")

// ErrKeyLost says that the file of the journal's key is gone although the journal was signed with it.
var ErrKeyLost = errors.New("the key of the journal is gone")

func openDatabase(ctx context.Context, cfg config.Config, opts Options) (*db.DB, error) {
	if cfg.Scaled() {
		return db.OpenPostgres(ctx, cfg.DatabaseURL)
	}
	if opts.ReadOnly && !db.Exists(cfg.DatabaseFile()) {
		return nil, ErrNoData
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return db.OpenSQLite(ctx, cfg.DatabaseFile())
}

// signer returns the key of the journal: handed over in the scaled mode, so that every node signs alike; a file of the
// data folder otherwise, fs.ErrNotExist when there is none yet.
func signer(cfg config.Config, opts Options) (secret.Signer, error) {
	switch {
	case cfg.JournalKey != "":
		return secret.ParseSigner(cfg.JournalKey)
	case !cfg.Scaled():
		return secret.ReadSigner(cfg.JournalKeyFile())
	case opts.ReadOnly:
		return secret.Signer{}, nil // what only reads can do without
	}
	return secret.Signer{}, ErrNoJournalKey
}

// ErrNoJournalKey says that the scaled mode was not handed the key that every node signs the journal with.
var ErrNoJournalKey = errors.New("VIADUC_JOURNAL_KEY is not set")

// Close gives the database back.
func (c *Core) Close() error { return c.DB.Close() }

// Refresh reads into memory what changed in the database: communes and rows of places side by side, then the index of
// places, which stands on both, then the agenda, which stands on all.
func (c *Core) Refresh(ctx context.Context) error {
	g, reading := errgroup.WithContext(ctx)
	g.Go(func() error { return c.Places.Read(reading) })
	g.Go(func() error { _, err := c.Territory.Refresh(reading); return err })
	if err := g.Wait(); err != nil {
		return fmt.Errorf("read the census: %w", err)
	}
	c.Places.Build()
	return c.refreshAgenda(ctx)
}

// refreshEvery is how often a node asks whether another process changed something: two reads of one row. A poll rather
// than LISTEN, because it is the same on both engines and works behind any connection pooler (ADR 6).
const refreshEvery = 500 * time.Millisecond

// Run does the work behind the pages until ctx ends: sequencing the journal and sending its heads, erasing what has had its
// time, keeping sessions, doing jobs, and showing what other processes change. It returns when the jobs under way have
// ended.
func (c *Core) Run(ctx context.Context) {
	spareMemory()
	var g errgroup.Group
	g.Go(func() error { c.Journal.Run(ctx); return nil })
	g.Go(func() error { c.Retention.Work(ctx); return nil })
	g.Go(func() error { c.Identity.Run(ctx); return nil })
	g.Go(func() error { c.Jobs.Run(ctx); return nil })
	g.Go(func() error { c.Journal.MailHeads(ctx, c.HeadSender()); return nil })
	g.Go(func() error { c.watch(ctx); return nil })
	_ = g.Wait() // none returns an error
}

// smallMachine is what the Go heap of a département's census needs with room to spare, in bytes.
const smallMachine = 80 << 20

// spareMemory gives back what reading the census left behind, and asks the collector to stay near three times what is
// held rather than let a burst of requests double it. GOMEMLIMIT, where the operator sets it, decides instead.
func spareMemory() {
	debug.FreeOSMemory()
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(smallMachine, 3*int64(m.HeapAlloc)))
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
		c.Places.Index().Warm(c.now())
	}
}
