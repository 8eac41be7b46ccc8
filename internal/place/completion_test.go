package place

import (
	"slices"
	"testing"
)

func TestCompletion(t *testing.T) {
	total := 0
	for i, w := range weights {
		total += w.points
		if i > 0 && weights[i-1].points < w.points {
			t.Errorf("%s comes after what helps less", w.column)
		}
		for _, c := range w.columns {
			if declared[c] == 0 {
				t.Errorf("%s cannot be declared", c)
			}
		}
	}
	if total != 100 {
		t.Errorf("all of it is %d hundredths", total)
	}
	full := Declaration{Values: map[string]string{}}
	if percent, lacking := full.Completion(); percent != 0 || lacking[0] != "horaires" {
		t.Errorf("nothing said: %d, %v", percent, lacking)
	}
	for name := range declared {
		full.Values[name] = "x"
	}
	if percent, lacking := full.Completion(); percent != 100 || lacking != nil {
		t.Errorf("all said: %d, %v", percent, lacking)
	}
	full.Values["pivot"] = UnknownPivot
	if percent, lacking := full.Completion(); percent != 99 || !slices.Equal(lacking, []string{"pivot"}) {
		t.Errorf("an unknown organisation: %d, %v", percent, lacking)
	}
	corrected := Declaration{Base: map[string]string{"horaires": "Mo 09:00-12:00"}, Values: map[string]string{"services": ServiceAdmin}}
	if percent, _ := corrected.Completion(); percent != 30 {
		t.Errorf("what the place says already counts: %d", percent)
	}
}
