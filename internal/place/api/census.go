package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"viaduc/internal/api"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/territory"
)

// The sizes of a page of the census.
const (
	censusPage     = 100
	censusMostPage = 500
)

// censusOperation is the whole census, page after page. A page is continued by the public number that it ended with, which
// is never given twice: whoever reads on misses and repeats nothing, whatever comes, goes or changes in between.
func (h *Handlers) censusOperation() api.Operation {
	return api.Operation{
		Path: "/recensement", ID: "readCensus", Summary: "Tous les lieux, dans l'ordre de leurs numéros, page après page.",
		Params: []api.Param{
			{Name: "apres", In: "query", About: "Le numéro après lequel lire : « suite » de la page d'avant.", Schema: api.Between("integer", 0, 1<<53-1)},
			{Name: "limit", In: "query", About: "Nombre de lieux d'une page. " + strconv.Itoa(censusPage) + " si rien n'est dit.", Schema: api.Between("integer", 1, censusMostPage)},
			{Name: "departement", In: "query", About: "Les lieux de ce département.", Schema: api.Schema{Type: "string"}, Example: "17"},
			{Name: "epci", In: "query", About: "Les lieux de cette intercommunalité, par son SIREN.", Schema: api.Schema{Type: "string"}},
			{Name: "commune", In: "query", About: "Les lieux de cette commune, par son code INSEE.", Schema: api.Schema{Type: "string"}},
		},
		Answer: censusSchema(), Faults: []fault.Kind{fault.Invalid}, Serve: h.census,
	}
}

// censusQuery is what a reader of the census asks.
type censusQuery struct {
	after place.Number
	limit int
	area  territory.Area
}

func (h *Handlers) census(w http.ResponseWriter, r *http.Request) error {
	index := h.Places.Index()
	q, err := readCensusQuery(r.URL.Query(), h.Area)
	if err != nil {
		return err
	}
	entries := byNumber(index, q.area)
	start, _ := slices.BinarySearchFunc(entries, q.after+1, func(e *place.Entry, n place.Number) int { return int(e.Number - n) })
	page := entries[start:min(start+q.limit, len(entries))]
	b := buffers.Get().(*[]byte)
	*b = append((*b)[:0], `{"version":`...)
	*b = strconv.AppendInt(*b, index.Version(), 10)
	*b = append(*b, `,"total":`...)
	*b = strconv.AppendInt(*b, int64(len(entries)), 10)
	if start+len(page) < len(entries) {
		*b = append(*b, `,"suite":`...)
		*b = strconv.AppendInt(*b, int64(page[len(page)-1].Number), 10)
	}
	*b = append(*b, `,"lieux":[`...)
	for i, e := range page {
		if i > 0 {
			*b = append(*b, ',')
		}
		*b = append(append(*b, h.object(e)...), '}')
	}
	*b = append(*b, "]}\n"...)
	tag := `W/"` + strconv.FormatInt(index.Version(), 10) + "-" + strconv.FormatInt(int64(q.after), 10) + "-" + strconv.Itoa(q.limit) + "-" + string(q.area.Kind) + q.area.Code + `"`
	w.Header().Set("ETag", tag)
	if httpx.Has(r, tag) {
		w.Header().Set("Cache-Control", cache)
		w.WriteHeader(http.StatusNotModified)
	} else {
		api.Write(w, "application/json", cache, http.StatusOK, *b)
	}
	buffers.Put(b)
	return nil
}

// byNumber are the places of an area in the order of their numbers.
func byNumber(index *place.Index, a territory.Area) []*place.Entry {
	if !a.Known() {
		return index.Entries()
	}
	return slices.SortedFunc(slices.Values(index.In(a)), func(a, b *place.Entry) int { return int(a.Number - b.Number) })
}

// readCensusQuery reads the parameters and says which one has not the right form.
func readCensusQuery(v url.Values, find func(kind territory.AreaKind, code string) (territory.Area, bool)) (censusQuery, error) {
	q := censusQuery{limit: censusPage}
	bad := fault.New(fault.Invalid, "place.api_invalid")
	if s := v.Get("apres"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n >= 1<<53 {
			bad = bad.With("apres", "place.api_after")
		}
		q.after = place.Number(n)
	}
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > censusMostPage {
			bad = bad.With("limit", "place.api_number", "Most", censusMostPage)
		}
		q.limit = n
	}
	for _, kind := range []territory.AreaKind{territory.DepartmentArea, territory.EPCIArea, territory.CommuneArea} {
		code := v.Get(string(kind))
		if code == "" {
			continue
		}
		a, ok := find(kind, code)
		if !ok || q.area.Known() {
			bad = bad.With(string(kind), "place.api_area")
		}
		q.area = a
	}
	if bad.Fields != nil {
		return q, bad
	}
	return q, nil
}

func censusSchema() api.Schema {
	one := placeSchema()
	return api.Schema{Type: "object", Required: []string{"version", "total", "lieux"}, Properties: map[string]api.Schema{
		"version": {Type: "integer", Description: "Augmente à chaque changement du recensement."},
		"total":   {Type: "integer", Description: "Lieux de toutes les pages."},
		"suite":   {Type: "integer", Description: "À donner à « apres » pour la page suivante. Absent sur la dernière."},
		"lieux":   {Type: "array", Items: &one},
	}}
}
