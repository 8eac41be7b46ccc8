package territory

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
)

// communeObject is a commune as geo.api.gouv.fr writes it in JSON. Members that were not asked for are nil.
type communeObject struct {
	Code       string   `json:"code"`
	Name       string   `json:"nom"`
	Department string   `json:"codeDepartement"`
	Region     *string  `json:"codeRegion"`
	EPCI       *string  `json:"codeEpci"`
	Postcodes  []string `json:"codesPostaux"`
	Population *int     `json:"population"`
	Grouping   *struct {
		Code string `json:"code"`
		Name string `json:"nom"`
	} `json:"epci"`
	Centre *struct {
		Type        string    `json:"type"`
		Coordinates []float64 `json:"coordinates"`
	} `json:"centre"`
}

// said are the members that a file has for one commune at least. What none has was not asked for, and stays as it is
// stored; what some have is not known of the others.
type said struct{ region, epci, postcodes, population, centre bool }

// ImportCommunesJSON reads communes from a JSON list of the shape of geo.api.gouv.fr (/communes, or
// /departements/17/communes): code and nom are needed; codeDepartement, codeRegion, codeEpci, epci, codesPostaux,
// population and centre are read. What no object of the list says is left as it is stored. Otherwise it does what
// ImportCommunes does; Issue.Line is the rank in the list.
//
// It reports fault.Invalid for what is no list of communes (territory.not_geojson) or is cut (territory.geojson_broken).
func (s *Service) ImportCommunesJSON(ctx context.Context, by audit.Actor, src io.Reader) (ImportReport, error) {
	file, err := readCommunesJSON(ctx, src)
	if err != nil {
		return ImportReport{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.landTx(ctx, tx, by, file)
	})
	return file.report, err
}

func readCommunesJSON(ctx context.Context, src io.Reader) (*communeFile, error) {
	f := &communeFile{said: &said{}}
	dec := json.NewDecoder(withoutMark(src))
	open, err := dec.Token()
	if err != nil {
		return nil, f.broken(err)
	}
	if open != json.Delim('[') {
		return nil, fault.New(fault.Invalid, "territory.not_geojson")
	}
	codes, sirens := map[string]bool{}, map[string]bool{}
	for dec.More() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, f.broken(err)
		}
		f.report.Read++
		f.addObject(raw, codes, sirens)
	}
	if _, err := dec.Token(); err != nil {
		return nil, f.broken(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, f.broken(err)
	}
	if len(f.communes) == 0 {
		return nil, fault.New(fault.Invalid, "territory.not_geojson")
	}
	return f, nil
}

// addObject reads one object as a row of a table is read.
func (f *communeFile) addObject(raw json.RawMessage, codes, sirens map[string]bool) {
	var o communeObject
	if err := json.Unmarshal(raw, &o); err != nil {
		f.report.Rejected++
		f.note(table.Issue{Line: f.report.Read, Field: "code", Rule: "type", Message: "Cet objet ne se lit pas comme une commune. Il n'est pas repris."})
		return
	}
	cells := map[string]string{"code_insee": o.Code, "nom": o.Name, "departement": o.Department, "codes_postaux": strings.Join(o.Postcodes, "|")}
	f.said.postcodes = f.said.postcodes || o.Postcodes != nil
	if o.Region != nil {
		f.said.region, cells["region"] = true, *o.Region
	}
	if o.EPCI != nil {
		f.said.epci, cells["epci_siren"] = true, *o.EPCI
	}
	if o.Grouping != nil {
		f.said.epci, cells["epci_siren"], cells["epci_nom"] = true, o.Grouping.Code, o.Grouping.Name
	}
	if o.Population != nil {
		f.said.population, cells["population"] = true, strconv.Itoa(*o.Population)
	}
	if o.Centre != nil && len(o.Centre.Coordinates) == 2 {
		f.said.centre = true
		cells["longitude"] = strconv.FormatFloat(o.Centre.Coordinates[0], 'f', -1, 64)
		cells["latitude"] = strconv.FormatFloat(o.Centre.Coordinates[1], 'f', -1, 64)
	}
	f.add(f.report.Read, func(name string) string { return strings.Join(strings.Fields(cells[name]), " ") }, codes, sirens)
}

// broken says after which object the text is no JSON any more. Errors of reading the file itself pass.
func (f *communeFile) broken(err error) error {
	return (&contourFile{report: f.report}).broken(err)
}

// keep leaves c what the file did not ask for, as it is stored.
func (s *said) keep(c, stored Commune) Commune {
	if s == nil {
		return c
	}
	if !s.region {
		c.Region = stored.Region
	}
	if !s.epci {
		c.EPCI = stored.EPCI
	}
	if !s.postcodes {
		c.Postcodes = stored.Postcodes
	}
	if !s.population {
		c.Population = stored.Population
	}
	if !s.centre {
		c.Point = stored.Point
	}
	return c
}
