package territory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fetch"
)

// DefaultGeoURL is the public service of communes and outlines.
const DefaultGeoURL = "https://geo.api.gouv.fr"

// The bounds of one answer of the service of communes. The outlines of a département, not simplified, take some ten
// megabytes; the fields that are asked, a quarter of one.
const (
	groundTime = 2 * time.Minute
	groundSize = 64 << 20 // bytes
)

// groundFields are what is asked of each commune.
const groundFields = "nom,code,codesPostaux,population,centre,codeDepartement,codeRegion,codeEpci,epci"

// GroundAPI asks a service of the shape of geo.api.gouv.fr for the communes of a département and their outlines.
type GroundAPI struct {
	url    string
	client *fetch.Client
}

// GroundAPIDeps is what a GroundAPI needs.
type GroundAPIDeps struct {
	URL     string        // without "/departements": DefaultGeoURL
	Timeout time.Duration // of one answer; 0 is two minutes
	MaxBody int64         // bytes of one answer; 0 is 64 MiB
}

// ErrGroundURL says that the service's address is none of http or https, or holds a password.
var ErrGroundURL = errors.New("the address of the service of communes cannot be read")

// NewGroundAPI returns the service at an address; it reports ErrGroundURL.
func NewGroundAPI(d GroundAPIDeps) (*GroundAPI, error) {
	service := fetch.HostPort(d.URL)
	if service == "" {
		return nil, ErrGroundURL
	}
	if d.Timeout == 0 {
		d.Timeout = groundTime
	}
	if d.MaxBody == 0 {
		d.MaxBody = groundSize
	}
	// The operator chose this service himself: it may stand in his own network.
	client := fetch.New(fetch.Options{Timeout: d.Timeout, MaxBody: d.MaxBody, Internal: []string{service}})
	return &GroundAPI{url: strings.TrimRight(d.URL, "/"), client: client}, nil
}

// communes and outlines ask for what they say. They report a fault of the kind fault.Unavailable.
func (a *GroundAPI) communes(ctx context.Context, department string) ([]byte, error) {
	return a.ask(ctx, department, url.Values{"fields": {groundFields}, "format": {"json"}})
}

func (a *GroundAPI) outlines(ctx context.Context, department string) ([]byte, error) {
	return a.ask(ctx, department, url.Values{"fields": {"nom,code"}, "format": {"geojson"}, "geometry": {"contour"}})
}

func (a *GroundAPI) ask(ctx context.Context, department string, q url.Values) ([]byte, error) {
	answer, err := a.client.Get(ctx, a.url+"/departements/"+url.PathEscape(department)+"/communes?"+q.Encode())
	host := fetch.HostPort(a.url)
	var slow interface{ Timeout() bool }
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fetch.ErrTooLarge):
		return nil, fault.New(fault.Unavailable, "territory.fetch_large", "Host", host)
	case errors.Is(err, fetch.ErrRefused):
		return nil, fault.New(fault.Unavailable, "territory.fetch_refused", "Host", host)
	case errors.As(err, &slow) && slow.Timeout():
		return nil, fault.New(fault.Unavailable, "territory.fetch_slow", "Host", host)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "territory.fetch_silent", "Host", host)
	case answer.Status == http.StatusNotFound:
		return nil, fault.New(fault.Unavailable, "territory.fetch_unknown", "Host", host, "Department", department)
	case answer.Status != http.StatusOK:
		return nil, fault.New(fault.Unavailable, "territory.fetch_status", "Host", host, "Status", answer.Status)
	}
	if !json.Valid(answer.Body) {
		return nil, fault.New(fault.Unavailable, "territory.fetch_not_json", "Host", host)
	}
	return answer.Body, nil
}

// FetchReport is what FetchDepartment did.
type FetchReport struct{ Communes, Outlines ImportReport }

// FetchDepartment asks a service for the communes of a département and for their outlines, and lands both in one
// transaction as ImportCommunesJSON and ImportContours do: what the other départements have stays. year is that of the
// outlines, 0 when it is not known.
//
// Nothing changes unless both answers could be read whole. It reports fault.Invalid for what is no département
// (territory.fetch_department), fault.Unavailable when the service does not answer, or not so that it can be read, or for
// another département (territory.fetch_foreign), and ImportContours' errors.
func (s *Service) FetchDepartment(ctx context.Context, by audit.Actor, from *GroundAPI, department string, year int) (FetchReport, error) {
	department = strings.ToUpper(strings.TrimSpace(department))
	if _, known := departmentNames[department]; !known {
		return FetchReport{}, fault.New(fault.Invalid, "territory.fetch_department", "Department", department)
	}
	communes, err := s.fetchCommunes(ctx, from, department)
	if err != nil {
		return FetchReport{}, err
	}
	outlines, err := s.fetchOutlines(ctx, from, department, communes, year)
	if err != nil {
		return FetchReport{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		if err := s.landTx(ctx, tx, by, communes); err != nil {
			return err
		}
		return s.landContoursTx(ctx, tx, by, outlines)
	})
	return FetchReport{Communes: communes.report, Outlines: outlines.report}, err
}

func (s *Service) fetchCommunes(ctx context.Context, from *GroundAPI, department string) (*communeFile, error) {
	body, err := from.communes(ctx, department)
	if err != nil {
		return nil, err
	}
	f, err := readCommunesJSON(ctx, bytes.NewReader(body))
	if err != nil {
		return nil, unreadable(from, err)
	}
	for _, c := range f.communes {
		if c.Department != department {
			return nil, foreign(from, department, c.Name, c.Code)
		}
	}
	return f, nil
}

func (s *Service) fetchOutlines(ctx context.Context, from *GroundAPI, department string, communes *communeFile, year int) (*contourFile, error) {
	body, err := from.outlines(ctx, department)
	if err != nil {
		return nil, err
	}
	mergers, err := listMergers(ctx, s.db)
	if err != nil {
		return nil, err
	}
	f := newContourFile(NewGazetteer(append([]Commune(nil), communes.communes...), nil).withMergers(mergers), year)
	if err := f.read(ctx, bytes.NewReader(body)); err != nil {
		return nil, unreadable(from, err)
	}
	for _, i := range f.report.Issues {
		if i.Rule == "unknown" && DepartmentOf(i.ID) != department {
			return nil, foreign(from, department, i.Value, i.ID)
		}
	}
	return f, nil
}

// unreadable says of which service an answer cannot be read; it is not the caller's file.
func unreadable(from *GroundAPI, err error) error {
	if _, refused := fault.As(err); refused {
		return fault.New(fault.Unavailable, "territory.fetch_shape", "Host", fetch.HostPort(from.url))
	}
	return fmt.Errorf("read an answer: %w", err)
}

func foreign(from *GroundAPI, department, name, code string) error {
	return fault.New(fault.Unavailable, "territory.fetch_foreign", "Host", fetch.HostPort(from.url), "Department", department, "Commune", name+" ("+code+")")
}
