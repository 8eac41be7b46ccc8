// Package table reads the CSV files that people really send: UTF-8 with or without a byte order mark, or Windows-1252;
// comma, semicolon, tab or bar between fields; any line end. It reads as a stream and never holds the file.
//
// A file that is no table at all is refused with a Problem that says what is wrong and where, so that the caller can
// tell a person what to do. Cells are ordinary data, whatever sign they begin with.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Kind names what is wrong with a file.
type Kind string

// The ways in which a file is no table.
const (
	Empty         Kind = "empty"          // nothing, or only blank lines
	Binary        Kind = "binary"         // NUL bytes: a spreadsheet or an image, not a text
	LineTooLong   Kind = "line_too_long"  // a record longer than maxRecord: not a table
	Quote         Kind = "quote"          // a quotation mark is opened or closed where it cannot be
	Columns       Kind = "columns"        // a line has more or fewer fields than the header
	DoubledColumn Kind = "doubled_column" // two columns have the same name
	TooManyFields Kind = "too_many_columns"
)

// Problem says why a file cannot be read as a table.
type Problem struct {
	Kind Kind
	Line int    // 1 is the header; 0 when it is the whole file
	Name string // the column, where there is one
}

func (p *Problem) Error() string {
	return fmt.Sprintf("not a table: %s at line %d %s", p.Kind, p.Line, p.Name)
}

// Limits of one file: a record of a real census has a few kilobytes.
const (
	maxRecord  = 1 << 20
	maxColumns = 1000
	peekSize   = 64 << 10
)

// Reader reads records. Its zero value is not useful; see NewReader.
type Reader struct {
	csv    *csv.Reader
	header []string
	guard  *guard
	line   int
}

// NewReader reads the header. It reports a *Problem for what is no table.
func NewReader(src io.Reader) (*Reader, error) {
	buffered := bufio.NewReaderSize(src, peekSize)
	head, err := buffered.Peek(peekSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, &Problem{Kind: Binary}
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(head, bom))) == 0 && len(head) < peekSize {
		return nil, &Problem{Kind: Empty}
	}
	if bytes.HasPrefix(head, bom) {
		_, _ = buffered.Discard(len(bom)) // they are in the buffer
	}
	g := &guard{src: buffered}
	r := &Reader{csv: csv.NewReader(g), guard: g}
	r.csv.Comma = separator(head)
	r.csv.ReuseRecord = true
	r.csv.FieldsPerRecord = -1
	if err := r.readHeader(); err != nil {
		return nil, err
	}
	return r, nil
}

var bom = []byte{0xEF, 0xBB, 0xBF}

// separator is the sign that stands most often in the header.
func separator(head []byte) rune {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	best, most := ',', 0
	for _, sep := range []rune{',', ';', '\t', '|'} {
		if n := bytes.Count(line, []byte(string(sep))); n > most {
			best, most = sep, n
		}
	}
	return best
}

func (r *Reader) readHeader() error {
	first, err := r.read()
	if errors.Is(err, io.EOF) {
		return &Problem{Kind: Empty}
	}
	if err != nil {
		return err
	}
	if len(first) > maxColumns {
		return &Problem{Kind: TooManyFields, Line: 1}
	}
	seen := map[string]bool{}
	for _, name := range first {
		name = strings.TrimSpace(name)
		if name != "" && seen[name] {
			return &Problem{Kind: DoubledColumn, Line: 1, Name: name}
		}
		seen[name] = true
		r.header = append(r.header, name)
	}
	return nil
}

// Header returns the column names, trimmed.
func (r *Reader) Header() []string { return r.header }

// Column returns where a column stands, -1 when the file lacks it.
func (r *Reader) Column(name string) int {
	for i, h := range r.header {
		if h == name {
			return i
		}
	}
	return -1
}

// Line is the line on which the record last read begins; the header begins on line 1.
func (r *Reader) Line() int { return r.line }

// Read returns the next record, io.EOF at the end. The slice is good until the next Read. Blank lines are passed over.
func (r *Reader) Read() ([]string, error) {
	rec, err := r.read()
	if err != nil {
		return nil, err
	}
	if len(rec) != len(r.header) {
		return nil, &Problem{Kind: Columns, Line: r.line}
	}
	return rec, nil
}

func (r *Reader) read() ([]string, error) {
	r.guard.start()
	rec, err := r.csv.Read()
	var p *Problem
	var parse *csv.ParseError
	switch {
	case errors.As(err, &p):
		if p.Kind == LineTooLong {
			p.Line = r.line + 1
		}
		return nil, p
	case errors.As(err, &parse):
		return nil, &Problem{Kind: Quote, Line: parse.StartLine}
	case err != nil:
		return nil, err
	}
	r.line, _ = r.csv.FieldPos(0)
	for i, cell := range rec {
		rec[i] = text(cell)
	}
	return rec, nil
}

// text returns a cell as UTF-8. One that is not is read as Windows-1252, which has the printable signs of Latin-1: a
// French text in that encoding is practically never valid UTF-8, and a file may mix both.
func text(cell string) string {
	if utf8.ValidString(cell) {
		return cell
	}
	s, err := charmap.Windows1252.NewDecoder().String(cell)
	if err != nil {
		return strings.ToValidUTF8(cell, "\uFFFD")
	}
	return s
}

// guard stops a stream that is no text or whose records have no end, before it fills the memory.
type guard struct {
	src  io.Reader
	used int
}

func (g *guard) start() { g.used = 0 }

func (g *guard) Read(p []byte) (int, error) {
	if g.used > maxRecord {
		return 0, &Problem{Kind: LineTooLong}
	}
	n, err := g.src.Read(p[:min(len(p), 16<<10)])
	g.used += n
	if bytes.IndexByte(p[:n], 0) >= 0 {
		return 0, &Problem{Kind: Binary}
	}
	return n, err
}
