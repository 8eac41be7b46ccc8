package api

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"viaduc/internal/api"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
)

// What a view names beside its marks.
const (
	mostTowns  = 8
	townsApart = 150 // pixels
)

// mapRevision goes up when the answer says the same of a place in another form: what browsers hold is then asked anew.
const mapRevision = "1"

// mapOperation is the marks of a map.
func (h *Handlers) mapOperation() api.Operation {
	return api.Operation{
		Path: "/lieux/carte", ID: "mapPlaces", Summary: "Les repères d'une vue de carte : des lieux, ou des groupes de lieux.",
		Params: []api.Param{
			{Name: "bbox", In: "query", Required: true, About: "Ouest, sud, est et nord de la vue, en degrés (WGS 84), séparés par des virgules. Un compte ne porte que sur la vue.", Schema: api.Schema{Type: "string"}, Example: "-1.3,45.7,-0.5,46.2"},
			{Name: "zoom", In: "query", Required: true, About: "Niveau habituel des cartes : le monde a une largeur de 256 pixels au niveau 0, deux fois plus au suivant.", Schema: api.Between("integer", 0, place.MaxZoom), Example: 10},
			{Name: "mots", In: "query", About: "Mots que les lieux doivent contenir, comme « mediatheque ».", Schema: api.Schema{Type: "string"}},
			choice(place.GroupNeed, "Ce que l'on vient chercher."),
			choice(place.GroupWhen, "Quand le lieu est ouvert, vu de maintenant."),
			choice(place.GroupOffer, "Ce que l'on trouve sur place."),
			choice(place.GroupWith, "Ce que le lieu doit avoir. Peut être répété."),
		},
		Answer: mapSchema(), Faults: []fault.Kind{fault.Invalid}, Serve: h.showMap,
	}
}

func (h *Handlers) showMap(w http.ResponseWriter, r *http.Request) error {
	q, err := mapQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	q.Now = h.Now()
	index := h.Places.Index()
	tag := `W/"` + mapRevision + "-" + index.MapTag(q) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", cache)
	if httpx.Has(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	b := buffers.Get().(*[]byte)
	*b = h.appendMap((*b)[:0], index.Map(q))
	*b = appendTowns(*b, index.Towns(q.Bounds, q.Zoom, mostTowns, townsApart))
	*b = append(*b, "}\n"...)
	api.Write(w, "application/json", cache, http.StatusOK, *b)
	buffers.Put(b)
	return nil
}

// mapQuery reads the parameters of a view and says which one has not the right form.
func mapQuery(raw string) (q place.MapQuery, err error) {
	bad := fault.New(fault.Invalid, "place.api_invalid")
	v, err := url.ParseQuery(raw)
	if err != nil {
		return q, bad
	}
	var ok bool
	if q.Bounds, ok = place.ParseBounds(v.Get("bbox")); !ok {
		bad = bad.With("bbox", "place.api_bounds")
	}
	if q.Zoom, err = strconv.Atoi(v.Get("zoom")); err != nil || q.Zoom < 0 || q.Zoom > place.MaxZoom {
		bad = bad.With("zoom", "place.api_zoom", "Most", place.MaxZoom)
	}
	q.Words = place.MapWords(v.Get("mots"))
	for _, g := range groups {
		for _, word := range v[string(g)] {
			f, ok := place.ParseFacet(g, word)
			if !ok {
				bad = bad.With(string(g), "place.api_choice")
			}
			q.Facets = append(q.Facets, f)
		}
	}
	if bad.Fields != nil {
		return q, bad
	}
	return q, nil
}

// appendMap writes the marks: groups first, then places, those of groups too when the view has few.
func (h *Handlers) appendMap(b []byte, v place.MapView) []byte {
	b = strconv.AppendInt(append(b, `{"total":`...), int64(v.Total), 10)
	b = append(b, `,"groupes":[`...)
	groups := 0
	for _, m := range v.Marks {
		if m.Count == 1 {
			continue
		}
		b = comma(b, groups)
		groups++
		b = strconv.AppendInt(append(b, `{"lieux":`...), int64(m.Count), 10)
		b = appendSpot(append(b, ','), m.Stands)
		b = append(b, `,"emprise":[`...)
		for i, side := range []float64{m.Bounds.West, m.Bounds.South, m.Bounds.East, m.Bounds.North} {
			b = appendDegrees(comma(b, i), side)
		}
		b = appendCommune(append(b, ']'), m.Town)
		b = append(b, '}')
	}
	b = append(b, `],"lieux":[`...)
	places, group := 0, 0
	for _, m := range v.Marks {
		if m.Count == 1 {
			b = append(h.appendPlace(comma(b, places), m.Entry), '}')
			places++
			continue
		}
		for _, e := range m.Places {
			b = append(h.appendPlace(comma(b, places), e), `,"groupe":`...)
			b = append(strconv.AppendInt(b, int64(group), 10), '}')
			places++
		}
		group++
	}
	return append(b, ']')
}

// appendPlace writes what a map says of a place, without the closing brace.
func (h *Handlers) appendPlace(b []byte, e *place.Entry) []byte {
	b = strconv.AppendInt(append(b, `{"numero":`...), int64(e.Number), 10)
	b = appendString(append(b, `,"nom":`...), h.Name(e.Name))
	b = appendString(append(b, `,"page":`...), h.Page(e))
	b = appendString(append(b, `,"offre":`...), e.Offer().Word())
	b = appendSpot(append(b, ','), e.Stands)
	b = appendCommune(b, e.Ground)
	if e.Approximate {
		b = append(b, `,"centre_commune":true`...)
	}
	return b
}

func appendCommune(b []byte, c territory.Commune) []byte {
	if c.Code == "" {
		return b
	}
	b = appendString(append(b, `,"commune":`...), c.Name)
	return appendString(append(b, `,"code_insee":`...), c.Code)
}

func appendTowns(b []byte, towns []territory.Commune) []byte {
	b = append(b, `,"villes":[`...)
	for i, c := range towns {
		b = appendString(append(comma(b, i), `{"nom":`...), c.Name)
		b = append(appendSpot(append(b, ','), c.Point), '}')
	}
	return append(b, ']')
}

func appendSpot(b []byte, p territory.Point) []byte {
	b = appendDegrees(append(b, `"lat":`...), p.Lat)
	return appendDegrees(append(b, `,"lon":`...), p.Lon)
}

// appendDegrees writes a coordinate to a metre.
func appendDegrees(b []byte, v float64) []byte {
	return strconv.AppendFloat(b, math.Round(v*1e5)/1e5, 'f', -1, 64)
}

// comma separates from what comes before.
func comma(b []byte, before int) []byte {
	if before > 0 {
		return append(b, ',')
	}
	return b
}

func mapSchema() api.Schema {
	number, text := api.Schema{Type: "number"}, api.Schema{Type: "string"}
	return api.Schema{Type: "object", Required: []string{"total", "groupes", "lieux", "villes"}, Properties: map[string]api.Schema{
		"total": {Type: "integer", Description: "Lieux de la vue : la somme des groupes, et des lieux qui ne sont d'aucun groupe."},
		"groupes": {Type: "array", Description: "Lieux trop près les uns des autres pour avoir chacun leur repère.", Items: &api.Schema{
			Type: "object", Required: []string{"lieux", "lat", "lon", "emprise"}, Properties: map[string]api.Schema{
				"lieux": {Type: "integer", Description: "Combien de lieux de la vue."},
				"lat":   number, "lon": number,
				"emprise": {Type: "array", Items: &number, Description: "Ouest, sud, est et nord de ces lieux : la vue à demander pour les séparer."},
				"commune": {Type: "string", Description: "La plus peuplée des communes de ces lieux."}, "code_insee": text,
			},
		}},
		"lieux": {Type: "array", Description: "Lieux qui ont leur propre repère ; ceux des groupes aussi quand la vue a " + strconv.Itoa(place.MaxMarks) + " lieux au plus.", Items: &api.Schema{
			Type: "object", Required: []string{"numero", "nom", "page", "offre", "lat", "lon"}, Properties: map[string]api.Schema{
				"numero": {Type: "integer"}, "nom": text, "page": {Type: "string", Description: "Adresse de la page du lieu, sur ce site."},
				"offre": {Type: "string", Enum: []string{"mediateur", "libre_service", "wifi", "non_dit"}},
				"lat":   number, "lon": number, "commune": text, "code_insee": text,
				"centre_commune": {Type: "boolean", Description: "Vrai quand seule la commune du lieu est connue : la position est celle de son centre."},
				"groupe":         {Type: "integer", Description: "Rang de son groupe, à partir de 0. Absent quand le lieu a son propre repère."},
			},
		}},
		"villes": {Type: "array", Description: "Communes les plus peuplées de la vue, à nommer sur la carte.", Items: &api.Schema{
			Type: "object", Required: []string{"nom", "lat", "lon"}, Properties: map[string]api.Schema{"nom": text, "lat": number, "lon": number},
		}},
	}}
}
