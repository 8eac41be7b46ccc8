package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Elements whose end tag HTML lets out, and what closes them at a start tag.
var (
	optionalEnd = words("html head body li dt dd p option optgroup tr td th thead tbody tfoot colgroup caption rt rp")
	voidTags    = words("area base br col embed hr img input link meta source track wbr")
	// closedBy lists, for an open element, the start tags that close it.
	closedBy = map[string]map[string]bool{
		"li": words("li"), "dt": words("dt dd"), "dd": words("dt dd"),
		"option": words("option optgroup"), "optgroup": words("optgroup"),
		"td": words("td th tr tbody tfoot"), "th": words("td th tr tbody tfoot"),
		"tr": words("tr tbody tfoot"), "thead": words("tbody tfoot"), "tbody": words("tbody tfoot"),
		"colgroup": words("thead tbody tfoot tr"), "caption": words("colgroup thead tbody tfoot tr"),
		"p":    words("address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul"),
		"head": words("body"),
	}
	// scopes stop the search for an element to close.
	scopes = map[string]map[string]bool{
		"li": words("ul ol menu"), "dt": words("dl"), "dd": words("dl"),
		"td": words("table"), "th": words("table"), "tr": words("table"),
		"option": words("select datalist"), "optgroup": words("select"),
		"p": words("button td th table caption"),
	}
	obsoleteTags = words("acronym applet basefont big blink center dir font frame frameset marquee noembed noframes strike tt xmp")
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// CheckHTML returns the faults of a page as the server sent it: what makes a
// browser guess (RGAA 8.2) and ids given twice. Browsers and x/net/html mend
// such pages in silence, so the source is read token by token with a stack of
// its own, then compared with the tree that the parser makes of it: an element
// that the parser moved, added or dropped is a fault that the stack missed.
//
// It knows the structure of HTML, not its vocabulary: a misspelt attribute or a
// div in a span passes, which no browser has to guess about.
func CheckHTML(source string) (faults, duplicateIDs []string) {
	c := &checker{line: 1, ids: map[string]int{}}
	c.read(source)
	if len(c.faults) == 0 {
		c.compare(source)
	}
	return c.faults, c.duplicates
}

type openTag struct {
	name string
	line int
}

type checker struct {
	stack      []openTag
	foreign    int // depth inside svg or math, where case and self-closing differ
	line       int
	doctype    bool
	starts     []string // every start tag, in order
	ids        map[string]int
	faults     []string
	duplicates []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("line %d: ", c.line)+fmt.Sprintf(format, args...))
}

func (c *checker) read(source string) {
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		raw := z.Raw()
		if kind == html.ErrorToken {
			if err := z.Err(); !errors.Is(err, io.EOF) {
				c.fault("%v", err)
			}
			break
		}
		switch kind {
		case html.DoctypeToken:
			c.doctype = true
			if !strings.EqualFold(string(raw), "<!doctype html>") {
				c.fault("doctype is %s", raw)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			c.start(z, kind == html.SelfClosingTagToken, string(raw))
		case html.EndTagToken:
			name, more := z.TagName()
			c.end(string(name), more)
		case html.TextToken:
			c.text(raw)
		case html.CommentToken:
			if !bytes.HasPrefix(raw, []byte("<!--")) || !bytes.HasSuffix(raw, []byte("-->")) {
				c.fault("broken comment %.20s", raw)
			}
		}
		c.line += bytes.Count(raw, []byte("\n"))
	}
	if !c.doctype {
		c.fault("no doctype")
	}
	for _, o := range c.stack {
		if !optionalEnd[o.name] {
			c.fault("<%s> of line %d is never closed", o.name, o.line)
		}
	}
}

func (c *checker) text(raw []byte) {
	if c.inside("script") || c.inside("style") || c.inside("title") || c.inside("textarea") {
		return
	}
	if bytes.IndexByte(raw, '<') >= 0 {
		c.fault("a bare < in the text")
	}
	if bytes.IndexByte(raw, 0) >= 0 || !strings.EqualFold(string(raw), strings.ToValidUTF8(string(raw), "?")) {
		c.fault("text is not UTF-8")
	}
	if len(c.stack) > 0 && words("table thead tbody tfoot tr")[c.stack[len(c.stack)-1].name] && len(bytes.TrimSpace(raw)) > 0 {
		c.fault("text between the cells of a table")
	}
}

func (c *checker) inside(name string) bool {
	return len(c.stack) > 0 && c.stack[len(c.stack)-1].name == name
}

func (c *checker) start(z *html.Tokenizer, selfClosing bool, raw string) {
	b, more := z.TagName()
	name := string(b)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if string(k) != "id" {
			continue
		}
		id := string(v)
		if c.ids[id]++; c.ids[id] == 2 {
			c.duplicates = append(c.duplicates, id)
		}
		if id == "" || strings.ContainsAny(id, " \t\n\f\r") {
			c.fault("<%s> has the id %q", name, id)
		}
	}
	c.attributes(name, raw)
	if name == "noscript" {
		z.NextIsNotRawText() // read it as a browser without scripts does
	}
	if c.foreign == 0 && obsoleteTags[name] {
		c.fault("<%s> is obsolete", name)
	}
	c.starts = append(c.starts, name)
	if c.foreign == 0 {
		c.implied(name)
		switch {
		case voidTags[name]:
			return
		case selfClosing && name != "svg" && name != "math":
			c.fault("<%s/> is not closed by its slash", name)
		}
		if name == "a" || name == "form" || name == "button" {
			for _, o := range c.stack {
				if o.name == name {
					c.fault("<%s> inside the <%s> of line %d", name, name, o.line)
				}
			}
		}
	}
	if selfClosing && (c.foreign > 0 || name == "svg" || name == "math") {
		return
	}
	if name == "svg" || name == "math" || c.foreign > 0 {
		c.foreign++
	}
	c.stack = append(c.stack, openTag{name, c.line})
}

// attributes reads the attributes of a start tag again: the tokenizer mends them
// without a word.
func (c *checker) attributes(tag, raw string) {
	const space = " \t\n\f\r"
	rest := strings.TrimSuffix(strings.TrimSuffix(raw, ">"), "/")
	rest = rest[min(len(rest), 1+len(tag)):]
	seen := map[string]bool{}
	for {
		trimmed := strings.TrimLeft(rest, space)
		if trimmed == "" {
			return
		}
		if len(trimmed) == len(rest) {
			c.fault("<%s> has attributes without a space between them", tag)
			return
		}
		end := strings.IndexAny(trimmed, space+"=")
		if end < 0 {
			end = len(trimmed)
		}
		key := strings.ToLower(trimmed[:end])
		if key == "" || strings.ContainsAny(key, `"'<`) {
			c.fault("<%s> has a broken attribute %q", tag, key)
			return
		}
		if seen[key] {
			c.fault("<%s> has %s twice", tag, key)
		}
		seen[key] = true
		rest = trimmed[end:]
		value, ok := strings.CutPrefix(strings.TrimLeft(rest, space), "=")
		if !ok {
			continue
		}
		value = strings.TrimLeft(value, space)
		switch {
		case value == "":
			c.fault("<%s> has no value for %s", tag, key)
			return
		case value[0] == '"' || value[0] == '\'':
			_, after, closed := strings.Cut(value[1:], value[:1])
			if !closed {
				c.fault("<%s> never closes the value of %s", tag, key)
				return
			}
			rest = after
		default:
			end := strings.IndexAny(value, space)
			if end < 0 {
				end = len(value)
			}
			if strings.ContainsAny(value[:end], "\"'<=`") {
				c.fault("<%s> has a broken value for %s", tag, key)
			}
			rest = value[end:]
		}
	}
}

// implied closes what a start tag closes without an end tag.
func (c *checker) implied(name string) {
	for i := len(c.stack) - 1; i >= 0; i-- {
		open := c.stack[i].name
		if closedBy[open][name] {
			c.pop(i)
			return
		}
		if stops := false; !optionalEnd[open] {
			for element, by := range closedBy {
				if by[name] && scopes[element][open] {
					stops = true
				}
			}
			if stops || open == "table" || open == "button" {
				return
			}
		}
	}
}

// pop closes the element at index i and those above it, which must be allowed
// to end there.
func (c *checker) pop(i int) {
	for _, o := range c.stack[i+1:] {
		if !optionalEnd[o.name] {
			c.fault("<%s> of line %d is still open", o.name, o.line)
		}
	}
	c.stack = c.stack[:i]
}

func (c *checker) end(name string, attrs bool) {
	if attrs {
		c.fault("</%s> has attributes", name)
	}
	if voidTags[name] {
		c.fault("</%s> closes an element without content", name)
		return
	}
	for i := len(c.stack) - 1; i >= 0; i-- {
		if c.stack[i].name == name {
			if c.foreign > 0 {
				c.foreign = max(0, c.foreign-(len(c.stack)-i))
			}
			c.pop(i)
			return
		}
	}
	c.fault("</%s> closes nothing", name)
}

// compare faults the first element that the parser puts elsewhere than the
// source says.
func (c *checker) compare(source string) {
	doc, err := html.ParseWithOptions(strings.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		c.fault("%v", err)
		return
	}
	var tree []string
	implied := words("html head body tbody colgroup")
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			tree = append(tree, strings.ToLower(n.Data))
		}
	}
	// Elements that the parser may add by itself are left out on both sides.
	drop := func(s string) bool { return implied[s] }
	got, want := slices.DeleteFunc(tree, drop), slices.DeleteFunc(slices.Clone(c.starts), drop)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			c.fault("the parser drops <%s>", want[i])
		case i >= len(want):
			c.fault("the parser adds <%s>", got[i])
		case got[i] != want[i]:
			c.fault("the parser puts <%s> where the source has <%s>", got[i], want[i])
		default:
			continue
		}
		return
	}
}
