package demo_test

import (
	"encoding/csv"
	"io"
	"log/slog"
	"math"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app/demo"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
	"viaduc/internal/ui"
	"viaduc/internal/ui/plainwords"
)

const wantPlaces, wantCommunes = 62, 48

type world struct {
	journal *audit.Journal
	ground  *territory.Service
	places  *place.Service
}

func newWorld(t *testing.T) world {
	t.Helper()
	d := testkit.SQLite(t)
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	clock := testkit.NewClock(t, "2026-11-16 09:30")
	w := world{journal: audit.New(audit.Deps{DB: d, Signer: key, Now: clock.Now, Log: log})}
	w.ground = territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.places = place.New(place.Deps{DB: d, Journal: w.journal, Territory: w.ground, Now: clock.Now, Log: log})
	return w
}

// load fills a database with the example and reads it into memory.
func load(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	if err := demo.Load(t.Context(), w.ground, w.places); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ground.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.places.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestImportsWithoutAWord(t *testing.T) {
	w := newWorld(t)
	ground, err := w.ground.ImportCommunes(t.Context(), audit.CLI, demo.Communes())
	if err != nil || ground.Created != wantCommunes || ground.Rejected+ground.Warnings != 0 {
		t.Errorf("communes: %s %v, %v", ground.Counts, ground.Issues, err)
	}
	census, err := w.places.Import(t.Context(), identity.AtCLI(), demo.Places(), place.ImportOptions{})
	if err != nil || census.Created != wantPlaces || census.Rejected+census.Warnings+census.ToLocate != 0 {
		t.Errorf("places: %s %v, %v", census.Counts, census.Issues, err)
	}
}

func TestFileHasTheColumnsOfTheStandard(t *testing.T) {
	header, err := csv.NewReader(demo.Places()).Read()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range place.Columns() {
		want = append(want, c.Name)
	}
	if !slices.Equal(header, want) {
		t.Errorf("columns are %v, want %v", header, want)
	}
}

func TestLoadTwiceChangesNothing(t *testing.T) {
	w := load(t)
	first, err := w.journal.Sequence(t.Context())
	if err != nil || first == 0 {
		t.Fatalf("journal: %d lines, %v", first, err)
	}
	if err := demo.Load(t.Context(), w.ground, w.places); err != nil {
		t.Fatal(err)
	}
	if again, err := w.journal.Sequence(t.Context()); err != nil || again != 0 {
		t.Errorf("a second load writes %d lines in the journal, %v", again, err)
	}
	if got := w.ground.Site("127.0.0.1:8080"); got != demo.Site() {
		t.Errorf("site is %+v", got)
	}
	if c := w.ground.MainCommune(""); c.Name != "Rochefort" {
		t.Errorf("main commune is %q", c.Name)
	}
}

func TestEveryPlaceIsWholeAndInItsCommune(t *testing.T) {
	w := load(t)
	names, points := map[string]bool{}, map[territory.Point]bool{}
	for _, e := range w.places.Index().Entries() {
		if e.Status != place.Published || len(e.Violations()) > 0 {
			t.Errorf("%s: %s %v", e.StandardID, e.Status, e.Violations())
		}
		if key := fold.Key(e.Name); names[key] {
			t.Errorf("%s: the name %q is there twice", e.StandardID, e.Name)
		} else {
			names[key] = true
		}
		if points[e.Point] {
			t.Errorf("%s: another place has the same position", e.StandardID)
		}
		points[e.Point] = true
		c, ok := w.ground.Gazetteer().Commune(e.CommuneCode)
		switch {
		case !ok || c.Name != e.Commune || !slices.Contains(c.Postcodes, e.Postcode):
			t.Errorf("%s: %s %s %s is not a commune of the example", e.StandardID, e.CommuneCode, e.Postcode, e.Commune)
		case metres(c.Point, e.Point) > 3000:
			t.Errorf("%s: %.0f m from the centre of %s", e.StandardID, metres(c.Point, e.Point), c.Name)
		}
		if e.Source != "exemple" || e.Pivot != place.UnknownPivot || e.UpdatedOn < "2025-09-01" || e.UpdatedOn > "2026-10-31" {
			t.Errorf("%s: source %q, pivot %q, updated on %q", e.StandardID, e.Source, e.Pivot, e.UpdatedOn)
		}
	}
}

// metres is the distance on a plane, good enough within a commune.
func metres(a, b territory.Point) float64 {
	const degree = 111_195
	return math.Hypot((a.Lat-b.Lat)*degree, (a.Lon-b.Lon)*degree*math.Cos(a.Lat*math.Pi/180))
}

func TestNobodyCanBeReachedByMistake(t *testing.T) {
	fiction := regexp.MustCompile(`^\+3353649\d{4}$`) // Arcep's range for works of fiction
	phones := map[string]bool{}
	site := demo.Site()
	if !strings.HasPrefix(ui.PhoneHref(site.Phone), "tel:+3353649") || !strings.HasSuffix(site.Email, ".example") {
		t.Errorf("site: %s, %s", site.Phone, site.Email)
	}
	phones[strings.TrimPrefix(ui.PhoneHref(site.Phone), "tel:")] = true
	for _, e := range load(t).places.Index().Entries() {
		if e.Phone != "" && (!fiction.MatchString(e.Phone) || phones[e.Phone]) {
			t.Errorf("%s: phone %s is real or doubled", e.StandardID, e.Phone)
		}
		phones[e.Phone] = true
		for _, m := range e.Emails.Values() {
			if !regexp.MustCompile(`^[a-z.-]+@[a-z0-9-]+\.example$`).MatchString(m) {
				t.Errorf("%s: address %s", e.StandardID, m)
			}
		}
		for _, a := range append(e.Websites.Values(), e.BookingURL, e.AccessibilityURL) {
			if u, err := url.Parse(a); a != "" && (err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Host, ".example")) {
				t.Errorf("%s: address %s", e.StandardID, a)
			}
		}
	}
}

func TestEveryPageHasSomethingToShow(t *testing.T) {
	offers, said, communes := map[place.Offer]int{}, map[string]int{}, map[string]bool{}
	for _, e := range load(t).places.Index().Entries() {
		offers[e.Place.Offer()]++
		communes[e.CommuneCode] = true
		for _, l := range []place.List{e.Services, e.Audiences, e.SpecialCare, e.Fees, e.Itinerance, e.AccessModes, e.SupportModes} {
			for _, v := range l.Values() {
				said[v]++
			}
		}
		for field, v := range map[string]string{
			"hours": e.Place.Hours, "summary": e.Summary, "detail": e.Description,
			"phone": e.Phone, "booking": e.BookingURL, "extra": e.AddressExtra,
		} {
			if v == "" {
				field = "no " + field
			}
			said[field]++
		}
	}
	want := map[place.Offer]int{place.OfferMediator: 38, place.OfferSelfService: 12, place.OfferWifi: 8, place.OfferUnsaid: 4}
	for o, n := range want {
		if offers[o] != n {
			t.Errorf("%d places of offer %s, want %d", offers[o], o, n)
		}
	}
	all := place.Services()
	all = append(all, "Jeunes", "Étudiants", "Familles et/ou enfants", "Seniors", "Femmes",
		"Surdité", "Handicaps moteurs", "Handicaps mentaux", "Illettrisme", "Langues étrangères (anglais)", "Langues étrangères (autres)", "Déficience visuelle",
		"Gratuit", "Gratuit sous condition", "Payant", "Itinérant", "Fixe",
		"Se présenter", "Téléphoner", "Contacter par mail", "Prendre un RDV en ligne", "Envoyer un mail avec une fiche de prescription",
		"En autonomie", "Accompagnement individuel", "Dans un atelier collectif", "À distance",
		"hours", "no hours", "summary", "no summary", "detail", "no detail", "phone", "no phone", "booking", "no booking", "extra", "no extra")
	for _, v := range all {
		if said[v] < 2 {
			t.Errorf("%d places with %q, want 2 or more", said[v], v)
		}
	}
	if without := wantCommunes - len(communes); without != 9 {
		t.Errorf("%d communes have no place, want the nine that the package doc tells of", without)
	}
}

func TestHoursParseAndSomethingIsOpen(t *testing.T) {
	w := load(t)
	for _, e := range w.places.Index().Entries() {
		if e.Place.Hours == "" {
			continue
		}
		h, err := openinghours.Parse(e.Place.Hours)
		if err != nil {
			t.Errorf("%s: %q: %v", e.StandardID, e.Place.Hours, err)
			continue
		}
		if len(openinghours.Spoken(h)) == 0 {
			t.Errorf("%s: %q cannot be said in words", e.StandardID, e.Place.Hours)
		}
	}
	paris := openinghours.ZoneOf("17")
	for day := 16; day <= 21; day++ { // an ordinary week of November 2026, from Monday to Saturday
		for _, hour := range []int{10, 11, 15, 16, 17} {
			if day == 21 && hour == 17 {
				continue
			}
			at := time.Date(2026, time.November, day, hour, 15, 0, 0, paris)
			for _, town := range []string{"17299", "17300"} {
				helped := slices.ContainsFunc(w.places.Index().Entries(), func(e *place.Entry) bool {
					s, ok := e.StatusAt(at)
					return ok && e.CommuneCode == town && s.State == openinghours.Open && e.Place.Offer() == place.OfferMediator
				})
				if !helped {
					t.Errorf("nobody helps in %s on %s", town, at.Format("Mon 15:04"))
				}
			}
		}
	}
}

// A place that says other hours for school holidays has them then, and only then.
func TestSchoolHolidaysCount(t *testing.T) {
	w := load(t)
	paris := openinghours.ZoneOf("17")
	looked := 0
	for _, e := range w.places.Index().Entries() {
		if !strings.Contains(e.Place.Hours, "SH Mo-Fr 14:00-18:00") {
			continue
		}
		looked++
		for at, want := range map[time.Time]openinghours.State{
			time.Date(2026, time.November, 17, 10, 0, 0, 0, paris): openinghours.Open,   // a school day, in the morning
			time.Date(2026, time.October, 20, 10, 0, 0, 0, paris):  openinghours.Closed, // the same in the holidays
			time.Date(2026, time.October, 20, 15, 0, 0, 0, paris):  openinghours.Open,
		} {
			if s, ok := e.StatusAt(at); !ok || s.State != want {
				t.Errorf("%s at %s: %s, want %s", e.StandardID, at, s.State, want)
			}
		}
	}
	if looked == 0 {
		t.Error("no place of the example says hours for school holidays: the test shows nothing")
	}
}

func TestWordsArePlain(t *testing.T) {
	sentences, words := 0, 0
	for _, e := range load(t).places.Index().Entries() {
		for _, text := range []string{e.Name, e.Address, e.AddressExtra, e.ParentOrganisation, e.Summary, e.Description} {
			for _, p := range plainwords.Check(text, i18n.French) {
				t.Errorf("%s: %s", e.StandardID, p)
			}
			if strings.ContainsAny(text, "’") || regexp.MustCompile(` [?!:;»]|\d (h|euros)\b`).MatchString(text) {
				t.Errorf("%s: signs and spaces of %q", e.StandardID, text)
			}
		}
		mine, total := plainwords.Sentences(e.Summary+"\n"+e.Description), 0
		for _, s := range mine {
			total += plainwords.Words(s)
		}
		if len(mine) > 0 && total > plainwords.MaxMean*len(mine) {
			t.Errorf("%s: %d words in %d sentences", e.StandardID, total, len(mine))
		}
		sentences, words = sentences+len(mine), words+total
	}
	t.Logf("%d sentences of %.1f words on average", sentences, float64(words)/float64(sentences))
	site := demo.Site()
	for _, text := range []string{site.Name, site.PhoneHours, site.Publisher, site.Director, site.Hosting, site.DPO} {
		for _, p := range plainwords.Check(text, i18n.French) {
			t.Errorf("site: %s", p)
		}
	}
}

func TestReadersStartAtTheStart(t *testing.T) {
	for _, open := range []func() io.Reader{demo.Communes, demo.Holidays, demo.Places} {
		first, err := io.ReadAll(open())
		if err != nil || len(first) == 0 {
			t.Fatalf("%d bytes, %v", len(first), err)
		}
		if second, err := io.ReadAll(open()); err != nil || string(first) != string(second) {
			t.Errorf("a second reader gives another file, %v", err)
		}
	}
}
