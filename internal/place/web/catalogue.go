package web

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/rdf"
	"viaduc/internal/territory"
)

// The vocabularies of the catalogue: DCAT 2 as data.gouv.fr harvests it.
const (
	dcat    = "http://www.w3.org/ns/dcat#"
	dct     = "http://purl.org/dc/terms/"
	foaf    = "http://xmlns.com/foaf/0.1/"
	vcard   = "http://www.w3.org/2006/vcard/ns#"
	spdx    = "http://spdx.org/rdf/terms#"
	xsd     = "http://www.w3.org/2001/XMLSchema#"
	rdfType = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	locn    = "http://www.w3.org/ns/locn#"
	geoWKT  = "http://www.opengis.net/ont/geosparql#wktLiteral"
)

const (
	openLicence    rdf.IRI = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
	standardSchema rdf.IRI = "https://schema.data.gouv.fr/LaMednum/standard-mediation-num/"
	daily          rdf.IRI = "http://publications.europa.eu/resource/authority/frequency/DAILY"
)

// keywords are those that the national chain gives to its own sets.
var keywords = []string{"inclusion", "inclusion-numerique", "lieux-de-mediation-numerique", "mediation-numerique"}

// sendCatalogue says what this site publishes, for catalogues that harvest it.
func (h *Handlers) sendCatalogue(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		g, err := h.catalogue(r)
		if err != nil {
			return err
		}
		body := g.Turtle()
		if kind == "application/ld+json" {
			if body, err = g.JSONLD(); err != nil {
				return err
			}
		}
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("Cache-Control", "public, no-cache")
		httpx.SendFile(w, r, kind, "", body)
		return nil
	}
}

// negotiateCatalogue gives the form that is asked for, Turtle where none is.
func (h *Handlers) negotiateCatalogue(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "json") {
		return h.sendCatalogue("application/ld+json")(w, r)
	}
	return h.sendCatalogue("text/turtle; charset=utf-8")(w, r)
}

// catalogue states the catalogue: the whole census, and each département that has places.
func (h *Handlers) catalogue(r *http.Request) (*rdf.Graph, error) {
	site, base := h.Territory.Site(r.Host), h.base(r)
	g := &rdf.Graph{}
	self := rdf.Thing(rdf.IRI(base + "/catalogue"))
	publisher := rdf.Thing(rdf.IRI(base + "/#editeur"))
	g.Add(self, rdfType, rdf.Thing(dcat+"Catalog"))
	g.Add(self, dct+"title", rdf.French("Les lieux d'aide numérique : "+site.Name))
	g.Add(self, dct+"description", rdf.French("Les données publiques de ce site sur les lieux où des personnes sont aidées avec le numérique."))
	g.Add(self, dct+"publisher", publisher)
	g.Add(self, dct+"language", rdf.Thing("http://publications.europa.eu/resource/authority/language/FRA"))
	g.Add(self, foaf+"homepage", rdf.Thing(rdf.IRI(base+"/")))
	g.Add(publisher, rdfType, rdf.Thing(foaf+"Organization"))
	g.Add(publisher, foaf+"name", rdf.Text(site.Name))
	contact := rdf.Thing(rdf.IRI(base + "/#contact"))
	g.Add(contact, rdfType, rdf.Thing(vcard+"Organization"))
	g.Add(contact, vcard+"fn", rdf.Text(site.Name))
	g.Add(contact, vcard+"hasURL", rdf.Thing(rdf.IRI(base+"/contact")))
	if site.Email != "" {
		g.Add(contact, vcard+"hasEmail", rdf.Thing(rdf.IRI("mailto:"+site.Email)))
	}
	areas := []territory.Area{{}}
	for _, code := range h.Places.Index().Departments() {
		if a, ok := h.Territory.Gazetteer().Area(territory.DepartmentArea, code); ok {
			areas = append(areas, a)
		}
	}
	for _, a := range areas {
		set, err := h.dataset(r, g, a)
		if err != nil {
			return nil, err
		}
		g.Add(self, dcat+"dataset", set)
		g.Add(set, dct+"publisher", publisher)
		g.Add(set, dcat+"contactPoint", contact)
	}
	return g, nil
}

// dataset states the places of an area as a set, with a distribution for each form. What a distribution weighs is said of
// the whole census; that of each département is known only once it was made.
func (h *Handlers) dataset(r *http.Request, g *rdf.Graph, a territory.Area) (rdf.Term, error) {
	base, where := h.base(r), h.Territory.Site(r.Host).Name
	id := "lieux"
	if a.Known() {
		id, where = id+"-"+string(a.Kind)+"-"+a.Code, areaName(a)
	}
	set := rdf.Thing(rdf.IRI(base + "/catalogue#" + id))
	whole, err := h.export(r.Context(), place.CSV, territory.Area{})
	if err != nil {
		return set, err
	}
	modified := whole.report.ChangedAt
	g.Add(set, rdfType, rdf.Thing(dcat+"Dataset"))
	g.Add(set, dct+"identifier", rdf.Text(id))
	g.Add(set, dct+"title", rdf.French("Lieux de médiation numérique : "+where))
	g.Add(set, dct+"description", rdf.French("Les lieux où des personnes sont aidées avec le numérique, au standard national « Lieux de médiation numérique » "+place.StandardVersion+"."))
	for _, k := range keywords {
		g.Add(set, dcat+"keyword", rdf.French(k))
	}
	g.Add(set, dct+"accrualPeriodicity", rdf.Thing(daily))
	g.Add(set, dct+"conformsTo", rdf.Thing(standardSchema))
	g.Add(set, dcat+"landingPage", rdf.Thing(rdf.IRI(base+landing(a))))
	g.Add(set, dct+"modified", day(modified))
	h.state(g, set, id, a)
	for _, d := range downloads {
		one := rdf.Thing(rdf.IRI(base + d.path(a)))
		g.Add(set, dcat+"distribution", one)
		g.Add(one, rdfType, rdf.Thing(dcat+"Distribution"))
		g.Add(one, dct+"identifier", rdf.Text(id+"-"+string(d.format)))
		g.Add(one, dct+"title", rdf.French(d.title+" : "+where))
		g.Add(one, dct+"description", rdf.French(d.about))
		g.Add(one, dcat+"downloadURL", one)
		g.Add(one, dcat+"accessURL", rdf.Thing(rdf.IRI(base+landing(a))))
		media, _, _ := strings.Cut(d.format.MediaType(), ";")
		g.Add(one, dcat+"mediaType", rdf.Thing(rdf.IRI("http://www.iana.org/assignments/media-types/"+media)))
		g.Add(one, dct+"format", rdf.Text(strings.ToUpper(extension(d.file))))
		g.Add(one, dct+"license", rdf.Thing(openLicence))
		g.Add(one, dct+"modified", day(modified))
		if d.format == place.CSV || d.format == place.XLSX || d.format == place.JSON {
			g.Add(one, dct+"conformsTo", rdf.Thing(standardSchema))
		}
		if a.Known() {
			continue
		}
		e, err := h.export(r.Context(), d.format, a)
		if err != nil {
			return set, err
		}
		g.Add(one, dcat+"byteSize", rdf.Typed(strconv.FormatInt(e.size, 10), xsd+"decimal"))
		sum := rdf.Blank("somme" + strconv.Itoa(slices.IndexFunc(downloads, func(o downloadable) bool { return o.format == d.format })))
		g.Add(one, spdx+"checksum", sum)
		g.Add(sum, rdfType, rdf.Thing(spdx+"Checksum"))
		g.Add(sum, spdx+"algorithm", rdf.Thing(spdx+"checksumAlgorithm_sha256"))
		g.Add(sum, spdx+"checksumValue", rdf.Typed(hex.EncodeToString(e.sum[:]), xsd+"hexBinary"))
	}
	return set, nil
}

// landing is the page about the files of an area.
func landing(a territory.Area) string {
	if !a.Known() {
		return "/donnees"
	}
	return "/donnees?" + string(a.Kind) + "=" + a.Code
}

func extension(file string) string { return file[strings.LastIndexByte(file, '.')+1:] }

func day(t time.Time) rdf.Term {
	if t.IsZero() {
		return rdf.Term{}
	}
	return rdf.Typed(t.Format("2006-01-02"), xsd+"date")
}

// state says where and of when a set is: the box of its places, and their first and last dates.
func (h *Handlers) state(g *rdf.Graph, set rdf.Term, id string, a territory.Area) {
	west, south, east, north := 180.0, 90.0, -180.0, -90.0
	first, last := "", ""
	for _, e := range h.Places.Index().In(a) {
		if e.Stands.Known() {
			west, east = min(west, e.Stands.Lon), max(east, e.Stands.Lon)
			south, north = min(south, e.Stands.Lat), max(north, e.Stands.Lat)
		}
		if on := e.UpdatedOn; len(on) == len("2006-01-02") {
			if first == "" || on < first {
				first = on
			}
			last = max(last, on)
		}
	}
	if west <= east {
		spatial := rdf.Blank("ou-" + id)
		g.Add(set, dct+"spatial", spatial)
		g.Add(spatial, rdfType, rdf.Thing(dct+"Location"))
		ring := [][2]float64{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
		var corners []string
		for _, c := range ring {
			corners = append(corners, fmt.Sprintf("%.5f %.5f", c[0], c[1]))
		}
		shape, _ := json.Marshal(map[string]any{"type": "Polygon", "coordinates": [][][2]float64{ring}}) // numbers always marshal
		g.Add(spatial, locn+"geometry", rdf.Typed("POLYGON(("+strings.Join(corners, ", ")+"))", geoWKT),
			rdf.Typed(string(shape), "https://www.iana.org/assignments/media-types/application/vnd.geo+json"))
	}
	if a.Known() {
		g.Add(set, dct+"spatial", rdf.Thing(rdf.IRI("http://id.insee.fr/geo/departement/"+a.Code)))
	}
	if first != "" {
		period := rdf.Blank("quand-" + id)
		g.Add(set, dct+"temporal", period)
		g.Add(period, rdfType, rdf.Thing(dct+"PeriodOfTime"))
		g.Add(period, dcat+"startDate", rdf.Typed(first, xsd+"date"))
		g.Add(period, dcat+"endDate", rdf.Typed(last, xsd+"date"))
	}
}
