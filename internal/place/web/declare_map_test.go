package web

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app/demo"
	"viaduc/internal/audit"
	"viaduc/internal/place"
	"viaduc/internal/platform/secret"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// example is the ground of Rochefort in the example territory; a copy, to be changed.
func example(t testing.TB) *territory.Ground {
	t.Helper()
	key, err := secret.FileSigner(filepath.Join(t.TempDir(), "journal.key"))
	if err != nil {
		t.Fatal(err)
	}
	d, log := testkit.SQLite(t), slog.New(slog.DiscardHandler)
	ground := territory.New(territory.Deps{DB: d, Journal: audit.New(audit.Deps{DB: d, Signer: key, Now: time.Now, Log: log}), Log: log})
	if _, err = ground.ImportCommunes(t.Context(), audit.System, demo.Communes()); err == nil {
		_, err = ground.ImportContours(t.Context(), audit.System, demo.Outlines(), 0)
	}
	if err == nil {
		_, err = ground.Refresh(t.Context())
	}
	g, ok := ground.Ground(territory.Area{Kind: territory.CommuneArea, Code: "17299", Name: "Rochefort"})
	if err != nil || !ok {
		t.Fatalf("no ground: %v", err)
	}
	drawing := *g.Drawing
	return &territory.Ground{Drawing: &drawing, File: g.File, SVG: g.SVG}
}

// A press on the map says the spot that its picture shows there, from far and from near.
func TestWhereTheMapIsPressed(t *testing.T) {
	l := look{ground: example(t)}
	for _, near := range []bool{false, true} {
		if near {
			l.near, l.spot = true, l.ground.Point(float64(l.ground.Width)/2, float64(l.ground.Height)/2)
		}
		x0, y0, w, h := l.window()
		if got := float64(l.height()) / pictureWidth; math.Abs(got-h/w) > 0.01 {
			t.Errorf("near %v: the picture is not in proportion", near)
		}
		for _, px := range []float64{1, 70, 140, 250} {
			p, ok := l.point(px, px/2)
			x, y := l.ground.XY(p)
			if !ok || math.Abs(x-(x0+px*w/pictureWidth)) > 0.01 || math.Abs(y-(y0+px/2*w/pictureWidth)) > 0.01 {
				t.Errorf("near %v: pixel %v is %.2f, %.2f of the ground, %v", near, px, x, y, ok)
			}
		}
	}
	if km := place.Metres(l.ground.Point(0, 0), l.ground.Point(float64(l.ground.Width), 0)) / 1000; km < 5 || km > 60 {
		t.Errorf("the ground is %.1f km wide", km)
	}
	for _, out := range [][2]float64{{-1, 5}, {5, -1}, {281, 5}, {5, 900}, {math.NaN(), 1}, {math.Inf(1), 1}} {
		if _, ok := l.point(out[0], out[1]); ok {
			t.Errorf("%v is on the picture", out)
		}
	}
}

func TestPressedByKeyboard(t *testing.T) {
	l := look{ground: example(t)}
	for q, want := range map[string][2]bool{
		"": {false, false}, "ici.x=0&ici.y=0": {true, false}, "ici.x=12&ici.y=34": {true, true}, "ici.x=12": {false, false},
		"ici.x=a&ici.y=b": {false, false}, "ici.x=1e9&ici.y=1": {true, false},
	} {
		values, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, any, ok := pressed(values, l); any != want[0] || ok != want[1] {
			t.Errorf("%q: %v %v", q, any, ok)
		}
	}
}

// The picture of a map is XML whatever places are called.
func TestTheMapsPictureIsWhole(t *testing.T) {
	l := look{ground: example(t)}
	l.ground.Towns = []territory.Town{{Name: `<script>alert(1)</script>&"'`}}
	e := &place.Entry{Place: &place.Place{Name: `"><img src=x onerror=alert(1)>`}}
	body := l.svg([]*place.Entry{e})
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, body)
		}
	}
	if strings.Contains(string(body), "<script") || strings.Contains(string(body), "<img") {
		t.Error("a name became markup")
	}
}

// Whatever the address of a map says, what is shown lies on the ground, and a press on it too.
func FuzzPress(f *testing.F) {
	f.Add("12", "34")
	f.Add("0", "0")
	f.Add("1e308", "NaN")
	f.Add("-0", "0x1p-2")
	l := look{ground: example(f)}
	f.Fuzz(func(t *testing.T, x, y string) {
		p, any, ok := pressed(url.Values{"ici.x": {x}, "ici.y": {y}}, l)
		if ok && !any {
			t.Error("pressed without a press")
		}
		if !ok {
			return
		}
		if ux, uy := l.ground.XY(p); !(ux > -1e-3 && uy > -1e-3 && ux < float64(l.ground.Width)+1e-3 && uy < float64(l.ground.Height)+1e-3) {
			t.Errorf("%q %q is %v, %v of the ground", x, y, ux, uy)
		}
	})
}
