package place

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fold"
)

// Mapping says how a partner's file becomes rows of the standard: for each field, where its value comes from. People
// write it as JSON (docs/mappings); ReadMapping reads it.
type Mapping struct {
	fields []mappedField // in the order of columns
}

// mappedField is one field of the standard.
type mappedField struct {
	column int // in columns
	from   []string
	value  func(cells []string) string // of the columns in from
}

// mappingFile is the JSON text of a mapping.
type mappingFile struct {
	About  string                     `json:"description"` // for people
	Fields map[string]json.RawMessage `json:"champs"`
}

// mappedValue is where the value of a field comes from: exactly one of its ways.
type mappedValue struct {
	Column   *string           `json:"colonne"`
	Constant *string           `json:"constante"`
	Join     *joinedValue      `json:"joindre"`
	Split    *splitValue       `json:"dissocier"`
	Extract  *extractedValue   `json:"extraire"`
	ID       *madeID           `json:"identifiant"`
	Week     map[string]string `json:"semaine"` // column by day
}

type joinedValue struct {
	Columns   []string `json:"colonnes"`
	Separator string   `json:"separateur"`
}

type splitValue struct {
	Column    string `json:"colonne"`
	Separator string `json:"separateur"`
	Part      int    `json:"partie"` // 0 is the first, -1 the last
}

type extractedValue struct {
	Column  string `json:"colonne"`
	Pattern string `json:"motif"` // RE2; its group if it has one, else the whole match
}

type madeID struct {
	Prefix  string   `json:"prefixe"`
	Columns []string `json:"colonnes"`
}

// mappedTerm adds one string to a list: when a cell of the columns contains one of the terms and none of the others.
type mappedTerm struct {
	Columns []string `json:"colonnes"`
	Terms   []string `json:"termes"` // none: any text
	But     []string `json:"sauf"`
	Target  string   `json:"cible"`
}

// maxMapping bounds the text of a mapping: a real one has a few kilobytes.
const maxMapping = 1 << 20

// ReadMapping reads a mapping. It reports an *ImportError that says in French what is wrong in it.
func ReadMapping(src io.Reader) (*Mapping, error) {
	raw, err := io.ReadAll(io.LimitReader(src, maxMapping+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxMapping || !utf8.Valid(raw) {
		return nil, refuse("la correspondance n'est pas un texte JSON en UTF-8. Vérifiez que c'est le bon fichier.")
	}
	var f mappingFile
	if err := strictJSON(raw, &f); err != nil {
		return nil, refuse("la correspondance ne se lit pas comme du JSON : %s.", jsonFault(err))
	}
	m := &Mapping{}
	for name := range f.Fields {
		if columnIndex(name) < 0 {
			return nil, refuse("correspondance : « %s » n'est pas un champ du standard.", name)
		}
	}
	for i, c := range columns {
		field, ok := f.Fields[c.Name]
		if !ok {
			continue
		}
		out, err := mapField(c, field)
		if err != nil {
			return nil, refuse("correspondance, champ « %s » : %s.", c.Name, err)
		}
		out.column = i
		m.fields = append(m.fields, out)
	}
	if !m.has("nom") {
		return nil, refuse("correspondance : il manque le champ « nom ».")
	}
	if m.has("latitude") != m.has("longitude") {
		return nil, refuse("correspondance : « latitude » et « longitude » vont ensemble.")
	}
	return m, nil
}

func (m *Mapping) has(name string) bool {
	return slices.ContainsFunc(m.fields, func(f mappedField) bool { return columns[f.column].Name == name })
}

// strictJSON refuses keys that v does not have, so that a typing mistake is not a field silently left out.
func strictJSON(raw []byte, v any) error {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errAfterList
	}
	return nil
}

// unknownKey is how the JSON reader says that a key is none of ours.
var unknownKey = regexp.MustCompile(`^json: unknown field (".*")$`)

func jsonFault(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch found := unknownKey.FindStringSubmatch(err.Error()); {
	case found != nil:
		return "la clé " + found[1] + " n'existe pas"
	case errors.As(err, &kind):
		return "« " + kind.Field + " » n'a pas la bonne forme"
	case errors.As(err, &syntax):
		return fmt.Sprintf("il y a une faute vers le signe %d", syntax.Offset)
	case errors.Is(err, errAfterList):
		return "il y a du texte après la fin"
	}
	return "il n'est pas entier"
}

// mapField reads one field: a value, or for a list of the standard a list of terms. Its errors are French words.
func mapField(c Column, raw json.RawMessage) (mappedField, error) {
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "[") {
		var terms []mappedTerm
		if err := strictJSON(raw, &terms); err != nil {
			return mappedField{}, errors.New(jsonFault(err))
		}
		return mapTerms(c, terms)
	}
	var v mappedValue
	if err := strictJSON(raw, &v); err != nil {
		return mappedField{}, errors.New(jsonFault(err))
	}
	ways := v.ways()
	if len(ways) != 1 {
		return mappedField{}, errors.New("il faut une seule façon parmi colonne, constante, joindre, dissocier, extraire, identifiant et semaine")
	}
	return ways[0]()
}

func (v mappedValue) ways() []func() (mappedField, error) {
	var out []func() (mappedField, error)
	if v.Column != nil {
		out = append(out, func() (mappedField, error) {
			return fromColumns([]string{*v.Column}, func(cells []string) string { return cells[0] })
		})
	}
	if v.Constant != nil {
		out = append(out, func() (mappedField, error) {
			return mappedField{value: func([]string) string { return *v.Constant }}, nil
		})
	}
	if v.Join != nil {
		out = append(out, v.Join.field)
	}
	if v.Split != nil {
		out = append(out, v.Split.field)
	}
	if v.Extract != nil {
		out = append(out, v.Extract.field)
	}
	if v.ID != nil {
		out = append(out, v.ID.field)
	}
	if v.Week != nil {
		out = append(out, v.week)
	}
	return out
}

func fromColumns(from []string, value func([]string) string) (mappedField, error) {
	if len(from) == 0 || contains(from, "") {
		return mappedField{}, errors.New("il manque une colonne")
	}
	return mappedField{from: from, value: value}, nil
}

func (j *joinedValue) field() (mappedField, error) {
	return fromColumns(j.Columns, func(cells []string) string { return joinFilled(cells, j.Separator) })
}

func joinFilled(cells []string, separator string) string {
	var out []string
	for _, c := range cells {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, separator)
}

func (s *splitValue) field() (mappedField, error) {
	if s.Separator == "" {
		return mappedField{}, errors.New("dissocier demande un séparateur")
	}
	return fromColumns([]string{s.Column}, func(cells []string) string {
		parts := strings.Split(cells[0], s.Separator)
		at := s.Part
		if at < 0 {
			at += len(parts)
		}
		if at < 0 || at >= len(parts) {
			return ""
		}
		return parts[at]
	})
}

func (x *extractedValue) field() (mappedField, error) {
	re, err := regexp.Compile(x.Pattern)
	if err != nil || x.Pattern == "" {
		return mappedField{}, errors.New("le motif n'est pas une expression régulière (RE2)")
	}
	if re.NumSubexp() > 1 {
		return mappedField{}, errors.New("le motif a plusieurs groupes ; gardez-en un, et écrivez les autres (?:...)")
	}
	return fromColumns([]string{x.Column}, func(cells []string) string {
		found := re.FindStringSubmatch(cells[0])
		if found == nil {
			return ""
		}
		return found[len(found)-1]
	})
}

// field joins what its columns say, folded, by hyphens: "Corse_mairie-de-lozzi-20224". No text is no id.
func (m *madeID) field() (mappedField, error) {
	return fromColumns(m.Columns, func(cells []string) string {
		key := strings.ReplaceAll(fold.Key(joinFilled(cells, " ")), " ", "-")
		if key == "" {
			return ""
		}
		return m.Prefix + key
	})
}

// days are the keys of a week, with the names of the opening_hours syntax.
var days = []struct{ french, osm string }{
	{"lundi", "Mo"}, {"mardi", "Tu"}, {"mercredi", "We"}, {"jeudi", "Th"}, {"vendredi", "Fr"}, {"samedi", "Sa"}, {"dimanche", "Su"},
}

// week writes the hours of seven columns of French text as one value of the opening_hours syntax. Days in a row with the
// same hours stand together. The text of a day that cannot be read stays, as a comment: it is no closed door.
func (v mappedValue) week() (mappedField, error) {
	var from, names []string
	for _, d := range days {
		if column, ok := v.Week[d.french]; ok {
			from, names = append(from, column), append(names, d.osm)
		}
	}
	if len(from) != len(v.Week) {
		return mappedField{}, errors.New("les jours de semaine s'écrivent lundi, mardi... dimanche")
	}
	return fromColumns(from, func(cells []string) string {
		var rules []string
		for i := 0; i < len(cells); {
			hours := dayHours(cells[i])
			last := i
			for last+1 < len(cells) && dayHours(cells[last+1]) == hours && follows(names[last], names[last+1]) {
				last++
			}
			switch {
			case hours == "":
			case last == i:
				rules = append(rules, names[i]+" "+hours)
			default:
				rules = append(rules, names[i]+"-"+names[last]+" "+hours)
			}
			i = last + 1
		}
		return strings.Join(rules, "; ")
	})
}

func follows(day, next string) bool {
	at := slices.IndexFunc(days, func(d struct{ french, osm string }) bool { return d.osm == day })
	return at+1 < len(days) && days[at+1].osm == next
}

// dayHours is what the opening_hours syntax writes after the day; "" for a closed one.
func dayHours(text string) string {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "", "-", "fermé", "ferme", "fermée":
		return ""
	}
	if spans, ok := openinghours.ParseFrench(text); ok {
		return spans
	}
	return `"` + strings.Join(strings.Fields(strings.ReplaceAll(text, `"`, "'")), " ") + `"`
}

// mapTerms makes a list field of terms. A target that is no string of the standard is a mistake in the mapping, found
// here rather than in each row.
func mapTerms(c Column, terms []mappedTerm) (mappedField, error) {
	if c.list == nil {
		return mappedField{}, errors.New("une liste de termes ne va qu'à un champ à plusieurs valeurs")
	}
	type rule struct {
		at               []int // in the cells of the field
		terms, but       []string
		target           string
		always, anything bool
	}
	var from []string
	var rules []rule
	for _, t := range terms {
		if t.Target == "" || strings.Contains(t.Target, "|") {
			return mappedField{}, errors.New("chaque règle a une cible, et une seule")
		}
		if c.values != nil && !contains(c.values, t.Target) {
			return mappedField{}, fmt.Errorf("la cible « %s » n'est pas une valeur du standard", t.Target)
		}
		if len(t.Columns) == 0 && len(t.Terms)+len(t.But) > 0 || contains(t.Columns, "") {
			return mappedField{}, errors.New("des termes sans colonne")
		}
		r := rule{target: t.Target, always: len(t.Columns) == 0, anything: len(t.Terms) == 0}
		for _, word := range t.Terms {
			r.terms = append(r.terms, strings.ToLower(word))
		}
		for _, word := range t.But {
			r.but = append(r.but, strings.ToLower(word))
		}
		if contains(r.terms, "") || contains(r.but, "") {
			return mappedField{}, errors.New("un terme est vide")
		}
		for _, name := range t.Columns {
			at := slices.Index(from, name)
			if at < 0 {
				at = len(from)
				from = append(from, name)
			}
			r.at = append(r.at, at)
		}
		rules = append(rules, r)
	}
	value := func(cells []string) string {
		low := make([]string, len(cells))
		for i, cell := range cells {
			low[i] = strings.ToLower(strings.TrimSpace(cell))
		}
		var out []string
		for _, r := range rules {
			matches := func(i int) bool {
				has := func(word string) bool { return strings.Contains(low[i], word) }
				return low[i] != "" && (r.anything || slices.ContainsFunc(r.terms, has)) && !slices.ContainsFunc(r.but, has)
			}
			if (r.always || slices.ContainsFunc(r.at, matches)) && !contains(out, r.target) {
				out = append(out, r.target)
			}
		}
		return strings.Join(out, "|")
	}
	return mappedField{from: from, value: value}, nil
}

// bind finds the columns of the mapping in a file and refuses a file that lacks one: an old mapping must not empty a
// field in silence.
func (m *Mapping) bind(src rowSource) (binding, error) {
	b := make(binding, len(columns))
	var missing []string
	for _, f := range m.fields {
		at := make([]int, len(f.from))
		for i, name := range f.from {
			if at[i] = src.Column(name); at[i] < 0 && !contains(missing, name) {
				missing = append(missing, name)
			}
		}
		b[f.column] = pick(at, f.value)
	}
	if len(missing) > 0 {
		return nil, refuse("le fichier n'a pas ces colonnes que la correspondance nomme : %s. Colonnes trouvées : %s.", strings.Join(missing, ", "), firstNames(src))
	}
	return b, nil
}
