package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
)

// node runs a script of the folder oracle on an input.
func node(t *testing.T, script string, input []byte) []byte {
	t.Helper()
	if _, err := os.Stat("node_modules/ical.js"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ical.js is missing: scripts/install-test-tools.sh installs it")
		}
		t.Skip("ical.js is not here: scripts/install-test-tools.sh installs it")
	}
	cmd := exec.CommandContext(t.Context(), "node", "oracle/"+script)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// asked is one rule, as the oracle reads it.
type asked struct {
	Rule   string `json:"rule"`
	Starts string `json:"starts"`
	Until  string `json:"until"`
}

// randomRule is a rule of the subset, from a first day that it matches.
func randomRule(r *rand.Rand) string {
	codes := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	some := func(list []string, most int) string {
		list = slices.Clone(list)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return strings.Join(list[:1+r.IntN(most)], ",")
	}
	numbers := func(least, most, count int) string {
		var out []string
		for len(out) < 1+r.IntN(count) {
			if n := fmt.Sprint(least + r.IntN(most-least+1)); n != "0" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		return strings.Join(out, ",")
	}
	rule := ""
	switch r.IntN(8) {
	case 0:
		rule = "FREQ=DAILY"
		if r.IntN(2) == 0 {
			rule += ";BYDAY=" + some(codes, 4)
		}
	case 1, 2:
		rule = "FREQ=WEEKLY;BYDAY=" + some(codes, 4)
		if r.IntN(4) == 0 {
			rule += ";WKST=" + codes[r.IntN(7)]
		}
	case 3:
		rule = fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", []int{1, 2, 3, 4, 5, -1, -2}[r.IntN(7)], codes[r.IntN(7)])
	case 4:
		rule = "FREQ=MONTHLY;BYMONTHDAY=" + numbers(1, 31, 3)
	case 5:
		rule = "FREQ=MONTHLY;BYDAY=" + some(codes, 5) + fmt.Sprintf(";BYSETPOS=%d", []int{1, 2, -1, -2}[r.IntN(4)])
	case 6:
		rule = "FREQ=YEARLY;BYMONTH=" + numbers(1, 12, 3) + ";BYMONTHDAY=" + numbers(1, 28, 2)
	case 7:
		rule = "FREQ=YEARLY;BYMONTH=" + numbers(1, 12, 2) + fmt.Sprintf(";BYDAY=%d%s", []int{1, 2, 3, 4, -1}[r.IntN(5)], codes[r.IntN(7)])
	}
	if r.IntN(2) == 0 {
		rule += fmt.Sprintf(";INTERVAL=%d", 2+r.IntN(4))
	}
	switch r.IntN(5) {
	case 0:
		rule += fmt.Sprintf(";COUNT=%d", 1+r.IntN(40))
	case 1:
		rule += fmt.Sprintf(";UNTIL=%d%02d%02d", 2026+r.IntN(2), 1+r.IntN(12), 1+r.IntN(28))
	}
	return rule
}

// Rules give the dates that an independent reader of RFC 5545 gives. A rule begins on a day that it matches: of others, the
// RFC says nothing.
func TestRulesAgreeWithAnIndependentReader(t *testing.T) {
	r := rand.New(rand.NewPCG(2026, 5))
	var list []asked
	var ours [][]string
	var input bytes.Buffer
	for len(list) < 500 {
		one := asked{Rule: randomRule(r), Starts: fmt.Sprintf("%d-%02d-%02d", 2025+r.IntN(2), 1+r.IntN(12), 1+r.IntN(28))}
		p := recur.Pattern{Rule: one.Rule, Minute: 600, Length: 60, Zone: time.UTC, OnHoliday: recur.HolidayKeep}
		p.Starts, _ = agenda.ParseDate(one.Starts)
		// The first day that the rule matches, without its end, is where it begins.
		open := p
		open.Rule = endless(one.Rule)
		open.Until = p.Starts.AddDays(3 * 365)
		first := open.Next(nil, time.Time{}, 1)
		if len(first) == 0 {
			continue
		}
		p.Starts = first[0].On
		if strings.Contains(one.Rule, "INTERVAL") && strings.Contains(one.Rule, "BYSETPOS") && p.Next(nil, time.Time{}, 1) == nil {
			continue
		}
		p.Until = p.Starts.AddDays(2 * 365)
		one.Starts, one.Until = p.Starts.String(), p.Until.String()
		if err := p.Check(); err != nil {
			t.Fatalf("%s: %v", one.Rule, err)
		}
		var dates []string
		for _, s := range p.Sessions(nil) {
			dates = append(dates, s.On.String())
		}
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
		list, ours = append(list, one), append(ours, dates)
	}
	out := bytes.Split(bytes.TrimSpace(node(t, "recur.mjs", input.Bytes())), []byte("\n"))
	if len(out) != len(list) {
		t.Fatalf("%d answers to %d rules", len(out), len(list))
	}
	total, differ := 0, 0
	for i, line := range out {
		var theirs []string
		if err := json.Unmarshal(line, &theirs); err != nil {
			t.Fatal(err)
		}
		total += len(theirs)
		if !slices.Equal(ours[i], theirs) {
			differ++
			t.Errorf("%s from %s:\n ours   %v\n theirs %v", list[i].Rule, list[i].Starts, ours[i], theirs)
		}
	}
	t.Logf("%d rules, %d dates, %d differences", len(list), total, differ)
}

// endless is a rule without its end.
func endless(rule string) string {
	var parts []string
	for part := range strings.SplitSeq(rule, ";") {
		if !strings.HasPrefix(part, "COUNT=") && !strings.HasPrefix(part, "UNTIL=") {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ";")
}

// The public calendar is what an independent reader of iCalendar makes of it.
func TestTheCalendarIsReadElsewhere(t *testing.T) {
	n := apptest.Demo(t)
	n.Season()
	res, body := n.Get("/agenda.ics")
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	var events []struct {
		UID, Summary, Location, Status string
		Start, End                     time.Time
	}
	if err := json.Unmarshal(node(t, "calendar.mjs", []byte(body)), &events); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		of, ok := n.Agenda.Index().ByID(agenda.ID(strings.TrimSuffix(e.UID, "@viaduc")))
		if !ok || !of.Start.Equal(e.Start) || !of.End.Equal(e.End) || of.Series.Title != e.Summary || e.Location == "" || (e.Status == "CANCELLED") == of.Live() {
			t.Errorf("%+v", e)
		}
	}
	if len(events) < 180 {
		t.Errorf("%d events", len(events))
	}
	t.Logf("%d events read alike", len(events))
}
