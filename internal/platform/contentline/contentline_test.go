package contentline_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"viaduc/internal/platform/contentline"
)

// unfold puts folded lines together again, and sees that each ends and fits.
func unfold(t *testing.T, raw string) []string {
	t.Helper()
	if raw != "" && !strings.HasSuffix(raw, "\r\n") {
		t.Errorf("%q does not end its last line", raw)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(raw, "\r\n ", ""), "\r\n"), "\r\n")
}

func TestLinesAreFoldedBetweenLetters(t *testing.T) {
	for _, value := range []string{"", "x", strings.Repeat("x", 70), strings.Repeat("x", 71), strings.Repeat("x", 300), strings.Repeat("é", 200), strings.Repeat("日本", 90), strings.Repeat("🚌", 60), "a " + strings.Repeat(" ", 200)} {
		var w contentline.Writer
		w.Line("NOTE", value)
		if lines := unfold(t, string(w.Bytes())); len(lines) != 1 || lines[0] != "NOTE:"+value {
			t.Errorf("%.40q came back as %q", value, lines)
		}
	}
}

func TestNoValueStartsALine(t *testing.T) {
	var w contentline.Writer
	w.Line("URL", "https://exemple.example/\r\nBEGIN:VEVENT")
	w.Line("X\r\nY", "\x00\x7f\u0085z")
	w.Text("NOTE", "un\r\nBEGIN:VCARD\ndeux\rtrois; quatre, cinq\\n")
	w.Text("NOTE", "")
	w.Text("ORG", "\xff")
	got := unfold(t, string(w.Bytes()))
	want := []string{`URL:https://exemple.example/BEGIN:VEVENT`, "XY:z", `NOTE:un\nBEGIN:VCARD\ndeux\ntrois\; quatre\, cinq\\n`, "ORG:\uFFFD"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestForms(t *testing.T) {
	if got := contentline.Fields("", "1, rue; x", "Saintes"); got != `;1\, rue\; x;Saintes` {
		t.Errorf("Fields: %q", got)
	}
	if got := contentline.UTC(time.Date(2026, 5, 4, 9, 30, 0, 5, time.FixedZone("", 7200))); got != "20260504T073000Z" {
		t.Errorf("UTC: %q", got)
	}
}
