package place

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"viaduc/internal/platform/table"
)

// rowSource is a file as a table, whatever it is written in. *table.Reader is one.
type rowSource interface {
	Header() []string
	Column(name string) int
	Line() int
	Read() ([]string, error)
}

// openSource tells a list of JSON objects from a CSV file and reads either as a table. close gives back what it holds.
func openSource(ctx context.Context, src io.Reader) (rows rowSource, closeSource func(), err error) {
	buffered := bufio.NewReaderSize(src, 64<<10)
	head, err := buffered.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	if first := bytes.TrimSpace(head); len(first) == 0 || first[0] != '[' || !listOfObjects(first[1:]) {
		r, err := table.NewReader(buffered)
		return r, func() {}, err
	}
	if lead, err := buffered.Peek(3); err == nil && string(lead) == "\xEF\xBB\xBF" {
		_, _ = buffered.Discard(3) // they are in the buffer
	}
	t := &jsonTable{at: map[string]int{}}
	if err := t.load(ctx, buffered); err != nil {
		t.spool.close()
		return nil, nil, err
	}
	if t.next, err = t.spool.reader(); err != nil {
		t.spool.close()
		return nil, nil, err
	}
	return t, t.spool.close, nil
}

func listOfObjects(rest []byte) bool {
	rest = bytes.TrimSpace(rest)
	return len(rest) == 0 || rest[0] == '{' || rest[0] == ']'
}

// Limits of a JSON file, as of a CSV one.
const (
	maxJSONObject  = 1 << 20
	maxJSONColumns = 1000
)

// jsonTable is a list of JSON objects read as a table: a column for each key that any object has, in the order in which
// they come. Its line is the object's rank in the list. A list of values is joined by "|", a key of an inner object has
// the outer one's before it ("adresse.ville"), null is empty.
type jsonTable struct {
	header []string
	at     map[string]int
	spool  spool[jsonRow]
	next   func() (*jsonRow, error)
	line   int
}

// jsonRow holds the cells of one object and the columns they stand in.
type jsonRow struct {
	Columns []int
	Cells   []string
}

func (t *jsonTable) Header() []string { return t.header }

func (t *jsonTable) Line() int { return t.line }

func (t *jsonTable) Column(name string) int {
	if i, ok := t.at[name]; ok {
		return i
	}
	return -1
}

func (t *jsonTable) Read() ([]string, error) {
	row, err := t.next()
	if err != nil {
		return nil, err
	}
	t.line++
	out := make([]string, len(t.header))
	for i, c := range row.Columns {
		out[c] = row.Cells[i]
	}
	return out, nil
}

func (t *jsonTable) load(ctx context.Context, src io.Reader) error {
	g := &jsonGuard{src: src}
	dec := json.NewDecoder(g)
	if _, err := dec.Token(); err != nil { // the "[" that openSource has seen
		return jsonProblem(err, 0)
	}
	n := 0
	for ; dec.More(); n++ {
		if n%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		g.used = 0
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return jsonProblem(err, n+1)
		}
		row, err := t.row(raw)
		if err != nil {
			return jsonProblem(err, n+1)
		}
		if err := t.spool.add(&row); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return jsonProblem(err, n+1)
	}
	g.used = 0
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return jsonProblem(errAfterList, n+1)
	}
	if n == 0 {
		return &table.Problem{Kind: table.Empty}
	}
	return nil
}

func (t *jsonTable) row(raw []byte) (jsonRow, error) {
	if !utf8.Valid(raw) { // as in a CSV file: what is not UTF-8 is Windows-1252
		var err error
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			return jsonRow{}, err
		}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // numbers stay as they are written
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return jsonRow{}, err
	}
	if object == nil {
		return jsonRow{}, errNoObject
	}
	var row jsonRow
	return row, t.fill(&row, "", object)
}

func (t *jsonTable) fill(row *jsonRow, prefix string, object map[string]any) error {
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		name := prefix + strings.TrimSpace(k)
		if inner, ok := object[k].(map[string]any); ok {
			if err := t.fill(row, name+".", inner); err != nil {
				return err
			}
			continue
		}
		at, ok := t.at[name]
		if !ok {
			if len(t.header) == maxJSONColumns {
				return &table.Problem{Kind: table.TooManyFields}
			}
			at = len(t.header)
			t.at[name] = at
			t.header = append(t.header, name)
		}
		if text := jsonText(object[k]); text != "" {
			row.Columns, row.Cells = append(row.Columns, at), append(row.Cells, text)
		}
	}
	return nil
}

func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var out []string
		for _, one := range v {
			if text := jsonText(one); text != "" {
				out = append(out, text)
			}
		}
		return strings.Join(out, "|")
	case map[string]any: // inside a list: nobody can say which column it would be
		return ""
	}
	return fmt.Sprint(v) // a number as written, true or false
}

var (
	errNoObject  = errors.New("not an object")
	errAfterList = errors.New("something after the list")
)

// jsonProblem says in French where a JSON file stops being a list of objects.
func jsonProblem(err error, rank int) error {
	var p *table.Problem
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &p):
		return err
	case errors.As(err, &syntax), errors.As(err, &kind), errors.Is(err, errNoObject), errors.Is(err, errAfterList),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refuse("ce fichier JSON n'est pas une liste d'objets, un par lieu : il ne se lit plus à l'objet %d. Exportez-le de nouveau, entier.", max(rank, 1))
	}
	return err
}

// jsonGuard stops an object without end before it fills the memory.
type jsonGuard struct {
	src  io.Reader
	used int
}

func (g *jsonGuard) Read(p []byte) (int, error) {
	if g.used > maxJSONObject {
		return 0, &table.Problem{Kind: table.LineTooLong}
	}
	n, err := g.src.Read(p[:min(len(p), 64<<10)])
	g.used += n
	return n, err
}
