package app

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"time"
	_ "time/tzdata" // opening hours are local times; a bare container has no zone files

	"viaduc/internal/api"
	auditapi "viaduc/internal/audit/api"
	"viaduc/internal/config"
	placeapi "viaduc/internal/place/api"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/i18n"
	territoryweb "viaduc/internal/territory/web"
	"viaduc/internal/ui"
)

// App is a node: services, pages, public JSON. Run its workers, serve its Handler, Close it.
type App struct {
	*Core
	Handler http.Handler
	Kit     *ui.Kit
	Routes  []Route
}

// Route is an address that the node serves, for the audits: every page must be in them.
type Route struct {
	Pattern string
}

// New opens the data, reads it into memory and builds the pages.
func New(ctx context.Context, cfg config.Config, opts Options) (*App, error) {
	core, err := Open(ctx, cfg, opts)
	if err != nil {
		return nil, err
	}
	a := &App{Core: core}
	if err := core.Refresh(ctx); err != nil {
		return nil, closing(core, err)
	}
	if err := a.build(opts); err != nil {
		return nil, closing(core, err)
	}
	return a, nil
}

func closing(c *Core, err error) error {
	if e := c.Close(); e != nil {
		return fmt.Errorf("%w (and while closing: %w)", err, e)
	}
	return err
}

// Catalog returns every word of every module.
func Catalog() (*i18n.Catalog, error) {
	return i18n.New(ui.Locale(), api.Locale, placeweb.Locale, territoryweb.Locale)
}

func (a *App) build(opts Options) error {
	catalog, err := Catalog()
	if err != nil {
		return err
	}
	a.Kit, err = ui.New(ui.Deps{
		Catalog: catalog, Site: a.site, Now: a.paris, Log: a.log, Templates: []fs.FS{placeweb.Templates, territoryweb.Templates}, Menu: menu,
	})
	if err != nil {
		return err
	}
	mux := &recorder{ServeMux: http.NewServeMux()}
	if err := a.mount(mux, catalog, opts); err != nil {
		return err
	}
	a.Routes = mux.routes
	pages := a.Kit.Languages(a.Kit.Pages(mux.ServeMux))
	a.Handler = httpx.Protect(pages, httpx.Refusals{
		TooLong: a.Kit.Handle(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Invalid, "portal.too_long") }),
		Foreign: a.Kit.Handle(func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Forbidden, "portal.foreign_form")
		}),
	})
	return nil
}

// menu is what residents can go to from every page.
var menu = []ui.MenuItem{{Key: "portal.menu.home", Path: "/"}, {Key: "portal.menu.places", Path: "/lieux"}}

// site says in the kit's words what the territory of a host says of itself.
func (a *App) site(host string) ui.Site {
	s := a.Territory.Site(host)
	return ui.Site{
		Name: s.Name, Title: "Aide numérique : " + s.Name, Phone: s.Phone, PhoneHours: s.PhoneHours, Action: s.ActionColor, Example: s.Example,
	}
}

// paris is the clock in the zone of the pages; a place overseas is told in its own.
func (a *App) paris() time.Time { return a.now().In(paris) }

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // embedded in the program
	}
	return zone
}()

// mux is what routes are mounted on.
type mux interface {
	Handle(pattern string, h http.Handler)
}

// recorder remembers the patterns that are mounted.
type recorder struct {
	*http.ServeMux
	routes []Route
}

// Handle mounts a handler and remembers its pattern.
func (r *recorder) Handle(pattern string, h http.Handler) {
	r.routes = append(r.routes, Route{Pattern: pattern})
	r.ServeMux.Handle(pattern, h)
}

func (a *App) mount(m mux, catalog *i18n.Catalog, opts Options) error {
	places := &placeweb.Handlers{Kit: a.Kit, Places: a.Places, Home: a.Territory.MainCommune, Now: a.now}
	places.Routes(m)
	portal := &territoryweb.Handlers{Kit: a.Kit, Territory: a.Territory, Places: places}
	portal.Routes(m)
	m.Handle("GET /assets/", a.Kit.Assets())
	m.Handle("GET /affichage", a.Kit.Handle(a.Kit.ShowComfort))
	m.Handle("POST /affichage", a.Kit.Handle(a.Kit.SaveComfort))
	m.Handle("GET /langues", a.Kit.HandleTranslated(a.Kit.ShowLanguages))
	m.Handle("GET /healthz", http.HandlerFunc(alive))
	m.Handle("GET /readyz", http.HandlerFunc(a.ready))
	if opts.Demo {
		m.Handle("GET /pro/admin/composants", a.Kit.Handle(a.Kit.Components))
	}
	public := &placeapi.Handlers{Places: a.Places, Home: a.Territory.MainCommune, Page: placeweb.Path, Now: a.paris}
	journal := &auditapi.Handlers{Journal: a.Journal, Key: a.Signer.Public}
	return api.New(catalog, a.log).Mount(m, append(public.Operations(), journal.Operations()...))
}

// alive says that the process answers.
func alive(w http.ResponseWriter, _ *http.Request) {
	api.Write(w, "text/plain; charset=utf-8", "no-store", http.StatusOK, []byte("ok\n"))
}

// ready says that the node can serve: its database answers.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.DB.Ping(ctx); err != nil {
		api.Write(w, "text/plain; charset=utf-8", "no-store", http.StatusServiceUnavailable, []byte("base de données injoignable\n"))
		return
	}
	api.Write(w, "text/plain; charset=utf-8", "no-store", http.StatusOK, []byte("ok\n"))
}
