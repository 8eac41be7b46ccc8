package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// Line is a journal entry as it was recorded. A Reader says it in French.
type Line struct {
	ID         string
	At         int64 // microseconds
	Actor      Actor
	Action     string
	Object     Object
	DetailJSON string
	Subjects   []Object // beside the object; in the order of kind and id
}

// Cursor is the place of the line, to go on reading after it.
func (l Line) Cursor() Cursor { return Cursor{At: l.At, ID: l.ID} }

// Cursor is a place in the journal: that of a line. The zero Cursor is before the first line that is asked for.
type Cursor struct {
	At int64 // microseconds
	ID string
}

// String is the cursor as an address carries it; the zero Cursor is "".
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.At, 36) + "." + c.ID
}

// ParseCursor reads what String wrote. It reports fault.Invalid for any other text.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	at, leaf, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !id.Valid(leaf) {
		return Cursor{}, fault.New(fault.Invalid, "audit.bad_cursor")
	}
	return Cursor{At: micros, ID: leaf}, nil
}

// Filter says which lines are looked for. Its zero value is all of them.
type Filter struct {
	Actor      Actor
	Action     string    // its beginning: "place.", "identity.login"
	Object     Object    // an empty ID is every object of that kind
	Concerning Object    // lines done to it, or that name it as a subject
	From, To   time.Time // from the one on, and before the other; zero is no bound
	After      Cursor    // go on after the last line of the page before
}

// Page is a part of the lines that were looked for, newest first.
type Page struct {
	Lines []Line
	Next  Cursor // for the Filter of the next page; zero when this one is the last
}

// pageMost bounds a page, whatever its caller asks for.
const pageMost = 500

// Search returns the newest lines that f looks for, at most limit (500 at most). It reports fault.Invalid for a Filter
// that cannot be: an object without a kind, or that ends before it begins.
func (j *Journal) Search(ctx context.Context, f Filter, limit int) (Page, error) {
	if err := f.check(); err != nil {
		return Page{}, err
	}
	limit = max(1, min(limit, pageMost))
	lines, err := searchLines(ctx, j.db, f, limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("search the journal: %w", err)
	}
	var p Page
	if len(lines) > limit {
		lines = lines[:limit]
		p.Next = lines[limit-1].Cursor()
	}
	p.Lines, err = withSubjects(ctx, j.db, lines)
	return p, err
}

func (f Filter) check() error {
	switch {
	case f.Object.Kind == "" && f.Object.ID != "", (f.Concerning.Kind == "") != (f.Concerning.ID == ""):
		return fault.New(fault.Invalid, "audit.bad_object")
	case !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To):
		return fault.New(fault.Invalid, "audit.bad_period")
	}
	return nil
}

// Concerning returns the newest lines about a person or an account: what was done to it and what names it, by whoever
// did it: others, itself, failed attempts, the command line and the program included. Lines that it is only the actor of
// are found by Filter.Actor.
func (j *Journal) Concerning(ctx context.Context, o Object, after Cursor, limit int) (Page, error) {
	return j.Search(ctx, Filter{Concerning: o, After: after}, limit)
}

// About returns the newest lines about an object, at most limit; an unknown object has none.
func (j *Journal) About(ctx context.Context, o Object, limit int) ([]Line, error) {
	p, err := j.Search(ctx, Filter{Object: o}, limit)
	return p.Lines, err
}

// Oldest returns the oldest lines recorded before an instant, oldest first, at most limit, from after the cursor on:
// what retention goes through.
func (j *Journal) Oldest(ctx context.Context, q db.Querier, before time.Time, after Cursor, limit int) ([]Line, error) {
	lines, err := oldestLines(ctx, q, before, after, limit)
	if err != nil {
		return nil, err
	}
	return withSubjects(ctx, q, lines)
}
