package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/territory"
)

// Every request asks something else: a point or a commune that was not asked before, and filters by turns.

// filters are three filters each, over all the questions that a search has: many places have the first ones, one in a
// hundred the last ones.
var filters = []string{
	"besoin=demarches&aide=mediateur&avec=gratuit",
	"besoin=apprendre&quand=matin&avec=gratuit",
	"besoin=internet&quand=apres-midi&avec=itinerant",
	"besoin=emploi&quand=matin&avec=seniors",
}

// now is the instant of the searches that are Go calls: a Monday morning, as in the tests.
var now = time.Date(2026, 5, 4, 9, 30, 0, 0, openinghours.ZoneOf("17"))

// around is a new point of mainland France each time.
func around(i int) territory.Point {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	return territory.Point{Lat: 43 + r.Float64()*7, Lon: -1 + r.Float64()*7}
}

func apiQuestion(i int) string {
	at := around(i)
	return fmt.Sprintf("/api/v1/lieux?lat=%.5f&lon=%.5f", at.Lat, at.Lon)
}

func apiFiltered(i int) string {
	return apiQuestion(i) + "&compteurs=1&" + filters[i%len(filters)]
}

// listQuestion asks for another commune each time.
func listQuestion(names []string) func(i int) string {
	return func(i int) string {
		return "/lieux?ou=" + url.QueryEscape(names[(i*7919)%len(names)])
	}
}

func listFiltered(names []string) func(i int) string {
	plain := listQuestion(names)
	return func(i int) string { return plain(i) + "&" + filters[i%len(filters)] }
}

// facets are the filters of one question, as a Go call has them.
func facets(question int) []place.Facet {
	v, err := url.ParseQuery(filters[question%len(filters)])
	if err != nil {
		panic(err) // constant
	}
	var out []place.Facet
	for _, g := range groups {
		for _, word := range v[string(g)] {
			f, ok := place.ParseFacet(g, word)
			if !ok {
				panic(word) // constant
			}
			out = append(out, f)
		}
	}
	return out
}

var groups = []place.Group{place.GroupNeed, place.GroupWhen, place.GroupOffer, place.GroupWith}

// chosen are the facets of each of the filters.
var chosen = func() [][]place.Facet {
	var out [][]place.Facet
	for i := range filters {
		out = append(out, facets(i))
	}
	return out
}()

// search is what a Go call asks of the index for question i.
func search(x *place.Index, i int) (place.Result, error) {
	res := x.Search(place.Query{At: around(i), Facets: chosen[i%len(chosen)], Now: now})
	if len(res.Places) != place.PageSize || len(res.Dropped) > 0 {
		return res, fmt.Errorf("question %d finds %d places without %v: nothing to compare", i, len(res.Places), res.Dropped)
	}
	return res, nil
}

// communes are names of communes to ask for.
func (b *bench) communes() ([]string, error) {
	f, err := os.Open(filepath.Join(b.data, "geo", "communes-2026.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows[1:] {
		out = append(out, r[1])
	}
	return out, nil
}
