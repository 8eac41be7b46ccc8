package app

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
	_ "time/tzdata" // opening hours are local times; a bare container has no zone files

	"golang.org/x/sync/errgroup"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	agendaweb "viaduc/internal/agenda/web"
	"viaduc/internal/alert"
	alertweb "viaduc/internal/alert/web"
	"viaduc/internal/api"
	"viaduc/internal/audit"
	auditapi "viaduc/internal/audit/api"
	auditweb "viaduc/internal/audit/web"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	identityweb "viaduc/internal/identity/web"
	"viaduc/internal/notice"
	noticeweb "viaduc/internal/notice/web"
	"viaduc/internal/person"
	"viaduc/internal/place"
	placeapi "viaduc/internal/place/api"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/retention"
	retentionweb "viaduc/internal/retention/web"
	"viaduc/internal/territory"
	territoryweb "viaduc/internal/territory/web"
	"viaduc/internal/ui"
)

// App is a node: services, pages, public JSON. Run its workers, serve its Handler, Close it.
type App struct {
	*Core
	public  string // address that the operator gave
	Handler http.Handler
	Kit     *ui.Kit
	Gate    *gate.Gate
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
	a := &App{Core: core, public: cfg.PublicURL}
	g, starting := errgroup.WithContext(ctx) // the pages are made while the data is read: neither looks at the other
	g.Go(func() error { return core.Refresh(starting) })
	g.Go(func() error { return a.build(opts) })
	if err := g.Wait(); err != nil {
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
	return i18n.New(ui.Locale(), api.Locale, agenda.Locale, recur.Locale, person.Locale, alert.Locale, audit.Locale, identityweb.Locale, retention.Locale, notice.Locale, place.Locale, placeweb.Locale, territoryweb.Locale)
}

func (a *App) build(opts Options) error {
	catalog, err := Catalog()
	if err != nil {
		return err
	}
	a.Gate = gate.New(a.Identity)
	a.Kit, err = ui.New(ui.Deps{
		Catalog: catalog, Site: a.site, Now: a.paris, Log: a.log, Menu: menu, StaffMenu: a.staffMenu, StaffNote: a.staffNote,
		Templates: []fs.FS{agendaweb.Templates, alertweb.Templates, auditweb.Templates, identityweb.Templates, noticeweb.Templates, placeweb.Templates, retentionweb.Templates, territoryweb.Templates},
	})
	if err != nil {
		return err
	}
	mux := &recorder{ServeMux: http.NewServeMux()}
	if err := a.mount(mux, catalog, opts); err != nil {
		return err
	}
	a.Routes = mux.routes
	pages := a.Gate.Wrap(a.Kit.Languages(a.Kit.Pages(mux.ServeMux)))
	a.Handler = httpx.Protect(pages, httpx.Refusals{
		TooLong: a.Kit.Handle(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Invalid, "portal.too_long") }),
		Foreign: a.Kit.Handle(func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Forbidden, "portal.foreign_form")
		}),
		Larger: placeweb.LargestBody,
	})
	return nil
}

// menu is what residents can go to from every page.
var menu = []ui.MenuItem{{Key: "portal.menu.home", Path: "/"}, {Key: "portal.menu.places", Path: "/lieux"}, {Key: "portal.menu.agenda", Path: "/agenda"}}

// staffPages are what staff can go to from every page of theirs, each for those whose role may do the action.
var staffPages = []struct {
	action identity.Action
	item   ui.MenuItem
}{
	{identity.AccountSelf, ui.MenuItem{Key: "identity.menu.day", Path: "/pro"}},
	{identity.AgendaPropose, ui.MenuItem{Key: "agenda.menu.team", Path: "/pro/agenda"}},
	{identity.AccountSelf, ui.MenuItem{Key: "identity.menu.organisation", Path: "/pro/structure"}},
	{identity.AuditSearch, ui.MenuItem{Key: "identity.menu.admin", Path: "/pro/admin"}},
	{identity.AccountSelf, ui.MenuItem{Key: "identity.menu.account", Path: "/pro/compte"}},
	{identity.AccountSelf, ui.MenuItem{Key: "identity.menu.leave", Path: "/deconnexion"}},
}

// staffMenu is the menu of who asks; without a session, that of everybody.
func (a *App) staffMenu(r *http.Request) []ui.MenuItem {
	session, err := a.Gate.Session(r)
	if err != nil {
		return menu
	}
	var out []ui.MenuItem
	for _, p := range staffPages {
		if identity.Reaches(session.Actor, p.action) != identity.None {
			out = append(out, p.item)
		}
	}
	return out
}

// warnBefore is how long before the end of a session, which nothing prolongs, its pages say so.
const warnBefore = 30 * time.Minute

// staffNote warns whoever asks that their session ends soon; what they are writing then is kept all the same (ui.Error).
func (a *App) staffNote(r *http.Request) string {
	session, err := a.Gate.Session(r)
	if err != nil || session.EndsAt.Sub(a.now()) > warnBefore {
		return ""
	}
	end := session.EndsAt.In(paris)
	return "Votre connexion se termine à " + ui.Hour(end.Hour(), end.Minute()) + ". Enregistrez votre travail, puis reconnectez-vous."
}

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

// Zone is the zone in which the program tells days and hours to the people who run it.
func Zone() *time.Location { return paris }

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
	calendar := &agendaweb.Handlers{
		Kit: a.Kit, Gate: a.Gate, Agenda: a.Agenda, Persons: a.Persons, Places: a.Places, Territory: a.Territory, Identity: a.Identity, PlacePath: placeweb.Path, Public: a.public, Now: a.now,
	}
	places := &placeweb.Handlers{Kit: a.Kit, Gate: a.Gate, Places: a.Places, Territory: a.Territory, Register: a.Register, Words: catalog.Printer(i18n.French), Public: a.public, Home: a.Territory.MainCommune, Now: a.now}
	places.Names, places.Organisation = a.Identity, a.organisationName
	places.Grounds = a.grounds
	if a.Tiles != nil {
		m.Handle("GET /tuiles/{z}/{x}/{y}", a.Tiles)
		places.Tiles = placeweb.Tiles{Path: "/tuiles/{z}/{x}/{y}", Source: a.Credit}
	}
	places.Dates = calendar.AtPlace
	places.Routes(m)
	calendar.Routes(m)
	people := &identityweb.Handlers{Kit: a.Kit, Gate: a.Gate, Identity: a.Identity, Providers: a.Providers, Commune: a.communeName, Day: calendar.Today, OwnSections: a.ownSections, HomeTiles: homeTiles, AdminTiles: adminTiles}
	people.Routes(m)
	portal := &territoryweb.Handlers{Kit: a.Kit, Gate: a.Gate, Territory: a.Territory, Places: places, Soon: calendar.NearTown}
	portal.Routes(m)
	journal := &auditweb.Handlers{Kit: a.Kit, Gate: a.Gate, Journal: a.Journal, Lines: a.Lines, Key: func() string { return a.Signer.Public }}
	journal.Routes(m)
	told := &alertweb.Handlers{Kit: a.Kit, Gate: a.Gate, Alerts: a.Alerts, Territory: a.Territory, Now: a.now}
	told.Routes(m)
	messages := &noticeweb.Handlers{Kit: a.Kit, Gate: a.Gate, Notices: a.Notices, Identity: a.Identity, Who: a.who}
	messages.Routes(m)
	kept := &retentionweb.Handlers{Kit: a.Kit, Gate: a.Gate, Retention: a.Retention}
	kept.Routes(m)
	m.Handle("GET /assets/", a.Kit.Assets())
	m.Handle("GET /affichage", a.Kit.Handle(a.Kit.ShowComfort))
	m.Handle("POST /affichage", a.Kit.Handle(a.Kit.SaveComfort))
	m.Handle("GET /langues", a.Kit.HandleTranslated(a.Kit.ShowLanguages))
	m.Handle("GET /healthz", http.HandlerFunc(alive))
	m.Handle("GET /readyz", http.HandlerFunc(a.ready))
	if opts.Demo {
		m.Handle("GET /pro/admin/composants", a.Kit.Handle(a.Kit.Components))
	}
	public := &placeapi.Handlers{Places: a.Places, Home: a.Territory.MainCommune, Page: placeweb.Path, Area: a.area, Now: a.paris, Name: placeweb.Calm}
	heads := &auditapi.Handlers{Journal: a.Journal, Key: a.Signer.Public}
	return api.New(catalog, a.log).Mount(m, append(public.Operations(), heads.Operations()...))
}

// homeTiles are what modules give the team to do, beside accounts.
var homeTiles = []identityweb.AdminTile{
	{Action: identity.AgendaPropose, Tile: ui.Tile{Icon: "calendar", Text: "L'agenda", Href: "/pro/agenda", Hint: "Les dates de l'équipe, qui vient, inscrire quelqu'un."}},
	{Action: identity.PlaceEdit, Tile: ui.Tile{Icon: "map", Text: "Le recensement", Href: "/pro/lieux", Hint: "Les fiches des lieux : à relire, à corriger, à confirmer."}},
	{Action: identity.PlaceModerate, Tile: ui.Tile{Icon: "search", Text: "Les doublons", Href: "/pro/lieux/doublons", Hint: "Les lieux inscrits deux fois : comparer, réunir."}},
	{Action: identity.AgendaEdit, Tile: ui.Tile{Icon: "map", Text: "Les tournées", Href: "/pro/tournees", Hint: "Le bus, ses arrêts, la route entre deux."}},
	{Action: identity.AgendaRequest, Tile: ui.Tile{Icon: "mail", Text: "Les demandes des communes", Href: "/pro/agenda/demandes", Hint: "Étudier, proposer une demi-journée."}},
	{Action: identity.NoticeCall, Tile: ui.Tile{Icon: "phone", Text: "À appeler", Href: "/pro/appels", Hint: "Les personnes que nul message n'a pu prévenir."}},
	{Action: identity.NoticeCall, Tile: ui.Tile{Icon: "mail", Text: "Les messages", Href: "/pro/messages", Hint: "Ce qui est parti, ce qui attend, ce qui a raté."}},
}

// adminTiles are what modules administer, beside accounts and organisations.
var adminTiles = []identityweb.AdminTile{
	{Action: identity.TerritorySite, Tile: ui.Tile{Icon: "document", Text: "Les textes du site", Href: "/pro/admin/textes", Hint: "Nom, téléphone, couleur, mentions légales."}},
	{Action: identity.TerritorySite, Tile: ui.Tile{Icon: "calendar", Text: "Les actualités", Href: "/pro/admin/actualites", Hint: "Ce que le territoire dit aux habitants."}},
	{Action: identity.AuditSearch, Tile: ui.Tile{Icon: "search", Text: "Le journal", Href: "/pro/admin/journal", Hint: "Qui a fait quoi, et quand."}},
	{Action: identity.NoticeSettings, Tile: ui.Tile{Icon: "mail", Text: "Les messages du site", Href: "/pro/admin/messages", Hint: "Ce qui est écrit aux personnes, ce que coûtent les SMS."}},
	{Action: identity.RetentionRead, Tile: ui.Tile{Icon: "clock", Text: "Durées de conservation", Href: "/pro/admin/durees", Hint: "Ce qui est gardé, pourquoi, combien de temps."}},
}

// who names the person behind the reference of a message that by sees, for whoever has to call or to write; "" for what names nobody. A person
// under silence has no message, and no name here.
func (a *App) who(r *http.Request, by identity.Actor, reference string) string {
	if one, ok := strings.CutPrefix(reference, "person:"); ok {
		p, err := a.Persons.Person(r.Context(), a.DB, person.ID(one))
		if err != nil || p.Silent {
			return ""
		}
		return p.Name
	}
	account, ok := strings.CutPrefix(reference, "account:")
	if !ok {
		return ""
	}
	owner, err := a.Identity.Account(r.Context(), by, identity.AccountID(account))
	if err != nil {
		return ""
	}
	return owner.Name()
}

// area finds an area by its code.
func (a *App) area(kind territory.AreaKind, code string) (territory.Area, bool) {
	return a.Territory.Gazetteer().Area(kind, code)
}

// communeName is the name of a commune, "" for an unknown code.
func (a *App) communeName(code string) string {
	c, _ := a.Territory.Gazetteer().Commune(code)
	return c.Name
}

// organisationName is the name of an organisation, "" for an unknown one.
func (a *App) organisationName(ctx context.Context, id identity.OrganisationID) string {
	o, _, err := a.Identity.Organisation(ctx, id)
	if err != nil {
		return ""
	}
	return o.Name
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
