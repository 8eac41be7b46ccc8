// Package web is how people ask to be told when something comes near their commune (/alertes), confirm it, see what is new
// and end it (/alertes/lien), with an account or without one.
package web

import (
	"embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/alert"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit       *ui.Kit
	Gate      *gate.Gate
	Alerts    *alert.Service
	Territory *territory.Service
	Now       func() time.Time // the clock of the limit on what is asked

	askers *httpx.Limiter
}

// Limits of one sender: a helper who asks for a whole workshop, no flood of other people's boxes.
const (
	askBurst = 15
	askEvery = 10 * time.Minute
)

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	h.askers = httpx.NewLimiter(askBurst, askEvery, h.Now)
	public := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, h.Kit.Handle(f))
	}
	public("GET /alertes", h.showForm)
	public("POST /alertes", h.ask)
	public("GET /alertes/merci", h.thank)
	public("GET "+alert.LinkPath+"{jeton}", h.show)
	public("POST "+alert.LinkPath+"{jeton}", h.change)
	mux.Handle("POST /compte/alertes", h.Kit.Handle(h.Gate.Anyone(identity.AccountSelf, h.endMine)))
}

// formPage is the view of a new alert.
type formPage struct {
	ui.Page
	Errors ui.ErrorSummary
	Where  ui.Field
	Which  ui.Choices // which of several communes; no option where one is known, or none
	Other  string     // where to write the commune again, when it is not among them
	Radius ui.Choices
	Email  ui.Field
	Ask    bool // the address of somebody who is not logged in
}

// typed is what somebody filled in.
type typed struct{ where, commune, radius, email string }

func (h *Handlers) showForm(w http.ResponseWriter, r *http.Request) error {
	in := typed{where: strings.TrimSpace(r.URL.Query().Get("ou")), radius: strconv.Itoa(alert.Radii()[0])}
	return h.render(w, r, in, nil, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Me prévenir"))
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, in typed, among []territory.Commune, f ui.Refused, p ui.Page) error {
	by, err := h.Gate.Actor(r)
	if err != nil {
		return err
	}
	v := formPage{Page: p, Errors: f.Summary, Other: "/alertes?" + url.Values{"ou": {in.where}}.Encode()}
	v.Where = ui.Field{Name: "ou", Label: "Quelle commune ?", Hint: "Son nom ou son code postal.", Value: in.where, Autocomplete: "address-level2", Error: f.Of("ou")}
	if len(among) > 0 {
		v.Which = ui.Choices{Name: "commune", Legend: "Laquelle ?", Error: f.Of("commune")}
		for _, c := range among {
			v.Which.Options = append(v.Which.Options, ui.Option{Value: c.Code, Label: c.Name + " (" + c.Department + ")", Checked: c.Code == in.commune})
		}
	}
	v.Radius = ui.Choices{Name: "radius", Legend: "Jusqu'à quelle distance ?", Inline: true, Error: f.Of("radius")}
	for _, km := range alert.Radii() {
		text := strconv.Itoa(km)
		v.Radius.Options = append(v.Radius.Options, ui.Option{Value: text, Label: text + " km", Checked: text == in.radius})
	}
	v.Ask = !alert.HasAccount(by)
	v.Email = ui.Field{
		Name: "email", Label: "Votre adresse e-mail", Type: "email", Value: in.email, Autocomplete: "email", Error: f.Of("email"),
		Hint: "Elle sert à cela seulement. Vous pouvez arrêter quand vous voulez.",
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, f.Status, "alert_form", v)
}

func (h *Handlers) ask(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "alert.invalid")
	}
	by, err := h.Gate.Actor(r)
	if err != nil {
		return err
	}
	if !h.askers.Allow(httpx.Client(r)) {
		return fault.New(fault.TooMany, "alert.slow_down")
	}
	form := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	in := typed{where: form("ou"), commune: form("commune"), radius: form("radius"), email: form("email")}
	var among []territory.Commune
	if in.commune == "" {
		var sure bool
		if among, sure = h.find(in.where); sure && len(among) == 1 {
			in.commune, among = among[0].Code, nil
		}
	} else {
		among, _ = h.find(in.where) // what she chose from, to show again with an error
	}
	p := h.Kit.Page(r, "Me prévenir")
	if in.commune == "" && len(among) > 0 {
		key := "alert.which"
		if len(among) == 1 {
			key = "alert.this_one"
		}
		which := fault.New(fault.Invalid, "alert.invalid").With("commune", key)
		refused, _ := p.Refuse(which)
		return h.render(w, r, in, among, refused, p)
	}
	km, _ := strconv.Atoi(in.radius) // 0 is refused
	err = h.Alerts.Ask(r.Context(), by, alert.Wish{Commune: in.commune, Radius: km, Email: in.email})
	if err == nil {
		http.Redirect(w, r, "/alertes/merci", http.StatusSeeOther)
		return nil
	}
	if f, ok := fault.As(err); ok && f.Fields["commune"].Key != "" && in.where != "" {
		f.With("commune", "alert.commune_not_found")
	}
	field := "ou"
	if len(among) > 0 {
		field = "commune"
	}
	refused, ok := p.Refuse(err, "commune", field)
	if !ok {
		return err
	}
	return h.render(w, r, in, among, refused, p)
}

// offered is how many communes one chooses from, at most.
const offered = 8

// find lists the communes that somebody may mean, the likeliest first. It is not sure of one that is written otherwise: an
// alert near the wrong commune would never be noticed.
func (h *Handlers) find(text string) (communes []territory.Commune, sure bool) {
	m := h.Territory.Gazetteer().Find(text, "")
	communes, sure = m.Communes, !m.Guessed
	if len(communes) == 0 {
		communes, sure = h.Territory.Gazetteer().Guess(text, ""), false
	}
	return communes[:min(len(communes), offered)], sure
}

// thanksPage is the view after an alert was asked for: the same whatever the address.
type thanksPage struct {
	ui.Page
	Account bool
	Own     string // where the alerts of the account are
}

func (h *Handlers) thank(w http.ResponseWriter, r *http.Request) error {
	by, err := h.Gate.Actor(r)
	if err != nil {
		return err
	}
	v := thanksPage{Page: h.Kit.Page(r, "C'est noté"), Account: alert.HasAccount(by), Own: "/compte"}
	w.Header().Set("Cache-Control", "no-store")
	return h.Kit.Render(w, r, http.StatusOK, "alert_thanks", v)
}

// alertPage is the view of an alert, for whoever has its link.
type alertPage struct {
	ui.Page
	Said      ui.Message
	Action    string
	Commune   string
	Radius    int
	Confirmed bool
	Ended     bool
	News      []newsLine
}

type newsLine struct{ Title, Href, At string }

func (h *Handlers) show(w http.ResponseWriter, r *http.Request) error {
	a, err := h.Alerts.Read(r.Context(), r.PathValue("jeton"))
	if err != nil {
		return err
	}
	v := alertPage{
		Page: h.Kit.Page(r, "Votre alerte"), Action: alert.LinkPath + r.PathValue("jeton"), Commune: a.Commune.Name, Radius: a.Radius, Confirmed: a.Confirmed,
	}
	if a.Confirmed {
		if r.URL.Query().Get("fait") == "oui" {
			v.Said = ui.Message{Kind: ui.Success, Text: "C'est noté. Nous vous écrirons quand il y aura du nouveau."}
		}
		items, err := h.Alerts.News(r.Context(), a)
		if err != nil {
			return err
		}
		for _, i := range items[:min(len(items), 20)] {
			v.News = append(v.News, newsLine{Title: i.Title, Href: i.Path, At: v.DateLong(i.At.In(v.Now().Location()))})
		}
	}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, http.StatusOK, "alert_alert", v)
}

func (h *Handlers) change(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("jeton")
	if r.PostFormValue("action") == "confirmer" {
		if err := h.Alerts.Confirm(r.Context(), token); err != nil {
			return err
		}
		http.Redirect(w, r, alert.LinkPath+token+"?fait=oui", http.StatusSeeOther)
		return nil
	}
	if err := h.Alerts.End(r.Context(), token); err != nil {
		return err
	}
	v := alertPage{Page: h.Kit.Page(r, "C'est fini"), Ended: true}
	v.KeepSecret(w)
	return h.Kit.Render(w, r, http.StatusOK, "alert_alert", v)
}

func (h *Handlers) endMine(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := h.Alerts.EndMine(r.Context(), by, alert.ID(r.PostFormValue("id"))); err != nil {
		return err
	}
	http.Redirect(w, r, "/compte?fait=alerte", http.StatusSeeOther)
	return nil
}
