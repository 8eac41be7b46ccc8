package travel_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/agenda/travel"
	"viaduc/internal/platform/table"
)

func FuzzReadMatrix(f *testing.F) {
	for _, s := range []string{
		"code_depart;code_arrivee;minutes\n30007;30010;21\n",
		"code_depart,code_arrivee,minutes,km\n30007,30010,\"20,5\",14.2\n30010,30007,22,\n",
		"code_depart\tcode_arrivee\tminutes\n2A004\t2B033\t600\n2A004\t2A004\t0\n",
		"\xEF\xBB\xBFcode_depart;code_arrivee;minutes\r\n1004;30010;1e3\r\n",
		"code_depart;code_arrivee\n30007;30010\n",
		"code_depart;code_arrivee;minutes\n30007;30010;\xe9\n",
		"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		m, report, err := travel.ReadMatrix(strings.NewReader(src))
		if err != nil {
			var problem *table.Problem
			var refused *travel.RefusedError
			if m != nil || !errors.As(err, &problem) && !(errors.As(err, &refused) && len(refused.Issues) > 0) {
				t.Fatalf("matrix %v, err %v", m, err)
			}
			return
		}
		legs := m.Rows()
		if report.Legs != len(legs) || report.Legs+report.Repeated+report.Own != report.Read {
			t.Fatalf("%d rows came out of %+v", len(legs), report)
		}
		for _, l := range legs {
			if got, ok := m.Minutes(l.From, l.To); !ok || got != l.Minutes {
				t.Fatalf("%+v is %d, %v", l, got, ok)
			}
			if _, ok := m.Minutes(l.To, l.From); !ok {
				t.Fatalf("there is no way back of %+v", l)
			}
		}
		again, err := travel.NewMatrix(legs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(legs, again.Rows()); diff != "" {
			t.Fatalf("stored and read again: %s", diff)
		}
	})
}
