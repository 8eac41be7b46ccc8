package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
	"viaduc/internal/ui/plainwords"
)

// textsPage is the view of /pro/admin/textes: what the territory says of itself.
type textsPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	Host   string
	Brand  []ui.Field
	Legal  []ui.Field
	Advice []string // words that residents read with difficulty
}

// siteField is a text of the site that the page asks for.
type siteField struct {
	name, label, hint, kind string
	rows                    int
	legal                   bool
	of                      func(s *territory.Site) *string
}

var siteFields = []siteField{
	{name: "name", label: "Nom du territoire", of: func(s *territory.Site) *string { return &s.Name }},
	{name: "phone", label: "Téléphone d'aide", hint: "Montré sur chaque page.", kind: "tel", of: func(s *territory.Site) *string { return &s.Phone }},
	{name: "phone_hours", label: "Quand on répond", hint: "Exemple : du lundi au vendredi, de 9 h à 17 h.", of: func(s *territory.Site) *string { return &s.PhoneHours }},
	{name: "email", label: "E-mail du territoire", kind: "email", of: func(s *territory.Site) *string { return &s.Email }},
	{name: "main_commune", label: "Ville de départ", hint: "Son code INSEE, comme 17299 : l'accueil montre d'abord ce qui est ouvert autour.", of: func(s *territory.Site) *string { return &s.MainCommune }},
	{name: "action_color", label: "Couleur des boutons", hint: "Comme #0b4f8a. Elle doit se lire facilement sur le blanc.", of: func(s *territory.Site) *string { return &s.ActionColor }},
	{name: "publisher", label: "Qui publie ce site", hint: "Nom et adresse.", rows: 3, legal: true, of: func(s *territory.Site) *string { return &s.Publisher }},
	{name: "director", label: "Directeur ou directrice de la publication", legal: true, of: func(s *territory.Site) *string { return &s.Director }},
	{name: "hosting", label: "Hébergeur", hint: "Nom et adresse.", rows: 3, legal: true, of: func(s *territory.Site) *string { return &s.Hosting }},
	{name: "dpo", label: "Joindre le délégué à la protection des données", rows: 3, legal: true, of: func(s *territory.Site) *string { return &s.DPO }},
}

func (h *Handlers) showTexts(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	site, err := h.ownSite(r)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les textes du site")
	v := textsPage{Page: p}
	if r.URL.Query().Get("fait") == "textes" {
		v.Said = ui.Message{Kind: ui.Success, Text: "Les textes sont enregistrés. Le site les montre dans deux secondes."}
	}
	return h.renderTexts(w, r, v, site, ui.Refused{Status: http.StatusOK})
}

// ownSite is the row that answers for the host of the request, else the one for every other.
func (h *Handlers) ownSite(r *http.Request) (territory.Site, error) {
	host := h.Territory.Site(r.Host).Host
	site, err := h.Territory.StoredSite(r.Context(), host)
	if fault.Is(err, fault.NotFound) {
		return territory.Site{Host: host}, nil
	}
	return site, err
}

func (h *Handlers) renderTexts(w http.ResponseWriter, r *http.Request, v textsPage, site territory.Site, f ui.Refused) error {
	v.Back, v.Errors, v.Host = v.Page.Back("/pro/admin"), f.Summary, site.Host
	for _, s := range siteFields {
		value := *s.of(&site)
		field := ui.Field{Name: s.name, Label: s.label, Hint: s.hint, Type: s.kind, Rows: s.rows, Value: value, Autocomplete: "off", Error: f.Of(s.name)}
		if s.name != "name" {
			field.Optional = v.Optional()
		}
		if s.legal {
			v.Legal = append(v.Legal, field)
		} else {
			v.Brand = append(v.Brand, field)
		}
		for _, problem := range plainwords.Check(value, i18n.French) {
			v.Advice = append(v.Advice, s.label+" : « "+problem.Found+" ». Plutôt : "+problem.Advice+".")
		}
	}
	return h.Kit.Render(w, r, f.Status, "territory_texts", v)
}

func (h *Handlers) saveTexts(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "territory.site_invalid")
	}
	site, err := h.ownSite(r)
	if err != nil {
		return err
	}
	for _, s := range siteFields {
		*s.of(&site) = strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(s.name), "\r\n", "\n"))
	}
	v := textsPage{Page: h.Kit.Page(r, "Les textes du site")}
	err = v.checkBrand(h, site)
	if err == nil {
		err = h.Territory.SaveSite(r.Context(), by.Audit(), site)
	}
	if err == nil {
		http.Redirect(w, r, "/pro/admin/textes?fait=textes", http.StatusSeeOther)
		return nil
	}
	refused, ok := v.Refuse(err)
	if !ok {
		return err
	}
	return h.renderTexts(w, r, v, site, refused)
}

// checkBrand refuses a colour that cannot be read, with the nearest that can, and a town that is not known.
func (v *textsPage) checkBrand(h *Handlers, site territory.Site) error {
	f := fault.New(fault.Invalid, "territory.site_invalid")
	if site.ActionColor != "" {
		proposal, ok, err := ui.ActionColour(site.ActionColor)
		switch {
		case err != nil:
			f.With("action_color", "territory.site_colour_invalid")
		case !ok:
			f.With("action_color", "territory.site_colour_pale", "Proposal", proposal)
		}
	}
	if _, known := h.Territory.Gazetteer().Commune(site.MainCommune); site.MainCommune != "" && !known {
		f.With("main_commune", "territory.site_commune_unknown")
	}
	if f.Fields != nil {
		return f
	}
	return nil
}

// newsPage is the view of /pro/admin/actualites, and of the form of one news.
type newsPage struct {
	ui.Page
	Back   ui.Back
	Said   ui.Message
	Errors ui.ErrorSummary
	List   ui.Table
	Form   bool
	Number string // "" for a new one
	Fields []ui.Field
	Hidden []ui.Hidden
	Advice []string
}

func (h *Handlers) listNewsAdmin(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	list, err := h.Territory.AllNews(r.Context(), 200)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les actualités")
	v := newsPage{Page: p, Back: p.Back("/pro/admin")}
	if r.URL.Query().Get("fait") == "actualite" {
		v.Said = ui.Message{Kind: ui.Success, Text: "L'actualité est enregistrée."}
	}
	today := p.Now().Format(time.DateOnly)
	v.List = ui.Table{Caption: "Les actualités", Columns: []string{"Titre", "Du", "Au", "En ce moment"}, Empty: "Aucune actualité. La première fera vivre l'accueil."}
	for _, n := range list {
		state := ui.Tag{Text: "Cachée"}
		if n.Shown(today) {
			state = ui.Tag{Text: "Montrée", Kind: ui.Success}
		}
		v.List.Rows = append(v.List.Rows, []ui.Cell{
			{Text: n.Title, Href: "/pro/admin/actualites/" + strconv.FormatInt(n.Number, 10)}, {Text: dayOf(p, n.StartsOn)}, {Text: dayOf(p, n.EndsOn)}, {Tag: state},
		})
	}
	return h.Kit.Render(w, r, http.StatusOK, "territory_news_admin", v)
}

// dayOf says a civil date, "" for none.
func dayOf(p ui.Page, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return p.DateLong(t)
}

func (h *Handlers) editNews(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	p := h.Kit.Page(r, "Écrire une actualité")
	n := territory.News{StartsOn: p.Now().Format(time.DateOnly)}
	if raw := r.PathValue("numero"); raw != "ecrire" {
		number, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return fault.New(fault.NotFound, "territory.news_unknown")
		}
		if n, err = h.Territory.NewsOf(r.Context(), number); err != nil {
			return err
		}
	}
	return h.renderNews(w, r, p, n, ui.Refused{Status: http.StatusOK})
}

func (h *Handlers) renderNews(w http.ResponseWriter, r *http.Request, p ui.Page, n territory.News, f ui.Refused) error {
	v := newsPage{Page: p, Back: p.Back("/pro/admin/actualites"), Errors: f.Summary, Form: true, Number: r.PathValue("numero")}
	v.Fields = []ui.Field{
		{Name: "title", Label: "Titre", Value: n.Title, Error: f.Of("title")},
		{Name: "body", Label: "Texte", Hint: "Des phrases courtes. Une idée par ligne.", Rows: 8, Value: n.Body, Error: f.Of("body")},
		{Name: "starts_on", Label: "Premier jour", Type: "date", Value: n.StartsOn, Short: true, Error: f.Of("starts_on")},
		{Name: "ends_on", Label: "Dernier jour", Type: "date", Value: n.EndsOn, Short: true, Optional: p.Optional(), Error: f.Of("ends_on")},
	}
	v.Hidden = []ui.Hidden{{Name: "id", Value: n.ID}, {Name: "version", Value: strconv.FormatInt(n.Version, 10)}}
	for _, problem := range plainwords.Check(n.Title+".\n"+n.Body, i18n.French) {
		v.Advice = append(v.Advice, "« "+problem.Found+" ». Plutôt : "+problem.Advice+".")
	}
	return h.Kit.Render(w, r, f.Status, "territory_news_admin", v)
}

func (h *Handlers) saveNews(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "territory.news_invalid")
	}
	version, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil || version < 0 {
		return fault.New(fault.Invalid, "territory.news_invalid")
	}
	n := territory.News{
		ID: r.PostForm.Get("id"), Title: r.PostForm.Get("title"), Body: strings.ReplaceAll(r.PostForm.Get("body"), "\r\n", "\n"),
		StartsOn: r.PostForm.Get("starts_on"), EndsOn: r.PostForm.Get("ends_on"), Version: version,
	}
	if _, err = h.Territory.SaveNews(r.Context(), by.Audit(), n); err == nil {
		http.Redirect(w, r, "/pro/admin/actualites?fait=actualite", http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Écrire une actualité")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.renderNews(w, r, p, n, refused)
}

// newsRow is a news as residents read it.
type newsRow struct {
	Title, Day string
	Href       string
	Lines      []string
}

// publicNews is the view of /actualites, and of one of them.
type publicNews struct {
	ui.Page
	Heading string
	Back    ui.Back
	News    []newsRow
	Whole   bool // one news, its text below its title
}

func rowOf(p ui.Page, n territory.News) newsRow {
	row := newsRow{Title: n.Title, Day: dayOf(p, n.StartsOn), Href: "/actualites/" + strconv.FormatInt(n.Number, 10) + "-" + ui.Slug(n.Title)}
	for _, l := range strings.Split(n.Body, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			row.Lines = append(row.Lines, l)
		}
	}
	return row
}

// newsShown is how many news the public list has.
const newsShown = 30

func (h *Handlers) showNewsList(w http.ResponseWriter, r *http.Request) error {
	v := publicNews{Page: h.Kit.Page(r, "Actualités"), Heading: "Actualités"}
	list, err := h.Territory.ShownNews(r.Context(), v.Now().Format(time.DateOnly), newsShown)
	if err != nil {
		return err
	}
	for _, n := range list {
		v.News = append(v.News, rowOf(v.Page, n))
	}
	return h.Kit.Render(w, r, http.StatusOK, "territory_news", v)
}

func (h *Handlers) showNews(w http.ResponseWriter, r *http.Request) error {
	digits, _, _ := strings.Cut(r.PathValue("slug"), "-")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "territory.news_unknown")
	}
	n, err := h.Territory.NewsOf(r.Context(), number)
	if err != nil {
		return err
	}
	v := publicNews{Page: h.Kit.Page(r, n.Title), Heading: n.Title, Whole: true}
	if !n.Shown(v.Now().Format(time.DateOnly)) {
		return fault.New(fault.NotFound, "territory.news_unknown")
	}
	row := rowOf(v.Page, n)
	if r.URL.Path != row.Href {
		http.Redirect(w, r, row.Href, http.StatusMovedPermanently)
		return nil
	}
	v.Back, v.News = v.Page.Back("/actualites"), []newsRow{row}
	return h.Kit.Render(w, r, http.StatusOK, "territory_news", v)
}
