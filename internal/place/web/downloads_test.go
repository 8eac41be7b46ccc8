package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"viaduc/internal/app/apptest"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui/plainwords"
)

// files are the public downloads, with their type and the end of their name.
var files = []struct{ path, kind, name string }{
	{"/donnees/lieux.csv", "text/csv; charset=utf-8", "lieux-de-mediation-numeriques-charente-maritime-exemple.csv"},
	{"/donnees/lieux.json", "application/json", "lieux-de-mediation-numeriques-charente-maritime-exemple.json"},
	{"/donnees/lieux.geojson", "application/geo+json", "lieux-de-mediation-numeriques-charente-maritime-exemple.geojson"},
	{"/donnees/lieux.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "lieux-de-mediation-numeriques-charente-maritime-exemple.xlsx"},
	{"/donnees/lieux-data-inclusion.json", "application/json", "structures-inclusion-charente-maritime-exemple.json"},
}

func encoding(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Accept-Encoding", name) }
}

func TestDownloads(t *testing.T) {
	n := apptest.Demo(t)
	for _, f := range files {
		res, body := n.Do(http.MethodGet, f.path, nil, encoding("identity"))
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != f.kind || res.ContentLength != int64(len(body)) || len(body) < 1000 {
			t.Fatalf("%s: status %d, %v, %d bytes", f.path, res.StatusCode, res.Header, len(body))
		}
		_, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
		if err != nil || !strings.HasPrefix(params["filename"], "20260504-viaduc-") || !strings.HasSuffix(params["filename"], "-"+f.name) {
			t.Errorf("%s: %q, %v", f.path, res.Header.Get("Content-Disposition"), err)
		}
		switch {
		case strings.HasSuffix(f.path, "json"):
			if !json.Valid([]byte(body)) {
				t.Errorf("%s is no JSON", f.path)
			}
		case strings.HasSuffix(f.path, ".xlsx"):
			book, err := excelize.OpenReader(strings.NewReader(body))
			if err != nil {
				t.Errorf("%s: %v", f.path, err)
				break
			}
			_ = book.Close()
		}

		packed, zipped := n.Do(http.MethodGet, f.path, nil, encoding("zstd, gzip;q=0.5"))
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.ContentLength != int64(len(zipped)) {
			t.Errorf("%s: %v", f.path, packed.Header)
		}
		zr, err := gzip.NewReader(strings.NewReader(zipped))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(zr); err != nil || string(plain) != body {
			t.Errorf("%s: the compressed file is another, %v", f.path, err)
		}

		for _, accept := range []string{"identity", "gzip", "gzip;q=0"} {
			head, nothing := n.Do(http.MethodHead, f.path, nil, encoding(accept))
			want := int64(len(body))
			if accept == "gzip" {
				want = int64(len(zipped))
			}
			if head.StatusCode != http.StatusOK || nothing != "" || head.ContentLength != want || head.Header.Get("ETag") != res.Header.Get("ETag") {
				t.Errorf("HEAD %s (%s): %d, %v", f.path, accept, head.StatusCode, head.Header)
			}
		}
	}
}

func TestDownloadsAreAskedAboutNotTakenAgain(t *testing.T) {
	n := apptest.Demo(t)
	tags := map[string]bool{}
	for _, f := range files {
		res, first := n.Do(http.MethodGet, f.path, nil, encoding("identity"))
		tag := res.Header.Get("ETag")
		if tag == "" || tags[tag] {
			t.Errorf("%s: ETag %q", f.path, tag)
		}
		tags[tag] = true
		for header, status := range map[string]int{tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
			again, body := n.Do(http.MethodGet, f.path, nil, encoding("identity"), func(r *http.Request) { r.Header.Set("If-None-Match", header) })
			if again.StatusCode != status || status == 304 && (body != "" || again.Header.Get("ETag") != tag) || status == 200 && body != first {
				t.Errorf("%s, If-None-Match %s: status %d, ETag %q", f.path, header, again.StatusCode, again.Header.Get("ETag"))
			}
		}
		n.ImportText("id,pivot,nom,commune,code_postal,adresse,date_maj,latitude,longitude\nN" + strings.ReplaceAll(f.path, "/", "_") + ",00000000000000,Nouveau lieu,Saintes,17100,rue,2026-01-05,45,-1\n")
		changed, body := n.Do(http.MethodGet, f.path, nil, encoding("identity"), func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if changed.StatusCode != http.StatusOK || changed.Header.Get("ETag") == tag || body == first {
			t.Errorf("%s: a changed census keeps its tag: %d, %q", f.path, changed.StatusCode, changed.Header.Get("ETag"))
		}
	}
}

// Many readers at once get the same file.
func TestReadersTogetherGetOneFile(t *testing.T) {
	n := apptest.Demo(t)
	var wg sync.WaitGroup
	var all [8]string
	for i := range all {
		wg.Go(func() { _, all[i] = n.Do(http.MethodGet, "/donnees/lieux.xlsx", nil, encoding("identity")) })
	}
	wg.Wait()
	for _, body := range all {
		if body != all[0] {
			t.Error("two readers got two files of one version") // a workbook made twice has other times in its archive
		}
	}
}

func TestThePageSaysTheWeightBefore(t *testing.T) {
	n := apptest.Demo(t)
	res, page := n.Get("/donnees")
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode, page)
	}
	for _, f := range files {
		_, body := n.Do(http.MethodGet, f.path, nil, encoding("identity"))
		_, after, ok := strings.Cut(page, `href="`+f.path+`"`)
		link, _, _ := strings.Cut(after, "</a>")
		ko := strconv.Itoa((len(body) + 512) / 1024)
		thousand := strconv.Itoa((len(body) + 500) / 1000)
		if !ok || !strings.Contains(link, ko) && !strings.Contains(link, thousand) || !strings.Contains(link, "Ko") {
			t.Errorf("%s weighs %d: %s", f.path, len(body), link)
		}
	}
	page = strings.ReplaceAll(page, "\u00a0", " ")
	for _, says := range []string{"Licence Ouverte 2.0", "à confirmer par le territoire", "Lieux de médiation numérique", "/api/v1/openapi.json"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	if strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Error("the page names another site")
	}
	problems, err := plainwords.CheckHTML(bytes.NewReader([]byte(page)), i18n.French)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	if res, _ := n.Get("/ar/donnees"); res.StatusCode != http.StatusFound || res.Header.Get("Location") != "/donnees" {
		t.Errorf("in Arabic: %d, %s", res.StatusCode, res.Header.Get("Location"))
	}
}

func TestAnEmptyCensusHasItsPage(t *testing.T) {
	n := apptest.New(t)
	if res, page := n.Get("/donnees"); res.StatusCode != http.StatusOK || !strings.Contains(page, "/donnees/lieux.csv") {
		t.Errorf("status %d\n%s", res.StatusCode, page)
	}
	if res, body := n.Get("/donnees/lieux.csv"); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "id,pivot,") {
		t.Errorf("status %d, %s", res.StatusCode, body)
	}
}
