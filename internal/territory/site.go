package territory

import (
	"context"
	"net"
	"regexp"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Site is what a territory says of itself: the words and numbers that its pages and legal statements show. Empty fields
// are shown as not yet said, never made up.
type Site struct {
	Host        string // host name it answers for; "" answers for every other
	Name        string // "Charente-Maritime"
	Phone       string // help line, as people read it: "05 46 00 00 00"
	PhoneHours  string // when it answers: "du lundi au vendredi, de 9 h à 17 h"
	Email       string // where people may write
	MainCommune string // INSEE code of the town that the home page looks around
	ActionColor string // "#rrggbb", with a contrast of 7 on white; "" is Viaduc's blue
	Publisher   string // legal statement: who publishes, with address
	Director    string // legal statement: director of the publication
	Hosting     string // legal statement: who hosts, with address
	DPO         string // data protection officer: how to reach
	Example     bool   // the data is made up; every page says so
}

// Site returns what the host (with or without a port) says of itself: its own row, else the row for every other host,
// else a site that has only the default name.
func (s *Service) Site(host string) Site {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	sites := s.held.Load().sites
	if site, ok := sites[strings.ToLower(host)]; ok {
		return site
	}
	if site, ok := sites[""]; ok {
		return site
	}
	return Site{Name: DefaultName}
}

// MainCommune is the main town of the territory that host speaks for; the zero Commune when it has not said.
func (s *Service) MainCommune(host string) Commune {
	c, _ := s.Gazetteer().Commune(s.Site(host).MainCommune)
	return c
}

// DefaultName stands where a territory has not said its name yet.
const DefaultName = "votre territoire"

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// check reports which fields of s cannot be.
func (s Site) check() error {
	f := fault.New(fault.Invalid, "territory.site_invalid")
	if strings.TrimSpace(s.Name) == "" {
		f = f.With("name", "territory.site_name_missing")
	}
	if s.ActionColor != "" && !colour.MatchString(s.ActionColor) {
		f = f.With("action_color", "territory.site_colour_invalid")
	}
	if f.Fields == nil {
		return nil
	}
	return f
}

// SaveSite writes the whole row of s.Host. It reports fault.Invalid with the fields that cannot be.
func (s *Service) SaveSite(ctx context.Context, by audit.Actor, site Site) error {
	site.Host = strings.ToLower(site.Host)
	if err := site.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := raise(ctx, tx); err != nil { // touches the row first, too
			return err
		}
		if err := putSite(ctx, tx, site); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: by, Action: "territory.site", Object: audit.Object{Kind: "site", ID: site.Host},
			Detail: map[string]string{"nom": site.Name},
		})
	})
}

// StoredSite returns the row of host as the database has it now; fault.NotFound when there is none.
func (s *Service) StoredSite(ctx context.Context, host string) (Site, error) {
	return db.One(ctx, s.db, scanSite, `SELECT `+siteCols+` FROM territory_site WHERE host = $1`, strings.ToLower(host))
}

const siteCols = `host, name, phone, phone_hours, email, main_commune, action_color, publisher, director, hosting, dpo, example`

func scanSite(r db.Row) (Site, error) {
	var s Site
	return s, r.Scan(&s.Host, &s.Name, &s.Phone, &s.PhoneHours, &s.Email, &s.MainCommune, &s.ActionColor, &s.Publisher, &s.Director, &s.Hosting, &s.DPO, &s.Example)
}

func sitesByHost(ctx context.Context, q db.Querier) (map[string]Site, error) {
	sites, err := db.All(ctx, q, scanSite, `SELECT `+siteCols+` FROM territory_site`)
	out := make(map[string]Site, len(sites))
	for _, s := range sites {
		out[s.Host] = s
	}
	return out, err
}

func putSite(ctx context.Context, tx *db.Tx, s Site) error {
	row := []any{s.Host, s.Name, s.Phone, s.PhoneHours, s.Email, s.MainCommune, s.ActionColor, s.Publisher, s.Director, s.Hosting, s.DPO, s.Example}
	return db.InsertMany(ctx, tx, "territory_site ("+siteCols+")", len(row), [][]any{row}, `ON CONFLICT (host) DO UPDATE SET
		name = excluded.name, phone = excluded.phone, phone_hours = excluded.phone_hours, email = excluded.email,
		main_commune = excluded.main_commune, action_color = excluded.action_color, publisher = excluded.publisher,
		director = excluded.director, hosting = excluded.hosting, dpo = excluded.dpo, example = excluded.example`)
}
