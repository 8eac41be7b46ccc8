package identity

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/territory"
)

// ScopeKind is what sort of ground a Scope is.
type ScopeKind string

// The kinds of ground.
const (
	ScopeDepartment ScopeKind = "department" // Code is the département's: "17", "2A"
	ScopeEPCI       ScopeKind = "epci"       // Code is the SIREN of the grouping
	ScopeCommune    ScopeKind = "commune"    // Code is the INSEE code
	ScopeGroup      ScopeKind = "group"      // communes with a name: a pilot territory
)

// Scope is a ground that a right holds on. The zero Scope holds nothing.
type Scope struct {
	ID   ScopeID
	Kind ScopeKind
	Code string // "" for a group
	Name string

	ground *territory.Gazetteer // to know the communes of an EPCI
	group  *communeSet
}

// communeSet is the communes of a group; it never changes.
type communeSet struct{ codes map[string]bool }

// NewScope returns a scope as a session has it: ground says which communes an EPCI has, communes are those of a group.
func NewScope(scope Scope, ground *territory.Gazetteer, communes []string) Scope {
	scope.ground = ground
	if scope.Kind == ScopeGroup {
		set := &communeSet{codes: make(map[string]bool, len(communes))}
		for _, c := range communes {
			set.codes[c] = true
		}
		scope.group = set
	}
	return scope
}

// Holds reports whether the commune of an INSEE code lies in the scope.
func (s Scope) Holds(commune string) bool {
	if commune == "" {
		return false
	}
	switch s.Kind {
	case ScopeDepartment:
		return s.Code != "" && territory.DepartmentOf(commune) == s.Code
	case ScopeEPCI:
		if s.ground == nil || s.Code == "" {
			return false
		}
		c, ok := s.ground.Commune(commune)
		return ok && c.EPCI == s.Code
	case ScopeCommune:
		return s.Code == commune
	case ScopeGroup:
		return s.group != nil && s.group.codes[commune]
	}
	return false
}

// where returns the condition that column lies in the scope, "?" standing for the values; "" where it holds nothing.
func (s Scope) where(column string) (text string, values []any) {
	var codes []string
	switch s.Kind {
	case ScopeDepartment:
		if s.Code != "" {
			return "substr(" + column + ", 1, " + string('0'+rune(len(s.Code))) + ") = ?", []any{s.Code}
		}
	case ScopeCommune:
		if s.Code != "" {
			return column + " = ?", []any{s.Code}
		}
	case ScopeEPCI:
		if s.ground != nil && s.Code != "" {
			codes = s.ground.InEPCI(s.Code)
		}
	case ScopeGroup:
		if s.group != nil {
			codes = slices.Sorted(maps.Keys(s.group.codes))
		}
	}
	if len(codes) == 0 {
		return "", nil
	}
	for _, c := range codes {
		values = append(values, c)
	}
	return column + " IN (?)", values
}

// Communes are the INSEE codes of a group, sorted; nil for the other kinds.
func (s Scope) Communes() []string {
	if s.group == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.group.codes))
}

// scopeCache keeps scopes by id and version, so that a session's check reads no list of communes.
type scopeCache struct {
	mu   sync.Mutex
	held map[ScopeID]versionedScope
}

type versionedScope struct {
	version int64
	scope   Scope
}

func (c *scopeCache) get(id ScopeID, version int64) (Scope, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.held[id]
	return v.scope, ok && v.version == version
}

func (c *scopeCache) put(id ScopeID, version int64, s Scope) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = map[ScopeID]versionedScope{}
	}
	c.held[id] = versionedScope{version, s}
}

// scope returns the scope of a row that was just read: from memory where the version is the same, with today's ground.
func (s *Service) scope(ctx context.Context, row scopeRow) (Scope, error) {
	scope, ok := s.scopes.get(row.ID, row.version)
	if !ok {
		var communes []string
		if row.Kind == ScopeGroup {
			var err error
			if communes, err = scopeCommunes(ctx, s.db, row.ID); err != nil {
				return Scope{}, err
			}
		}
		scope = NewScope(Scope{ID: row.ID, Kind: row.Kind, Code: row.Code, Name: row.Name}, nil, communes)
		s.scopes.put(row.ID, row.version, scope)
	}
	scope.ground = s.territory.Gazetteer()
	return scope, nil
}

var (
	departmentCode = regexp.MustCompile(`^(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8]|98[4-9])$`)
	sirenCode      = regexp.MustCompile(`^[0-9]{9}$`)
	communeCode    = regexp.MustCompile(`^[0-9][0-9AB][0-9]{3}$`)
)

// NewScopeInput is a scope to add. Communes is for a group only; Name may be left to the ground for an EPCI or a commune.
type NewScopeInput struct {
	Kind     ScopeKind
	Code     string
	Name     string
	Communes []string // INSEE codes
}

// check completes the input from the ground and reports which fields cannot be.
func (in NewScopeInput) check(g *territory.Gazetteer) (NewScopeInput, error) {
	f := fault.New(fault.Invalid, "identity.scope_invalid")
	in.Code, in.Name = strings.ToUpper(strings.TrimSpace(in.Code)), oneLine(in.Name)
	switch in.Kind {
	case ScopeDepartment:
		if !departmentCode.MatchString(in.Code) {
			f.With("code", "identity.scope_code_department")
		}
	case ScopeEPCI:
		epci, known := g.EPCI(in.Code)
		if !sirenCode.MatchString(in.Code) || g.Len() > 0 && !known {
			f.With("code", "identity.scope_code_epci")
		}
		in.Name = cmp.Or(in.Name, epci.Name)
	case ScopeCommune:
		commune, known := g.Commune(in.Code)
		if !communeCode.MatchString(in.Code) || g.Len() > 0 && !known {
			f.With("code", "identity.scope_code_commune")
		}
		in.Name = cmp.Or(in.Name, commune.Name)
	case ScopeGroup:
		in.checkGroup(g, f)
		in.Code = ""
	default:
		f.With("kind", "identity.scope_kind")
	}
	if in.Kind != ScopeGroup {
		in.Communes = nil
	}
	if in.Name == "" || len([]rune(in.Name)) > maxName {
		f.With("name", "identity.name_missing")
	}
	if f.Fields != nil {
		return in, f
	}
	return in, nil
}

// checkGroup tidies the communes of a group: sorted, once each, all known where communes were imported.
func (in *NewScopeInput) checkGroup(g *territory.Gazetteer, f *fault.Error) {
	var codes []string
	for _, c := range in.Communes {
		c = strings.ToUpper(strings.TrimSpace(c))
		if c == "" {
			continue
		}
		if _, known := g.Commune(c); !communeCode.MatchString(c) || g.Len() > 0 && !known {
			f.With("communes", "identity.scope_commune_unknown", "Code", c)
		}
		codes = append(codes, c)
	}
	slices.Sort(codes)
	if in.Communes = slices.Compact(codes); len(in.Communes) == 0 {
		f.With("communes", "identity.scope_empty")
	}
}

// AddScope writes a new ground. It reports fault.Invalid with the fields that cannot be, and fault.Conflict when that
// département, EPCI or commune is there already.
func (s *Service) AddScope(ctx context.Context, by Actor, in NewScopeInput) (Scope, error) {
	if err := Require(by, ScopeEdit, Object{Kind: ObjectScope}); err != nil {
		return Scope{}, err
	}
	in, err := in.check(s.territory.Gazetteer())
	if err != nil {
		return Scope{}, err
	}
	scope := Scope{ID: ScopeID(id.New()), Kind: in.Kind, Code: in.Code, Name: in.Name}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertScope(ctx, tx, scope); db.IsUnique(err) {
			return fault.New(fault.Conflict, "identity.scope_twice")
		} else if err != nil {
			return err
		}
		if err := putScopeCommunes(ctx, tx, scope.ID, in.Communes); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, ScopeEdit, "scope", string(scope.ID), "genre", string(scope.Kind)))
	})
	return NewScope(scope, s.territory.Gazetteer(), in.Communes), err
}

// RegroupScope gives a group a name and its communes anew; rights on it follow at once. It reports fault.NotFound for what
// is no group.
func (s *Service) RegroupScope(ctx context.Context, by Actor, scope ScopeID, name string, communes []string) error {
	if err := Require(by, ScopeEdit, Object{Kind: ObjectScope}); err != nil {
		return err
	}
	in, err := NewScopeInput{Kind: ScopeGroup, Name: name, Communes: communes}.check(s.territory.Gazetteer())
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := renameGroup(ctx, tx, scope, in.Name); err != nil { // touches the row first
			return err
		}
		if err := putScopeCommunes(ctx, tx, scope, in.Communes); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, ScopeEdit, "scope", string(scope)))
	})
}

// Scopes lists every ground by name, groups with their communes.
func (s *Service) Scopes(ctx context.Context) ([]Scope, error) {
	rows, err := db.All(ctx, s.db, scanScope, `SELECT `+scopeCols+` FROM identity_scope ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	out := make([]Scope, 0, len(rows))
	for _, row := range rows {
		scope, err := s.scope(ctx, row)
		if err != nil {
			return nil, err
		}
		out = append(out, scope)
	}
	return out, nil
}

// line is a journal entry of by: what was done to which row, with words of closed lists and ids as its details.
func (s *Service) line(by Actor, action Action, kind, object string, details ...string) audit.Entry {
	e := audit.Entry{Actor: by.Audit(), Action: string(action), Object: audit.Object{Kind: kind, ID: object}}
	for i := 0; i+1 < len(details); i += 2 {
		if details[i+1] == "" {
			continue
		}
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		e.Detail[details[i]] = details[i+1]
	}
	return e
}
