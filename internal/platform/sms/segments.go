package sms

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// gsm is the default alphabet of GSM 03.38, one septet a sign; extension takes two, an escape and the sign.
const (
	gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// septets is what each sign of the alphabet takes.
var septets = func() map[rune]int {
	m := map[rune]int{}
	for _, r := range gsm {
		m[r] = 1
	}
	for _, r := range extension {
		m[r] = 2
	}
	return m
}()

// Segments counts the messages that a text is billed as. An empty text has none.
func Segments(text string) int {
	if widths, ok := gsmWidths(text); ok {
		return split(widths, 160, 153)
	}
	var widths []int
	for _, r := range text {
		widths = append(widths, utf16.RuneLen(r))
	}
	return split(widths, 70, 67)
}

// gsmWidths returns what each sign takes, and false when one is outside the alphabet.
func gsmWidths(text string) ([]int, bool) {
	widths := make([]int, 0, len(text))
	for _, r := range text {
		w, ok := septets[r]
		if !ok {
			return nil, false
		}
		widths = append(widths, w)
	}
	return widths, true
}

// split counts segments of at most several units each, unless all fits in alone. A sign is never cut in two.
func split(widths []int, alone, several int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	if total <= alone {
		return min(total, 1)
	}
	n, used := 1, 0
	for _, w := range widths {
		if used+w > several {
			n, used = n+1, 0
		}
		used += w
	}
	return n
}

// plainer are the signs outside the alphabet that have an equal inside it, beside letters that only lose their accent.
var plainer = strings.NewReplacer(
	"\u2019", "'", "\u2018", "'", "\u201c", "\"", "\u201d", "\"", "«\u00a0", "\"", "\u00a0»", "\"", "« ", "\"", " »", "\"", "«", "\"", "»", "\"",
	"\u00a0", " ", "\u202f", " ", "\u2013", "-", "\u2014", "-", "\u2011", "-", "…", "...", "œ", "oe", "Œ", "OE", "\t", " ", "•", "-",
)

// Fit writes text with the signs of the GSM alphabet where that loses nothing but typography and the accents that it
// lacks (é, è, à and ù stay; ê, ç, î do not): a French message then costs half. A text with other scripts, or other
// signs, comes back as it is: it is billed by 70 whatever is done.
func Fit(text string) string {
	var b strings.Builder
	for _, r := range plainer.Replace(norm.NFC.String(text)) {
		if _, ok := septets[r]; ok {
			b.WriteRune(r)
			continue
		}
		base := []rune(norm.NFD.String(string(r)))[0]
		if _, ok := septets[base]; !ok || unicode.IsControl(r) {
			return text
		}
		b.WriteRune(base)
	}
	return b.String()
}
