package place_test

import (
	"slices"
	"strings"
	"testing"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
)

func week(days ...[4]string) place.Grid {
	var g place.Grid
	for i, d := range days {
		g.Days[i] = [2]place.GridSpan{{From: d[0], To: d[1]}, {From: d[2], To: d[3]}}
	}
	return g
}

func TestAGridSaysHours(t *testing.T) {
	office := [4]string{"9h", "12h30", "14 h", "17:30"}
	for name, tt := range map[string]struct {
		grid place.Grid
		want string
	}{
		"empty":             {week(), ""},
		"holidays alone":    {place.Grid{HolidaysClosed: true}, ""},
		"one morning":       {week([4]string{"9", "midi"}), "Mo 09:00-12:00"},
		"afternoon alone":   {week([4]string{"", "", "13.30", "0h00"}, [4]string{}), ""},
		"five days":         {week(office).CopyMonday(), "Mo-Fr 09:00-12:30,14:00-17:30"},
		"days apart":        {week(office, [4]string{}, office, office), "Mo 09:00-12:30,14:00-17:30; We-Th 09:00-12:30,14:00-17:30"},
		"until midnight":    {week([4]string{"", "", "20h", "24h"}), "Mo 20:00-24:00"},
		"written in digits": {week([4]string{"0930", "12:05"}), "Mo 09:30-12:05"},
	} {
		got, faults := tt.grid.Hours()
		if name == "afternoon alone" {
			if len(faults) != 1 || faults[0] != (place.GridFault{Day: 0, Span: 1, Kind: "order"}) {
				t.Errorf("%s: %v", name, faults)
			}
			continue
		}
		if got != tt.want || faults != nil {
			t.Errorf("%s: %q %v, want %q", name, got, faults, tt.want)
		}
	}
	closed := week(office)
	closed.HolidaysClosed = true
	if got, _ := closed.Hours(); got != "Mo 09:00-12:30,14:00-17:30; PH off" {
		t.Errorf("closed on holidays: %q", got)
	}
}

func TestAGridRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		day  [4]string
		want place.GridFault
	}{
		"no end":         {[4]string{"9h"}, place.GridFault{Kind: "half"}},
		"no beginning":   {[4]string{"", "", "", "17h"}, place.GridFault{Span: 1, Kind: "half"}},
		"no time":        {[4]string{"le matin", "12h"}, place.GridFault{Kind: "time"}},
		"25 hours":       {[4]string{"9h", "25h"}, place.GridFault{Kind: "time"}},
		"75 minutes":     {[4]string{"9h75", "12h"}, place.GridFault{Kind: "time"}},
		"three figures":  {[4]string{"930", "12h"}, place.GridFault{Kind: "time"}},
		"backwards":      {[4]string{"12h", "9h"}, place.GridFault{Kind: "order"}},
		"no length":      {[4]string{"9h", "9h"}, place.GridFault{Kind: "order"}},
		"over the other": {[4]string{"9h", "14h", "13h", "17h"}, place.GridFault{Span: 1, Kind: "overlap"}},
	} {
		got, faults := week(tt.day).Hours()
		if got != "" || !slices.Equal(faults, []place.GridFault{tt.want}) {
			t.Errorf("%s: %q %v", name, got, faults)
		}
	}
}

func TestGridOfHours(t *testing.T) {
	for hours, want := range map[string]bool{
		"":                                          true,
		"Mo-Fr 09:00-12:00,14:00-17:00":             true,
		"Mo-Fr 09:00-12:00,14:00-17:00; PH off":     true,
		"Tu 14:00-18:00; Mo 09:00-12:00":            true, // another order, the same week
		"Mo,We,Fr 09:00-12:00":                      true,
		"Sa 10:00-12:00":                            true,
		"Mo-Fr 08:00-10:00,11:00-12:00,14:00-16:00": false,
		"week 01-53/2 Mo 09:00-12:00":               false,
		"Mo[1] 09:00-12:00":                         false,
		"Mo-Fr 09:00-12:00 \"sur rendez-vous\"":     false,
		"sur rendez-vous":                           false,
		"SH Mo 09:00-12:00":                         false,
		"Fr 22:00-02:00":                            false,
		"Jul-Aug Mo-Fr 09:00-12:00":                 false,
		"ouvert quand il fait beau":                 false,
	} {
		g, ok := place.GridOf(hours)
		if ok != want {
			t.Errorf("GridOf(%q) is %v", hours, ok)
			continue
		}
		text, faults := g.Hours()
		if !ok || hours == "" {
			continue
		}
		was, err := openinghours.Parse(hours)
		if err != nil {
			t.Fatal(err)
		}
		is, err := openinghours.Parse(text)
		if err != nil || faults != nil {
			t.Errorf("%q comes back as %q: %v %v", hours, text, faults, err)
			continue
		}
		where := openinghours.Place{Zone: openinghours.ZoneOf("17"), Holidays: openinghours.FrenchHolidays("17")}
		from := openinghours.Date{Year: 2026, Month: 1, Day: 1}
		a, b := was.Days(where, from, 365), is.Days(where, from, 365)
		for i := range a {
			if !slices.Equal(a[i].Spans, b[i].Spans) {
				t.Errorf("%q and %q differ on %v", hours, text, a[i].Date)
				break
			}
		}
	}
}

func TestHoursInWords(t *testing.T) {
	for text, want := range map[string]string{
		"lundi 9h-12h": "Mo 09:00-12:00",
		"du lundi au vendredi de 9h à 12h et de 14h à 17h30":      "Mo-Fr 09:00-12:00,14:00-17:30",
		"Le mardi : 9 h – 12 h\nLes mercredis et samedis 14h-18h": "Tu 09:00-12:00; We,Sa 14:00-18:00",
		"lundi, mardi et jeudi 8h30 - 12h":                        "Mo,Tu,Th 08:30-12:00",
		"lundi au vendredi 9h-midi ; samedi fermé":                "Mo-Fr 09:00-12:00; Sa off",
		"Mo-Fr 09:00-12:00":                                       "Mo-Fr 09:00-12:00",
		"lundi au vendredi 9h-12h\nfermé les jours fériés":        "Mo-Fr 09:00-12:00; PH off",
		"lundi 9h-12h\nlundi 14h-17h":                             "Mo 09:00-12:00,14:00-17:00",
		"lundi 9h":                                                "",
		"lundi 9h-12h sauf le premier":                            "",
		"un lundi sur deux 9h-12h":                                "",
		"lundi 9h-12h, 14h":                                       "",
		"quand il fait beau":                                      "",
		"":                                                        "",
		strings.Repeat("lundi 9h-12h\n", 400):                     "",
	} {
		got, ok := place.ReadHours(text)
		if ok != (want != "") {
			t.Errorf("ReadHours(%.60q) = %q, %v", text, got, ok)
			continue
		}
		if !ok {
			continue
		}
		h, err := openinghours.Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		if got != h.String() {
			t.Errorf("ReadHours(%q) = %q, want %q", text, got, h.String())
		}
	}
}

// Whatever is typed in the grid, its hours can be read, and mean the same in a grid again.
func FuzzGrid(f *testing.F) {
	f.Add("9h", "12h", "14h", "17h30", true)
	f.Add("0930", "midi", "", "", false)
	f.Add("-1", "99h99", "١٢", "12h\x00", false)
	f.Fuzz(func(t *testing.T, a, b, c, d string, closed bool) {
		g := week([4]string{a, b, c, d}, [4]string{c, d, a, b}).CopyMonday()
		g.HolidaysClosed = closed
		text, faults := g.Hours()
		if faults != nil {
			if text != "" {
				t.Errorf("hours %q beside faults", text)
			}
			return
		}
		if text == "" {
			return
		}
		if _, err := openinghours.Parse(text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, ok := place.GridOf(text)
		if back, _ := again.Hours(); !ok || back != text {
			t.Errorf("%q comes back as %q", text, back)
		}
	})
}

// What is read in words can be read again, and is never longer than hours may be.
func FuzzReadHours(f *testing.F) {
	for _, s := range []string{"lundi 9h-12h", "du lundi au vendredi de 9h à 12h et de 14h à 17h30", "samedi fermé", "lundi 9-12;", "PH off", "sur rendez-vous"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hours, ok := place.ReadHours(text)
		if !ok {
			return
		}
		h, err := openinghours.Parse(hours)
		if err != nil || h.String() != hours {
			t.Errorf("%q gives %q: %v", text, hours, err)
		}
	})
}
