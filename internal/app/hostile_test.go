package app_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/id"
)

// P2: texts that would run as programs are planted wherever people or files can write; then every page, file, feed and
// answer that the site leads to is read, as the public and as an administrator, and none of them runs anything.
func TestP2PlantedTextsNeverRun(t *testing.T) {
	n := apptest.Demo(t)
	planted := n.PlantHostileTexts()
	agendaHostile(t, n)
	c := crawl{t: t, n: n, seen: map[string]bool{}, kinds: map[string]int{}, queries: map[string]int{}, patterns: map[string]bool{}, mux: http.NewServeMux()}
	for _, r := range n.Routes {
		pattern := r.Pattern
		c.mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) { c.patterns[pattern] = true })
	}
	starts := []string{"/", "/donnees?departement=17", "/donnees?epci=200041762", "/donnees?commune=17299", "/plan-du-site", "/lieux", "/donnees", "/langues", "/api/v1/openapi.json", "/api/v1/lieux"}
	for _, number := range planted {
		starts = append(starts, n.PlacePath(number), fmt.Sprintf("/api/v1/lieux/%d", number))
	}
	for _, path := range declaredHostile(t, n) {
		starts = append(starts, path, path+"/relire", path+"/apercu", path+"/horaires?mode=mots")
	}
	for _, text := range apptest.HostileTexts { // what the address says is shown again
		v := url.QueryEscape(text)
		starts = append(starts, "/lieux?ou="+v+"&besoin="+v+"&page="+v, "/ar/lieux?ou="+v, "/alertes?ou="+v, "/api/v1/lieux?ou="+v, "/agenda?ou="+v+"&avec="+v, "/agenda.ics?ou="+v+"&avec="+v, "/nulle-part/"+url.PathEscape(text))
		starts = append(starts, "/lieux?ou="+v+"&besoin="+v+"&page="+v, "/ar/lieux?ou="+v, "/alertes?ou="+v, "/imprimer/agenda?ou="+v+"&genre="+v, "/imprimer/agenda.pdf?ou="+v, "/imprimer/agenda/communes/17299?semaine="+v, "/api/v1/lieux?ou="+v, "/nulle-part/"+url.PathEscape(text))
	}
	c.run(starts)
	c.as = n.Login(identity.Administrator)
	c.seen, c.queries = map[string]bool{}, map[string]int{}
	c.pro = true // what everybody sees was read
	c.run([]string{"/pro", "/pro/courriers", "/pro/compte", "/pro/agenda/feuille", "/pro/hors-ligne", "/pro/hors-ligne.js", "/pro/journee/copie?appareil=" + id.New()})
	t.Logf("%d addresses read, %d kinds of content: %v", c.read, len(c.kinds), c.kinds)
	if c.read < 600 || c.kinds["text/html"] < 400 || len(c.kinds) < 6 {
		t.Errorf("the crawl read %d addresses of the kinds %v", c.read, c.kinds)
	}
	for _, r := range n.Routes {
		if strings.HasPrefix(r.Pattern, "GET /lieux") || strings.HasPrefix(r.Pattern, "GET /agenda") || strings.HasPrefix(r.Pattern, "GET /pro") || strings.HasPrefix(r.Pattern, "GET /donnees") {
			if !c.patterns[r.Pattern] && !strings.Contains(r.Pattern, "{jeton}") && !unlinked[r.Pattern] {
				t.Errorf("the crawl never came to %s", r.Pattern)
			}
		}
	}
}

// declaredHostile plants every text in an answer of a declaration, and returns the addresses of these.
func declaredHostile(t *testing.T, n *apptest.Node) []string {
	t.Helper()
	columns := []string{"nom", "structure_parente", "adresse", "complement_adresse", "presentation_resume", "presentation_detail", "viaduc_langues"}
	var paths []string
	for part := range slices.Chunk(apptest.HostileTexts, len(columns)) {
		values := map[string]string{"code_postal": "17300", "commune": "Rochefort"}
		for i, text := range part {
			column := columns[i]
			if len([]rune(text)) > place.DeclaredMost(column) {
				column = "presentation_detail"
			}
			values[column] += text
		}
		_, token, err := n.Places.Begin(t.Context(), "nom", values)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, place.DeclarationPath+token)
		sendHostile(t, n, values)
	}
	return paths
}

// sendHostile gives the same answers to the team, as another declaration.
func sendHostile(t *testing.T, n *apptest.Node, values map[string]string) {
	t.Helper()
	for _, needed := range []string{"nom", "adresse"} {
		if values[needed] == "" {
			values[needed] = "Exemple"
		}
	}
	d, token, err := n.Places.Begin(t.Context(), "nom", values)
	if err == nil {
		d, err = n.Places.SaveAnswer(t.Context(), token, place.Answer{Email: "structure@viaduc.example"})
	}
	if err == nil {
		_, err = n.Places.SendDeclaration(t.Context(), token, d.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unlinked are addresses that no link leads to.
var unlinked = map[string]bool{
	"GET /lieux/{slug}/signaler/merci":   true, // where a form ends
	"GET /lieux/{slug}/corriger/merci":   true, // where another ends
	"GET /agenda/equipe/{fichier}":       true, // a secret address, written to be copied
	"GET /pro/declarations":              true, // where boxes that are ticked lead
	"GET /pro/compte/confirmer":          true, // where an action asks who one is
	"GET /pro/messages/{message}":        true, // the example has sent none
	"GET /pro/admin/composants":          true, // for developers
	"GET /pro/doublons/{numero}/separer": true, // the example has united none
}

// crawl reads every address that pages lead to.
type crawl struct {
	t        *testing.T
	n        *apptest.Node
	as       *http.Cookie
	seen     map[string]bool
	patterns map[string]bool // routes that were asked
	mux      *http.ServeMux
	kinds    map[string]int // media types read
	queries  map[string]int // addresses followed, by path
	pro      bool           // the pages of the team alone
	icon     string         // of every page
	read     int
	queue    []string
}

// mostRead bounds a crawl, which of itself ends: of each list some pages are read, not all.
const mostRead = 8000

func (c *crawl) run(starts []string) {
	c.queue = slices.Clone(starts)
	for last := c.read + mostRead; len(c.queue) > 0; c.queue = c.queue[1:] {
		if next := c.queue[0]; !c.seen[next] {
			c.seen[next] = true
			c.visit(next)
		}
		if c.read > last {
			c.t.Fatalf("%d addresses read, %d to come: the crawl does not end", c.read, len(c.queue))
		}
	}
}

func (c *crawl) visit(path string) {
	c.read++
	probe, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.n.URL+path, http.NoBody)
	if err != nil {
		return // the address itself is nonsense
	}
	if h, pattern := c.mux.Handler(probe); pattern != "" {
		h.ServeHTTP(nil, probe)
	}
	res, body := c.n.Do(http.MethodGet, path, nil, func(r *http.Request) {
		if c.as != nil {
			r.AddCookie(c.as)
		}
	})
	if to := res.Header.Get("Location"); to != "" {
		c.follow(path, to)
		if u, err := url.Parse(to); err != nil || u.IsAbs() && !strings.HasPrefix(to, c.n.URL) || strings.HasPrefix(to, "//") {
			c.t.Errorf("%s sends to %s", path, to)
		}
	}
	if res.StatusCode >= http.StatusInternalServerError {
		c.t.Errorf("%s answers %d", path, res.StatusCode)
	}
	if res.Header.Get("X-Content-Type-Options") != "nosniff" && res.StatusCode != http.StatusNotModified {
		c.t.Errorf("%s may be sniffed", path)
	}
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	c.kinds[kind]++
	if problem := c.judge(path, kind, body); problem != nil {
		c.t.Errorf("%s: %v", path, problem)
	}
}

// judge says what a document would run or where it is broken.
func (c *crawl) judge(path, kind, body string) error {
	switch {
	case kind == "text/html":
		return c.judgeHTML(path, body)
	case kind == "image/svg+xml", strings.HasSuffix(kind, "+xml"):
		return judgeXML(body)
	case strings.HasSuffix(kind, "json"):
		if !json.Valid([]byte(body)) {
			return errors.New("no JSON")
		}
	case kind == "text/csv":
		return judgeCSV(body)
	case kind == "application/pdf":
		return judgePDF(body)
	case kind == "text/calendar", kind == "text/vcard":
		return judgeLines(kind, body)
	}
	return nil
}

// addresses are the attributes that hold one.
var addresses = []string{"href", "src", "action", "formaction", "data", "poster", "xlink:href", "cite", "srcset", "ping"}

func (c *crawl) judgeHTML(path, body string) error {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return err
	}
	var bad []error
	for node := range doc.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range node.Attr {
			key := a.Key
			if a.Namespace != "" {
				key = a.Namespace + ":" + key
			}
			attr[key] = a.Val
			if strings.HasPrefix(key, "on") || key == "style" || key == "srcdoc" {
				bad = append(bad, fmt.Errorf("<%s %s=%q>", node.Data, key, a.Val))
			}
			if slices.Contains(addresses, key) && !icon(node) {
				bad = append(bad, c.judgeAddress(path, node.Data, a.Val))
			}
		}
		if node.Data == "link" && attr["rel"] == "icon" {
			c.icon = cmp.Or(c.icon, attr["href"])
			if attr["href"] != c.icon { // the first page that was read holds no planted text
				bad = append(bad, fmt.Errorf("the icon is %q", attr["href"]))
			}
		}
		switch node.Data {
		case "script":
			if attr["type"] != "application/ld+json" && !strings.HasPrefix(attr["src"], "/assets/") {
				bad = append(bad, fmt.Errorf("<script src=%q>", attr["src"]))
			}
			if attr["type"] == "application/ld+json" && (node.FirstChild == nil || !json.Valid([]byte(node.FirstChild.Data))) {
				bad = append(bad, errors.New("the data of the page is no JSON"))
			}
		case "base", "object", "embed", "marquee", "foreignobject", "foreignObject", "math", "x", "template", "animate", "video", "style":
			bad = append(bad, fmt.Errorf("<%s>", node.Data))
		case "iframe":
			if !strings.HasPrefix(attr["src"], "/") {
				bad = append(bad, fmt.Errorf("<iframe src=%q>", attr["src"]))
			}
		case "meta":
			if attr["http-equiv"] != "" {
				bad = append(bad, fmt.Errorf("<meta http-equiv=%q>", attr["http-equiv"]))
			}
		}
	}
	return errors.Join(bad...)
}

// icon reports whether a node is the mark in the browser's bar, which stands in the page itself.
func icon(n *html.Node) bool {
	return n.Data == "link" && slices.Contains(n.Attr, html.Attribute{Key: "rel", Val: "icon"})
}

// schemes are what an address of ours may begin with, beside a path.
var schemes = []string{"http", "https", "tel", "mailto", "geo", "sms"}

func (c *crawl) judgeAddress(path, element, to string) error {
	u, err := url.Parse(strings.TrimSpace(to))
	if err != nil {
		return fmt.Errorf("<%s> leads to %q", element, to)
	}
	if u.Scheme != "" && !slices.Contains(schemes, strings.ToLower(u.Scheme)) {
		return fmt.Errorf("<%s> leads to %q", element, to)
	}
	if u.Host != "" && element != "a" {
		return fmt.Errorf("<%s> is fetched from %q", element, to)
	}
	c.follow(path, to)
	return nil
}

func (c *crawl) follow(from, to string) {
	base, err := url.Parse(c.n.URL + from)
	if err != nil {
		return
	}
	u, err := base.Parse(to)
	if err != nil || u.Scheme+"://"+u.Host != c.n.URL {
		return
	}
	u.Fragment = ""
	next := strings.TrimPrefix(u.String(), c.n.URL)
	if strings.HasPrefix(next, "/en/") || strings.HasPrefix(next, "/simple/") { // written by the same code as French and Arabic
		return
	}
	if !c.seen[next] && !strings.HasPrefix(next, "/deconnexion") && !strings.HasPrefix(next, "/connexion") && (!c.pro || strings.HasPrefix(next, "/pro")) && c.few(u) {
		c.queue = append(c.queue, next)
	}
}

// few leaves out the thousandth page of one list: of each path, so many queries are read.
func (c *crawl) few(u *url.URL) bool {
	if u.RawQuery == "" {
		return true
	}
	c.queries[u.Path]++
	return c.queries[u.Path] <= 8
}

func judgeXML(body string) error {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("no XML: %w", err)
		}
		switch v := token.(type) {
		case xml.Directive:
			return fmt.Errorf("a directive: %s", v)
		case xml.StartElement:
			name := strings.ToLower(v.Name.Local)
			if name == "script" || name == "foreignobject" || name == "animate" || name == "set" {
				return fmt.Errorf("<%s>", name)
			}
			for _, a := range v.Attr {
				if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
					return fmt.Errorf("<%s %s>", name, a.Name.Local)
				}
				if a.Name.Local == "href" && !safeAddress.MatchString(a.Value) {
					return fmt.Errorf("<%s href=%q>", name, a.Value)
				}
			}
		}
	}
}

var safeAddress = regexp.MustCompile(`^(https?://|tag:|urn:|mailto:|tel:|geo:|/|#)`)

// judgeCSV holds that no spreadsheet takes a cell for a formula.
func judgeCSV(body string) error {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if name := rows[0][i]; cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) && name != "telephone" && name != "latitude" && name != "longitude" {
				return fmt.Errorf("%s holds %q", name, cell)
			}
		}
	}
	return nil
}

// pdfStream is what a file holds compressed: text and pictures, where any three bytes may stand by chance.
var pdfStream = regexp.MustCompile(`(?s)>>\s*stream\r?\n.*?endstream`)

// judgePDF holds that a file neither runs anything nor opens anything by itself, nor leads elsewhere than to the web. It reads the
// objects, where such things are said, and none of them may be packed in a stream.
func judgePDF(body string) error {
	body = pdfStream.ReplaceAllString(body, "")
	if !strings.Contains(body, "/Catalog") || strings.Contains(body, "/ObjStm") {
		return errors.New("the objects of the file cannot be read")
	}
	for _, word := range []string{"/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/OpenAction <<", "/RichMedia", "/Type /EmbeddedFile", "/Filespec"} {
		if strings.Contains(body, word) {
			return fmt.Errorf("the file holds %s", word)
		}
	}
	for _, m := range pdfAddress.FindAllStringSubmatch(body, -1) {
		if !safeAddress.MatchString(m[1]) {
			return fmt.Errorf("the file leads to %q", m[1])
		}
	}
	return nil
}

var pdfAddress = regexp.MustCompile(`/URI \(([^)]*)\)`)

// judgeLines holds that no line of a calendar or of a contact card was added by a text.
func judgeLines(kind, body string) error {
	begun := "BEGIN:VCALENDAR"
	if kind == "text/vcard" {
		begun = "BEGIN:VCARD"
	}
	if strings.Count("\n"+body, "\n"+begun) != 1 || strings.Contains(body, "\nX-ALT-DESC") {
		return errors.New("a text wrote lines of its own")
	}
	return nil
}

// The judge of a file sees what its objects do, and takes no compressed bytes for words.
func TestTheJudgeOfAFileReadsItsObjects(t *testing.T) {
	const catalog = "1 0 obj << /Type /Catalog >> endobj\n"
	for body, refused := range map[string]bool{
		catalog + "2 0 obj << /Length 5 >>\nstream\nx/JSx\nendstream endobj":     false,
		catalog + "2 0 obj << /S /JavaScript /JS (x) >> endobj":                  true,
		catalog + "2 0 obj << /A << /S /URI /URI (file:///etc/passwd) >> endobj": true,
		catalog + "2 0 obj << /Type /ObjStm >>\nstream\nx\nendstream endobj":     true,
		"": true,
	} {
		if err := judgePDF(body); (err != nil) != refused {
			t.Errorf("%q: %v", body, err)
		}
	}
}
