package place

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"testing"

	"viaduc/internal/territory"
)

var pointWest = territory.Point{Lat: 46.25, Lon: -1.5}

// However many places go through, no more than one is held: these would weigh 40 MB and more.
func TestExportHoldsOnePlaceAtATime(t *testing.T) {
	const places, most = 100_000, 4 << 20
	for _, f := range []Format{CSV, JSON, GeoJSON, DataInclusion} {
		t.Run(string(f), func(t *testing.T) {
			w, err := newRowWriter(f, bufio.NewWriter(io.Discard))
			if err != nil {
				t.Fatal(err)
			}
			p := Place{
				StandardID: "A_1", Pivot: UnknownPivot, Name: "=Médiathèque", Commune: "Saintes", Postcode: "17100", Address: "1 place du Test",
				UpdatedOn: "2026-01-05", Point: pointWest, Services: List(ServiceAdmin + "|" + ServiceBasics),
			}
			var rep ExportReport
			held := heap()
			for again := true; again; {
				rep = ExportReport{}
				for i := range places {
					p.StandardID = fmt.Sprintf("A_%d", i)
					if err := w.put(&p, &rep); err != nil {
						t.Fatal(err)
					}
				}
				if again, err = w.next(); err != nil {
					t.Fatal(err)
				}
			}
			if rep.Written != places {
				t.Errorf("%+v", rep)
			}
			if now := heap(); now > held+most {
				t.Errorf("%d bytes held before, %d after", held, now)
			}
			runtime.KeepAlive(w)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What data·inclusion would refuse is not written there.
func TestInclusionTakesWhatFits(t *testing.T) {
	if got := firstThat("exemple.fr|ftp://x.fr|https://|https://exemple.fr", isURI); got != "https://exemple.fr" {
		t.Errorf("address %q", got)
	}
	if got := firstThat("Nom <a@exemple.fr>|pas un mail|b@exemple.fr", isEmail); got != "b@exemple.fr" {
		t.Errorf("mail %q", got)
	}
	for pivot, want := range map[string]string{"30478812800011": "30478812800011", UnknownPivot: "", "W123456789": "", "3047881280001A": ""} {
		if got := siret(pivot); got != want {
			t.Errorf("siret(%s) = %q", pivot, got)
		}
	}
	if _, ok := serviceOf(&Place{Services: ServiceLeisure}, inclusionStructure{}); ok {
		t.Error("leisure is no theme of data·inclusion")
	}
}
