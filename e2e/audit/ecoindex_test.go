package audit_test

import (
	"testing"

	"viaduc/e2e/audit"
)

// The largest number of elements that keeps a grade, as published with the
// method for four weights of page: one more loses it.
func TestEcoIndexLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		requests int
		kb       float64
		a, b     int
	}{
		{3, 15, 410, 666},
		{6, 60, 395, 648},
		{10, 120, 375, 623},
		{24, 330, 299, 538},
	} {
		for _, l := range []struct {
			elements int
			grade    string
		}{{tt.a, "A"}, {tt.a + 1, "B"}, {tt.b, "B"}, {tt.b + 1, "C"}} {
			if got := audit.NewEcoIndex(l.elements, tt.requests, tt.kb); got.Grade != l.grade {
				t.Errorf("%d elements, %d requests, %v KB: got %v, want grade %s", l.elements, tt.requests, tt.kb, got, l.grade)
			}
		}
	}
}

func TestEcoIndexEnds(t *testing.T) {
	t.Parallel()
	if got := audit.NewEcoIndex(0, 0, 0); got != (audit.EcoIndex{Score: 100, Grade: "A", CO2: 1, Water: 1.5}) {
		t.Errorf("empty page: got %+v", got)
	}
	if got := audit.NewEcoIndex(1e6, 5000, 3e5); got != (audit.EcoIndex{Score: 0, Grade: "G", CO2: 3, Water: 4.5}) {
		t.Errorf("heaviest page: got %+v", got)
	}
	// Each quantile taken in the three tables at once costs five points.
	for _, tt := range []struct {
		elements, requests int
		kb, score          float64
	}{{47, 2, 1.37, 95}, {159, 25, 319.53, 85}, {603, 78, 1448.32, 50}, {2479, 281, 8037.54, 5}} {
		if got := audit.NewEcoIndex(tt.elements, tt.requests, tt.kb); got.Score != tt.score {
			t.Errorf("%+v: got %v", tt, got.Score)
		}
	}
}
