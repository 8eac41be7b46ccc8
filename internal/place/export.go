package place

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fold"
	"viaduc/internal/territory"
)

// Format is a form in which the census leaves.
type Format string

// The formats. All hold the published places, in the order of their public numbers.
const (
	// CSV is the file of the national standard: UTF-8, comma, its columns in its order, its exact strings; several
	// values in a cell are joined by "|". A text that a spreadsheet would take for a formula begins with an apostrophe,
	// which Import takes away.
	CSV Format = "csv"
	// JSON is an array of objects with the fields of the standard under their names, in its order. Fields with several
	// values are arrays, latitude and longitude numbers, all others strings; what is not said is left out.
	JSON Format = "json"
	// GeoJSON is a FeatureCollection of points (RFC 7946) whose properties are those of JSON. Places without
	// coordinates are left out and counted.
	GeoJSON Format = "geojson"
	// DataInclusion is {"structures": [...], "services": [...]} in the forms of data·inclusion, schema version 1.
	DataInclusion Format = "data-inclusion"
	// XLSX is a sheet for people: the columns of CSV as text cells, so that nothing is a formula, and latitude and
	// longitude as numbers.
	XLSX Format = "xlsx"
)

// Formats lists the formats in the order in which people are offered them.
func Formats() []Format { return []Format{CSV, XLSX, JSON, GeoJSON, DataInclusion} }

// MediaType is the type of a file of this format.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case GeoJSON:
		return "application/geo+json"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}

// producer is who makes the files, in their names and where a place does not say who collected it.
const producer = "viaduc"

// FileName is how the national chain names a file: date of the data, producer, territory. A territory without a usable
// name is called "territoire".
func (f Format) FileName(on time.Time, territory string) string {
	name, ext := "lieux-de-mediation-numeriques", string(f)
	if f == DataInclusion {
		name, ext = "structures-inclusion", "json"
	}
	where := slug(territory)
	if where == "" {
		where = "territoire"
	}
	return on.Format("20060102") + "-" + producer + "-" + name + "-" + where + "." + ext
}

// slug writes a name with small letters, digits and hyphens alone.
func slug(name string) string {
	const most = 60
	s := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, fold.Key(name))
	return strings.Trim(s[:min(len(s), most)], "-")
}

// ExportReport is what an export wrote, and of which state of the census.
type ExportReport struct {
	Written    int
	ToComplete int       // left out: a field breaks a rule of the standard
	ToLocate   int       // left out: stands nowhere
	NoPoint    int       // left out of GeoJSON: has no coordinates
	Unfit      int       // left out of DataInclusion: its name or its date cannot be written there
	Version    int64     // of the census
	Stamp      string    // of what it holds: see Service.Stamp
	ChangedAt  time.Time // when a place last changed; the zero time for an empty census
}

// Version is the version of the census that this node shows; it rises with every change.
func (s *Service) Version() int64 { return s.index.Load().version }

// rowWriter writes places in one format.
type rowWriter interface {
	// put writes one place and counts it, or counts why it cannot be written.
	put(p *Place, rep *ExportReport) error
	// next ends a pass over the places, and reports whether the format needs them once more.
	next() (again bool, err error)
}

// Export writes the published places to dst, one after the other: a census of any size needs little memory, but for
// XLSX, whose rows wait in a temporary file and whose compressed file stands whole in memory. It reads one unchanging
// state of the database. It reports an unknown format, a failed write, and more rows than a sheet holds.
func (s *Service) Export(ctx context.Context, dst io.Writer, f Format) (ExportReport, error) {
	return s.ExportArea(ctx, dst, f, territory.Area{})
}

// ExportArea is Export of the places of an area alone; the zero Area is everywhere. ChangedAt stays that of the census.
func (s *Service) ExportArea(ctx context.Context, dst io.Writer, f Format, a territory.Area) (ExportReport, error) {
	var rep ExportReport
	out := bufio.NewWriterSize(dst, 64<<10)
	w, err := newRowWriter(f, out)
	if err != nil {
		return rep, err
	}
	if c, ok := w.(io.Closer); ok {
		defer c.Close()
	}
	err = s.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		if rep.Version, err = version(ctx, q); err != nil {
			return err
		}
		if rep.ChangedAt, err = changedAt(ctx, q); err != nil {
			return err
		}
		visits := s.visited()
		rep.Stamp = stamp(rep.Version, visits)
		return exportRows(ctx, q, w, &rep, within(s.ground.Gazetteer(), a), visits)
	})
	if err != nil {
		return rep, fmt.Errorf("export %s: %w", f, err)
	}
	return rep, out.Flush()
}

// ChangedAt is when a place last changed; the zero time for an empty census. Files of the census bear its day.
func (s *Service) ChangedAt(ctx context.Context) (time.Time, error) { return changedAt(ctx, s.db) }

func changedAt(ctx context.Context, q db.Querier) (time.Time, error) {
	at, err := db.One(ctx, q, db.Value[int64], `SELECT COALESCE(MAX(changed_at), 0) FROM place_place`)
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.UnixMicro(at).UTC(), nil
}

// ExportCSV is Export in the format of the national standard. Importing the file again changes nothing.
func (s *Service) ExportCSV(ctx context.Context, dst io.Writer) (ExportReport, error) {
	return s.Export(ctx, dst, CSV)
}

func newRowWriter(f Format, out *bufio.Writer) (rowWriter, error) {
	switch f {
	case CSV:
		return newCSVWriter(out)
	case JSON:
		return &jsonWriter{out: out}, nil
	case GeoJSON:
		return &geoWriter{out: out}, nil
	case DataInclusion:
		return &inclusionWriter{out: out}, nil
	case XLSX:
		return newSheetWriter(out)
	}
	return nil, fmt.Errorf("export: unknown format %q", f)
}

// exportRows hands every place to w, as often as it needs them, and counts the first time.
func exportRows(ctx context.Context, q db.Querier, w rowWriter, rep *ExportReport, in func(*Place) bool, visits map[ID]string) error {
	joined, err := joinedIDs(ctx, q)
	if err != nil {
		return err
	}
	for again := true; again; {
		err := db.Each(ctx, q, scanPlace, func(p Place) error {
			if !in(&p) {
				return nil
			}
			if id, ok := joined[p.ID]; ok {
				p.StandardID = id
			}
			switch p.Status {
			case ToLocate:
				rep.ToLocate++
				return nil
			case ToComplete:
				rep.ToComplete++
				return nil
			}
			p.Hours = hoursOr(&p, visits)
			return w.put(&p, rep)
		}, `SELECT `+placeCols+` FROM place_place WHERE merged_into = '' ORDER BY number`)
		if err != nil {
			return err
		}
		if again, err = w.next(); err != nil {
			return err
		}
		rep = &ExportReport{} // counted already
	}
	return nil
}

type csvWriter struct {
	csv    *csv.Writer
	record []string
}

func newCSVWriter(out io.Writer) (*csvWriter, error) {
	w := &csvWriter{csv: csv.NewWriter(out), record: make([]string, len(standard))}
	for i, c := range standard {
		w.record[i] = c.Name
	}
	return w, w.csv.Write(w.record)
}

func (w *csvWriter) put(p *Place, rep *ExportReport) error {
	rep.Written++
	for i, c := range standard {
		w.record[i] = c.cell(p)
	}
	return w.csv.Write(w.record)
}

func (w *csvWriter) next() (bool, error) {
	w.csv.Flush()
	return false, w.csv.Error()
}

// jsonWriter writes one object a line.
type jsonWriter struct {
	out *bufio.Writer
	buf []byte
	n   int
}

func (w *jsonWriter) put(p *Place, rep *ExportReport) error {
	rep.Written++
	w.buf = append(append(w.buf[:0], opening("[\n", w.n)...), '{')
	w.buf = append(appendFields(w.buf, p, func(Column) bool { return true }), '}')
	w.n++
	_, err := w.out.Write(w.buf)
	return err
}

func (w *jsonWriter) next() (bool, error) {
	_, err := w.out.WriteString(closing("[", w.n) + "\n]\n")
	return false, err
}

// opening is what stands before object n of a list that begins with first.
func opening(first string, n int) string {
	if n == 0 {
		return first
	}
	return ",\n"
}

// closing is what an empty list still needs before its end.
func closing(first string, n int) string {
	if n == 0 {
		return first
	}
	return ""
}

// geoWriter writes one feature a line.
type geoWriter struct {
	out *bufio.Writer
	buf []byte
	n   int
}

const geoHead = `{"type":"FeatureCollection","features":[`

func (w *geoWriter) put(p *Place, rep *ExportReport) error {
	if !p.Point.Known() {
		rep.NoPoint++
		return nil
	}
	rep.Written++
	b := append(w.buf[:0], opening(geoHead+"\n", w.n)...)
	b = appendString(append(b, `{"type":"Feature","id":`...), p.StandardID)
	b = append(b, `,"geometry":{"type":"Point","coordinates":[`+formatDegrees(p.Point.Lon)+","+formatDegrees(p.Point.Lat)+`]},"properties":{`...)
	b = append(appendFields(b, p, func(c Column) bool { return !c.Number() }), "}}"...)
	w.buf = b
	w.n++
	_, err := w.out.Write(b)
	return err
}

func (w *geoWriter) next() (bool, error) {
	_, err := w.out.WriteString(closing(geoHead, w.n) + "\n]}\n")
	return false, err
}

// appendFields writes the wanted fields that p says, without braces.
func appendFields(b []byte, p *Place, want func(Column) bool) []byte {
	first := true
	for _, c := range standard {
		v := c.Value(p)
		if v == "" || !want(c) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, c.Name), ':')
		switch {
		case c.Number():
			b = append(b, v...)
		case c.List():
			b = appendJSON(b, List(v).Values())
		default:
			b = appendString(b, v)
		}
	}
	return b
}

func appendString(b []byte, s string) []byte { return appendJSON(b, s) }

// appendJSON writes strings and structs of strings, which always marshal.
func appendJSON(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return append(b, raw...)
}
