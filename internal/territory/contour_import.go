package territory

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
)

// Import reads a file of communes or of mergers, a table or a JSON list, or of their outlines when it is a JSON object: see
// ImportCommunes, ImportMergers, ImportCommunesJSON and ImportContours.
func (s *Service) Import(ctx context.Context, by audit.Actor, src io.Reader, year int) (ImportReport, error) {
	buffered := bufio.NewReaderSize(src, 64<<10)
	head, err := buffered.Peek(1 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return ImportReport{}, err
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte(byteOrderMark)))
	switch {
	case len(head) > 0 && head[0] == '{':
		return s.ImportContours(ctx, by, buffered, year)
	case len(head) > 0 && head[0] == '[':
		return s.ImportCommunesJSON(ctx, by, buffered)
	}
	if isMergers(head) {
		return s.ImportMergers(ctx, by, buffered)
	}
	return s.ImportCommunes(ctx, by, buffered)
}

const byteOrderMark = "\xEF\xBB\xBF"

// ImportContours reads outlines of communes from a GeoJSON file (RFC 7946: a FeatureCollection, or one Feature) whose
// features say the INSEE code of their commune and a Polygon or a MultiPolygon in degrees: the shape of geo.api.gouv.fr.
// It inserts those it does not have, replaces those that differ and leaves the others; year is that of the source, 0 when
// it is not known. A feature of an unknown commune or with a broken geometry is reported and left out; Issue.Line is its
// rank in the file.
//
// Nothing changes unless the whole file could be read. It reports fault.Invalid for what is no GeoJSON of features
// (territory.not_geojson), is cut or damaged (territory.geojson_broken), is not in degrees (territory.geojson_projection),
// and while no commune is known at all (territory.no_commune).
func (s *Service) ImportContours(ctx context.Context, by audit.Actor, src io.Reader, year int) (ImportReport, error) {
	communes, err := listCommunes(ctx, s.db)
	if err != nil {
		return ImportReport{}, err
	}
	if len(communes) == 0 {
		return ImportReport{}, fault.New(fault.Invalid, "territory.no_commune")
	}
	mergers, err := listMergers(ctx, s.db)
	if err != nil {
		return ImportReport{}, err
	}
	f := newContourFile(NewGazetteer(communes, nil).withMergers(mergers), year)
	if err := f.read(ctx, src); err != nil {
		return ImportReport{}, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.landContoursTx(ctx, tx, by, f)
	})
	return f.report, err
}

// landContoursTx writes what differs from what the database has.
func (s *Service) landContoursTx(ctx context.Context, tx *db.Tx, by audit.Actor, f *contourFile) error {
	have, err := listContours(ctx, tx)
	if err != nil {
		return err
	}
	stored := make(map[string]contour, len(have))
	for _, c := range have {
		stored[c.code] = c
	}
	counts := &f.report.Counts
	counts.Created, counts.Updated, counts.Unchanged = 0, 0, 0 // the transaction may run again
	var changed []contour
	for _, c := range f.list {
		old, ok := stored[c.code]
		switch {
		case !ok:
			counts.Created++
		case bytes.Equal(old.geometry, c.geometry) && old.year == c.year:
			counts.Unchanged++
			continue
		default:
			counts.Updated++
		}
		changed = append(changed, c)
	}
	if len(changed) == 0 {
		return nil
	}
	if err := raise(ctx, tx); err != nil {
		return err
	}
	if err := putContours(ctx, tx, changed); err != nil {
		return err
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: by, Action: "territory.contours", Object: audit.Object{Kind: "contours", ID: ""},
		Detail: map[string]string{"créés": strconv.Itoa(counts.Created), "modifiés": strconv.Itoa(counts.Updated), "année": strconv.Itoa(f.year)},
	})
}

// contourFile is a file of outlines, read and checked.
type contourFile struct {
	known  *Gazetteer
	year   int
	list   []contour
	lines  map[string]int // rank by code
	report ImportReport
}

func newContourFile(known *Gazetteer, year int) *contourFile {
	return &contourFile{known: known, year: year, lines: map[string]int{}}
}

// feature is what is read of one.
type feature struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *geometry                  `json:"geometry"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// withoutMark passes over the byte order mark that a file may begin with.
func withoutMark(src io.Reader) io.Reader {
	buffered := bufio.NewReader(src)
	if lead, err := buffered.Peek(len(byteOrderMark)); err == nil && string(lead) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark)) // they are in the buffer
	}
	return buffered
}

// read goes through the one object of the file, feature by feature.
func (f *contourFile) read(ctx context.Context, src io.Reader) error {
	dec := json.NewDecoder(withoutMark(src))
	open, err := dec.Token()
	if err != nil {
		return f.broken(err)
	}
	if open != json.Delim('{') {
		return fault.New(fault.Invalid, "territory.not_geojson")
	}
	members, collected, err := f.members(ctx, dec)
	if err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return f.broken(err)
	}
	switch kind := members["type"]; {
	case string(kind) == `"FeatureCollection"` && collected:
		return nil
	case string(kind) == `"Feature"` && !collected:
		raw, err := json.Marshal(members)
		if err != nil {
			return err
		}
		f.add(raw)
		return nil
	}
	return fault.New(fault.Invalid, "territory.not_geojson")
}

// members reads the members of the object up to its end, and the features as they come.
func (f *contourFile) members(ctx context.Context, dec *json.Decoder) (members map[string]json.RawMessage, collected bool, err error) {
	members = map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, false, f.broken(err)
		}
		if key == "features" && !collected {
			if err := f.features(ctx, dec); err != nil {
				return nil, false, err
			}
			collected = true
			continue
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, false, f.broken(err)
		}
		if key == "crs" && !inDegrees(value) {
			return nil, false, fault.New(fault.Invalid, "territory.geojson_projection")
		}
		members[key.(string)] = value // the key of an object is a string
	}
	if _, err := dec.Token(); err != nil { // the end of the object
		return nil, false, f.broken(err)
	}
	return members, collected, nil
}

func (f *contourFile) features(ctx context.Context, dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return f.broken(err)
	}
	if open != json.Delim('[') {
		return fault.New(fault.Invalid, "territory.not_geojson")
	}
	for dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return f.broken(err)
		}
		f.add(raw)
	}
	if _, err := dec.Token(); err != nil { // the end of the list
		return f.broken(err)
	}
	return nil
}

// broken says after which feature the text of the file is no JSON any more. Errors of reading the file itself pass.
func (f *contourFile) broken(err error) error {
	var syntax *json.SyntaxError
	if err == nil || errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Invalid, "territory.geojson_broken", "Rank", f.report.Read)
	}
	return err
}

// inDegrees reports whether a "crs" member, which old files still have, names WGS 84.
func inDegrees(crs json.RawMessage) bool {
	text := string(crs)
	return text == "null" || strings.Contains(text, "CRS84") || strings.Contains(text, "4326")
}

// codeNames are the properties that hold the INSEE code, as publishers write them.
var codeNames = []string{"code", "code_insee", "insee_com", "INSEE_COM", "insee"}

// add reads one feature; one that cannot be taken is reported.
func (f *contourFile) add(raw json.RawMessage) {
	f.report.Read++
	var one feature
	if err := json.Unmarshal(raw, &one); err != nil || one.Type != "Feature" {
		f.reject(table.Issue{Field: "type", Rule: "type", Message: "Cet objet n'est pas un contour (Feature). Il n'est pas repris."})
		return
	}
	code, name := "", textOf(one.Properties["nom"])
	for _, key := range codeNames {
		if code == "" {
			code = strings.ToUpper(textOf(one.Properties[key]))
		}
	}
	c, known := f.known.Successor(code, today())
	first := f.lines[code]
	switch {
	case code == "":
		f.reject(table.Issue{Field: "code", Rule: "missing", Value: name, Message: "Le code INSEE de la commune manque (propriété « code »). Le contour n'est pas repris."})
		return
	case !known:
		f.reject(table.Issue{ID: code, Field: "code", Rule: "unknown", Value: name, Message: named(name, code) + " n'est pas dans la liste des communes : peut-être a-t-elle fusionné. Le contour n'est pas repris."})
		return
	case first > 0:
		f.reject(table.Issue{ID: code, Field: "code", Rule: "unique", Value: strconv.Itoa(first), Message: "Cette commune est déjà plus haut dans le fichier. Le premier contour est gardé."})
		return
	}
	rings, reason := one.Geometry.rings()
	if reason == "" && !near(rings, c.Point) {
		reason = "Ce contour est loin de la commune. Vérifiez que la longitude vient avant la latitude, en degrés. Il n'est pas repris."
	}
	if reason != "" {
		f.reject(table.Issue{ID: code, Field: "geometry", Rule: "broken", Message: reason})
		return
	}
	f.lines[code] = f.report.Read
	f.list = append(f.list, contour{code: code, geometry: pack(rings), year: f.year})
}

// named says a commune by what the file says of it: "Devise (17457)".
func named(name, code string) string {
	if name == "" {
		return "La commune " + code
	}
	return name + " (" + code + ")"
}

func (f *contourFile) reject(i table.Issue) {
	f.report.Rejected++
	i.Line = f.report.Read
	if len(f.report.Issues) < maxIssues {
		f.report.Issues = append(f.report.Issues, i)
	}
}

// textOf reads a property that is a text or a number.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	if text == "null" || len(text) > 200 {
		return ""
	}
	return strings.TrimSpace(text)
}

// rings reads a Polygon or a MultiPolygon; reason says in French why it cannot.
func (g *geometry) rings() (rings [][]vertex, reason string) {
	const left = " Le contour n'est pas repris."
	var polygons [][][][]float64
	var err error
	switch {
	case g == nil:
		return nil, "La géométrie manque." + left
	case g.Type == "Polygon":
		polygons = make([][][][]float64, 1)
		err = json.Unmarshal(g.Coordinates, &polygons[0])
	case g.Type == "MultiPolygon":
		err = json.Unmarshal(g.Coordinates, &polygons)
	default:
		return nil, "La géométrie n'est ni un Polygon ni un MultiPolygon." + left
	}
	if err != nil {
		return nil, "Les coordonnées ne se lisent pas." + left
	}
	corners := 0
	for _, polygon := range polygons {
		for _, line := range polygon {
			ring, fine := ringOf(line)
			switch {
			case !fine:
				return nil, "Un anneau n'est pas fermé, a moins de quatre points, ou n'est pas en degrés." + left
			case ring != nil:
				rings, corners = append(rings, ring), corners+len(ring)
			}
		}
	}
	switch {
	case len(rings) == 0:
		return nil, "Le contour n'entoure rien." + left
	case len(rings) > mostRings || corners > mostCorners:
		return nil, "Le contour a trop de points. Prenez une version simplifiée." + left
	}
	return rings, ""
}

// ringOf turns positions into corners. fine is false when they are no closed ring in degrees; the ring is nil when at our
// precision nothing is left of it, as of a rock in the sea.
func ringOf(line [][]float64) (ring []vertex, fine bool) {
	if len(line) < 4 {
		return nil, false
	}
	ring = make([]vertex, 0, len(line))
	for _, at := range line {
		if len(at) < 2 || !(Point{Lat: at[1], Lon: at[0]}).Valid() {
			return nil, false
		}
		v := vertex{int32(math.Round(at[0] * unitsADegree)), int32(math.Round(at[1] * unitsADegree))}
		if len(ring) == 0 || ring[len(ring)-1] != v {
			ring = append(ring, v)
		}
	}
	if !slices.Equal(line[0][:2], line[len(line)-1][:2]) {
		return nil, false
	}
	if ring = ring[:max(len(ring)-1, 0)]; len(ring) < 3 || area(ring) == 0 {
		return nil, true
	}
	return slices.Clip(ring), true
}

// area is twice the area of a ring, in square units.
func area(ring []vertex) int64 {
	var sum int64
	last := ring[len(ring)-1]
	for _, v := range ring {
		sum += int64(last.x)*int64(v.y) - int64(v.x)*int64(last.y)
		last = v
	}
	return sum
}

// nearEnough is how far from the box of its outline the centre of a commune may lie, in degrees: the two may be of
// different years.
const nearEnough = 0.5

// near reports whether an outline may be that of a commune with this centre; it may, when the centre is not known.
func near(rings [][]vertex, centre Point) bool {
	if !centre.Known() {
		return true
	}
	around := box{min: [2]int32{math.MaxInt32, math.MaxInt32}, max: [2]int32{math.MinInt32, math.MinInt32}}
	for _, ring := range rings {
		for _, v := range ring {
			around.add(v)
		}
	}
	x, y := centre.Lon*unitsADegree, centre.Lat*unitsADegree
	const margin = nearEnough * unitsADegree
	return x > float64(around.min[0])-margin && x < float64(around.max[0])+margin && y > float64(around.min[1])-margin && y < float64(around.max[1])+margin
}
