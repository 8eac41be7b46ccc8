package table_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/platform/table"
)

func readAll(src io.Reader) (header []string, rows [][]string, err error) {
	r, err := table.NewReader(src)
	if err != nil {
		return nil, nil, err
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return r.Header(), rows, nil
		}
		if err != nil {
			return r.Header(), rows, err
		}
		rows = append(rows, append([]string(nil), rec...))
	}
}

func TestReadsWhatPeopleSend(t *testing.T) {
	want := [][]string{{"1", "Médiathèque, l'île"}, {"2", "=1+1"}}
	for name, src := range map[string]string{
		"comma":         "id,nom\n1,\"Médiathèque, l'île\"\n2,=1+1\n",
		"no last line":  "id,nom\n1,\"Médiathèque, l'île\"\n2,=1+1",
		"windows lines": "id,nom\r\n1,\"Médiathèque, l'île\"\r\n2,=1+1\r\n",
		"semicolon":     "id;nom\n1;Médiathèque, l'île\n2;=1+1\n",
		"tab":           "id\tnom\n1\tMédiathèque, l'île\n2\t=1+1\n",
		"mark":          "\xEF\xBB\xBFid,nom\n1,\"Médiathèque, l'île\"\n2,=1+1\n",
		"windows-1252":  "id;nom\n1;M\xe9diath\xe8que, l'\xeele\n2;=1+1\n",
		"blank lines":   "\n\nid,nom\n\n1,\"Médiathèque, l'île\"\n\n2,=1+1\n\n",
		"spaced header": " id , nom \n1,\"Médiathèque, l'île\"\n2,=1+1\n",
	} {
		t.Run(name, func(t *testing.T) {
			header, rows, err := readAll(strings.NewReader(src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"id", "nom"}, header); diff != "" {
				t.Errorf("header: %s", diff)
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Errorf("rows: %s", diff)
			}
		})
	}
}

// endless gives the same byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestRefusesWhatIsNoTable(t *testing.T) {
	long := "id,nom\n" + strings.Repeat("1,a\n", 40_000)
	for name, tc := range map[string]struct {
		src  io.Reader
		kind table.Kind
		line int
	}{
		"nothing":              {strings.NewReader(""), table.Empty, 0},
		"only blanks":          {strings.NewReader(" \n\r\n"), table.Empty, 0},
		"nul at once":          {strings.NewReader("PK\x03\x04\x00\x00"), table.Binary, 0},
		"nul later":            {strings.NewReader(long + "2,\x00\n"), table.Binary, 0},
		"endless zero":         {endless(0), table.Binary, 0},
		"endless line":         {endless('a'), table.LineTooLong, 1},
		"endless cell":         {io.MultiReader(strings.NewReader("id,nom\n1,\""), endless('a')), table.LineTooLong, 2},
		"unclosed quote":       {strings.NewReader("id,nom\n1,a\n2,\"b\n3,c\n"), table.Quote, 3},
		"quote in a cell":      {strings.NewReader("id,nom\n1,a\"b\"c\n"), table.Quote, 2},
		"too few cells":        {strings.NewReader("id,nom\n1,a\n2\n"), table.Columns, 3},
		"too many cells":       {strings.NewReader("id,nom\n1,a,x\n"), table.Columns, 2},
		"doubled column":       {strings.NewReader("id,id\n1,2\n"), table.DoubledColumn, 1},
		"two thousand columns": {strings.NewReader(strings.Repeat(",", 2000) + "\n"), table.TooManyFields, 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(tc.src)
			var p *table.Problem
			if !errors.As(err, &p) {
				t.Fatalf("err = %v, want a Problem", err)
			}
			if p.Kind != tc.kind || p.Line != tc.line {
				t.Errorf("%s at line %d, want %s at line %d", p.Kind, p.Line, tc.kind, tc.line)
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"id,nom\n1,a\n", "a;b\n\"", "\xEF\xBB\xBFa\n", "a\tb\r\n1\t2", "\xff,\xfe\n1,2\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		header, rows, err := readAll(strings.NewReader(src))
		if err != nil {
			var p *table.Problem
			if !errors.As(err, &p) {
				t.Fatalf("an error that says nothing to people: %v", err)
			}
		}
		for _, row := range rows {
			if len(row) != len(header) {
				t.Fatalf("row of %d cells under %d columns", len(row), len(header))
			}
			for _, cell := range row {
				if !utf8.ValidString(cell) {
					t.Fatalf("cell %q is not UTF-8", cell)
				}
			}
		}
	})
}
