package alert

import (
	"strconv"
	"testing"
	"time"
)

func TestMayAsk(t *testing.T) {
	now := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	asked := func(commune string, ago time.Duration) subscription {
		return subscription{commune: commune, asked: now.Add(-ago)}
	}
	confirmed := func(s subscription) subscription { s.confirmed = now.Add(-time.Minute); return s }
	var ten, nine []subscription
	for i := range 10 {
		ten = append(ten, asked(strconv.Itoa(i), 48*time.Hour))
	}
	nine = ten[:9]
	for name, tt := range map[string]struct {
		known []subscription
		want  bool
	}{
		"nothing known":                     {nil, true},
		"this commune an hour ago":          {[]subscription{asked("17299", time.Hour)}, false},
		"this commune a day ago":            {[]subscription{asked("17299", 24*time.Hour)}, true},
		"this commune, confirmed long ago":  {[]subscription{confirmed(asked("17299", 900*time.Hour))}, false},
		"two others today":                  {[]subscription{asked("1", time.Hour), asked("2", 23*time.Hour)}, true},
		"three others today":                {[]subscription{asked("1", time.Hour), asked("2", 2*time.Hour), asked("3", 23*time.Hour)}, false},
		"three others today, all confirmed": {[]subscription{confirmed(asked("1", time.Hour)), confirmed(asked("2", time.Hour)), confirmed(asked("3", time.Hour))}, false},
		"two today and one a day ago":       {[]subscription{asked("1", time.Hour), asked("2", time.Hour), asked("3", 24*time.Hour)}, true},
		"nine others":                       {nine, true},
		"ten others":                        {ten, false},
		"nine others and this one":          {append(nine[:9:9], asked("17299", 48*time.Hour)), true},
	} {
		if got := mayAsk(tt.known, "17299", now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
