package web

import (
	"cmp"
	"strings"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// Directory is the printed directory of an area: its places in the order of communes and names, numbered from 1, each on
// the map of its part. It is in French, as paper is.
type Directory struct {
	Area  territory.Area
	Name  string         // of the area, as people say it
	Site  territory.Site // who publishes
	Dated time.Time      // the day of the data
	Parts []DirectoryPart
	Count int // places

	whole *territory.Ground // nil where no outline is known
}

// DirectoryPart is what has a map of its own: a grouping of a département, or the whole of a smaller area.
type DirectoryPart struct {
	Area    territory.Area
	Name    string
	Entries []Printed

	ground *territory.Ground
}

// Printed is a place as paper says it.
type Printed struct {
	Number  int
	Shape   string // as on every map
	Name    string
	Commune string
	Address string // one line, with the postcode and the commune
	Phone   string
	Hours   []string // in words
	Offer   string
	Needs   string // what one is helped with, joined by commas

	entry *place.Entry
}

// DirectoryDeps is what a directory is made of.
type DirectoryDeps struct {
	Index     *place.Index
	Territory *territory.Service
	Words     *i18n.Printer // French
	Site      territory.Site
	Dated     time.Time
}

// NewDirectory lists the places of an area for paper. It has no part where there is no place.
func NewDirectory(d DirectoryDeps, a territory.Area) Directory {
	out := Directory{Area: a, Name: areaName(a), Site: d.Site, Dated: d.Dated}
	if g, ok := d.Territory.Ground(a); ok {
		out.whole = g
	}
	for _, part := range partsForPaper(d.Territory.Gazetteer(), a) {
		entries := d.Index.In(part)
		if a.Kind == territory.DepartmentArea {
			entries = within(entries, a)
		}
		if len(entries) == 0 {
			continue
		}
		p := DirectoryPart{Area: part, Name: areaName(part)}
		if g, ok := d.Territory.Ground(part); ok {
			p.ground = g
		}
		for _, e := range entries {
			out.Count++
			p.Entries = append(p.Entries, printed(d.Words, e, out.Count))
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

// partsForPaper are the groupings of a département, then its communes that have none; a smaller area is its own part.
func partsForPaper(g *territory.Gazetteer, a territory.Area) []territory.Area {
	if a.Kind != territory.DepartmentArea {
		return []territory.Area{a}
	}
	out := g.EPCIsIn(a)
	for _, c := range g.CommunesIn(a) {
		if c.EPCI == "" {
			out = append(out, territory.Area{Kind: territory.CommuneArea, Code: c.Code, Name: c.Name})
		}
	}
	return out
}

// within leaves out what a grouping has in another département.
func within(entries []*place.Entry, a territory.Area) []*place.Entry {
	var out []*place.Entry
	for _, e := range entries {
		if a.Holds(e.Ground) {
			out = append(out, e)
		}
	}
	return out
}

func printed(words *i18n.Printer, e *place.Entry, number int) Printed {
	var needs []string
	for _, n := range e.Needs.List() {
		needs = append(needs, words.T("place.need."+string(n)))
	}
	commune := calm(cmp.Or(e.Ground.Name, e.Commune))
	return Printed{
		Number: number, Shape: shapes[e.Offer()], Name: calm(e.Name), Commune: commune, Address: strings.Join(address(e), ", "), Phone: ui.Phone(e.Phone),
		Hours: spokenHours(words, e), Offer: fullStop(words.T(offerKeys[e.Offer()])), Needs: strings.Join(needs, ", "), entry: e,
	}
}

// spokenHours says the hours as people do; those that cannot be read, as they are written; none, as a reason to call.
func spokenHours(words *i18n.Printer, e *place.Entry) []string {
	switch h := e.Hours(); {
	case h != nil:
		out := openinghours.Spoken(h)
		for i, s := range out {
			out[i] = fullStop(upperFirst(s))
		}
		return out
	case e.Place.Hours != "":
		return []string{words.T("place.hours.as_written") + " " + e.Place.Hours}
	}
	return []string{words.T("place.hours.ask")}
}

func upperFirst(s string) string {
	for i, c := range s {
		if i == 0 {
			return strings.ToUpper(string(c)) + s[len(string(c)):]
		}
	}
	return s
}

// Mark is the mark of the place on the map.
func (e Printed) Mark() ui.Mark { return ui.Mark{Number: e.Number, Shape: e.Shape} }
