package pdf_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"viaduc/internal/platform/pdf"
	"viaduc/internal/testkit"
)

var made = time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)

func example(t *testing.T, texts ...string) []byte {
	t.Helper()
	d := pdf.New(pdf.Options{Title: "L'annuaire", Author: "Charente-Maritime", Lang: "fr-FR", Size: pdf.A4, Made: made})
	d.Page()
	d.Artifact(func() { d.Text(20, 285, pdf.Style{Size: 10}, "page 1") })
	d.Open(pdf.Heading1)
	d.Text(20, 20, pdf.Style{Size: 24, Bold: true}, "Les lieux de Rochefort")
	d.Close()
	d.Open(pdf.Figure, "Carte de Rochefort")
	d.Disc(pdf.Paint{Fill: &pdf.Black}, 100, 100, 4)
	d.Close()
	y := 120.0
	for i, text := range texts {
		if i == 1 {
			d.Page()
			y = 20
		}
		d.Open(pdf.Paragraph)
		for _, line := range d.Lines(pdf.Style{Size: 14}, 80, text) {
			d.Text(20, y, pdf.Style{Size: 14}, line)
			y += pdf.Style{Size: 14}.LineHeight()
		}
		d.Close()
	}
	file, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A screen reader finds the tree, in the order in which it was written, over two pages; artifacts are left out.
func TestTree(t *testing.T) {
	file := example(t, "Médiathèque « L'Œuvre », 9\u00a0h à 12\u00a0h, 3 €", "La suite est sur une autre page.")
	if info := testkit.Poppler(t, file, "pdfinfo"); !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "L'annuaire") || !strings.Contains(info, "Pages:           2") {
		t.Error(info)
	}
	tree := testkit.Poppler(t, file, "pdfinfo", "-struct-text")
	at := 0
	for _, want := range []string{"Document", "H1", `"Les lieux de Rochefort"`, "Figure", "P (block)", "Médiathèque « L'Œuvre », 9", "P (block)", "La suite est sur une"} {
		i := strings.Index(tree[at:], want)
		if i < 0 {
			t.Fatalf("no %q after %q in\n%s", want, tree[:at], tree)
		}
		at += i
	}
	if strings.Contains(tree, "page 1") {
		t.Error("a page number is read aloud")
	}
	if text := testkit.Poppler(t, file, "pdftotext"); !strings.Contains(text, "3 €") || !strings.Contains(text, "page 1") {
		t.Error(text)
	}
	if again := example(t, "Médiathèque « L'Œuvre », 9\u00a0h à 12\u00a0h, 3 €", "La suite est sur une autre page."); !bytes.Equal(file, again) {
		t.Error("the same document is written otherwise the second time")
	}
}

// No text breaks a file, whatever it holds.
func TestAnyText(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("x", 5000), "مكتبة", "日本", "e\u0301", "a\x00b\x1bc", "\u202egnol\u202c", ") /S /JavaScript /JS (x) >> endobj", "\\) Tj ET", string([]byte{0xff, 0xfe, 'a'}), "😀 emoji", "",
		"EMC BDC /P <</MCID 0>> BDC", "ŁÓDŹ Ǆ ﬁ",
	} {
		file := example(t, text, text)
		said := testkit.Poppler(t, file, "pdftotext")
		if strings.Contains(said, "\x00") || !strings.Contains(said, "Les lieux de Rochefort") {
			t.Errorf("%q: %q", text, said)
		}
		testkit.Poppler(t, file, "pdfinfo", "-struct-text")
		if bytes.Contains(file, []byte("/JavaScript /JS")) {
			t.Errorf("%q is in the file as it is", text)
		}
	}
}

func FuzzAnyText(f *testing.F) {
	f.Add("Médiathèque", 14.0)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		d := pdf.New(pdf.Options{Title: text, Lang: "fr-FR", Size: pdf.A4, Made: made})
		d.Page()
		d.Open(pdf.Paragraph)
		for _, line := range d.Lines(pdf.Style{Size: 12}, max(10, min(width, 200)), text) {
			if d.Width(pdf.Style{Size: 12}, line) > max(10, min(width, 200))+0.01 && len([]rune(line)) > 1 {
				t.Errorf("%q is too wide", line)
			}
			d.Text(10, 10, pdf.Style{Size: 12}, line)
		}
		d.Close()
		if _, err := d.Bytes(); err != nil {
			t.Fatal(err)
		}
	})
}

// An element that is not closed is refused, not written.
func TestOpenElement(t *testing.T) {
	d := pdf.New(pdf.Options{Title: "x", Lang: "fr-FR", Size: pdf.A3, Made: made})
	d.Page()
	d.Open(pdf.Heading1)
	if _, err := d.Bytes(); err == nil {
		t.Error("a document with an open element was written")
	}
}
