package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/app/demo"
	"viaduc/internal/config"
	"viaduc/internal/place"
	"viaduc/internal/testkit"
)

// command runs a command line on a folder and returns what it says on both outputs, with plain spaces.
func command(t *testing.T, dir string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	code = Run(t.Context(), append([]string{"--data", dir}, args...), Streams{In: strings.NewReader(""), Out: &out, Err: &out})
	return code, strings.ReplaceAll(out.String(), "\u00a0", " ")
}

// reportedDemo is a folder with the example and two reports, and their references, the older first.
func reportedDemo(t *testing.T) (dir, first, second string) {
	t.Helper()
	dir = testkit.SQLiteDir(t)
	clock := testkit.NewClock(t, "2026-05-04 09:30")
	core, err := app.Open(context.WithoutCancel(t.Context()), config.Config{Data: dir}, app.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	if err := demo.Load(t.Context(), core.Territory, core.Places); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		to *string
		in place.NewReport
	}{
		{&first, place.NewReport{Place: 1, Topics: []place.Topic{place.WrongHours, place.Gone}, Text: "Fermé le lundi.\nVu sur la porte.", Contact: "05.36.49.00.12"}},
		{&second, place.NewReport{Place: 2, Topics: []place.Topic{place.WrongAddress}}},
	} {
		if *r.to, err = core.Places.Report(t.Context(), r.in); err != nil {
			t.Fatal(err)
		}
		clock.Move(time.Hour)
	}
	return dir, first, second
}

func TestReportsAreListedAndClosed(t *testing.T) {
	dir, first, second := reportedDemo(t)
	code, said := command(t, dir, "place", "reports")
	want := first + "  lundi 4 mai 2026 à 9 h 30  lieu 1, Espace numérique du Vieux Moulin, Rochefort\n" +
		"  Les horaires, Le lieu n'existe plus\n  « Fermé le lundi.\n    Vu sur la porte. »\n  Pour répondre : 05 36 49 00 12\n" +
		second + "  lundi 4 mai 2026 à 10 h 30  lieu 2, Médiathèque Les Tilleuls, Rochefort\n  L'adresse\n"
	if code != exitDone || said != want {
		t.Errorf("exit %d\n%s\nwant\n%s", code, said, want)
	}
	if code, said := command(t, dir, "place", "reports", "close", strings.ToLower(strings.ReplaceAll(first, "-", ""))); code != exitDone || said != first+" : corrigé.\n" {
		t.Errorf("close: exit %d, %q", code, said)
	}
	if code, said := command(t, dir, "--json", "place", "reports", "close", second, "--dismiss"); code != exitDone || said != `{"reference":"`+second+`","state":"dismissed"}`+"\n" {
		t.Errorf("dismiss: exit %d, %q", code, said)
	}
	if code, said := command(t, dir, "place", "reports"); code != exitDone || said != "Aucune erreur signalée n'attend.\n" {
		t.Errorf("nothing left: exit %d, %q", code, said)
	}
	if code, said := command(t, dir, "place", "reports", "--all"); code != exitDone || !strings.Contains(said, "\n  corrigé, ") || !strings.Contains(said, "\n  sans suite, ") {
		t.Errorf("all: exit %d, %q", code, said)
	}
	for args, says := range map[string]string{
		"place reports close " + first: "est déjà clos",
		"place reports close BBB-BBB":  "Aucun signalement n'a le numéro BBB-BBB",
	} {
		if code, said := command(t, dir, strings.Fields(args)...); code != exitFailed || !strings.Contains(said, says) {
			t.Errorf("%s: exit %d, %q", args, code, said)
		}
	}
	for args, says := range map[string]string{"place reports close 12": "comme KTB-94M", "place reports close": "il manque"} {
		if code, said := command(t, dir, strings.Fields(args)...); code != exitUsage || !strings.Contains(said, says) {
			t.Errorf("%s: exit %d, %q", args, code, said)
		}
	}
}

func TestReportsForPrograms(t *testing.T) {
	dir, first, second := reportedDemo(t)
	if code, _ := command(t, dir, "place", "reports", "close", second); code != exitDone {
		t.Fatal(code)
	}
	_, said := command(t, dir, "place", "reports", "--all", "--json")
	var lines []map[string]any
	for dec := json.NewDecoder(strings.NewReader(said)); dec.More(); {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			t.Fatalf("%v in %s", err, said)
		}
		lines = append(lines, line)
	}
	if len(lines) != 2 || lines[0]["reference"] != first || lines[0]["place"] != 1.0 || lines[0]["state"] != "open" || lines[0]["contact"] != "+33536490012" ||
		lines[0]["at"] != "2026-05-04T07:30:00Z" || lines[0]["closed_at"] != nil || lines[1]["state"] != "done" || lines[1]["closed_at"] == nil {
		t.Errorf("%s", said)
	}
	if code, said := command(t, t.TempDir(), "place", "reports"); code != exitFailed || !strings.Contains(said, "aucune base") {
		t.Errorf("without data: exit %d, %q", code, said)
	}
}
