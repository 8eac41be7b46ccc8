package web_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"viaduc/internal/app/apptest"
	"viaduc/internal/place"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

// hostileRow is a place whose texts try to get out of every format.
const hostileRow = `id,pivot,nom,commune,code_postal,adresse,date_maj,latitude,longitude,telephone,courriels,site_web,horaires,presentation_resume
H,00000000000000,"</script><script>alert(1)</script> BEGIN:VCARD; a,b\n",Saintes,17100,"1, rue; du ""Test""
END:VEVENT",2026-01-05,45.75,-0.63,+33536490012,moi@exemple.example,https://exemple.example/a?b=1&c=2,"Mo-Fr 09:00-12:00,14:00-18:00; Sa 22:00-02:00; PH off","Ligne
deux ` + "\u2028" + ` </script>"
`

// unfolded sees that a file is made of lines that end with CR LF and fit 75 octets, and puts folded ones together.
func unfolded(t *testing.T, raw string) []string {
	t.Helper()
	if !strings.HasSuffix(raw, "\r\n") || strings.Count(raw, "\n") != strings.Count(raw, "\r\n") || !utf8.ValidString(raw) {
		t.Errorf("a line ends otherwise than by CR LF:\n%q", raw)
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(raw, "\r\n ", ""), "\r\n"), "\r\n")
}

// contentLine is the grammar of a line (RFC 6350, 3.3): name, parameters, value.
var contentLine = regexp.MustCompile(`^([A-Z-]+)((?:;[A-Z]+=[a-z-]+(?:,[a-z-]+)*)*):([^\x00-\x08\x0a-\x1f\x7f]*)$`)

// loose finds a comma or semicolon that is not escaped.
var loose = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*[,;]`)

func readCard(t *testing.T, raw string) map[string]string {
	t.Helper()
	lines := unfolded(t, raw)
	if lines[0] != "BEGIN:VCARD" || lines[1] != "VERSION:4.0" || lines[len(lines)-1] != "END:VCARD" {
		t.Errorf("frame of the card: %q", lines)
	}
	card := map[string]string{}
	for _, line := range lines {
		m := contentLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no content line: %q", line)
			continue
		}
		if m[1] != "URL" && m[1] != "TEL" { // those may be there several times
			if _, twice := card[m[1]]; twice && m[1] != "EMAIL" {
				t.Errorf("%s is there twice", m[1])
			}
		}
		if text := m[1] == "FN" || m[1] == "ORG" || m[1] == "NOTE" || m[1] == "EMAIL"; text && loose.MatchString(m[3]) {
			t.Errorf("%s is not escaped: %q", m[1], m[3])
		}
		card[m[1]] = m[3]
	}
	if card["FN"] == "" {
		t.Error("a card without FN, which RFC 6350 wants")
	}
	return card
}

func TestContactCards(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportText(hostileRow)
	for _, e := range n.Places.Index().Entries() {
		path := n.PlacePath(int64(e.Number)) + "/contact.vcf"
		res, raw := n.Get(path)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/vcard; charset=utf-8" {
			t.Fatalf("%s: %d, %v", path, res.StatusCode, res.Header)
		}
		card := readCard(t, raw)
		if strings.Count(card["ADR"], ";")-strings.Count(card["ADR"], `\;`) != 6 {
			t.Errorf("%s: an address has seven parts: %q", path, card["ADR"])
		}
		if e.Phone != "" && card["TEL"] != "tel:"+e.Phone {
			t.Errorf("%s: telephone %q, want %q", path, card["TEL"], e.Phone)
		}
	}
	_, raw := n.Get(n.PlacePath(1) + "/contact.vcf")
	card := readCard(t, raw)
	for name, want := range map[string]string{
		"FN": "Espace numérique du Vieux Moulin", "GEO": "geo:45.936760,-0.964500", "KIND": "org",
		"ADR": `;;14 rue du Vieux-Moulin\nÀ côté du marché couvert;Rochefort;;17300;France`, "SOURCE": n.URL + n.PlacePath(1),
	} {
		if card[name] != want {
			t.Errorf("%s is %q, want %q", name, card[name], want)
		}
	}
	if !strings.Contains(strings.ReplaceAll(card["NOTE"], "\u00a0", " "), `du lundi au vendredi\, de 9 h à 12 h 30`) {
		t.Errorf("note: %q", card["NOTE"])
	}
	if _, english := n.Get("/en" + n.PlacePath(1) + "/contact.vcf"); !strings.Contains(strings.Join(unfolded(t, english), "\n"), "Monday: 9:00 to 12:30") {
		t.Errorf("in English:\n%s", english)
	}
}

func TestCalendarsAreValid(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportText(hostileRow)
	calendars := 0
	for _, e := range n.Places.Index().Entries() {
		path := n.PlacePath(int64(e.Number)) + "/horaires.ics"
		res, raw := n.Get(path)
		if res.StatusCode == http.StatusNotFound {
			if h := e.Hours(); h != nil {
				t.Logf("%s: no hour to write down in %q", path, e.Place.Hours)
			}
			continue
		}
		calendars++
		unfolded(t, raw)
		cal, err := ical.NewDecoder(strings.NewReader(raw)).Decode()
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, raw)
		}
		if err := ical.NewEncoder(new(bytes.Buffer)).Encode(cal); err != nil { // it refuses what the standard does
			t.Errorf("%s: %v", path, err)
		}
		seen := map[string]bool{}
		for _, ev := range cal.Events() {
			uid, err := ev.Props.Text(ical.PropUID)
			if err != nil || seen[uid] || !strings.HasPrefix(uid, string(e.ID)) {
				t.Errorf("%s: UID %q, %v", path, uid, err)
			}
			seen[uid] = true
			start, err1 := ev.DateTimeStart(time.UTC)
			end, err2 := ev.DateTimeEnd(time.UTC)
			if err1 != nil || err2 != nil || !start.Before(end) {
				t.Errorf("%s: from %s to %s, %v, %v", path, start, end, err1, err2)
			}
		}
	}
	if calendars < 50 {
		t.Errorf("only %d calendars: the test shows little", calendars)
	}
}

func TestCalendarSaysWhenOneCanCome(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportText(hostileRow)
	var hostile *place.Entry
	for _, e := range n.Places.Index().Entries() {
		if e.StandardID == "H" {
			hostile = e
		}
	}
	path := n.PlacePath(int64(hostile.Number)) + "/horaires.ics"
	_, raw := n.Get(path)
	cal, err := ical.NewDecoder(strings.NewReader(raw)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	starts := map[string]time.Duration{}
	for _, ev := range cal.Events() {
		from, _ := ev.DateTimeStart(time.UTC)
		to, _ := ev.DateTimeEnd(time.UTC)
		starts[from.Format(time.RFC3339)] = to.Sub(from)
		if place, _ := ev.Props.Text(ical.PropLocation); !strings.Contains(place, `1, rue; du "Test"`) || !strings.Contains(place, "17100 Saintes") {
			t.Errorf("location %q", place)
		}
	}
	for start, want := range map[string]time.Duration{
		"2026-05-04T07:00:00Z": 3 * time.Hour, // 9 h in Paris, in summer
		"2026-05-09T20:00:00Z": 4 * time.Hour, // past midnight is one event
		"2026-05-08T07:00:00Z": 0,             // a holiday
		"2026-05-14T07:00:00Z": 0,
		"2026-06-26T12:00:00Z": 4 * time.Hour, // the last Friday of the eighth week
		"2026-06-29T07:00:00Z": 0,             // the ninth
	} {
		if starts[start] != want {
			t.Errorf("at %s: open for %v, want %v", start, starts[start], want)
		}
	}
	n.Clock.Move(3 * 24 * time.Hour)
	if _, thursday := n.Get(path); thursday != raw {
		t.Error("the calendar is another on Thursday of the same week")
	}
}

func TestFilesAreAskedAboutAndNamed(t *testing.T) {
	n := apptest.Demo(t)
	for end, kind := range map[string]string{"/contact.vcf": ".vcf", "/horaires.ics": ".ics"} {
		path := n.PlacePath(1) + end
		res, raw := n.Get(path)
		tag := res.Header.Get("ETag")
		_, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
		if err != nil || params["filename"] != strings.TrimPrefix(n.PlacePath(1), "/lieux/")+kind {
			t.Errorf("%s: %q, %v", path, res.Header.Get("Content-Disposition"), err)
		}
		again, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if tag == "" || again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s, If-None-Match %s: %d", path, tag, again.StatusCode)
		}
		if head, nothing := n.Do(http.MethodHead, path, nil); head.StatusCode != http.StatusOK || nothing != "" || head.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d, %v", path, head.StatusCode, head.Header)
		}
		_, page := n.Get(n.PlacePath(1))
		_, after, ok := strings.Cut(page, `href="`+path+`"`)
		link, _, _ := strings.Cut(after, "</a>")
		if !ok || !strings.Contains(link, strings.TrimSpace(ui.Bytes(max(1000, int64(len(raw)))))) {
			t.Errorf("%s weighs %d: %s", path, len(raw), link)
		}
	}
	n.ImportText("id,pivot,nom,commune,code_postal,adresse,date_maj\nN,00000000000000,Sans horaires,Saintes,17100,rue,2026-01-05\n")
	last := n.Places.Index().Entries()[n.Places.Index().Len()-1]
	if res, _ := n.Get(n.PlacePath(int64(last.Number)) + "/horaires.ics"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a calendar without hours: %d", res.StatusCode)
	}
	if _, page := n.Get(n.PlacePath(int64(last.Number))); strings.Contains(page, "horaires.ics") || !strings.Contains(page, "contact.vcf") {
		t.Error("the page of a place without hours offers a calendar, or no card")
	}
}

// jsonLD finds the one data block of a page.
func jsonLD(t *testing.T, page string) map[string]any {
	t.Helper()
	_, after, ok := strings.Cut(page, `<script type="application/ld+json">`)
	text, _, closed := strings.Cut(after, "</script>")
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil || !ok || !closed {
		t.Fatalf("no JSON: %v\n%s", err, text)
	}
	return v
}

func TestPagesSpeakToSearchEngines(t *testing.T) {
	n := apptest.Demo(t)
	n.ImportText(hostileRow)
	types := map[string]int{}
	for _, e := range n.Places.Index().Entries() {
		_, page := n.Get(n.PlacePath(int64(e.Number)))
		v := jsonLD(t, page)
		types[v["@type"].(string)]++
		if v["@context"] != "https://schema.org" || v["url"] != n.URL+n.PlacePath(int64(e.Number)) || v["name"] == "" {
			t.Errorf("%s: %v", e.StandardID, v)
		}
		if e.StandardID == "H" {
			if v["name"] != `</script><script>alert(1)</script> BEGIN:VCARD; a,b\n` || strings.Contains(page, "<script>alert") {
				t.Errorf("the hostile name came out as %q", v["name"])
			}
		}
	}
	if types["Library"] < 10 || types["GovernmentOffice"] < 10 || types["LocalBusiness"] < 10 {
		t.Errorf("types: %v", types)
	}
	_, page := n.Get(n.PlacePath(1))
	v := jsonLD(t, page)
	hours, _ := json.Marshal(v["openingHoursSpecification"])
	want := `[{"@type":"OpeningHoursSpecification","closes":"12:30","dayOfWeek":["Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"],"opens":"09:00"},` +
		`{"@type":"OpeningHoursSpecification","closes":"18:00","dayOfWeek":["Monday","Tuesday","Wednesday","Thursday","Friday"],"opens":"13:30"}]`
	if string(hours) != want {
		t.Errorf("hours: %s", hours)
	}
	special, _ := json.Marshal(v["specialOpeningHoursSpecification"].([]any)[1])
	if string(special) != `{"@type":"OpeningHoursSpecification","closes":"00:00","opens":"00:00","validFrom":"2026-05-14","validThrough":"2026-05-14"}` {
		t.Errorf("Ascension: %s", special)
	}
	if v["telephone"] != "+33536491337" || v["isAccessibleForFree"] != true || v["geo"] == nil || v["address"].(map[string]any)["postalCode"] != "17300" {
		t.Errorf("%v", v)
	}
	_, arabic := n.Get(ui.Path(i18n.Arabic, n.PlacePath(1)))
	if jsonLD(t, arabic)["@id"] != v["@id"] {
		t.Error("a place is another thing in Arabic")
	}
}
