// Package contentline writes the lines that address cards (vCard, RFC 6350) and calendars (iCalendar, RFC 5545) are made
// of: a name, parameters, a colon and a value, ended by CR LF and folded so that none is longer than 75 octets. A fold
// never cuts a letter in two.
//
// It deliberately does not know which properties there are, nor in which order they must stand: whoever writes a card or
// a calendar does.
package contentline

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Writer collects lines. The zero value is empty and ready.
type Writer struct {
	buf bytes.Buffer
}

// Bytes returns what was written so far. It is good until the next write.
func (w *Writer) Bytes() []byte { return w.buf.Bytes() }

// width is the most octets that a line may have, its end left out.
const width = 75

// Line writes "name:value" as it stands: name with its parameters ("TEL;VALUE=uri"), value already in its form (a date, a
// URI, what Text and List return). Line ends and other control characters in them are left out: no value can start a line
// of its own.
func (w *Writer) Line(name, value string) {
	if len(name)+1+len(value) <= width && plain(name) && plain(value) { // most lines: nothing to change
		w.buf.WriteString(name)
		w.buf.WriteByte(':')
		w.buf.WriteString(value)
		w.buf.WriteString("\r\n")
		return
	}
	line := strings.Map(printable, name+":"+value)
	for first := true; line != ""; first = false {
		room := width
		if !first {
			w.buf.WriteByte(' ')
			room--
		}
		cut := min(room, len(line))
		for cut < len(line) && cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		w.buf.WriteString(line[:cut])
		w.buf.WriteString("\r\n")
		line = line[cut:]
	}
}

// Append writes the lines that another writer collected.
func (w *Writer) Append(lines *Writer) { w.buf.Write(lines.buf.Bytes()) }

// plain reports whether a text is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Text writes a line whose value is free text, and nothing when there is none.
func (w *Writer) Text(name, value string) {
	if value != "" {
		w.Line(name, Text(value))
	}
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\t' {
		return -1
	}
	return r
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// Text is a free text as a value: backslash, semicolon, comma and line end are escaped. Text that is no UTF-8 is mended.
func Text(s string) string { return escaper.Replace(strings.ToValidUTF8(s, "\uFFFD")) }

// Fields joins texts by semicolons, as the parts of a structured value (an address, a name).
func Fields(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = Text(p)
	}
	return strings.Join(escaped, ";")
}

// UTC writes an instant as both formats do: "20260504T073000Z".
func UTC(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
