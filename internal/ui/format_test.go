package ui_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/internal/ui"
)

// sp writes the non-breaking spaces of a table as "_" and the thin ones as "'".
var sp = strings.NewReplacer("_", "\u00a0", "'", "\u202f")

func TestPhone(t *testing.T) {
	tests := []struct{ in, want, href string }{
		{"+33546000000", "05_46_00_00_00", "tel:+33546000000"},
		{"05 46 00 00 00", "05_46_00_00_00", "tel:+33546000000"},
		{"05.46.00.00.00", "05_46_00_00_00", "tel:+33546000000"},
		{"0033 5 46 00 00 00", "05_46_00_00_00", "tel:+33546000000"},
		{"+33 (0)6-12-34-56-78", "06_12_34_56_78", "tel:+33612345678"},
		{"+262262123456", "0262_12_34_56", "tel:+262262123456"},
		{"0262 12 34 56", "0262_12_34_56", "tel:+262262123456"},
		{"0692 12 34 56", "0692_12_34_56", "tel:+262692123456"},
		{"0269 12 34 56", "0269_12_34_56", "tel:+262269123456"},
		{"+590590123456", "0590_12_34_56", "tel:+590590123456"},
		{"+594594123456", "0594_12_34_56", "tel:+594594123456"},
		{"+596596123456", "0596_12_34_56", "tel:+596596123456"},
		{"+2693210234", "+269_321_02_34", "tel:+2693210234"},
		{"+687261234", "+687_26_12_34", "tel:+687261234"},
		{"+68940123456", "+689_40_12_34_56", "tel:+68940123456"},
		{"+508412345", "+508_41_23_45", "tel:+508412345"},
		{"+681721234", "+681_72_12_34", "tel:+681721234"},
		{"3939", "39_39", "tel:3939"},
		{"15", "15", "tel:15"},
		{"116 000", "116000", "tel:116000"},
		{"+44 20 7946 0000", "+44_20_79_46_00_00", "tel:+442079460000"},
		{"demandez Paul", "demandez Paul", ""},
		{"", "", ""},
		{"06 12 34", "061234", "tel:061234"},
	}
	for _, tt := range tests {
		if got := ui.Phone(tt.in); got != sp.Replace(tt.want) {
			t.Errorf("Phone(%q) = %q, want %q", tt.in, got, sp.Replace(tt.want))
		}
		if got := ui.PhoneHref(tt.in); got != tt.href {
			t.Errorf("PhoneHref(%q) = %q, want %q", tt.in, got, tt.href)
		}
	}
}

func TestPhoneIsStable(t *testing.T) {
	for _, in := range []string{"+33546000000", "+262262123456", "+687261234", "3939"} {
		once := ui.Phone(in)
		if twice := ui.Phone(once); twice != once {
			t.Errorf("Phone(Phone(%q)) = %q, want %q", in, twice, once)
		}
	}
}

func TestWords(t *testing.T) {
	june := time.Date(2026, time.June, 3, 0, 0, 0, 0, time.UTC) // a Wednesday
	march := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"hour", ui.Hour(9, 30), "9_h_30"},
		{"hour", ui.Hour(9, 0), "9_h"},
		{"hour", ui.Hour(0, 5), "0_h_05"},
		{"distance", ui.DistanceKm(1234), "1,2_km"},
		{"distance", ui.DistanceKm(400), "400_m"},
		{"distance", ui.DistanceKm(412), "400_m"},
		{"distance", ui.DistanceKm(3), "50_m"},
		{"distance", ui.DistanceKm(-3), "50_m"},
		{"distance", ui.DistanceKm(960), "1_km"},
		{"distance", ui.DistanceKm(9960), "10_km"},
		{"distance", ui.DistanceKm(12345), "12_km"},
		{"day", ui.Day(june), "mercredi 3_juin"},
		{"day", ui.Day(march), "dimanche 1er_mars"},
		{"date", ui.DateLong(june), "mercredi 3_juin 2026"},
		{"weekday", ui.Weekday(time.Tuesday), "mardi"},
		{"number", ui.Number(12345), "12'345"},
		{"number", ui.Number(-1234567), "-1'234'567"},
		{"number", ui.Number(999), "999"},
		{"bytes", ui.Bytes(120_400), "120_Ko"},
		{"bytes", ui.Bytes(1_420_000), "1,4_Mo"},
		{"bytes", ui.Bytes(999_600), "1_Mo"},
		{"bytes", ui.Bytes(300), "300_octets"},
	}
	for _, tt := range tests {
		if tt.got != sp.Replace(tt.want) {
			t.Errorf("%s = %q, want %q", tt.name, tt.got, sp.Replace(tt.want))
		}
	}
}

func TestSlug(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Maison France services de Rochefort", "maison-france-services-de-rochefort"},
		{"Saint-Pierre-d'Oléron", "saint-pierre-d-oleron"},
		{"  L'Œuvre  (été) ", "l-oeuvre-ete"},
		{"العربية", ""},
		{"", ""},
		{strings.Repeat("a", 80), strings.Repeat("a", 60)},
		{"Maison de services au public de la communauté de communes Aunis Atlantique", "maison-de-services-au-public-de-la-communaute-de-communes"},
	}
	for _, tt := range tests {
		if got := ui.Slug(tt.in); got != tt.want {
			t.Errorf("Slug(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range []string{"Médiathèque", "--a--", "œ\xff", strings.Repeat("é-", 60)} {
		f.Add(s)
	}
	good := regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*)?$`)
	f.Fuzz(func(t *testing.T, s string) {
		slug := ui.Slug(s)
		if len(slug) > 60 || !good.MatchString(slug) {
			t.Errorf("Slug(%q) = %q", s, slug)
		}
		if again := ui.Slug(slug); again != slug {
			t.Errorf("Slug(%q) = %q, want it unchanged", slug, again)
		}
	})
}
