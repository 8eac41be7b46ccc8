package ui

import (
	"maps"
	"slices"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
)

// Refused is what a form that comes back says: in its summary, and beside each field.
type Refused struct {
	Summary ErrorSummary
	Status  int // of the answer
	fields  map[string]string
}

// Of is what is wrong with a field, "" when it is well.
func (f Refused) Of(field string) string { return f.fields[field] }

// Refuse reads a refusal that whoever filled in the form can put right (Invalid, Conflict, TooMany) and marks the page as
// coming back with a problem. ok is false for every other error: the handler returns it. ids say which input a field of
// the refusal stands for, where the two are not named alike.
func (p *Page) Refuse(err error, ids ...string) (refused Refused, ok bool) {
	f, isFault := fault.As(err)
	if !isFault || f.Kind != fault.Invalid && f.Kind != fault.Conflict && f.Kind != fault.TooMany {
		return Refused{}, false
	}
	p.Problem = true
	refused = Refused{Status: httpx.Status(f.Kind), fields: map[string]string{}}
	named := map[string]string{}
	for i := 0; i+1 < len(ids); i += 2 {
		named[ids[i]] = ids[i+1]
	}
	var errs []FieldError
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		text := p.T(f.Fields[field].Key, f.Fields[field].Args...)
		id := orElse(named[field], field)
		refused.fields[id] = text
		errs = append(errs, FieldError{Field: id, Text: text})
	}
	if len(errs) == 0 {
		errs = append(errs, FieldError{Text: p.T(f.Message.Key, f.Message.Args...)})
	}
	refused.Summary = p.ErrorSummary(errs...)
	return refused, true
}
