package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// metadata says in XMP what the document is, and that it means to be accessible (PDF/UA, ISO 14289-1).
func metadata(o Options) []byte {
	var title strings.Builder
	for _, c := range clean(o.Title) { // every sign by its number: nothing of a title looks like the file around it
		if c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			fmt.Fprintf(&title, "&#%d;", c)
		} else {
			title.WriteRune(c)
		}
	}
	return []byte(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title.String() + `</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`)
}

var (
	pageObject = regexp.MustCompile(`(?s)(\d+) 0 obj\n<</Type /Page\n(.*?)>>\nendobj`)
	catalog    = regexp.MustCompile(`(?s)(\d+) 0 obj\n<<\n/Type /Catalog\n(.*?)>>\nendobj`)
	trailer    = regexp.MustCompile(`(?s)trailer\n<<\n/Size (\d+)\n/Root (\d+) 0 R\n/Info (\d+) 0 R\n`)
	startxref  = regexp.MustCompile(`startxref\n(\d+)\n`)
)

// tagged adds the tree to a finished file, as an update at its end (ISO 32000-1 7.5.6): the catalog and the pages anew, with
// what leads to the tree, then the tree.
func (d *Doc) tagged(file []byte) ([]byte, error) {
	ends, last := trailer.FindSubmatch(file), startxref.FindSubmatch(file)
	root := catalog.FindSubmatch(file)
	pages := pageObject.FindAllSubmatch(file, -1)
	if ends == nil || last == nil || root == nil || len(pages) != len(d.marks) {
		return nil, fmt.Errorf("pdf: %d pages were written and %d found", len(d.marks), len(pages))
	}
	size, _ := strconv.Atoi(string(ends[1]))
	u := update{at: len(file), next: size, pages: pages}
	treeRoot, parents := u.number(), u.number()
	u.roots = make([][]int, len(d.marks))
	for i, n := range d.marks {
		u.roots[i] = make([]int, n)
	}
	document := u.element(d.root, treeRoot)
	u.object(treeRoot, fmt.Sprintf("<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", document, parents, len(pages)))
	var numbers strings.Builder
	for i, of := range u.roots {
		fmt.Fprintf(&numbers, "%d [", i)
		for _, n := range of {
			fmt.Fprintf(&numbers, "%d 0 R ", n)
		}
		numbers.WriteString("]\n")
	}
	u.object(parents, "<</Nums ["+numbers.String()+"]>>")
	for i, p := range pages {
		n, _ := strconv.Atoi(string(p[1]))
		u.object(n, fmt.Sprintf("<</Type /Page\n%s\n/StructParents %d /Tabs /S>>", p[2], i))
	}
	n, _ := strconv.Atoi(string(root[1]))
	u.object(n, fmt.Sprintf("<</Type /Catalog\n%s\n/StructTreeRoot %d 0 R /MarkInfo <</Marked true>> /ViewerPreferences <</DisplayDocTitle true>>>>", root[2], treeRoot))
	u.end(ends, string(last[1]))
	return append(file, u.out.Bytes()...), nil
}

// update is what comes after a finished file.
type update struct {
	out     bytes.Buffer
	at      int // where it begins
	next    int // the next object number
	offsets []offset
	pages   [][][]byte
	roots   [][]int // of each piece of each page, its element
}

type offset struct{ object, at int }

func (u *update) number() int {
	u.next++
	return u.next - 1
}

func (u *update) object(n int, body string) {
	u.offsets = append(u.offsets, offset{n, u.at + u.out.Len()})
	fmt.Fprintf(&u.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

// element writes an element and what it holds, and returns its number.
func (u *update) element(e *element, parent int) int {
	n := u.number()
	var kids strings.Builder
	for _, k := range e.kids {
		if k.element != nil {
			fmt.Fprintf(&kids, "%d 0 R ", u.element(k.element, n))
			continue
		}
		u.roots[k.page-1][k.mark] = n
		fmt.Fprintf(&kids, "<</Type /MCR /Pg %s 0 R /MCID %d>> ", u.pages[k.page-1][1], k.mark)
	}
	more := ""
	if e.alt != "" {
		more += " /Alt " + text16(e.alt)
	}
	if e.scope != "" {
		more += " /A <</O /Table /Scope /" + e.scope + ">>"
	}
	u.object(n, fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R /K [%s]%s>>", e.tag, parent, kids.String(), more))
	return n
}

// end writes the table of what the update holds, and where the reader begins.
func (u *update) end(trailer [][]byte, before string) {
	table := u.at + u.out.Len()
	u.out.WriteString("xref\n")
	for _, o := range u.offsets {
		fmt.Fprintf(&u.out, "%d 1\n%010d 00000 n \n", o.object, o.at)
	}
	fmt.Fprintf(&u.out, "trailer\n<</Size %d /Root %s 0 R /Info %s 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", u.next, trailer[2], trailer[3], before, table)
}

// text16 writes a text of the tree as hexadecimal UTF-16: nothing in it can end it.
func text16(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, c := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", c)
	}
	return b.String() + ">"
}
