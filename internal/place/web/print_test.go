package web_test

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/pdf"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

func directoryOf(t *testing.T, n *apptest.Node, kind territory.AreaKind, code string) placeweb.Directory {
	t.Helper()
	catalog, err := app.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	a, ok := n.Territory.Gazetteer().Area(kind, code)
	if !ok {
		t.Fatal("no area", kind, code)
	}
	return placeweb.NewDirectory(placeweb.DirectoryDeps{
		Index: n.Places.Index(), Territory: n.Territory, Words: catalog.Printer(i18n.French), Site: n.Territory.Site(""), Dated: n.Clock.Now(),
	}, a)
}

// The directory has every place of the area once, numbered from 1, in the file as on the pages; it is tagged, and its tree is
// read in the order of the numbers.
func TestDirectoryHasEveryPlace(t *testing.T) {
	n := apptest.Demo(t)
	d := directoryOf(t, n, territory.DepartmentArea, "17")
	if want := len(n.Places.Index().In(d.Area)); d.Count != want || want < 50 {
		t.Fatalf("%d places of %d", d.Count, want)
	}
	for name, sheet := range map[string]placeweb.Sheet{"A4": {Size: pdf.A4}, "A4 large": {Size: pdf.A4, Large: true}, "A3": {Size: pdf.A3}} {
		file, err := d.PDF(sheet, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		if again, _ := d.PDF(sheet, nil); !bytes.Equal(file, again) {
			t.Errorf("%s: printed twice, the file differs", name)
		}
		info := testkit.Poppler(t, file, "pdfinfo")
		if !strings.Contains(info, "Tagged:          yes") {
			t.Errorf("%s is not tagged: %s", name, info)
		}
		number := 0
		for _, part := range d.Parts {
			for _, e := range part.Entries {
				number++
				if e.Number != number {
					t.Fatalf("%s has the number %d, want %d", e.Name, e.Number, number)
				}
			}
		}
		text := strings.Join(strings.Fields(testkit.Poppler(t, file, "pdftotext")), " ")
		for _, want := range []string{"Où trouver une aide numérique", "une personne vous aide", "Les communes", "Rochefort, page", "page 1 sur", "Données du lundi 4 mai 2026"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}

// A screen reader hears the places in the order of their numbers.
func TestDirectoryIsReadInOrder(t *testing.T) {
	n := apptest.Demo(t)
	d := directoryOf(t, n, territory.EPCIArea, "200041762")
	file, err := d.PDF(placeweb.Sheet{Size: pdf.A4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tree := testkit.Poppler(t, file, "pdfinfo", "-struct-text")
	_, at, ok := strings.Cut(tree, "LBody") // the legend, then the map, which has numbers too
	if !ok || !strings.Contains(tree, "Figure") || !strings.Contains(tree, "H1") || !strings.Contains(tree, "H3") {
		t.Fatalf("the tree is\n%s", tree)
	}
	for _, e := range d.Parts[0].Entries {
		if _, at, ok = strings.Cut(at, `"`+strconv.Itoa(e.Number)+`"`); !ok {
			t.Fatalf("the tree lacks number %d", e.Number)
		}
	}
}

// The pages and the file of one grouping have the same places under the same numbers.
func TestPaperTwin(t *testing.T) {
	n := apptest.Demo(t)
	d := directoryOf(t, n, territory.EPCIArea, "200041762")
	item := regexp.MustCompile(`<li class="lieu imprime" id="lieu-(\d+)"><h3>.*?</svg>([^<]+)</h3>`)
	var numbers, names []string
	for page := 1; len(numbers) < d.Count && page < 10; page++ {
		res, body := n.Get("/imprimer/epci/200041762?page=" + strconv.Itoa(page))
		if res.StatusCode != 200 {
			t.Fatal(res.Status)
		}
		for _, m := range item.FindAllStringSubmatch(body, -1) {
			numbers, names = append(numbers, m[1]), append(names, m[2])
		}
	}
	if len(numbers) != d.Count {
		t.Fatalf("%d places on the pages, %d in the file", len(numbers), d.Count)
	}
	for i, e := range d.Parts[0].Entries {
		if numbers[i] != strconv.Itoa(e.Number) || strings.ReplaceAll(strings.TrimSpace(names[i]), "&#39;", "'") != e.Name {
			t.Errorf("page: %s %s, file: %d %s", numbers[i], names[i], e.Number, e.Name)
		}
	}
	res, body := n.Get("/imprimer/epci/200041762.pdf?format=A3")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(body, "%PDF-") {
		t.Fatalf("%s %s", res.Status, res.Header.Get("Content-Type"))
	}
	if info := testkit.Poppler(t, []byte(body), "pdfinfo"); !strings.Contains(info, "(A3)") {
		t.Error(info)
	}
}

// A poster has the code that opens the page; a sheet for one person names up to three places and asks for no name.
func TestPosterAndSheet(t *testing.T) {
	n := apptest.Demo(t)
	_, page := n.Get(n.PlacePath(1))
	for _, link := range []string{n.PlacePath(1) + "/affiche", "/imprimer/orientation?lieu=1"} {
		if !strings.Contains(page, `href="`+link+`"`) {
			t.Errorf("the page of a place does not lead to %s", link)
		}
	}
	_, body := n.Get(n.PlacePath(1) + "/affiche.pdf")
	text := strings.Join(strings.Fields(testkit.Poppler(t, []byte(body), "pdftotext")), " ")
	for _, want := range []string{"Espace numérique du Vieux Moulin", "Quand venir", "Téléphone"} {
		if !strings.Contains(text, want) {
			t.Errorf("the poster does not say %q:\n%s", want, text)
		}
	}
	_, body = n.Get("/imprimer/orientation.pdf?lieu=1&lieu=5&lieu=9&lieu=10&lieu=99999&lieu=x")
	text = testkit.Poppler(t, []byte(body), "pdftotext")
	for _, want := range []string{"Où aller, quand, avec quoi", "1. Espace numérique du Vieux Moulin", "3. ", "Une pièce d'identité", "De la part de"} {
		if !strings.Contains(text, want) {
			t.Errorf("the sheet does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "4. ") {
		t.Error("the sheet names a fourth place")
	}
	if res, empty := n.Get("/imprimer/orientation"); res.StatusCode != 200 || !strings.Contains(empty, "Cherchez d'abord un lieu") && !strings.Contains(empty, "Cherchez d&#39;abord un lieu") {
		t.Error("a sheet without place leads nowhere")
	}
}

// A département of 530 places and more prints in under 10 seconds, contours included.
func TestADepartmentPrintsInTime(t *testing.T) {
	n := apptest.New(t)
	n.ImportCommunes()
	n.ImportContours("geo/communes-contours-2018-17-charente-maritime.geojson")
	raw, err := os.ReadFile(testkit.Data(t, "lieux/lieux-17.csv"))
	if err != nil {
		t.Fatal(err)
	}
	head, rows, _ := strings.Cut(string(raw), "\n")
	var census strings.Builder
	census.WriteString(head + "\n")
	for i := range 4 { // the same places under other ids: 164 are known
		for row := range strings.Lines(rows) {
			census.WriteString(strconv.Itoa(i) + "_" + row)
		}
	}
	n.ImportText(census.String())
	d := directoryOf(t, n, territory.DepartmentArea, "17")
	if d.Count < 530 {
		t.Fatalf("only %d places", d.Count)
	}
	began := time.Now()
	file, err := d.PDF(placeweb.Sheet{Size: pdf.A4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("%d places: %.2f s, %d kB", d.Count, took.Seconds(), len(file)/1000)
	if took > 10*time.Second {
		t.Errorf("%d places print in %s, 10 s wanted", d.Count, took)
	}
}
