// Package e2e_test lives through Viaduc as people do, in headless Chromium: every page is judged (accessibility, weight,
// plain words, paper, without scripts), and the acceptance scenarios are walked by keyboard at 320 pixels.
package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	audittrail "viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/picture"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// page is an address to judge, and by which budget.
type page struct {
	name, path string
	profile    audit.Profile
}

// pages lists every page of the site; TestEveryPageIsAudited holds it against the routes.
func pages() []page {
	list := []page{
		{"accueil", "/", audit.Resident},
		{"lieux", "/lieux", audit.Resident},
		{"lieux-rochefort", "/lieux?ou=Rochefort", audit.Resident},
		{"lieux-devine", "/lieux?ou=Rochfort&besoin=demarches", audit.Resident},
		{"lieux-filtres", "/lieux?ou=Rochefort&quand=maintenant&aide=mediateur&avec=gratuit", audit.Resident},
		{"lieux-elargi", "/lieux?ou=Rochefort&quand=samedi&avec=fauteuil&avec=anglais&avec=itinerant&aide=wifi", audit.Resident},
		{"lieux-mots", "/lieux?ou=mediatheque", audit.Resident},
		{"lieux-aucun", "/lieux?ou=xyzzyx", audit.Resident},
		{"lieux-autour", "/lieux?lat=45.937&lon=-0.960", audit.Resident},
		{"lieux-adresse-inconnue", "/lieux?ou=12+rue+inconnue,+Rochefort", audit.Resident},
		{"lieux-page-2", "/lieux?ou=Rochefort&page=2", audit.Resident},
		{"carte", "/lieux/carte", audit.Map},
		{"carte-rochefort", "/lieux/carte?ou=Rochefort&avec=gratuit", audit.Map},
		{"carte-aucun", "/lieux/carte?ou=xyzzyx&besoin=enfants&avec=anglais", audit.Map},
		{"carte-en", "/en/lieux/carte?ou=Rochefort", audit.Map},
		{"carte-ar", "/ar/lieux/carte?ou=Rochefort", audit.Map},
		{"tiers-lieux", "/tiers-lieux", audit.Resident},
		{"tiers-lieux-filtres", "/tiers-lieux?ou=Rochefort&espace=fablab", audit.Resident},
		{"tiers-lieux-ar", "/ar/tiers-lieux", audit.Resident},
		{"departement", "/departements/17-charente-maritime", audit.Resident},
		{"departement-filtres", "/departements/17-charente-maritime?besoin=demarches&avec=gratuit", audit.Resident},
		{"departement-parties", "/departements/17-charente-maritime/choisir", audit.Resident},
		{"epci", "/epci/200041762-ca-rochefort-ocean", audit.Resident},
		{"epci-parties", "/epci/200041762-ca-rochefort-ocean/choisir", audit.Resident},
		{"commune", "/communes/17299-rochefort", audit.Resident},
		{"commune-inconnue", "/communes/99999-nulle-part", audit.Error},
		{"donnees-departement", "/donnees?departement=17", audit.Resident},
		{"integrer", "/lieux/integrer?ou=Rochefort&besoin=demarches", audit.Resident},
		{"integrer-inconnu", "/lieux/integrer?ou=xyzzyx", audit.Resident},
		{"imprimer-departement", "/imprimer/departements/17", audit.Resident},
		{"imprimer-epci", "/imprimer/epci/200041762", audit.Resident},
		{"imprimer-commune", "/imprimer/communes/17299", audit.Resident},
		{"imprimer-affiche-semaine", "/imprimer/agenda/communes/17299?semaine=2026-W19", audit.Resident},
		{"imprimer-agenda", "/imprimer/agenda?ou=Rochefort&genre=workshop", audit.Resident},
		{"imprimer-agenda-inconnu", "/imprimer/agenda?ou=xyzzyx", audit.Resident},
		{"imprimer-orientation", "/imprimer/orientation?lieu=1&lieu=5&lieu=9", audit.Resident},
		{"imprimer-orientation-vide", "/imprimer/orientation", audit.Resident},
		{"accessibilite", "/accessibilite", audit.Resident},
		{"mentions-legales", "/mentions-legales", audit.Resident},
		{"donnees-personnelles", "/donnees-personnelles", audit.Resident},
		{"ecoconception", "/ecoconception", audit.Resident},
		{"plan-du-site", "/plan-du-site", audit.Resident},
		{"contact", "/contact", audit.Resident},
		{"donnees", "/donnees", audit.Resident},
		{"affichage", "/affichage", audit.Resident},
		{"langues", "/langues", audit.Resident},
		{"acteurs", "/acteurs", audit.Resident},
		{"actualites", "/actualites", audit.Resident},
		{"journal", "/journal", audit.Resident},
		{"connexion", "/connexion", audit.Staff}, // one script more, for passkeys
		{"connexion-habitant", "/connexion/habitant", audit.Resident},
		{"connexion-code", "/connexion/habitant/code", audit.Resident},
		{"connexion-oubli", "/connexion/mot-de-passe", audit.Resident},
		{"connexion-lien", "/connexion/lien/jeton", audit.Resident},
		{"connexion-carte", "/connexion/carte/jeton", audit.Resident},
		{"deconnexion", "/deconnexion", audit.Resident},
		{"connexion-etape", "/connexion/etape", audit.Error}, // without the steps before
		{"oubli-perdu", "/connexion/mot-de-passe/jeton", audit.Error},
		{"moyens-perdus", "/connexion/nouveaux-moyens/jeton", audit.Error},
		{"invitation-perdue", "/invitation/jeton", audit.Error},
		{"proconnect-absent", "/connexion/proconnect", audit.Error},
		{"proconnect-retour", "/connexion/proconnect/retour", audit.Error},
		{"proconnect-fin", "/connexion/proconnect/fin", audit.Error},
		{"franceconnect-absent", "/connexion/franceconnect", audit.Error},
		{"franceconnect-retour", "/connexion/franceconnect/retour", audit.Error},
		{"franceconnect-fin", "/connexion/franceconnect/fin", audit.Error},
		{"identite-perdue", "/connexion/identite", audit.Error},
		{"confirmer-perdu", "/lieux/confirmer/lien/jeton", audit.Error},
		{"agenda", "/agenda", audit.Resident},
		{"agenda-rochefort", "/agenda?ou=Rochefort&genre=workshop&theme=apprendre&niveau=beginner&libre=oui", audit.Resident},
		{"agenda-page-2", "/agenda?page=2", audit.Resident},
		{"agenda-aucun", "/agenda?ou=xyzzyx&genre=repair&avec=personne", audit.Resident},
		{"agenda-date", "/agenda/1", audit.Resident},
		{"agenda-date-inconnue", "/agenda/99999", audit.Error},
		{"rendez-vous", "/rendez-vous?ou=Rochefort", audit.Resident},
		{"rendez-vous-aucun", "/rendez-vous?ou=Montguyon", audit.Resident},
		{"inscription-perdue", "/rendez-vous/99999", audit.Error},
		{"demander", "/agenda/demander", audit.Resident},
		{"demande-perdue", "/agenda/demande/jeton", audit.Error},
		{"accueil-perdu", "/agenda/accueil/jeton", audit.Error},
		{"suivi", "/suivi", audit.Resident},
		{"suivi-perdu", "/suivi/lien/jeton", audit.Error},
		{"annuler-perdu", "/suivi/lien/jeton/annuler", audit.Error},
		{"deplacer-perdu", "/suivi/lien/jeton/deplacer", audit.Error},
		{"alertes", "/alertes", audit.Resident},
		{"alertes-merci", "/alertes/merci", audit.Resident},
		{"alerte-perdue", "/alertes/lien/jeton", audit.Error},
		{"arret-perdu", "/avis/arret/jeton", audit.Error},
		{"composants", "/pro/admin/composants", audit.Staff},
		{"404", "/nulle-part", audit.Error},
		{"422", "/lieux?ou=" + strings.Repeat("a", 9000), audit.Error},
	}
	for _, l := range []i18n.Lang{i18n.Simple, i18n.English, i18n.Arabic} {
		for _, path := range []string{"/", "/lieux?ou=Rochefort", "/langues", "/departements/17-charente-maritime", "/epci/200041762-ca-rochefort-ocean/choisir"} {
			list = append(list, page{string(l) + "-" + strings.Trim(strings.NewReplacer("/", "", "?ou=", "-").Replace(path), "-"), ui.Path(l, path), audit.Resident})
		}
	}
	return list
}

func TestEveryPagePassesTheAudit(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	b := browser.Start(t)
	list := append(pages(), datedPages(t, n)...)
	for _, e := range n.Places.Index().Entries() { // the fullest place, and one of which little is known
		if e.Description != "" && e.BookingURL != "" {
			for _, l := range i18n.Langs() {
				list = append(list, page{string(l) + "-lieu", ui.Path(l, pathOf(n, int64(e.Number))), audit.Resident})
			}
			break
		}
	}
	for _, e := range n.Places.Index().Entries() {
		if e.Place.Hours == "" {
			list = append(list, page{"lieu-sans-horaires", pathOf(n, int64(e.Number)), audit.Resident})
			break
		}
	}
	photographed(t, n)
	list = append(list, page{"affiche", pathOf(n, 1) + "/affiche", audit.Resident}, page{"photos", pathOf(n, 1) + "/photos", audit.Resident}, page{"ar-photos", "/ar" + pathOf(n, 1) + "/photos?page=2", audit.Resident})
	list = append(list, reportPages(t, n)...)
	list = append(list, publishedPages(t, n)...)
	list = append(list, declarePages(t, n)...)
	var reports, french []audit.Report
	for _, p := range list {
		t.Run(p.name, func(t *testing.T) {
			r := audit.Page(t, b, n.URL+p.path, p.profile)
			r.Check(t)
			reports = append(reports, r)
			if !strings.HasPrefix(p.path, "/ar") && !strings.HasPrefix(p.path, "/en") && !strings.HasPrefix(p.path, "/simple") && !strings.HasPrefix(p.path, "/pro") {
				french = append(french, r)
			}
		})
	}
	audit.SameMenu(t, french)
	if out := os.Getenv("AUDIT_OUT"); out != "" {
		if err := os.WriteFile(out, []byte(audit.Markdown(reports)), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// datedPages are a date of each state and of each mode of the season, where one books each, and bookings as they stand.
func datedPages(t *testing.T, n *apptest.Node) []page {
	t.Helper()
	var out []page
	seen := map[string]bool{}
	for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now()}) {
		name := string(f.State) + "-" + string(f.Series.Mode)
		if !seen[name] {
			seen[name] = true
			out = append(out, page{"agenda-" + name, fmt.Sprintf("/agenda/%d", f.Number), audit.Resident})
			if f.Bookable(n.Clock.Now()) {
				out = append(out, page{"inscription-" + name, fmt.Sprintf("/rendez-vous/%d", f.Number), audit.Resident})
			}
		}
	}
	for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now()}) {
		if f.State == agenda.Planned {
			out = append(out, page{"accueil", n.Agenda.HostLink(f.ID), audit.Resident})
			break
		}
	}
	request, err := n.Agenda.AskFor(t.Context(), agenda.NewRequest{
		Commune: "17484", EveryWeeks: 1, From: "2026-06-01", Rooms: "Salle des fêtes (exemple)", ContactName: "Secrétariat (exemple)", Email: "mairie@viaduc.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, page{"demande", agenda.RequestPath + request.Token, audit.Resident}, page{"demande-faite", agenda.RequestPath + request.Token + "?fait=demande", audit.Resident})
	return append(out, bookingPages(t, n)...)
}

// bookingPages are a booking and a place in a waiting list, as their owners see them.
func bookingPages(t *testing.T, n *apptest.Node) []page {
	t.Helper()
	var out []page
	for _, f := range n.Agenda.Index().Search(agenda.Query{From: n.Clock.Now().Add(72 * time.Hour), Mode: agenda.Workshop, Live: true}) {
		if f.Waiting == 0 && f.FreeAt(n.Clock.Now()) != 5 && f.Taken == 0 || f.Series.Cycle || f.State == agenda.Planned {
			continue
		}
		c, err := n.Agenda.Book(t.Context(), identity.Nobody(), agenda.NewBooking{
			Occurrence: f.ID, Wait: true, Who: person.New{Name: "Personne Exemple", Phone: fmt.Sprintf("05 36 49 02 %02d", len(out))},
		})
		if err != nil {
			t.Fatal(err)
		}
		base := agenda.FollowPath + n.Agenda.Token(c.ID)
		name := "rendez-vous-" + string(c.State)
		out = append(out, page{name, base, audit.Resident}, page{name + "-fait", base + "?fait=inscription", audit.Resident}, page{name + "-annuler", base + "/annuler", audit.Resident})
		if c.State == agenda.Booked {
			out = append(out, page{name + "-deplacer", base + "/deplacer", audit.Resident})
		} else {
			out = append(out, page{"inscription-complete", fmt.Sprintf("/rendez-vous/%d", f.Number), audit.Resident})
		}
		if len(out) > 6 {
			break
		}
	}
	if len(out) < 7 {
		t.Fatalf("%d pages of bookings", len(out))
	}
	n.Reload()
	return out
}

// photographed gives the first place two photos, as heavy as photos may be.
func photographed(t *testing.T, n *apptest.Node) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for i := range m.Pix {
		m.Pix[i] = uint8(random.Uint32() | 0x3f)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, alt := range []string{"Une grande table, six ordinateurs.", "L'entrée du lieu, de plain-pied."} {
		if err := n.Places.AddPhoto(t.Context(), identity.AtCLI(), 1, p, alt); err != nil {
			t.Fatal(err)
		}
	}
	n.Reload()
}

// reportPages are the pages by which an error is reported, and those that show a place which must be verified.
func reportPages(t *testing.T, n *apptest.Node) []page {
	t.Helper()
	gone, reference := lookedFor(t, n), reported(t, n)
	path := pathOf(n, 1) + "/signaler"
	list := []page{
		{"signaler-vide", path + "?etape=2", audit.Error},
		{"lieu-a-verifier", pathOf(n, gone), audit.Resident},
		{"lieux-a-verifier", "/lieux?ou=Rochefort&aide=wifi", audit.Resident},
		{"lieux-silences", "/lieux?ou=Rochefort&quand=matin&avec=gratuit&avec=fauteuil", audit.Resident},
	}
	for _, l := range i18n.Langs() {
		list = append(list,
			page{string(l) + "-signaler", ui.Path(l, path), audit.Resident},
			page{string(l) + "-signaler-details", ui.Path(l, path+"?etape=2&quoi=horaires&quoi=adresse"), audit.Resident},
			page{string(l) + "-signaler-merci", ui.Path(l, path+"/merci?numero="+reference), audit.Resident})
	}
	return list
}

// The real census has longer names, odd hours and places without coordinates.
func TestRealDataPassesTheAudit(t *testing.T) {
	n := apptest.New(t)
	n.ImportCommunes()
	n.ImportContours("geo/communes-contours-2018-17-charente-maritime.geojson")
	n.ImportContours("geo/communes-contours-2018-40-landes.geojson")
	n.ImportPlaces("lieux/lieux-17.csv")
	n.ImportPlaces("lieux/lieux-40.csv")
	n.ImportPlaces("lieux/lieux-france.csv")
	b := browser.Start(t)
	for _, p := range []page{
		{"departement-17", "/departements/17-charente-maritime", audit.Resident},
		{"departement-40", "/departements/40-landes", audit.Resident},
		{"epci-la-rochelle", "/epci/241700434-ca-de-la-rochelle", audit.Resident},
		{"communes-de-l-epci", "/epci/241700434-ca-de-la-rochelle/choisir", audit.Resident},
		{"imprimer-17", "/imprimer/departements/17", audit.Resident},
		{"imprimer-la-rochelle", "/imprimer/epci/241700434", audit.Resident},
		{"donnees-17", "/donnees?departement=17", audit.Resident},
		{"lieux-97400", "/lieux?ou=97400", audit.Resident},
		{"lieux-mont-de-marsan", "/lieux?ou=Mont-de-Marsan", audit.Resident},
		{"lieux-rochefort", "/lieux?ou=Rochefort", audit.Resident},
		{"lieu", pathOf(n, 1), audit.Resident},
	} {
		t.Run(p.name, func(t *testing.T) { audit.Page(t, b, n.URL+p.path, p.profile).Check(t) })
	}
}

func TestEveryPageIsAudited(t *testing.T) {
	n := apptest.Demo(t)
	routes := http.NewServeMux()
	for _, r := range n.Routes {
		routes.Handle(r.Pattern, http.NotFoundHandler())
	}
	audited := map[string]bool{"GET /lieux/{slug}": true, "GET /lieux/{slug}/signaler": true, "GET /lieux/{slug}/signaler/merci": true, "GET /lieux/{slug}/affiche": true, "GET /lieux/{slug}/photos": true}
	for _, p := range slices.Concat(pages(), publishedPages(t, n), declarePages(t, n), plain(personalPages())) {
		_, pattern := routes.Handler(httptest.NewRequest(http.MethodGet, n.Fill(p.path), http.NoBody))
		audited[pattern] = true
	}
	noPages := []string{"GET /photos/", "/catalogue", ".atom", "/integre/", "/fonds/", "/assets/", "/donnees/", "/healthz", "/readyz", "/api/", ".vcf", ".ics", ".pdf", "/registre", "/agenda/equipe/", ".js", ".webmanifest", "/journee/copie"}
	for _, r := range n.Routes {
		isPage := strings.HasPrefix(r.Pattern, "GET ")
		for _, no := range noPages {
			isPage = isPage && !strings.Contains(r.Pattern, no)
		}
		if isPage && !audited[r.Pattern] {
			t.Errorf("%s joins no audit: add it to pages() or personalPages()", r.Pattern)
		}
	}
}

// publishedPages are a piece of news, and an organisation as residents see it.
func publishedPages(t *testing.T, n *apptest.Node) []page {
	t.Helper()
	news, err := n.Territory.SaveNews(t.Context(), audittrail.System, territory.News{
		Title: "Exemple : un atelier le mardi à Rochefort", Body: "Venez avec votre téléphone.\nC'est gratuit.", StartsOn: "2026-01-05",
	})
	if err != nil {
		t.Fatal(err)
	}
	address := func(path string) string { // with the words that redirects put there
		res, _ := n.Get(path)
		if res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusFound || res.StatusCode == http.StatusSeeOther || res.StatusCode == http.StatusPermanentRedirect {
			return res.Header.Get("Location")
		}
		return res.Request.URL.Path
	}
	return []page{
		{"acteur", address(n.Fill("/acteurs/{organisation}-x")), audit.Resident},
		{"actualite", address(fmt.Sprintf("/actualites/%d-x", news.Number)), audit.Resident},
	}
}

// plain is the pages without who sees them.
func plain(list []personalPage) []page {
	out := make([]page, len(list))
	for i, p := range list {
		out[i] = p.page
	}
	return out
}

// pathOf is the address of a place by its number.
func pathOf(n *apptest.Node, number int64) string {
	return n.PlacePath(number)
}

// shots is where screenshots go when somebody wants to look at them.
func shots(t *testing.T, name string) string {
	dir := os.Getenv("E2E_SHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	return filepath.Join(dir, name+".png")
}
