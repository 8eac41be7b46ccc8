package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui"
)

// pageIn is a page in a language, made at an instant of Paris.
func pageIn(t *testing.T, l i18n.Lang, now string) ui.Page {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", now, openinghours.ZoneOf("17"))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.New(ui.Locale(), Locale)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := ui.New(ui.Deps{Catalog: catalog, Site: func(string) ui.Site { return ui.Site{} }, Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var p ui.Page
	h := kit.Languages(kit.HandleTranslated(func(_ http.ResponseWriter, r *http.Request) error {
		p = kit.Page(r, "")
		return nil
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, ui.Path(l, "/"), nil))
	return p
}

// plainSpaces makes what people read easy to write in a test.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

func TestFreshOn(t *testing.T) {
	for _, tc := range []struct {
		updated, verified, want string
		byUs, ok                bool
	}{
		{"2026-01-05", "", "2026-01-05", false, true},
		{"", "2026-01-05", "2026-01-05", true, true},
		{"2026-01-05", "2026-02-05", "2026-02-05", true, true},
		{"2026-02-05", "2026-01-05", "2026-02-05", false, true},
		{"2026-02-05", "2026-02-05", "2026-02-05", true, true},
		{"1970-01-01", "2026-01-05", "2026-01-05", true, true},
		{"1970-01-01", "", "0001-01-01", false, false},
		{"", "", "0001-01-01", false, false},
		{"hier", "05/01/2026", "0001-01-01", false, false},
	} {
		on, byUs, ok := place.FreshOn(tc.updated, tc.verified)
		if on.Format(time.DateOnly) != tc.want || byUs != tc.byUs || ok != tc.ok {
			t.Errorf("place.FreshOn(%q, %q) = %s, %v, %v", tc.updated, tc.verified, on.Format(time.DateOnly), byUs, ok)
		}
	}
}

func TestFreshness(t *testing.T) {
	p := pageIn(t, i18n.French, "2026-05-04 00:30")
	for _, tc := range []struct{ updated, verified, source, want, old string }{
		{"2026-05-04", "", "", "Informations mises à jour aujourd'hui, le lundi 4 mai 2026.", ""},
		{"2026-05-03", "", "", "Informations mises à jour hier, le dimanche 3 mai 2026.", ""},
		{"2026-04-05", "", "", "Informations mises à jour il y a 29 jours, le dimanche 5 avril 2026.", ""},
		{"2026-04-04", "", "Mairie", "Informations mises à jour il y a 1 mois, le samedi 4 avril 2026. Source : Mairie.", ""},
		{"2025-06-01", "2026-02-04", "", "Informations vérifiées il y a 3 mois, le mercredi 4 février 2026.", ""},
		{"2025-05-05", "", "", "Informations mises à jour il y a 11 mois, le lundi 5 mai 2025.", ""},
		{"2025-05-04", "", "", "Informations mises à jour il y a 1 an, le dimanche 4 mai 2025.", "Elles ont pu changer. Appelez avant de venir."},
		{"2023-05-05", "2024-05-04", "", "Informations vérifiées il y a 2 ans, le samedi 4 mai 2024.", "Elles ont pu changer. Appelez avant de venir."},
		{"2026-09-28", "", "", "Informations du lundi 28 septembre 2026.", ""},
		{"", "", "Mairie", "Nous ne savons pas de quand datent ces informations.", "Appelez avant de venir."},
		{"1970-01-01", "", "", "Nous ne savons pas de quand datent ces informations.", "Appelez avant de venir."},
	} {
		got := freshnessOf(p, tc.updated, tc.verified, tc.source)
		if plainSpaces(got.Text) != tc.want || got.Old != tc.old {
			t.Errorf("%q, %q: %q, %q", tc.updated, tc.verified, plainSpaces(got.Text), got.Old)
		}
	}
}

func TestFreshnessCountsInEachLanguage(t *testing.T) {
	for l, want := range map[i18n.Lang]map[string]string{
		i18n.English: {"2026-04-04": "updated 1 month ago", "2026-02-04": "updated 3 months ago", "2026-05-02": "updated 2 days ago", "2024-05-04": "updated 2 years ago"},
		i18n.Arabic:  {"2026-04-04": "قبل شهر،", "2026-03-04": "قبل شهرين", "2026-02-04": "قبل 3 أشهر", "2026-04-15": "قبل 19 يوما", "2025-06-04": "قبل 11 شهرا"},
	} {
		p := pageIn(t, l, "2026-05-04 09:30")
		for on, says := range want {
			if got := freshnessOf(p, on, "", "").Text; !strings.Contains(got, says) {
				t.Errorf("%s, %s: %q, want %q in it", l, on, got, says)
			}
		}
	}
}

func TestExceptionsInWords(t *testing.T) {
	holidays := openinghours.FrenchHolidays("17").WithSchool(func(d openinghours.Date) bool { return d.Month == time.July || d.Month == time.August })
	where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: holidays}
	for _, tc := range []struct {
		value, now string
		lang       i18n.Lang
		want       string
	}{
		{"Mo-Fr 09:00-17:00; PH off", "2026-05-11 09:30", i18n.French, "Fermé le jeudi 14 mai (Ascension)|Fermé le lundi 25 mai (Lundi de Pentecôte)"},
		{"Mo-Fr 09:00-17:00; PH off", "2026-05-11 09:30", i18n.English, "Closed on Thursday 14 May (public holiday)|Closed on Monday 25 May (public holiday)"},
		{"Mo-Fr 09:00-17:00; PH off", "2026-05-11 09:30", i18n.Arabic, "مغلق يوم الخميس 14 مايو (عطلة رسمية)|مغلق يوم الاثنين 25 مايو (عطلة رسمية)"},
		{"Mo-Fr 09:00-17:00; Aug 01-15 off", "2026-07-15 09:30", i18n.French, "Fermé du lundi 3 août au vendredi 14 août"},
		{"Mo-Fr 09:00-17:00; Aug 01-15 off", "2026-08-05 09:30", i18n.French, "Fermé jusqu'au vendredi 14 août"},
		{`Mo-Fr 09:00-17:00; 2026 Jun 01+ off "travaux"`, "2026-05-11 09:30", i18n.French, "Fermé à partir du lundi 1er juin (travaux)"},
		{"Mo-Fr 09:00-17:00; 2026 May 01+ off", "2026-05-11 09:30", i18n.French, "Fermé en ce moment"},
		{"Mo-Fr 09:00-17:00; SH Mo-Fr 14:00-18:00", "2026-06-15 09:30", i18n.French, "Du mercredi 1er juillet au lundi 31 août : de 14 h à 18 h (vacances scolaires)"},
		{"Mo-Fr 09:00-17:00; SH Mo-Fr 14:00-18:00", "2026-07-15 09:30", i18n.French, "Jusqu'au lundi 31 août : de 14 h à 18 h (vacances scolaires)"},
		{"Mo-Fr 09:00-12:00; SH Mo 14:00-18:00; SH Tu-Fr 15:00-18:00", "2026-07-15 09:30", i18n.French, "Jusqu'au lundi 31 août : d'autres horaires, appelez avant (vacances scolaires)"},
		{"Mo-Fr 09:00-17:00; Dec 24 09:00-12:00", "2026-12-14 09:30", i18n.French, "Le jeudi 24 décembre : de 9 h à 12 h"},
		{"Mo-Fr 09:00-17:00; 2027 Jan 04+ 10:00-12:00", "2026-12-14 09:30", i18n.French, "À partir du lundi 4 janvier : de 10 h à 12 h"},
		{"Mo-Fr 09:00-17:00; 2026 Dec 07+ Mo-Fr 10:00-12:00", "2026-12-14 09:30", i18n.French, "En ce moment : de 10 h à 12 h"},
		{"Mo-Fr 09:00-17:00", "2026-05-11 09:30", i18n.French, ""},
	} {
		h, err := openinghours.Parse(tc.value)
		if err != nil {
			t.Fatal(err)
		}
		p := pageIn(t, tc.lang, tc.now)
		var got []string
		for _, x := range h.Exceptions(where, openinghours.DateOf(p.Now()), exceptionDays) {
			got = append(got, plainSpaces(exceptionInWords(p, x)))
		}
		if strings.Join(got, "|") != tc.want {
			t.Errorf("%s on %s:\n got %s\nwant %s", tc.value, tc.now, strings.Join(got, "|"), tc.want)
		}
	}
}
