package place

import (
	"testing"
	"time"
)

func TestShownSince(t *testing.T) {
	came := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	later := func(days int, name, before, after string) Change {
		return Change{At: came.AddDate(0, 0, days), Fields: []FieldChange{{"nom", "a", "b"}, {name, before, after}}}
	}
	for name, tt := range map[string]struct {
		changes []Change // the newest first
		days    int
	}{
		"never changed":                 {nil, 0},
		"another field":                 {[]Change{later(3, "telephone", "", "0546")}, 0},
		"came to complete":              {[]Change{later(3, fieldStatus, string(ToComplete), string(Published))}, 0},
		"came without a place to stand": {[]Change{later(9, "telephone", "", "0546"), later(3, fieldStatus, string(ToLocate), string(Published))}, 3},
		"lost it and found it again": {
			[]Change{later(9, fieldStatus, string(ToLocate), string(Published)), later(3, fieldStatus, string(Published), string(ToLocate))}, 0,
		},
		"found it, lost it, found it again": {
			[]Change{
				later(9, fieldStatus, string(ToLocate), string(Published)), later(6, fieldStatus, string(Published), string(ToLocate)),
				later(3, fieldStatus, string(ToLocate), string(Published)),
			}, 3,
		},
	} {
		if got, want := shownSince(came, tt.changes), came.AddDate(0, 0, tt.days); !got.Equal(want) {
			t.Errorf("%s: shown since %v, want %v", name, got, want)
		}
	}
}
