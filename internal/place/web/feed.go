package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/httpx"
)

// feedPath is the feed of what happens to places.
const feedPath = "/lieux/changements.atom"

// feedEntries is how many entries a page of the feed has.
const feedEntries = 50

// The feed is Atom (RFC 4287), paged by next (RFC 5005).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// sendFeed says what happened to the places, the latest first.
func (h *Handlers) sendFeed(w http.ResponseWriter, r *http.Request) error {
	a, err := h.areaAsked(r)
	if err != nil {
		return err
	}
	after := cursorOf(r.URL.Query().Get("avant"))
	tag := fmt.Sprintf(`W/"%d-%s-%s-%d-%s"`, h.Places.Version(), a.Kind, a.Code, after.At, after.ID)
	head := w.Header()
	head.Set("ETag", tag)
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("Cache-Control", "public, no-cache")
	if httpx.Has(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	news, err := h.Places.Feed(r.Context(), a, after, feedEntries)
	if err != nil {
		return err
	}
	base := h.base(r)
	host := base[strings.Index(base, "://")+3:]
	host, _, _ = strings.Cut(host, ":")
	q := url.Values{}
	if a.Known() {
		q.Set(string(a.Kind), a.Code)
	}
	address := func(avant string) string {
		v := url.Values{}
		for k := range q {
			v.Set(k, q.Get(k))
		}
		if avant != "" {
			v.Set("avant", avant)
		}
		u := url.URL{Path: feedPath, RawQuery: v.Encode()}
		return base + u.String()
	}
	site := h.Territory.Site(r.Host)
	f := atomFeed{
		Lang: "fr", ID: "tag:" + host + ",2026:lieux" + q.Encode(), Title: plainXML("Lieux d'aide numérique, ce qui change : " + siteOrArea(site.Name, areaName(a))),
		Updated: stamp(time.Time{}), Author: atomAuthor{plainXML(site.Name)},
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: address(r.URL.Query().Get("avant"))}, {Rel: "alternate", Type: "text/html", Href: base + landing(a)}},
	}
	for i, n := range news {
		if i == 0 {
			f.Updated = stamp(n.At)
		}
		f.Entries = append(f.Entries, atomEntry{
			ID: "tag:" + host + ",2026:lieu/" + n.ID, Title: plainXML(calm(n.Entry.Name) + ", " + calm(n.Entry.Commune)), Updated: stamp(n.At),
			Link: atomLink{Rel: "alternate", Type: "text/html", Href: base + Path(n.Entry)}, Summary: plainXML(whatHappened(n)),
		})
	}
	if len(news) == feedEntries {
		f.Links = append(f.Links, atomLink{Rel: "next", Type: "application/atom+xml", Href: address(cursorText(news[len(news)-1].Cursor()))})
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(f); err != nil {
		return err
	}
	head.Set("Content-Type", "application/atom+xml; charset=utf-8")
	head.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = b.WriteTo(w) // the reader left: nothing to do
	}
	return nil
}

// cursorText is where a page ended, for an address.
func cursorText(c place.NewsCursor) string { return strconv.FormatInt(c.At, 10) + "." + c.ID }

// cursorOf reads cursorText; what is none is the beginning.
func cursorOf(text string) place.NewsCursor {
	micros, id, ok := strings.Cut(text, ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	if !ok || err != nil || len(id) != len("00000000-0000-0000-0000-000000000000") || strings.Trim(id, "0123456789abcdef-") != "" {
		return place.NewsCursor{}
	}
	return place.NewsCursor{At: at, ID: id}
}

func siteOrArea(site, area string) string {
	if area != "" {
		return area
	}
	return site
}

func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}

// plainXML leaves out what XML 1.0 cannot hold at all.
func plainXML(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' && c != '\n' || c == 0xfffe || c == 0xffff {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// fieldWords say the fields of a change as people do; the others are "autre chose".
var fieldWords = map[string]string{
	"nom": "le nom", "adresse": "l'adresse", "complement_adresse": "l'adresse", "commune": "la commune", "code_postal": "l'adresse", "code_insee": "la commune",
	"latitude": "la position", "longitude": "la position", "telephone": "le téléphone", "courriels": "l'adresse e-mail", "site_web": "le site", "horaires": "les horaires",
	"presentation_resume": "la présentation", "presentation_detail": "la présentation", "services": "l'aide proposée", "frais_a_charge": "le prix",
	"publics_specifiquement_adresses": "le public", "prise_en_charge_specifique": "l'accueil", "modalites_acces": "comment venir", "modalites_accompagnement": "l'accompagnement",
	"date_maj": "la date", "prise_rdv": "le rendez-vous", "viaduc_horaires_mediation": "les horaires", "viaduc_verifie_le": "la vérification",
}

func whatHappened(n place.News) string {
	if n.Born {
		return "Ce lieu est nouveau dans la liste."
	}
	var said []string
	seen := map[string]bool{}
	for _, f := range n.Fields {
		word := fieldWords[f]
		if word == "" {
			word = "autre chose"
		}
		if !seen[word] {
			seen[word] = true
			said = append(said, word)
		}
	}
	return "Ce qui change : " + strings.Join(said, ", ") + "."
}
