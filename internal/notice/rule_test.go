package notice

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// paris reads an instant on the clocks of Paris, where Monday is 4 May 2026 and Friday the 8th a public holiday.
func paris(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func eighthOfMay(day time.Time) bool { return day.Month() == time.May && day.Day() == 8 }

func TestWays(t *testing.T) {
	both := Event{Channels: []Channel{SMS, Email}}
	optional, secret, code := both, both, both
	optional.Optional = true
	secret.Secret = true
	code.Secret, code.Answer, code.Channels = true, true, []Channel{SMS}
	everything := reach{email: true, mobile: true, phone: true, postal: true, gateway: true, letterInTime: true}
	with := func(edit func(r *reach)) reach {
		r := everything
		edit(&r)
		return r
	}
	for _, tc := range []struct {
		name  string
		event Event
		reach reach
		want  string
	}{
		{"all of it", both, everything, "sms email call letter slip"},
		{"only a telephone at home", both, reach{phone: true, gateway: true}, "call slip"},
		{"only an e-mail", both, reach{email: true, gateway: true}, "email slip"},
		{"nothing at all", both, reach{gateway: true}, "slip"},
		{"no gateway", both, with(func(r *reach) { r.gateway = false }), "email call letter slip"},
		{"the letter would come too late", both, with(func(r *reach) { r.letterInTime = false }), "sms email call slip"},
		{"a text alone still falls back on e-mail", Event{Channels: []Channel{SMS}}, everything, "sms email call letter slip"},
		{"an e-mail alone never becomes a text", Event{Channels: []Channel{Email}}, everything, "email call letter slip"},
		{"rather called", both, with(func(r *reach) { r.ratherCall = true }), "email call letter slip"},
		{"the telephone said stop", both, with(func(r *reach) { r.phoneStopped = true }), "email call letter slip"},
		{"the mailbox said stop", both, with(func(r *reach) { r.emailStopped = true }), "sms call letter slip"},
		{"optional, the telephone said stop", optional, with(func(r *reach) { r.phoneStopped = true }), "email letter slip"},
		{"optional, both said stop", optional, with(func(r *reach) { r.phoneStopped, r.emailStopped = true, true }), ""},
		{"optional, the only contact said stop", optional, reach{email: true, emailStopped: true, gateway: true}, ""},
		{"optional, nobody said stop", optional, reach{phone: true}, "call slip"},
		{"a secret is told by no person", secret, everything, "sms email"},
		{"a secret without contact", secret, reach{phone: true, postal: true}, ""},
		{"a code goes by text only, and passes over a stop", code, with(func(r *reach) { r.phoneStopped, r.ratherCall = true, true }), "sms"},
	} {
		var got []string
		for _, c := range ways(prepared{Event: tc.event}, tc.reach) {
			got = append(got, string(c))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, s, tc.want)
		}
	}
}

func TestFirst(t *testing.T) {
	all := []Channel{SMS, Email, Call, Slip}
	if got := first(prepared{}, all); !slices.Equal(got, []Channel{SMS}) {
		t.Errorf("first is %v", got)
	}
	if got := first(prepared{Event: Event{Every: true}}, all); !slices.Equal(got, []Channel{SMS, Email}) {
		t.Errorf("every is %v", got)
	}
	if got := first(prepared{Event: Event{Every: true}}, []Channel{Call, Slip}); !slices.Equal(got, []Channel{Call}) {
		t.Errorf("every without machine is %v", got)
	}
	if got := first(prepared{}, nil); got != nil {
		t.Errorf("first of none is %v", got)
	}
}

func TestQuietHours(t *testing.T) {
	for _, tc := range []struct{ at, until string }{
		{"2026-05-04 08:00", ""},
		{"2026-05-04 19:59", ""},
		{"2026-05-04 20:00", "2026-05-05 08:00"},
		{"2026-05-04 23:59", "2026-05-05 08:00"},
		{"2026-05-05 00:00", "2026-05-05 08:00"},
		{"2026-05-05 07:59", "2026-05-05 08:00"},
		{"2026-05-07 21:00", "2026-05-09 08:00"}, // Friday is a holiday
		{"2026-05-08 12:00", "2026-05-09 08:00"},
		{"2026-05-09 12:00", ""},                 // Saturday
		{"2026-05-09 20:30", "2026-05-11 08:00"}, // Sunday comes between
		{"2026-05-10 12:00", "2026-05-11 08:00"},
		{"2026-05-10 23:30", "2026-05-11 08:00"},
		{"2026-03-28 21:00", "2026-03-30 08:00"}, // the clocks go forward
		{"2026-10-24 21:00", "2026-10-26 08:00"}, // and back
		{"2026-12-31 21:00", "2027-01-01 08:00"},
	} {
		until, quiet := quietUntil(paris(t, tc.at), eighthOfMay)
		if !quiet && tc.until == "" {
			continue
		}
		if got := until.Format("2006-01-02 15:04"); !quiet || got != tc.until {
			t.Errorf("%s: quiet %v until %s, want %q", tc.at, quiet, got, tc.until)
		}
	}
}

func TestDecide(t *testing.T) {
	for _, tc := range []struct {
		name       string
		channel    Channel
		now, until string
		after      string
		answer     bool
		noGateway  bool
		want       act
		why        Result
		at         string
	}{
		{name: "in time", channel: SMS, now: "2026-05-04 09:30", until: "2026-05-06 14:00", want: send},
		{name: "before its hour", channel: SMS, now: "2026-05-04 09:30", until: "2026-05-08 14:00", after: "2026-05-06 14:00", want: wait, at: "2026-05-06 14:00"},
		{name: "at the very instant of the fact", channel: Email, now: "2026-05-06 14:00", until: "2026-05-06 14:00", want: expire, why: Expired},
		{name: "after the fact", channel: SMS, now: "2026-05-06 14:01", until: "2026-05-06 14:00", want: expire, why: Expired},
		{name: "at night, for later", channel: SMS, now: "2026-05-04 21:00", until: "2026-05-05 14:00", want: wait, why: Postponed, at: "2026-05-05 08:00"},
		{name: "at night, for eight sharp", channel: SMS, now: "2026-05-04 21:00", until: "2026-05-05 08:00", want: divert, why: TooQuiet},
		{name: "at night, for before morning", channel: SMS, now: "2026-05-04 21:00", until: "2026-05-05 07:00", want: divert, why: TooQuiet},
		{name: "on Sunday, for Sunday", channel: SMS, now: "2026-05-10 09:00", until: "2026-05-10 15:00", want: divert, why: TooQuiet},
		{name: "on a holiday, for the day after", channel: SMS, now: "2026-05-08 09:00", until: "2026-05-09 15:00", want: wait, why: Postponed, at: "2026-05-09 08:00"},
		{name: "at night, but awaited", channel: SMS, now: "2026-05-04 21:00", until: "2026-05-04 21:10", answer: true, want: send},
		{name: "an e-mail at night", channel: Email, now: "2026-05-04 23:00", until: "2026-05-05 07:00", want: send},
		{name: "no gateway any more", channel: SMS, now: "2026-05-04 09:30", until: "2026-05-06 14:00", noGateway: true, want: divert, why: NoGateway},
	} {
		m := moment{channel: tc.channel, now: paris(t, tc.now), usefulUntil: paris(t, tc.until), answer: tc.answer, gateway: !tc.noGateway, holiday: eighthOfMay}
		if tc.after != "" {
			m.notBefore = paris(t, tc.after)
		}
		d := decide(m)
		at := ""
		if !d.until.IsZero() {
			at = d.until.Format("2006-01-02 15:04")
		}
		if d.act != tc.want || d.why != tc.why || at != tc.at {
			t.Errorf("%s: %s %q until %q, want %s %q until %q", tc.name, d.act, d.why, at, tc.want, tc.why, tc.at)
		}
	}
}

func TestAfterFailure(t *testing.T) {
	now := paris(t, "2026-05-04 09:30")
	for _, tc := range []struct {
		name    string
		setback setback
		n       int
		until   time.Duration
		want    act
		why     Result
		pause   time.Duration
	}{
		{"a wrong number is wrong for ever", never, 1, 48 * time.Hour, divert, Refused, 0},
		{"no credit", credit, 1, 48 * time.Hour, divert, NoCredit, 0},
		{"first failure", later, 1, 48 * time.Hour, wait, Retried, time.Minute},
		{"fourth", later, 4, 48 * time.Hour, wait, Retried, 8 * time.Minute},
		{"tenth", later, 10, 48 * time.Hour, wait, Retried, 2 * time.Hour},
		{"the last", later, patience, 48 * time.Hour, divert, GaveUp, 0},
		{"people would have no time left", later, 4, 4*time.Hour + 8*time.Minute, divert, GaveUp, 0},
		{"people still have time", later, 4, 4*time.Hour + 8*time.Minute + time.Second, wait, Retried, 8 * time.Minute},
		{"today", later, 1, 3 * time.Hour, divert, GaveUp, 0},
	} {
		d := afterFailure(tc.setback, tc.n, now, now.Add(tc.until), false)
		if d.act != tc.want || d.why != tc.why || tc.pause > 0 && !d.until.Equal(now.Add(tc.pause)) {
			t.Errorf("%s: %s %s until %s, want %s %s in %s", tc.name, d.act, d.why, d.until, tc.want, tc.why, tc.pause)
		}
	}
	for until, want := range map[time.Duration]act{10 * time.Minute: wait, time.Minute: divert} {
		if d := afterFailure(later, 1, now, now.Add(until), true); d.act != want {
			t.Errorf("a secret good for %s: %s, want %s", until, d.act, want)
		}
	}
	total := time.Duration(0)
	for n := 1; n < patience; n++ {
		total += pause(n)
	}
	if total < 20*time.Hour || total > 30*time.Hour {
		t.Errorf("all attempts span %s, want about a day", total)
	}
}

func TestInstead(t *testing.T) {
	all := []Channel{SMS, Email, Call, Letter, Slip}
	for _, tc := range []struct {
		from Channel
		why  Result
		want []Channel
	}{
		{SMS, Capped, []Channel{Email, Call, Letter, Slip}},
		{SMS, TooQuiet, []Channel{Call, Letter, Slip}},
		{Email, Refused, []Channel{SMS, Call, Letter, Slip}},
	} {
		if got := instead(all, tc.from, tc.why); !slices.Equal(got, tc.want) {
			t.Errorf("instead of %s, %s: %v, want %v", tc.from, tc.why, got, tc.want)
		}
	}
	if len(all) != 5 {
		t.Error("instead changed its argument")
	}
}

func TestFollower(t *testing.T) {
	all := []Channel{Email, Call, Slip}
	for _, tc := range []struct {
		name    string
		others  []message
		next    Channel
		covered bool
	}{
		{"alone", []message{{id: "me", channel: SMS, state: Waiting}}, Email, false},
		{"the e-mail was tried", []message{{id: "me", channel: SMS}, {id: "b", channel: Email, state: Diverted}}, Call, false},
		{"the e-mail is on its way", []message{{id: "me", channel: SMS}, {id: "b", channel: Email, state: Waiting}}, "", true},
		{"the e-mail has told", []message{{id: "me", channel: SMS}, {id: "b", channel: Email, state: Told}}, "", true},
		{"all tried", []message{{id: "b", channel: Email, state: Diverted}, {id: "c", channel: Call, state: ExpiredAt}, {id: "d", channel: Slip, state: ExpiredAt}}, "", false},
	} {
		next, covered := follower(all, tc.others, "me")
		if next != tc.next || covered != tc.covered {
			t.Errorf("%s: %q, %v, want %q, %v", tc.name, next, covered, tc.next, tc.covered)
		}
	}
}

func TestLinks(t *testing.T) {
	for _, public := range []string{"", "viaduc.exemple.fr", "http://viaduc.exemple.fr", "ftp://x", "https://x/dossier", "https://u:p@x", "https://x?q=1", "https://"} {
		if _, err := NewLinks(public); err == nil {
			t.Errorf("%q was taken for a public address", public)
		}
	}
	l, err := NewLinks("https://viaduc.exemple.fr/")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/suivi/AB12": "https://viaduc.exemple.fr/suivi/AB12", "/suivi/": "https://viaduc.exemple.fr/suivi/",
		"": "", "/": "", "suivi": "", "//autre.example/x": "", "/suivi/../admin": "", "/suivi//x": "", "/suivi?x=1": "", "/suivi\n": "", "/suivi @autre": "", "https://autre.example": "",
	} {
		if got, ok := l.to(path); got != want && ok || ok != (want != "") {
			t.Errorf("link to %q is %q, %v, want %q", path, got, ok, want)
		}
	}
	if _, err := NewLinks("http://127.0.0.1:8080"); err != nil {
		t.Errorf("this machine: %v", err)
	}
}

func TestFill(t *testing.T) {
	const text = "Bonjour {who},\n? Apportez : {bring}\n? {a} et {b}\nà {who} !"
	for _, tc := range []struct {
		values map[string]string
		want   string
	}{
		{map[string]string{"who": "A", "bring": "B", "a": "1", "b": "2"}, "Bonjour A,\nApportez : B\n1 et 2\nà A !"},
		{map[string]string{"who": "A", "a": "1"}, "Bonjour A,\nà A !"},
		{map[string]string{"who": "{bring}", "bring": "B"}, "Bonjour {bring},\nApportez : B\nà {bring} !"}, // a value is never a text
	} {
		if got := fill(text, tc.values); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.values, got, tc.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for value, want := range map[string]string{
		"Atelier tablette":               "Atelier tablette",
		" deux\n lignes\r\n\tet NUL\x00": "deux lignes et NUL",
		"Gagnez sur https://x.example":   "Gagnez sur https x.example",
		"www.x.example":                  "x.example",
		strings.Repeat("é", 400):         strings.Repeat("é", 299) + "…",
	} {
		if got := plain(value); got != want {
			t.Errorf("plain(%.30q) = %.40q, want %.40q", value, got, want)
		}
	}
}

func TestParseScript(t *testing.T) {
	sc, err := parseScript("== subject\nVotre rendez-vous\n\n== mail\nBonjour,\n\nle {when}.\n")
	if err != nil || len(sc) != 2 || sc["subject"] != "Votre rendez-vous" || sc["mail"] != "Bonjour,\n\nle {when}." {
		t.Errorf("%q, %v", sc, err)
	}
	for _, bad := range []string{"", "Bonjour", "avant\n== mail\nx", "== mail\nx\n== mail\ny", "== mail\n{when", "== mail\nwhen}", "== mail\n{a{b}}"} {
		if _, err := parseScript(bad); err == nil {
			t.Errorf("%q was taken for texts", bad)
		}
	}
}
