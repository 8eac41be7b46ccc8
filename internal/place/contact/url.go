package contact

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

var (
	// scheme is http or https and what people type for "://".
	scheme = regexp.MustCompile(`^(?i:(https?))(?:\s*:[\s/:]*|[,.]?//[/:]*)`)
	// semicolon is a colon typed with the wrong key, to be mended before addresses are split at semicolons.
	semicolon = regexp.MustCompile(`(?i)\b(https?);//`)
	// www is the same for "www.".
	www = regexp.MustCompile(`^(?i:www)[,.]+`)
	// label is what stands before an address in a free text: "Site internet : ".
	label    = regexp.MustCompile(`^\pL[\pL ]*:\s`)
	urlBreak = regexp.MustCompile(`[|\n]|\s{2,}|\s[-–—]\s|,\s`)
	host     = regexp.MustCompile(`^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})$`)
	port     = regexp.MustCompile(`^[0-9]{1,5}$`)
)

// longestURL is what every browser and server accepts.
const longestURL = 2000

// URLs returns the web addresses of raw in their order, once each, all of them http or https.
//
// Scheme and host are in lower case; path, query and fragment, where case matters, are as written. A missing scheme
// becomes http:// (nothing says that the site has a certificate), mistyped ones (http//, http:/x, http://https://x,
// www,) are mended. Addresses may be separated by | ; line ends, commas, hyphens between blanks, and by a blank when
// each of them starts with http or www.
//
// Left out: what has a blank, an accent or another character that no address has; other schemes; addresses with a
// user's name, with a number for host or without a domain; bare words whose ending is no known domain.
func URLs(raw string) []string {
	var list []string
	for _, part := range urlBreak.Split(semicolon.ReplaceAllString(legible(raw), "$1://"), -1) {
		for _, piece := range semicolons(part) {
			for _, candidate := range apart(piece) {
				if u, ok := webAddress(candidate); ok && !slices.Contains(list, u) {
					list = append(list, u)
				}
			}
		}
	}
	return list
}

// semicolons splits s at the semicolons that part two addresses; one may also stand inside a path.
func semicolons(s string) []string {
	var list []string
	for _, piece := range strings.Split(s, ";") {
		_, isURL := webAddress(piece)
		last := len(list) - 1
		inside := last >= 0 && !isURL && piece != "" && !strings.ContainsAny(piece, " ") && !strings.HasSuffix(list[last], " ")
		if inside {
			if _, ok := webAddress(list[last]); ok {
				list[last] += ";" + piece
				continue
			}
		}
		list = append(list, piece)
	}
	return list
}

// apart splits s at its blanks if every word is marked as an address; otherwise a blank is a fault of the one address.
func apart(s string) []string {
	if l := label.FindString(s); l != "" && !scheme.MatchString(s) {
		s = s[len(l):]
	}
	words := strings.Fields(s)
	for _, w := range words {
		if !scheme.MatchString(w) && !www.MatchString(w) {
			return []string{s}
		}
	}
	return words
}

// webAddress mends and checks one address.
func webAddress(s string) (string, bool) {
	s = bareOf(s)
	how, bare := "http", true
	for m := scheme.FindStringSubmatch(s); m != nil; m = scheme.FindStringSubmatch(s) {
		how, bare = strings.ToLower(m[1]), false
		s = s[len(m[0]):]
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok && bare {
		s = rest
	}
	if w := www.FindString(s); w != "" {
		s, bare = "www."+s[len(w):], false
	}
	end := strings.IndexAny(s, "/?#")
	if end < 0 {
		end = len(s)
	}
	name, number, hasPort := strings.Cut(strings.ToLower(s[:end]), ":")
	if !host.MatchString(name) || hasPort && !port.MatchString(number) || name == "www."+strings.TrimPrefix(name, "www.") && strings.Count(name, ".") < 2 {
		return "", false
	}
	if bare && !knownSuffix(name) {
		return "", false
	}
	u := how + "://" + name
	if hasPort {
		u += ":" + number
	}
	u += s[end:]
	if len(u) > longestURL || strings.ContainsFunc(u, neverInURL) {
		return "", false
	}
	parsed, err := url.Parse(u)
	if err != nil || parsed.User != nil || parsed.Hostname() != name {
		return "", false
	}
	return u, true
}

// bareOf returns s without the signs that a text puts around an address. A closing bracket that the address itself
// opened belongs to it.
func bareOf(s string) string {
	s = strings.TrimLeft(strings.TrimSpace(s), "<([\"'«“ ")
	for {
		t := strings.TrimRight(s, ">\"'»”.,;: ")
		for _, pair := range []string{"()", "[]"} {
			if strings.HasSuffix(t, pair[1:]) && strings.Count(t, pair[1:]) > strings.Count(t, pair[:1]) {
				t = t[:len(t)-1]
			}
		}
		if t == s {
			return s
		}
		s = t
	}
}

// neverInURL holds for blanks, accents and the signs that must be escaped in an address.
func neverInURL(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{}|", r)
}

// knownSuffix reports whether name ends in a domain of the Internet: "compte-rendu.pdf" does not.
func knownSuffix(name string) bool {
	_, official := publicsuffix.PublicSuffix(name)
	return official
}
