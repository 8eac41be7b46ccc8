package openinghours_test

import (
	"slices"
	"strings"
	"testing"

	"viaduc/internal/place/openinghours"
)

func TestSpoken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		want  []string // with plain spaces for the no-break ones
	}{
		{"Mo-Fr 09:00-12:00,14:00-17:30", []string{"du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h 30"}},
		{"Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00; PH off", []string{
			"du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h 30", "le samedi, de 9 h à 12 h", "fermé les jours fériés",
		}},
		{"Mo,Th 09:05-12:00; Tu,We 09:05-12:00; We off", []string{"le lundi, le mardi et le jeudi, de 9 h 05 à 12 h"}},
		{"Mo-We,Fr 10:00-12:00", []string{"du lundi au mercredi et le vendredi, de 10 h à 12 h"}},
		{"Sa,Su 10:00-12:00", []string{"le samedi et le dimanche, de 10 h à 12 h"}},
		{"10:00-12:00", []string{"tous les jours, de 10 h à 12 h"}},
		{"Mo-Su,PH 10:00-18:00", []string{"tous les jours, de 10 h à 18 h", "aussi les jours fériés, de 10 h à 18 h"}},
		{"24/7", []string{"24 heures sur 24, 7 jours sur 7"}},
		{"24/7; We off", []string{"le lundi, le mardi et du jeudi au dimanche, 24 heures sur 24"}},
		{"off", []string{"fermé"}},
		{"Fr 20:00-02:00", []string{"le vendredi, de 20 h à 2 h le lendemain"}},
		{"Fr 20:00-24:00", []string{"le vendredi, de 20 h à minuit"}},
		{"Mo 14:00+", []string{"le lundi, à partir de 14 h"}},
		{"Mo 14:00-18:00+", []string{"le lundi, de 14 h à 18 h ou plus tard"}},
		{`Mo-Fr 09:00-12:00 "sur rendez-vous"`, []string{"du lundi au vendredi, de 9 h à 12 h (sur rendez-vous)"}},
		{`Mo 09:00-12:00; Mo 14:00-17:00 unknown`, []string{"le lundi, de 14 h à 17 h (à confirmer)"}},
		{`Mo-Fr 09:00-12:00 || "sur rendez-vous"`, []string{"du lundi au vendredi, de 9 h à 12 h", "le reste du temps : sur rendez-vous"}},
		{`"sur rendez-vous"`, []string{"sur rendez-vous"}},
		{`Mo-Fr 09:00-12:00; Sa "sur rendez-vous"`, []string{"du lundi au vendredi, de 9 h à 12 h", "le samedi, sur rendez-vous"}},
		{"Mo-Su 14:00+", []string{"tous les jours, à partir de 14 h"}},
		{"Mo-Fr 09:00-12:00; SH off", []string{"du lundi au vendredi, de 9 h à 12 h", "fermé pendant les vacances scolaires"}},
		{"We[1,3] 14:00-17:00", []string{"le 1er et le 3e mercredi du mois, de 14 h à 17 h"}},
		{"Th[-1] 09:00-12:00", []string{"le dernier jeudi du mois, de 9 h à 12 h"}},
		{"week 1-53/2 Tu 09:00-12:00", []string{"les semaines impaires, le mardi, de 9 h à 12 h"}},
		{"week 2-52/2 Tu 09:00-12:00; PH off", []string{"les semaines paires, le mardi, de 9 h à 12 h", "fermé les jours fériés"}},
		{"week 10 off", []string{"fermé la semaine 10"}},
		{"Mo-Fr 09:00-12:00; Jul-Aug off", []string{"du lundi au vendredi, de 9 h à 12 h", "fermé en juillet et en août"}},
		{"Mo-Fr 09:00-12:00; Jul-Aug off; Sa 10:00-11:00", []string{"du lundi au vendredi, de 9 h à 12 h", "le samedi, de 10 h à 11 h", "fermé en juillet et en août, du lundi au vendredi"}},
		{"Jul-Aug off; Mo-Fr 09:00-12:00", []string{"du lundi au vendredi, de 9 h à 12 h"}},
		{"Apr-Oct Mo-Fr 09:00-12:00", []string{"d’avril à octobre, du lundi au vendredi, de 9 h à 12 h"}},
		{"Mo-Fr 09:00-12:00; Jul 14 off", []string{"du lundi au vendredi, de 9 h à 12 h", "fermé le 14 juillet"}},
		{"Mo-Fr 09:00-12:00; May 01 off; 2026 May 04-08 off", []string{"du lundi au vendredi, de 9 h à 12 h", "fermé le 1er mai", "fermé du 4 au 8 mai 2026"}},
		{"Mo-Fr 09:00-12:00; Dec 24-Jan 02 off \"congés\"", []string{"du lundi au vendredi, de 9 h à 12 h", "fermé du 24 décembre au 2 janvier (congés)"}},
		{"2025 Dec 20-2026 Jan 05 off", []string{"fermé du 20 décembre 2025 au 5 janvier 2026"}},
		{"2025 Dec 20-Jan 05 off", []string{"fermé du 20 décembre 2025 au 5 janvier 2026"}},
		{"easter +1 day off", []string{"fermé le lundi de Pâques"}},
		{"Mar Su[-1]-Oct Su[-1] 10:00-19:00", []string{"du dernier dimanche de mars au dernier dimanche d’octobre, de 10 h à 19 h"}},
		{"PH -1 day 09:00-12:00", []string{"la veille des jours fériés, de 9 h à 12 h"}},
		{"2026 Mar 01+ Mo 09:00-12:00", []string{"à partir du 1er mars 2026, le lundi, de 9 h à 12 h"}},
		{"Mo-Fr 09:00-17:00; We 12:00-14:00 off", []string{"le lundi, le mardi, le jeudi et le vendredi, de 9 h à 17 h", "le mercredi, de 9 h à 12 h et de 14 h à 17 h"}},
		{"Mo-Fr 09:00-17:00; Jul-Aug 12:00-14:00 off", []string{"du lundi au vendredi, de 9 h à 17 h", "en juillet et en août, fermé de 12 h à 14 h"}},
		{"Sa[-3] 10:00-12:00", []string{"le 3e samedi du mois en partant de la fin, de 10 h à 12 h"}},
		{"Sa[-1] -1 day 10:00-12:00", []string{"la veille du dernier samedi du mois, de 10 h à 12 h"}},
		{"Mo 12:00-14:00, Mo 18:00+", []string{"le lundi, de 12 h à 14 h et à partir de 18 h"}},
		{"Mo-Fr 09:00-12:00 open \"accès libre\", Mo-Fr 14:00-17:00 \"sur rendez-vous\"", []string{
			"du lundi au vendredi, de 9 h à 12 h (accès libre), de 14 h à 17 h (sur rendez-vous)",
		}},
		{"Apr-Sep Mo-Fr 09:00-19:00; Oct-Mar Mo-Fr 09:00-17:00", []string{
			"d’avril à septembre, du lundi au vendredi, de 9 h à 19 h", "d’octobre à mars, du lundi au vendredi, de 9 h à 17 h",
		}},
		{"SH Mo-Fr 10:00-12:00", []string{"pendant les vacances scolaires, du lundi au vendredi, de 10 h à 12 h"}},
		{"Mo 9h-12h Tu 16h-19h le samedi sur rendez-vous", []string{"le lundi, le mardi et le samedi, de 9 h à 12 h et de 16 h à 19 h (Sur rendez-vous)"}},
	} {
		got := openinghours.Spoken(parse(t, c.value))
		plain := make([]string, len(got))
		for i, s := range got {
			plain[i] = strings.ReplaceAll(s, "\u00a0", " ")
		}
		if !slices.Equal(plain, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.value, plain, c.want)
		}
	}
}

func TestSpokenNoBreakSpace(t *testing.T) {
	t.Parallel()
	got := openinghours.Spoken(parse(t, "Mo 09:00-17:30"))
	if want := []string{"le lundi, de 9\u00a0h à 17\u00a0h\u00a030"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
