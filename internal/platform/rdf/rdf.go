// Package rdf writes small graphs of statements (RDF 1.1) in the two forms that catalogues are read in: Turtle and JSON-LD.
// Both come from one Graph, so that they cannot differ.
//
// Any text is safe in a literal, and what cannot stand in an address is written by its percent code.
//
// # What it does not do
//
// It reads nothing, and knows no vocabulary.
package rdf

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// IRI is an address that names a thing.
type IRI string

// Term is what a statement says of its subject: a thing, or a text with its language or its type.
type Term struct {
	Thing IRI    // "" for a text
	Blank string // the name of a thing without address, in this graph alone
	Text  string
	Lang  string // "fr"
	Type  IRI    // "" is a plain text
}

// Thing is a term that names a thing.
func Thing(i IRI) Term { return Term{Thing: i} }

// Text is a plain text.
func Text(s string) Term { return Term{Text: s} }

// French is a text in French.
func French(s string) Term { return Term{Text: s, Lang: "fr"} }

// Typed is a text of a type.
func Typed(s string, t IRI) Term { return Term{Text: s, Type: t} }

// Blank is a thing without address, that this graph alone names.
func Blank(name string) Term { return Term{Blank: name} }

// Triple is one statement.
type Triple struct {
	Subject   Term // a thing or a blank
	Predicate IRI
	Object    Term
}

// Graph is statements in the order in which they were added.
type Graph struct {
	triples []Triple
}

// Add states that subject has each of the objects by predicate. Empty texts state nothing.
func (g *Graph) Add(subject Term, predicate IRI, objects ...Term) {
	for _, o := range objects {
		if o.Thing == "" && o.Blank == "" && o.Text == "" {
			continue
		}
		g.triples = append(g.triples, Triple{subject, predicate, o})
	}
}

// Triples lists the statements.
func (g *Graph) Triples() []Triple { return slices.Clone(g.triples) }

// Turtle writes the graph, one statement a line.
func (g *Graph) Turtle() []byte {
	var b strings.Builder
	for _, t := range g.triples {
		fmt.Fprintf(&b, "%s %s %s .\n", t.Subject.turtle(), Thing(t.Predicate).turtle(), t.Object.turtle())
	}
	return []byte(b.String())
}

func (t Term) turtle() string {
	switch {
	case t.Thing != "":
		return "<" + address(t.Thing) + ">"
	case t.Blank != "":
		return "_:" + t.Blank
	case t.Lang != "":
		return quoted(t.Text) + "@" + t.Lang
	case t.Type != "":
		return quoted(t.Text) + "^^<" + address(t.Type) + ">"
	}
	return quoted(t.Text)
}

// quoted writes a literal; controls by their number.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case c == '"' || c == '\\':
			b.WriteRune('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// address writes what cannot stand in an IRI by its percent code.
func address(i IRI) string {
	var b strings.Builder
	for _, c := range strings.ToValidUTF8(string(i), "\ufffd") {
		if c <= ' ' || c == 0x7f || strings.ContainsRune("<>\"{}|^`\\", c) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// node is a subject in JSON-LD, expanded: no context is needed to read it.
type node struct {
	id     string
	values map[string][]any
	order  []string
}

// rdfType is what JSON-LD writes as @type.
const rdfType IRI = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

// JSONLD writes the graph in the expanded form of JSON-LD 1.1, one object a subject.
func (g *Graph) JSONLD() ([]byte, error) {
	var nodes []*node
	bySubject := map[string]*node{}
	for _, t := range g.triples {
		id := t.Subject.id()
		n := bySubject[id]
		if n == nil {
			n = &node{id: id, values: map[string][]any{}}
			bySubject[id] = n
			nodes = append(nodes, n)
		}
		key, value := address(t.Predicate), t.Object.value()
		if t.Predicate == rdfType {
			key, value = "@type", t.Object.id()
		}
		if n.values[key] == nil {
			n.order = append(n.order, key)
		}
		n.values[key] = append(n.values[key], value)
	}
	out := make([]map[string]any, 0, len(nodes))
	for _, n := range nodes {
		one := map[string]any{"@id": n.id}
		for _, key := range n.order {
			one[key] = n.values[key]
		}
		out = append(out, one)
	}
	return json.MarshalIndent(out, "", " ")
}

func (t Term) id() string {
	if t.Blank != "" {
		return "_:" + t.Blank
	}
	return address(t.Thing)
}

func (t Term) value() any {
	switch {
	case t.Thing != "" || t.Blank != "":
		return map[string]string{"@id": t.id()}
	case t.Lang != "":
		return map[string]string{"@value": t.Text, "@language": t.Lang}
	case t.Type != "":
		return map[string]string{"@value": t.Text, "@type": address(t.Type)}
	}
	return map[string]string{"@value": t.Text}
}
