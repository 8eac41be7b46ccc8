// Package api serves the census as public JSON: the same index, in the same order, as the pages. Fields keep the names
// of the national standard; what is not said is left out, never shown as empty.
package api

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"viaduc/internal/api"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

// Handlers serves the places.
type Handlers struct {
	Places *place.Service
	Home   func(host string) territory.Commune // the main town of the territory that a host speaks for
	Page   func(e *place.Entry) string         // address of a place's page, without host
	Area   func(kind territory.AreaKind, code string) (territory.Area, bool)
	Now    func() time.Time
	Name   func(name string) string // a place's name as people write it
}

// cache says how long other programs may keep an answer: the census changes seldom, "open now" is not in it.
const cache = "public, max-age=60"

// Operations lists the public addresses of the census.
func (h *Handlers) Operations() []api.Operation {
	return []api.Operation{
		{
			Path: "/lieux", ID: "listPlaces", Summary: "Les lieux d'aide numérique, le plus proche en premier.",
			Params: []api.Param{
				{Name: "lat", In: "query", About: "Latitude, en degrés (WGS 84). Avec lon.", Schema: api.Between("number", -90, 90), Example: 45.937},
				{Name: "lon", In: "query", About: "Longitude, en degrés (WGS 84). Avec lat.", Schema: api.Between("number", -180, 180), Example: -0.964},
				{Name: "ou", In: "query", About: "Sans lat et lon : adresse, commune, code postal ou mots du lieu.", Schema: api.Schema{Type: "string"}, Example: "Rochefort"},
				choice(place.GroupNeed, "Ce que l'on vient chercher."),
				choice(place.GroupWhen, "Quand le lieu est ouvert, vu de maintenant."),
				choice(place.GroupOffer, "Ce que l'on trouve sur place."),
				choice(place.GroupWith, "Ce que le lieu doit avoir. Peut être répété."),
				{Name: "compteurs", In: "query", About: "Avec 1 : combien de lieux chaque choix donnerait.", Schema: api.Schema{Type: "string", Enum: []string{"1"}}},
				{Name: "limit", In: "query", About: "Nombre de lieux d'une page. 15 si rien n'est dit.", Schema: api.Between("integer", 1, place.MaxFound)},
				{Name: "page", In: "query", About: "Numéro de la page, à partir de 1.", Schema: api.Between("integer", 1, place.MaxFound)},
			},
			Answer: listSchema(), Faults: []fault.Kind{fault.Invalid}, Serve: h.list,
		},
		{
			Path: "/lieux/{numero}", ID: "showPlace", Summary: "Un lieu, par son numéro.",
			Params: []api.Param{{Name: "numero", In: "path", Required: true, About: "Le nombre au début de l'adresse de sa page. Celui d'un lieu réuni à un autre mène à cet autre (301).", Schema: api.Schema{Type: "integer"}, Example: 42}},
			Answer: placeSchema(), Faults: []fault.Kind{fault.NotFound}, Serve: h.show,
		},
		h.censusOperation(),
		h.mapOperation(),
	}
}

// buffers keeps the memory of answers from one to the next: the census is asked often and answers some ten kilobytes.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// groups are the questions of a search, in the order of the document.
var groups = []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith}

func choice(g place.Group, about string) api.Param {
	p := api.Param{Name: string(g), In: "query", About: about, Schema: api.Schema{Type: "string"}}
	for _, f := range place.Facets(g) {
		p.Schema.Enum = append(p.Schema.Enum, f.Word())
	}
	return p
}

func (h *Handlers) list(w http.ResponseWriter, r *http.Request) error {
	q, counts, err := query(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if !q.At.Known() && h.Home != nil {
		q.Home = h.Home(r.Host)
	}
	q.Now = h.Now()
	q = h.Places.Resolve(r.Context(), q)
	index := h.Places.Index()
	b := buffers.Get().(*[]byte)
	*b = h.appendResult((*b)[:0], index.Search(q))
	if counts {
		*b = appendCounts(*b, index.Counts(q.Facets, q.Now))
	}
	*b = append(*b, "}\n"...)
	api.Write(w, "application/json", cache, http.StatusOK, *b)
	buffers.Put(b)
	return nil
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "place.unknown")
	}
	index := h.Places.Index()
	if to, moved := index.Moved(place.Number(n)); moved {
		http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, r.PathValue("numero"))+strconv.FormatInt(int64(to), 10), http.StatusMovedPermanently)
		return nil
	}
	e, ok := index.Place(place.Number(n))
	if !ok {
		return fault.New(fault.NotFound, "place.unknown")
	}
	api.Write(w, "application/json", cache, http.StatusOK, append(h.object(e), '}'))
	return nil
}

// query reads the parameters of a search and says which one has not the right form.
func query(raw string) (q place.Query, counts bool, err error) {
	bad := fault.New(fault.Invalid, "place.api_invalid")
	v, err := url.ParseQuery(raw)
	if err != nil {
		return q, false, bad
	}
	q.Where = v.Get("ou")
	lat, lon := v.Get("lat"), v.Get("lon")
	if lat != "" || lon != "" {
		if q.At, err = territory.ParsePoint(lat, lon); err != nil {
			bad = bad.With("lat", "place.api_position").With("lon", "place.api_position")
		}
	}
	for _, g := range groups {
		for _, word := range v[string(g)] {
			f, ok := place.ParseFacet(g, word)
			if !ok {
				bad = bad.With(string(g), "place.api_choice")
			}
			q.Facets = append(q.Facets, f)
		}
	}
	number := func(name string) int {
		s := v.Get(name)
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > place.MaxFound {
			bad = bad.With(name, "place.api_number", "Most", place.MaxFound)
		}
		return n
	}
	q.Size, q.Page = number("limit"), number("page")
	if bad.Fields != nil {
		return q, false, bad
	}
	return q, v.Get("compteurs") == "1", nil
}

// appendResult writes the answer by hand: each place's object was made once and only the distance is new.
func (h *Handlers) appendResult(b []byte, res place.Result) []byte {
	b = append(b, `{"total":`...)
	b = strconv.AppendInt(b, int64(res.Total), 10)
	b = append(b, `,"page":`...)
	b = strconv.AppendInt(b, int64(res.Page), 10)
	b = append(b, `,"pages":`...)
	b = strconv.AppendInt(b, int64(res.Pages), 10)
	if res.Origin.Code != "" {
		b = append(b, `,"origine":{"code_insee":`...)
		b = appendString(b, res.Origin.Code)
		b = append(b, `,"nom":`...)
		b = appendString(b, res.Origin.Name)
		b = append(appendStart(b, res.Start), '}')
	}
	b = append(b, `,"lieux":[`...)
	for i, f := range res.Places {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, h.object(f.Entry)...)
		if f.Metres >= 0 {
			b = append(b, `,"distance_m":`...)
			b = strconv.AppendInt(b, int64(math.Round(f.Metres)), 10)
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if len(res.Dropped) > 0 {
		b = append(b, `,"elargi":[`...)
		for i, f := range res.Dropped {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, f.Word())
		}
		b = append(b, ']')
	}
	return b
}

// precisions are the public words for what a position is the position of.
var precisions = map[territory.Precision]string{
	territory.HouseNumber: "numero", territory.Street: "voie", territory.Locality: "lieu_dit", territory.Municipality: "centre",
}

// appendStart writes the address that distances start from, or that only the centre of its commune is known.
func appendStart(b []byte, s place.Start) []byte {
	if !s.Known() {
		return b
	}
	if s.Label != "" {
		b = append(b, `,"adresse":`...)
		b = appendString(b, s.Label)
	}
	b = append(b, `,"precision":`...)
	return appendString(b, precisions[s.Precision])
}

// appendCounts writes how many places each choice would give, by question.
func appendCounts(b []byte, counts []int) []byte {
	b = append(b, `,"compteurs":{`...)
	for i, g := range groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendName(b, string(g)), '{')
		for j, f := range place.Facets(g) {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(appendName(b, f.Word()), int64(counts[f]), 10)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendName writes the name of a member. The words of addresses are plain letters, which JSON takes as they are.
func appendName(b []byte, name string) []byte {
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendString(b []byte, s string) []byte {
	raw, _ := json.Marshal(s) // a string always marshals
	return append(b, raw...)
}

// object is the JSON of a place without its closing brace, made once and kept with the entry.
func (h *Handlers) object(e *place.Entry) []byte {
	return e.Cached(func() []byte {
		b := append([]byte(`{"numero":`), strconv.FormatInt(int64(e.Number), 10)...)
		b = append(b, `,"page":`...)
		b = appendString(b, h.Page(e))
		b = append(b, `,"offre":`...)
		b = appendString(b, e.Offer().Word())
		for _, c := range fields {
			v := c.Value(e.Place)
			if v == "" {
				continue
			}
			b = append(b, ',')
			b = append(appendString(b, c.Name), ':')
			switch {
			case c.Number():
				b = append(b, v...)
			case c.List():
				raw, _ := json.Marshal(strings.Split(v, "|"))
				b = append(b, raw...)
			default:
				b = appendString(b, v)
			}
		}
		return b
	})
}

// fields are what the JSON of a place says, under the names that files use; what is derived (offre) or inside has none.
var fields = slices.DeleteFunc(slices.Concat(place.Columns(), place.Local()), func(c place.Column) bool {
	return c.Name == "viaduc_offre" || c.Name == "viaduc_organisation"
})

func placeSchema() api.Schema {
	s := api.Schema{Type: "object", Required: []string{"numero", "page", "offre", "id", "nom"}, Properties: map[string]api.Schema{
		"numero":     {Type: "integer", Description: "Numéro public, qui ne change jamais."},
		"page":       {Type: "string", Description: "Adresse de la page du lieu, sur ce site."},
		"offre":      {Type: "string", Enum: []string{"mediateur", "libre_service", "wifi", "non_dit"}, Description: "Ce que l'on trouve sur place."},
		"distance_m": {Type: "integer", Description: "Distance à vol d'oiseau, en mètres."},
	}}
	for _, c := range fields {
		switch {
		case c.Number():
			s.Properties[c.Name] = api.Schema{Type: "number"}
		case c.List():
			s.Properties[c.Name] = api.Schema{Type: "array", Items: &api.Schema{Type: "string"}}
		default:
			s.Properties[c.Name] = api.Schema{Type: "string"}
		}
	}
	return s
}

func listSchema() api.Schema {
	one := placeSchema()
	return api.Schema{Type: "object", Required: []string{"total", "page", "pages", "lieux"}, Properties: map[string]api.Schema{
		"total": {Type: "integer", Description: "Lieux que l'on peut parcourir : au plus " + strconv.Itoa(place.MaxFound) + ", les plus proches."},
		"page":  {Type: "integer"},
		"pages": {Type: "integer"},
		"origine": {Type: "object", Description: "Commune d'où partent les distances.", Properties: map[string]api.Schema{
			"code_insee": {Type: "string"}, "nom": {Type: "string"},
			"adresse":   {Type: "string", Description: "Quand une adresse est demandée : celle qui est comprise. Absente si la rue n'est pas connue."},
			"precision": {Type: "string", Enum: []string{"numero", "voie", "lieu_dit", "centre"}, Description: "Quand une adresse est demandée : d'où partent les distances."},
		}},
		"lieux":     {Type: "array", Items: &one},
		"elargi":    {Type: "array", Items: &api.Schema{Type: "string"}, Description: "Rien n'avait tout ce qui est demandé : les choix laissés de côté."},
		"compteurs": {Type: "object", Description: "Par question et par choix : combien de lieux on trouverait.", Properties: countsSchema()},
	}}
}

func countsSchema() map[string]api.Schema {
	out := map[string]api.Schema{}
	for _, g := range groups {
		words := map[string]api.Schema{}
		for _, f := range place.Facets(g) {
			words[f.Word()] = api.Schema{Type: "integer"}
		}
		out[string(g)] = api.Schema{Type: "object", Properties: words}
	}
	return out
}
