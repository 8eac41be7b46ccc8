// Package i18n finds a sentence by its key in the language of the reader.
//
// Each part of the program that shows words embeds a folder locale/ with one JSON file a language: fr.json (always),
// and simple.json (French in short sentences), en.json, ar.json where its pages are offered in them. Keys are flat
// ("place.open_now"); a value is a text, or an object with the plural forms of CLDR ("one", "many", "other"...). A text
// names its arguments as {{.Name}}. A key that a translation lacks is shown in French; tests, not readers, are meant to
// find it (see Missing).
//
// It deliberately does not format dates, numbers or phones: package ui does, once, for the screen.
package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Lang is a language of the screen. It is also the first segment of its addresses, French having none.
type Lang string

// The languages of the screen. Simple is French in short sentences ("version simple").
const (
	French  Lang = "fr"
	Simple  Lang = "simple"
	English Lang = "en"
	Arabic  Lang = "ar"
)

// Langs lists every language, in the order in which pages offer them.
func Langs() []Lang { return []Lang{French, Simple, English, Arabic} }

// Tag returns the language tag for the HTML lang attribute; simple French is French.
func (l Lang) Tag() string {
	if l == Simple {
		return "fr"
	}
	return string(l)
}

// Dir returns the writing direction for the HTML dir attribute: "rtl" or "ltr".
func (l Lang) Dir() string {
	if l == Arabic {
		return "rtl"
	}
	return "ltr"
}

// Catalog holds every sentence in every language. It is read only once built, and safe for concurrent use.
type Catalog struct {
	printers map[Lang]*Printer
	keys     map[Lang]map[string]bool
}

// New reads locale/*.json of every file system given. It reports a file that is not JSON, a name that is no language,
// and a key that two files of one language both define.
func New(sources ...fs.FS) (*Catalog, error) {
	texts := map[Lang]map[string]json.RawMessage{}
	for _, l := range Langs() {
		texts[l] = map[string]json.RawMessage{}
	}
	for _, src := range sources {
		if err := readAll(src, texts); err != nil {
			return nil, err
		}
	}
	c := &Catalog{printers: map[Lang]*Printer{}, keys: map[Lang]map[string]bool{}}
	for _, l := range Langs() {
		p, err := newPrinter(l, texts[French], texts[l])
		if err != nil {
			return nil, err
		}
		c.printers[l] = p
		c.keys[l] = map[string]bool{}
		for k := range texts[l] {
			c.keys[l][k] = true
		}
	}
	return c, nil
}

func readAll(src fs.FS, texts map[Lang]map[string]json.RawMessage) error {
	names, err := fs.Glob(src, "locale/*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		l := Lang(strings.TrimSuffix(strings.TrimPrefix(name, "locale/"), ".json"))
		if _, ok := texts[l]; !ok {
			return fmt.Errorf("locale file %s: unknown language %q", name, l)
		}
		raw, err := fs.ReadFile(src, name)
		if err != nil {
			return err
		}
		var file map[string]json.RawMessage
		if err := json.Unmarshal(raw, &file); err != nil {
			return fmt.Errorf("locale file %s: %w", name, err)
		}
		for k, v := range file {
			if _, ok := texts[l][k]; ok {
				return fmt.Errorf("locale file %s: key %q is defined twice", name, k)
			}
			texts[l][k] = v
		}
	}
	return nil
}

// newPrinter builds one bundle a language, French first and the language's own words over it, so that a hole shows
// French and not a key.
func newPrinter(l Lang, french, own map[string]json.RawMessage) (*Printer, error) {
	tag := language.Make(l.Tag())
	bundle := i18n.NewBundle(tag)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	merged := maps.Clone(french)
	maps.Copy(merged, own)
	raw, err := json.Marshal(merged)
	if err != nil {
		return nil, err
	}
	if _, err := bundle.ParseMessageFileBytes(raw, l.Tag()+".json"); err != nil {
		return nil, fmt.Errorf("locale %s: %w", l, err)
	}
	p := &Printer{lang: l, loc: i18n.NewLocalizer(bundle, tag.String()), plain: map[string]phrase{}}
	for key, raw := range merged {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			if ph, ok := parsePhrase(text); ok {
				p.plain[key] = ph
			}
		}
	}
	return p, nil
}

// phrase is a text and the names of its arguments by turns, beginning and ending with text.
type phrase []string

var argument = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// parsePhrase reads a text; ok is false when there is more in it than named arguments.
func parsePhrase(text string) (ph phrase, ok bool) {
	at := 0
	for _, m := range argument.FindAllStringSubmatchIndex(text, -1) {
		ph = append(ph, text[at:m[0]], text[m[2]:m[3]])
		at = m[1]
	}
	ph = append(ph, text[at:])
	for i := 0; i < len(ph); i += 2 {
		if strings.Contains(ph[i], "{{") {
			return nil, false
		}
	}
	return ph, true
}

// say fills in name and value pairs. An argument without value says so, as text/template does.
func (ph phrase) say(args []any) string {
	if len(ph) == 1 {
		return ph[0]
	}
	var b strings.Builder
	for i, s := range ph {
		if i%2 == 1 {
			s = valueOf(args, s)
		}
		b.WriteString(s)
	}
	return b.String()
}

func valueOf(args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return fmt.Sprint(args[i+1])
		}
	}
	return "<no value>"
}

// Printer returns the printer of language l, the French one when l is unknown.
func (c *Catalog) Printer(l Lang) *Printer {
	if p, ok := c.printers[l]; ok {
		return p
	}
	return c.printers[French]
}

// Missing lists the keys that French has and language l lacks, sorted. Simple French may lack any: it then reads as
// French.
func (c *Catalog) Missing(l Lang) []string {
	var out []string
	for k := range c.keys[French] {
		if !c.keys[l][k] {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Keys lists the keys that language l defines itself, sorted.
func (c *Catalog) Keys(l Lang) []string {
	return slices.Sorted(maps.Keys(c.keys[l]))
}

// Printer says things in one language. It is safe for concurrent use.
type Printer struct {
	lang  Lang
	loc   *i18n.Localizer
	plain map[string]phrase // messages without plural forms, most of them: said without a template
}

// Lang returns the language it speaks.
func (p *Printer) Lang() Lang { return p.lang }

// T returns the sentence of key, with name and value pairs filled in. An unknown key comes back in brackets, so that
// it is seen; a test fails on it.
func (p *Printer) T(key string, args ...any) string {
	if ph, ok := p.plain[key]; ok {
		return ph.say(args)
	}
	return p.say(&i18n.LocalizeConfig{MessageID: key, TemplateData: pairs(args)})
}

// N is T for a counted thing: it chooses the plural form of n, which the text may name as {{.N}}.
func (p *Printer) N(key string, n int, args ...any) string {
	data := pairs(args)
	if data == nil {
		data = map[string]any{}
	}
	data["N"] = n
	return p.say(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n})
}

func (p *Printer) say(cfg *i18n.LocalizeConfig) string {
	s, err := p.loc.Localize(cfg)
	if err != nil {
		return "[" + cfg.MessageID + "]"
	}
	return s
}

// pairs turns name, value, name, value... into the data of a message; a dangling name gets no value.
func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
