package rdf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/platform/rdf"
)

// hostile are texts that would end a literal, an address or a line.
var hostile = []string{
	`"`, `\`, "a\nb", "\r\t", `" . <http://evil.example/> a <http://evil.example/x> . "`, `"@en`, `"^^<x>`, "\x00\x01\x7f", "\u2028", "é œ €", "😀", "<script>", `\u0022`, "'''", `"""`,
}

// read gives a file in Turtle to raptor's rapper and returns what it understood, as sorted N-Triples.
func read(t *testing.T, turtle []byte) []string {
	t.Helper()
	path, err := exec.LookPath("rapper")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no rapper: run scripts/install-test-tools.sh")
		}
		t.Skip("no rapper")
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "-q", "-i", "turtle", "-o", "ntriples", "-", "http://base.example/")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(turtle), &out, &said
	if err := cmd.Run(); err != nil || said.Len() > 0 {
		t.Fatalf("rapper: %v %s\n%s", err, said.String(), turtle)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(lines)
	return lines
}

func graph() *rdf.Graph {
	g := &rdf.Graph{}
	for i, text := range hostile {
		s := rdf.Thing(rdf.IRI(fmt.Sprintf("http://x.example/%d", i)))
		g.Add(s, "http://purl.org/dc/terms/title", rdf.Text(text), rdf.French(text), rdf.Typed(text, "http://www.w3.org/2001/XMLSchema#string"))
		g.Add(s, "http://purl.org/dc/terms/relation", rdf.Thing(rdf.IRI("http://x.example/"+text)))
		g.Add(s, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", rdf.Thing("http://www.w3.org/ns/dcat#Dataset"))
	}
	g.Add(rdf.Blank("who"), "http://xmlns.com/foaf/0.1/name", rdf.Text("Territoire"))
	g.Add(rdf.Blank("who"), "http://xmlns.com/foaf/0.1/nick", rdf.Text(""))
	return g
}

// Another reader finds exactly the statements that were made, whatever their texts.
func TestTurtleIsReadBack(t *testing.T) {
	g := graph()
	got := read(t, g.Turtle())
	distinct := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(g.Turtle())), "\n") {
		distinct[line] = true
	}
	if len(got) != len(distinct) {
		t.Errorf("%d statements were read, %d made", len(got), len(distinct))
	}
	for _, line := range got {
		if strings.HasSuffix(line, "> <http://evil.example/x> .") {
			t.Errorf("a text states by itself: %s", line)
		}
	}
}

// JSON-LD says the same statements: each is found again, and none besides.
func TestJSONLDSaysTheSame(t *testing.T) {
	g := graph()
	raw, err := g.JSONLD()
	if err != nil {
		t.Fatal(err)
	}
	var nodes []map[string]any
	if err := json.Unmarshal(raw, &nodes); err != nil {
		t.Fatal(err)
	}
	got := 0
	texts := map[string]bool{}
	for _, n := range nodes {
		for key, values := range n {
			if key == "@id" {
				continue
			}
			for _, v := range values.([]any) {
				got++
				if m, ok := v.(map[string]any); ok && m["@value"] != nil {
					texts[m["@value"].(string)] = true
				}
			}
		}
	}
	if want := len(g.Triples()); got != want {
		t.Errorf("%d statements, want %d", got, want)
	}
	for _, text := range hostile {
		if !texts[text] {
			t.Errorf("no %q", text)
		}
	}
}

func FuzzTurtle(f *testing.F) {
	f.Add(`a"b`, "x y")
	f.Fuzz(func(t *testing.T, text, iri string) {
		g := &rdf.Graph{}
		g.Add(rdf.Thing("http://x.example/s"), "http://x.example/p", rdf.Text(text), rdf.Thing(rdf.IRI("http://x.example/"+iri)))
		for line := range strings.SplitSeq(strings.TrimSuffix(string(g.Turtle()), "\n"), "\n") {
			if !strings.HasPrefix(line, "<http://x.example/s> <http://x.example/p> ") || !strings.HasSuffix(line, " .") {
				t.Errorf("a text broke a line: %q", line)
			}
		}
		if _, err := g.JSONLD(); err != nil {
			t.Error(err)
		}
	})
}
