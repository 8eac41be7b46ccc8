package place

import (
	"strings"
	"testing"
	"time"
)

func TestDefaultWay(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	at := func(on, column, value string) *Place {
		p := &Place{Source: "s", UpdatedOn: on}
		columns[columnIndex(column)].set(p, value)
		return p
	}
	here := func(p *Place, column string) *Place {
		p.setOrigin(columns[columnIndex(column)], Here)
		return p
	}
	for name, tt := range map[string]struct {
		column       string
		kept, merged *Place
		want         Way
	}{
		"the same":                         {"telephone", at("2026-01-01", "telephone", "1"), at("2026-02-01", "telephone", "1"), FromKept},
		"the later is right":               {"telephone", at("2026-01-01", "telephone", "1"), at("2026-02-01", "telephone", "2"), FromMerged},
		"the later is the kept one":        {"telephone", at("2026-03-01", "telephone", "1"), at("2026-02-01", "telephone", "2"), FromKept},
		"of one day":                       {"telephone", at("2026-02-01", "telephone", "1"), at("2026-02-01", "telephone", "2"), FromKept},
		"the later says nothing":           {"telephone", at("2026-01-01", "telephone", "1"), at("2026-02-01", "telephone", ""), FromKept},
		"the earlier says something":       {"telephone", at("2026-02-01", "telephone", ""), at("2020-02-01", "telephone", "2"), FromMerged},
		"confirmed here":                   {"telephone", here(at("2020-01-01", "telephone", "1"), "telephone"), at("2026-02-01", "telephone", "2"), FromKept},
		"the other was confirmed here":     {"telephone", at("2026-02-01", "telephone", "1"), here(at("2020-01-01", "telephone", "2"), "telephone"), FromMerged},
		"both were":                        {"telephone", here(at("2020-02-01", "telephone", "1"), "telephone"), here(at("2026-01-01", "telephone", "2"), "telephone"), FromKept},
		"unknown organisation":             {"pivot", at("2026-02-01", "pivot", UnknownPivot), at("2020-01-01", "pivot", "13002603200016"), FromMerged},
		"unknown organisation, the other":  {"pivot", at("2020-02-01", "pivot", "13002603200016"), at("2026-01-01", "pivot", UnknownPivot), FromKept},
		"lists of this half-year":          {"services", at("2026-01-01", "services", "a"), at("2025-12-01", "services", "b"), FromBoth},
		"a list of an older record":        {"services", at("2026-01-01", "services", "a"), at("2025-10-01", "services", "b"), FromKept},
		"a list of an older kept record":   {"services", at("2025-10-01", "services", "a"), at("2026-01-01", "services", "b"), FromMerged},
		"a list beside none":               {"services", at("2020-01-01", "services", ""), at("2020-01-01", "services", "b"), FromMerged},
		"programmes, however old":          {"dispositif_programmes_nationaux", at("2020-01-01", "dispositif_programmes_nationaux", "a"), at("2019-01-01", "dispositif_programmes_nationaux", "b"), FromBoth},
		"dates":                            {"date_maj", at("2020-01-01", "date_maj", "2020-01-01"), at("2019-01-01", "date_maj", "2019-01-01"), FromBoth},
		"a list of a record without a day": {"services", at("", "services", "a"), at("2026-01-01", "services", "b"), FromMerged},
		"181 days and 182.5":               {"services", at("2025-11-03", "services", "a"), at("2025-11-04", "services", "b"), FromBoth},
		"more than 182.5 days":             {"services", at("2025-11-02", "services", "a"), at("2025-11-04", "services", "b"), FromMerged},
	} {
		if got := DefaultWay(columns[columnIndex(tt.column)], tt.kept, tt.merged, now); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestUnited(t *testing.T) {
	kept := &Place{Number: 1, StandardID: "A", Source: "s", Name: "Un", Phone: "1", Services: "a|b", UpdatedOn: "2026-01-01", ToCheck: true}
	merged := &Place{Number: 2, StandardID: "B", Source: "t", Name: "Deux", Phone: "2", Services: "b|c", UpdatedOn: "2026-02-01", VoucherRefused: true}
	merged.Point.Lat, merged.Point.Lon = 45.9, -0.9
	p := United(kept, merged, Ways{"telephone": FromMerged, "services": FromBoth, "date_maj": FromBoth, "latitude": FromMerged})
	if p.StandardID != "A" || p.Source != "s" || p.Name != "Un" || p.Phone != "2" || p.Services != "a|b|c" || p.UpdatedOn != "2026-02-01" || p.Point != merged.Point ||
		!p.VoucherRefused || p.ToCheck {
		t.Errorf("%+v", p)
	}
	if p.Origins["telephone"] != "t" || p.Origins["latitude"] != "t" || p.Origins["nom"] != "" || kept.Origins != nil {
		t.Errorf("origins %v, kept %v", p.Origins, kept.Origins)
	}
}

func TestJoinedIDs(t *testing.T) {
	for _, tt := range []struct {
		own    string
		others []string
		want   string
	}{
		{"b", nil, "b"},
		{"b", []string{"a"}, "a__b"},
		{"b__c", []string{"a"}, "a__b__c"},
		{"b", []string{"a", "b"}, "a__b"},
		{"b", []string{madeIDPrefix + "1"}, "b"},
		{"b", []string{strings.Repeat("x", maxJoinedID-3)}, "b__" + strings.Repeat("x", maxJoinedID-3)},
		{"b", []string{strings.Repeat("x", maxJoinedID-2)}, "b"},
	} {
		if got := joinIDs(tt.own, tt.others); got != tt.want {
			t.Errorf("joinIDs(%.20q, %.20q) = %.20q", tt.own, tt.others, got)
		}
	}
	if splitID("Coop_1") != nil || len(splitID("a__b__c")) != 3 {
		t.Error("splitID")
	}
}
