package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"viaduc/internal/app"
	"viaduc/internal/app/demo"
	"viaduc/internal/config"
	"viaduc/internal/platform/httpx"
)

const (
	defaultServeAddr = "127.0.0.1:8080"
	defaultDemoAddr  = "127.0.0.1:8080"
)

type serveCmd struct {
	Addr string `default:"${serve_addr}" env:"VIADUC_ADDR" placeholder:"HÔTE:PORT" help:"Adresse d'écoute."`
}

func (c *serveCmd) Run(r *run) error {
	return r.serve(r.cfg, c.Addr, app.Options{}, func(a *app.App, address string) {
		r.announce(address, "Viaduc sert %d lieux et %d communes sur %s", a.Places.Index().Len(), a.Territory.Gazetteer().Len(), address)
	})
}

type demoCmd struct {
	Addr string `default:"${demo_addr}" placeholder:"HÔTE:PORT" help:"Adresse d'écoute, sur cette machine."`
}

func (c *demoCmd) Run(r *run) error {
	if !httpx.Loopback(c.Addr) {
		return usageError("la démonstration n'écoute que cette machine. Donnez une adresse comme 127.0.0.1:8080.")
	}
	dir, err := os.MkdirTemp("", "viaduc-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cfg := config.Config{Data: dir}
	core, err := app.Open(r.ctx, cfg, app.Options{})
	if err != nil {
		return err
	}
	err = demo.Load(r.ctx, core.Territory, core.Places)
	var links []demo.Link
	if err == nil {
		links, err = r.demoPeople(core)
	}
	if closed := core.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return r.serve(cfg, c.Addr, app.Options{Demo: true}, func(a *app.App, address string) {
		r.announce(address, demoWords, a.Places.Index().Len(), address)
		r.announceLinks(address, links)
	})
}

// demoPeople opens the accounts of the example and makes a way in for each role.
func (r *run) demoPeople(core *app.Core) ([]demo.Link, error) {
	if err := core.Refresh(r.ctx); err != nil { // scopes know the communes from memory
		return nil, err
	}
	people, err := demo.People(r.ctx, core.Identity)
	if err != nil {
		return nil, err
	}
	if err := demo.Season(r.ctx, core.Agenda, core.Places, people, time.Now().In(app.Zone())); err != nil {
		return nil, err
	}
	return demo.Links(r.ctx, core.Identity, people)
}

func (r *run) announceLinks(address string, links []demo.Link) {
	if !r.json {
		r.say("\n  Entrer comme quelqu'un de l'équipe (chaque lien sert une fois) :")
	}
	for _, l := range links {
		if r.json {
			r.line(map[string]any{"role": l.Role, "url": address + l.Path})
			continue
		}
		r.say("    %-14s %s%s", l.Role, address, l.Path)
	}
}

// demoWords is what the demonstration says to look at.
const demoWords = `Viaduc, démonstration : %d lieux inventés en Charente-Maritime.

  Ouvrez %[2]s
    %[2]s/                        l'accueil, qui répond avant de demander
    %[2]s/lieux?ou=Rochefort      les lieux autour de Rochefort
    %[2]s/agenda                  une saison : tournée, ateliers, rendez-vous
    %[2]s/simple/  %[2]s/ar/      version simple, arabe
    %[2]s/affichage               plus grand, plus de contraste
    %[2]s/pro/admin/composants    les composants des pages
    %[2]s/api/v1/lieux?lat=45.94&lon=-0.96  les mêmes lieux, pour les programmes

  Les données sont effacées à la fin. Pour arrêter : Ctrl+C.`

// announce says that the site is up.
func (r *run) announce(address, format string, args ...any) {
	if r.json {
		r.line(map[string]any{"url": address})
		return
	}
	r.say(format, args...)
}

// serve runs a node until the process is told to stop. It listens first, so that a taken port says so at once.
func (r *run) serve(cfg config.Config, addr string, opts app.Options, ready func(a *app.App, address string)) error {
	listener, err := httpx.Listen(r.ctx, addr)
	if err != nil {
		return err
	}
	opts.Log = slog.New(slog.NewJSONHandler(r.Err, nil))
	address := "http://" + strings.Replace(listener.Addr().String(), "[::]", "localhost", 1)
	if cfg.PublicURL == "" && httpx.Loopback(listener.Addr().String()) {
		cfg.PublicURL = address // a trial on this machine: the links of its messages lead to it
	}
	a, err := app.New(r.ctx, cfg, opts)
	if err != nil {
		_ = listener.Close() // nothing was accepted
		return err
	}
	ready(a, address)
	ctx, stop := context.WithCancel(r.ctx)
	var g errgroup.Group
	g.Go(func() error { a.Run(ctx); return nil })
	err = httpx.Serve(ctx, listener, a.Handler)
	stop()
	_ = g.Wait() // workers return no error
	if closed := a.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close: %w", closed)
	}
	return err
}
