package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// answer runs a command with --json and reads the last line that it says.
func answer(t *testing.T, want int, args ...string) map[string]any {
	t.Helper()
	code, said := command(t, append(args, "--json")...)
	lines := strings.Split(strings.TrimSpace(said), "\n")
	var out map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &out); code != want || err != nil && said != "" {
		t.Fatalf("%v: exit %d, want %d: %s", args, code, want, said)
	}
	return out
}

func text(t *testing.T, answer map[string]any, key string) string {
	t.Helper()
	s, ok := answer[key].(string)
	if !ok || s == "" {
		t.Fatalf("the answer has no %s: %v", key, answer)
	}
	return s
}

// A duration and a hold, from end to end, as the data protection officer's scripts would have them.
func TestRetentionFromTheCommandLine(t *testing.T) {
	dir, _ := journalOfTen(t)
	on := func(want int, args ...string) map[string]any {
		t.Helper()
		return answer(t, want, append([]string{"--data", dir, "retention"}, args...)...)
	}
	token := text(t, on(exitDone, "preview", "audit.lines", "--keep", "1 an"), "token")
	if got := on(exitDone, "set", "audit.lines", "--keep", "1 an", "--token", token); got["keep"] != "P1Y" {
		t.Errorf("set: %v", got)
	}
	if got := on(exitFailed, "set", "audit.lines", "--keep", "1 an", "--token", token); !strings.Contains(text(t, got, "error"), "nouveau") {
		t.Errorf("the same token again: %v", got)
	}
	if got := on(exitDone, "list"); got["keep"] != "P1Y" || got["default"] != "P3Y" || got["version"] != 1.0 {
		t.Errorf("list: %v", got)
	}
	hold := text(t, on(exitDone, "hold", "--rule", "audit.lines", "--reason", "accounts", "--until", time.Now().AddDate(0, 1, 0).Format(time.DateOnly)), "hold")
	if got := on(exitDone, "list"); got["held"] != true {
		t.Errorf("held: %v", got)
	}
	if got := on(exitDone, "run"); got["erased"] != 0.0 || got["error"] != "" || got["ended"] != true {
		t.Errorf("run: %v", got)
	}
	on(exitDone, "release", hold)
	on(exitFailed, "release", hold)
	if got := on(exitDone, "holds"); got["hold"] != hold || got["active"] != false {
		t.Errorf("holds: %v", got)
	}
	code, said := command(t, "--data", dir, "audit", "search", "--action", "retention.")
	for _, want := range []string{
		"La ligne de commande a changé une durée de conservation : 1 an au lieu de 3 ans.",
		"La ligne de commande a suspendu l'effacement jusqu'au ", " (contrôle des comptes).",
		"La ligne de commande a levé une suspension de l'effacement.",
	} {
		if code != exitDone || !strings.Contains(said, want) {
			t.Errorf("the journal lacks %q:\n%s", want, said)
		}
	}
}
