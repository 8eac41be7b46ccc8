package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	placeweb "viaduc/internal/place/web"
)

// sendPhoto posts the form of the photos of place 1.
func sendPhoto(t *testing.T, n *apptest.Node, c *http.Cookie, fields map[string]string, file []byte) (*http.Response, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		w, err := form.CreateFormFile("photo", "photo.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return n.Do(http.MethodPost, "/pro/lieux/1/photos", &b, func(r *http.Request) {
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if c != nil {
			r.AddCookie(c)
		}
	})
}

// A photo that a phone made is added on a form, shown to residents on a page of its own, and served as a JPEG that no browser
// takes for anything else; what cannot be one is refused in French, and the words that were typed are still there.
func TestPhotosOfAPlace(t *testing.T) {
	n := apptest.Demo(t)
	officer := n.Login(identity.Officer)
	m := image.NewRGBA(image.Rect(0, 0, 3000, 2000))
	for y := range 2000 {
		for x := range 3000 {
			m.SetRGBA(x, y, color.RGBA{uint8(x * y), uint8(x), uint8(y * 3), 255})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: 97}); err != nil {
		t.Fatal(err)
	}
	if file.Len() < 2<<20 {
		t.Fatalf("a photo of %d bytes tries nothing", file.Len())
	}
	if res, _ := n.Get(n.PlacePath(1) + "/photos"); res.StatusCode != http.StatusNotFound {
		t.Error("a place without photo has a page of photos:", res.Status)
	}
	for what, c := range map[string]struct {
		alt  string
		file []byte
		says string
	}{
		"no file": {"Une salle", nil, "Choisissez une photo."}, "no words": {"", file.Bytes(), "Dites ce que l'on voit"},
		"a page": {"Une salle", []byte("<!doctype html><script>planted(1)</script>"), "n'est pas une photo JPEG ou PNG"},
		"cut":    {"Une salle", file.Bytes()[:file.Len()/2], "coupée ou abîmée"}, "too heavy": {"Une salle", bytes.Repeat([]byte{0xff}, 9<<20), "trop lourde"},
	} {
		res, body := sendPhoto(t, n, officer, map[string]string{"action": "ajouter", "alt": c.alt}, c.file)
		body = strings.ReplaceAll(body, "&#39;", "'")
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || c.alt != "" && what != "too heavy" && !strings.Contains(body, `value="Une salle"`) {
			t.Errorf("%s: %s, says %q: %v", what, res.Status, c.says, strings.Contains(body, c.says))
		}
	}
	for i := range 4 {
		if res, body := sendPhoto(t, n, officer, map[string]string{"action": "ajouter", "alt": fmt.Sprint("Salle ", i)}, file.Bytes()); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("photo %d: %s\n%s", i, res.Status, body)
		}
	}
	if res, _ := sendPhoto(t, n, officer, map[string]string{"action": "ajouter", "alt": "Une de trop"}, file.Bytes()); res.StatusCode != http.StatusConflict {
		t.Error("a fifth photo:", res.Status)
	}
	n.Reload()
	_, place := n.Get(n.PlacePath(1))
	if !strings.Contains(place, `href="`+n.PlacePath(1)+`/photos"`) || !strings.Contains(place, "Voir les 4 photos") {
		t.Error("the page of the place does not lead to its photos")
	}
	_, page := n.Get(n.PlacePath(1) + "/photos?page=2")
	found := regexp.MustCompile(`aria-label="Salle 1"><image href="(/photos/[0-9a-f-]+\.jpg)" width="(\d+)" height="(\d+)"/>`).FindStringSubmatch(page)
	if found == nil || strings.Count(page, "<image") != 1 {
		t.Fatalf("no photo on\n%s", page)
	}
	res, body := n.Get(found[1])
	if res.Header.Get("Content-Type") != "image/jpeg" || res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || len(body) > 30_000 {
		t.Errorf("%d bytes, %v", len(body), res.Header)
	}
	if c, err := jpeg.DecodeConfig(strings.NewReader(body)); err != nil || fmt.Sprint(c.Width) != found[2] || fmt.Sprint(c.Height) != found[3] {
		t.Errorf("the page says %s by %s, it is %+v, %v", found[2], found[3], c, err)
	}
	for _, path := range []string{"/photos/x.jpg", "/photos/x", found[1] + ".jpg"} {
		if res, _ := n.Get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	// Another site's form, and somebody who may not, add nothing; no other form may be as heavy.
	if res, _ := sendPhoto(t, n, n.Login(identity.Elected), map[string]string{"action": "ajouter", "alt": "x"}, file.Bytes()); res.StatusCode != http.StatusForbidden {
		t.Error("an elected person adds a photo:", res.Status)
	}
	for _, other := range []string{"GET /pro/lieux/1/photos", "POST /pro/lieux/1/modifier", "POST /lieux/1-x/photos", "POST /pro/compte"} {
		method, path, _ := strings.Cut(other, " ")
		if most := placeweb.LargestBody(httptest.NewRequest(method, path, http.NoBody)); most != 0 {
			t.Errorf("%s may have %d bytes", other, most)
		}
	}
}
