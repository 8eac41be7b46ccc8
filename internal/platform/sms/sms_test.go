package sms_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"viaduc/internal/platform/sms"
	"viaduc/internal/platform/sms/smstest"
)

// drivers opens both HTTP drivers on a fresh stand-in.
var drivers = map[string]func(t *testing.T, edit func(s *sms.Settings)) (sms.Gateway, *smstest.Provider){
	"json": func(t *testing.T, edit func(s *sms.Settings)) (sms.Gateway, *smstest.Provider) {
		p := smstest.NewJSON(t)
		return sms.NewJSON(settings(p, edit)), p
	},
	"form": func(t *testing.T, edit func(s *sms.Settings)) (sms.Gateway, *smstest.Provider) {
		p := smstest.NewForm(t)
		return sms.NewForm(settings(p, edit)), p
	},
}

func settings(p *smstest.Provider, edit func(s *sms.Settings)) sms.Settings {
	s := sms.Settings{Address: p.Address, User: smstest.User, Secret: smstest.Secret, Sender: "VIADUC", Requests: http.DefaultTransport, Timeout: 5 * time.Second}
	if edit != nil {
		edit(&s)
	}
	return s
}

func TestDriversConform(t *testing.T) {
	for name, open := range drivers {
		t.Run(name, func(t *testing.T) {
			smstest.Run(t, func(t *testing.T) smstest.Box {
				g, p := open(t, nil)
				return smstest.Box{Gateway: g, Seen: p.Messages}
			})
		})
	}
	t.Run("outbox", func(t *testing.T) {
		smstest.Run(t, func(*testing.T) smstest.Box {
			o := &sms.Outbox{}
			return smstest.Box{Gateway: o, Seen: o.Messages}
		})
	})
}

func TestRefusalsHaveTheirKind(t *testing.T) {
	for name, open := range drivers {
		t.Run(name, func(t *testing.T) {
			g, p := open(t, func(s *sms.Settings) { s.Timeout = time.Second })
			for to, want := range map[string]sms.Kind{
				smstest.Refused: sms.RefusedNumber, smstest.Broken: sms.Temporary, smstest.Credit: sms.Quota, smstest.Busy: sms.Temporary,
				smstest.Stopped: sms.RefusedNumber, smstest.Hanging: sms.Temporary,
			} {
				_, err := g.Send(t.Context(), sms.Message{To: to, Text: "Bonjour"})
				var e *sms.Error
				if !errors.As(err, &e) || e.Kind != want {
					t.Errorf("%s: %v, want %s", to, err, want)
				}
				if err != nil && strings.Contains(err.Error(), "6399800") {
					t.Errorf("the error names the number: %v", err)
				}
			}
			if n := len(p.Messages()); n != 0 {
				t.Errorf("%d messages passed", n)
			}
			wrong, _ := open(t, func(s *sms.Settings) { s.Secret = "faux" })
			if _, err := wrong.Send(t.Context(), sms.Message{To: smstest.Good, Text: "x"}); sms.KindOf(err) != sms.Setup {
				t.Errorf("a wrong secret: %v, want setup", err)
			}
			gone, _ := open(t, func(s *sms.Settings) { s.Address = "http://127.0.0.1:1/x" })
			if _, err := gone.Send(t.Context(), sms.Message{To: smstest.Good, Text: "x"}); sms.KindOf(err) != sms.Temporary || err == nil {
				t.Errorf("no server: %v, want temporary", err)
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	form, _ := drivers["form"](t, nil)
	if _, err := form.Send(t.Context(), sms.Message{To: smstest.Garbled, Text: "x"}); err == nil || strings.Contains(err.Error(), "639980007") {
		t.Errorf("a line that is none: %v", err)
	}
	// 200 is an acceptance, whatever the page says; without an id its delivery cannot be asked.
	json, _ := drivers["json"](t, nil)
	if r, err := json.Send(t.Context(), sms.Message{To: smstest.Garbled, Text: "x"}); err != nil || r.ID != "" || r.Segments != 1 {
		t.Errorf("an answer without id: %+v, %v", r, err)
	}
}

func TestDeliveries(t *testing.T) {
	for name, open := range drivers {
		t.Run(name, func(t *testing.T) {
			g, p := open(t, nil)
			r, err := g.Send(t.Context(), sms.Message{To: smstest.Good, Text: "Bonjour"})
			if err != nil {
				t.Fatal(err)
			}
			for word, want := range map[string]sms.Delivery{
				"queued": sms.Pending, "ENROUTE": sms.Pending, "delivered": sms.Delivered, "DELIVRD": sms.Delivered, "UNDELIV": sms.Failed,
				"rejected": sms.Failed, "expired": sms.Failed, "": sms.Unknown, "lune": sms.Unknown,
			} {
				p.Deliver(r.ID, word)
				if got, err := g.Delivery(t.Context(), r.ID); got != want || err != nil {
					t.Errorf("%q is %s, %v, want %s", word, got, err, want)
				}
			}
			if got, err := g.Delivery(t.Context(), "inconnu/../x?y"); got != sms.Unknown || err != nil {
				t.Errorf("an unknown id: %s, %v", got, err)
			}
		})
	}
}

// A token goes where the operator wrote, and a redirection takes it nowhere else.
func TestRedirectionsAreNotFollowed(t *testing.T) {
	trap := smstest.NewJSON(t)
	redirecting := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "sms.example" {
			t.Errorf("asked %s", r.URL.Host)
		}
		return &http.Response{StatusCode: 307, Header: http.Header{"Location": {trap.Address}}, Body: http.NoBody, Request: r}, nil
	})
	g := sms.NewJSON(sms.Settings{Address: "https://sms.example/v1", Secret: smstest.Secret, Requests: redirecting})
	if _, err := g.Send(t.Context(), sms.Message{To: smstest.Good, Text: "x"}); sms.KindOf(err) != sms.Setup {
		t.Errorf("a redirection: %v, want setup", err)
	}
}

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOpen(t *testing.T) {
	p := smstest.NewForm(t)
	host := strings.TrimPrefix(p.Address, "http://")
	g, err := sms.Open("form+http://"+smstest.User+":"+smstest.Secret+"@"+host+"?from=VIADUC", http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Send(t.Context(), sms.Message{To: smstest.Good, Text: "x"}); err != nil || p.Senders()[0] != "VIADUC" {
		t.Errorf("opened by its address: %v, senders %v", err, p.Senders())
	}
	for _, address := range []string{
		"", "https://sms.example", "json+https://sms.example/x", "json+http://:t@sms.example/x", "soap+https://:t@sms.example", "form+https://u@sms.example",
		"form+https://:t@sms.example", "json+https://u:t@sms.example", "json+https://:t@sms.example?from=TROP-LONG-POUR-ETRE-VRAI", "json+https://:t%zz@x",
	} {
		if _, err := sms.Open(address, nil); !errors.Is(err, sms.ErrURL) {
			t.Errorf("%q: %v, want a refused address", address, err)
		}
	}
}

func TestProvidersNameTheirFields(t *testing.T) {
	var got string
	answering := roundTrip(func(r *http.Request) (*http.Response, error) {
		raw := make([]byte, 1000)
		n, _ := r.Body.Read(raw)
		got = string(raw[:n])
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	g, err := sms.Open("json+https://:t@sms.example/v3/sms?from=VIADUC&to=recipient&text=content&sender=sender&ref=tag", answering)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Send(t.Context(), sms.Message{To: smstest.Good, Text: "Bonjour", Ref: "r"}); err != nil {
		t.Fatal(err)
	}
	if want := `{"content":"Bonjour","recipient":"+33639980000","sender":"VIADUC","tag":"r"}`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

func TestSegments(t *testing.T) {
	for _, tc := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"Bonjour", 1},
		{strings.Repeat("a", 160), 1},
		{strings.Repeat("a", 161), 2},
		{strings.Repeat("a", 306), 2},
		{strings.Repeat("a", 307), 3},
		{strings.Repeat("é", 160), 1}, // é is in the alphabet
		{strings.Repeat("€", 80), 1},  // two septets each
		{strings.Repeat("€", 81), 2},
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 10), 2}, // the pair is not cut: it opens the second
		{strings.Repeat("€", 153), 3},                                 // 76 whole pairs a segment, not 76 and a half
		{strings.Repeat("ê", 70), 1},                                  // ê is not
		{strings.Repeat("ê", 71), 2},
		{strings.Repeat("ê", 134), 2},
		{strings.Repeat("ê", 135), 3},
		{strings.Repeat("🚲", 35), 1},
		{strings.Repeat("🚲", 36), 2},
		{strings.Repeat("🚲", 67), 3}, // 33 whole pairs a segment
		{"ç" + strings.Repeat("a", 70), 2},
		{"مرحبا", 1},
		{"\n\r", 1},
	} {
		if got := sms.Segments(tc.text); got != tc.want {
			t.Errorf("%.20q… (%d bytes) has %d segments, want %d", tc.text, len(tc.text), got, tc.want)
		}
	}
}

func TestFit(t *testing.T) {
	for text, want := range map[string]string{
		"Rendez-vous à l’accueil, ça et là, peut-être même à Nîmes.": "Rendez-vous à l'accueil, ca et là, peut-etre meme à Nimes.",
		"« Œuvre » n° 5 – 14\u00a0h…":                                "« Œuvre » n° 5 – 14\u00a0h…", // ° has no equal: nothing is gained
		"«\u00a0Œuvre\u00a0» à 14\u202fh…":                           "\"OEuvre\" à 14 h...",
		"e\u0301te\u0301":                                            "été",
		"مرحبا, rendez-vous à":                                       "مرحبا, rendez-vous à",
		"12 € [ici]":                                                 "12 € [ici]",
		"":                                                           "",
	} {
		got := sms.Fit(text)
		if got != want {
			t.Errorf("Fit(%q) = %q, want %q", text, got, want)
		}
		if sms.Segments(got) > sms.Segments(text) {
			t.Errorf("Fit(%q) costs more", text)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]string{
		"06 39 98 00 00": "+33639980000", "0639 12 34 56": "+262639123456", // the range of fiction is inside Mayotte's 0639
		"+33639980000": "+33639980000", "0033 6 39 98 00 00": "+33639980000", "+33 (0)6 39 98 00 00": "+33639980000",
		"06.12.34.56.78": "+33612345678", "07-12-34-56-78": "+33712345678", "05 36 49 00 17": "+33536490017",
		"0690 12 34 56": "+590690123456", "+590690123456": "+590690123456", "0596 12 34 56": "+596596123456", "0694123456": "+594694123456",
		"+262 692 12 34 56": "+262692123456", "0262 12 34 56": "+262262123456",
		"": "", "112": "", "3949": "", "0800 12 34 56": "", "0899 12 34 56": "", "+32470123456": "", "+1 202 555 0100": "", "612345678": "",
		"06 12 34 56 7": "", "06 12 34 56 789": "", "06 12 34 56 7a": "", "+33 0612345678": "", "+590612345678": "", "+33\n612345678": "",
	} {
		got, ok := sms.Number(text)
		if got != want || ok != (want != "") {
			t.Errorf("Number(%q) = %q, %v, want %q", text, got, ok, want)
		}
		if again, _ := sms.Number(got); ok && again != got {
			t.Errorf("Number(%q) is %q, and again %q", text, got, again)
		}
	}
	for number, want := range map[string]bool{
		"+33612345678": true, "+33712345678": true, "+33536490017": false, "+590690123456": true, "+590590123456": false, "+262692123456": true,
		"+262639123456": true, "+33639980000": true, "+33912345678": false, "": false, "+32470123456": false,
	} {
		if got := sms.Mobile(number); got != want {
			t.Errorf("Mobile(%q) = %v, want %v", number, got, want)
		}
	}
}

func TestCost(t *testing.T) {
	for _, tc := range []struct {
		text  string
		price sms.Millis
		cents int64
	}{{"Bonjour", 45, 5}, {strings.Repeat("a", 161), 45, 9}, {"", 45, 0}, {"Bonjour", 50, 5}, {"Bonjour", 0, 0}, {"Bonjour", 41, 5}} {
		if got := sms.Cost(tc.text, tc.price).Cents(); got != tc.cents {
			t.Errorf("%.20q at %d: %d cents, want %d", tc.text, tc.price, got, tc.cents)
		}
	}
}

func TestParsePrice(t *testing.T) {
	for text, want := range map[string]sms.Millis{"0.045": 45, "0,05": 50, " 0.1 ": 100, "0": 0, "1": 1000, "1.000": 1000} {
		if got, err := sms.ParsePrice(text); got != want || err != nil {
			t.Errorf("%q is %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", ",05", "0.0455", "1.001", "-0.05", "+0.05", "0.05 €", "0.0.5", "1e-3", "99999999999"} {
		if got, err := sms.ParsePrice(text); !errors.Is(err, sms.ErrPrice) {
			t.Errorf("%q is %d, %v, want refused", text, got, err)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"06 12 34 56 78", "+590690123456", "0033", "+", "0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := sms.Number(s)
		if !ok {
			return
		}
		if again, ok := sms.Number(n); !ok || again != n || len(n) < 12 || len(n) > 13 {
			t.Errorf("Number(%q) = %q, and again %q", s, n, again)
		}
	})
}
