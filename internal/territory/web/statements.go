package web

import (
	"net/http"

	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// statement is a page of prose that the law or courtesy asks for.
type statement struct {
	path, template, title string
}

// statements are in the order of the footer.
var statements = []statement{
	{"/accessibilite", "statement_accessibility", "Accessibilité"},
	{"/mentions-legales", "statement_legal", "Mentions légales"},
	{"/donnees-personnelles", "statement_privacy", "Données personnelles"},
	{"/ecoconception", "statement_ecodesign", "Écoconception"},
	{"/plan-du-site", "statement_sitemap", "Plan du site"},
	{"/contact", "statement_contact", "Contact"},
}

// statementPage is the view of every statement.
type statementPage struct {
	ui.Page
	Heading string
	Said    territory.Site // what the territory says of itself
	Asks    bool           // addresses are looked up by a service outside
	Mail    string         // mailto: address, "" when the territory has none
	Links   []ui.Link      // of the site map
}

func (h *Handlers) showStatement(s statement) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := statementPage{Page: h.Kit.Page(r, s.title), Heading: s.title, Said: h.Territory.Site(r.Host), Asks: h.Territory.AsksOutside()}
		if v.Said.Email != "" {
			v.Mail = "mailto:" + v.Said.Email
		}
		if s.path == "/plan-du-site" {
			v.Links = siteMap(v.Page)
		}
		return h.Kit.Render(w, r, http.StatusOK, s.template, v)
	}
}

// siteMap lists every page that a resident can open from here.
func siteMap(p ui.Page) []ui.Link {
	links := []ui.Link{{Text: "Accueil", Href: "/"}, {Text: "Les lieux qui vous aident", Href: "/lieux"}, {Text: "L'agenda", Href: "/agenda"}, {Text: "Prendre rendez-vous", Href: "/rendez-vous"},
		{Text: "Retrouver mon rendez-vous", Href: "/suivi"}, {Text: "Mairies : demander un médiateur", Href: "/agenda/demander"}, {Text: "Les acteurs", Href: "/acteurs"}, {Text: "Les actualités", Href: "/actualites"},
		{Text: "Me prévenir quand quelque chose arrive près de chez moi", Href: "/alertes"}, {Text: "Ajouter un lieu", Href: "/lieux/declarer"}, {Text: "Se connecter", Href: "/connexion"},
		{Text: "Télécharger la liste des lieux", Href: "/donnees"}, {Text: "Le journal et ses preuves", Href: "/journal"}, {Text: "Régler l'affichage", Href: "/affichage"}, {Text: "Langues", Href: "/langues"}}
	for _, s := range statements {
		if s.path != p.Current {
			links = append(links, ui.Link{Text: s.title, Href: s.path})
		}
	}
	return append(links, ui.Link{Text: "Données publiques pour les programmes (JSON)", Href: "/api/v1/openapi.json"})
}
