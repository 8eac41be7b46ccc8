package table

import "fmt"

// Counts is how an import went, by rows of the file.
type Counts struct {
	Read      int // rows of the file, header left out
	Created   int
	Updated   int
	Unchanged int
	Rejected  int // not taken over at all
	Warnings  int // rules broken in rows that were kept
}

// String is the last line that every import command prints, for programs to read; its form never changes.
func (c Counts) String() string {
	return fmt.Sprintf("read %d, created %d, updated %d, unchanged %d, rejected %d, warnings %d", c.Read, c.Created, c.Updated, c.Unchanged, c.Rejected, c.Warnings)
}

// Issue is one rule that one row of a file breaks.
type Issue struct {
	Line    int    // line of the file on which the row begins
	ID      string // the row's own identifier, "" where it has none
	Field   string // column
	Rule    string // "missing", "pattern", "enum", "maxLength"...
	Value   string // what the file says, cut to 200 letters
	Message string // in French: what it means and what to do
}
