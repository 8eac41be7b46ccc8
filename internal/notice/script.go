package notice

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"viaduc/internal/platform/i18n"
)

// script is the texts of an event in one language, by section:
//
//	== subject
//	Votre rendez-vous
//	== sms
//	Rendez-vous {when}. Pour le voir ou l'annuler : {link}
//	== mail
//	Bonjour,
//
//	Vous avez rendez-vous {when}, {place}.
//	? Apportez : {bring}
//	== say
//	Rappelez le rendez-vous {when}, {place}.
//
// Braces name fields. A line that begins with "? " is left out when a field that it names is empty. "mail" is also the
// text of letters and slips; "say" is what the person who calls has to say.
type script map[string]string

//go:embed messages/*.txt
var frameFiles embed.FS

var (
	section     = regexp.MustCompile(`(?m)^== ([a-z]+)$`)
	placeholder = regexp.MustCompile(`\{([^{}\n]*)\}`)
)

// readScripts reads messages/<key>.<lang>.txt for every language that there is; French must be there.
func readScripts(files fs.FS, key string) (map[string]script, error) {
	out := map[string]script{}
	for _, l := range i18n.Langs() {
		name := fmt.Sprintf("messages/%s.%s.txt", key, l)
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			continue // French answers for it
		}
		sc, err := parseScript(string(raw))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[string(l)] = sc
	}
	if out[string(i18n.French)] == nil {
		return nil, fmt.Errorf("messages/%s.fr.txt is missing", key)
	}
	return out, nil
}

func parseScript(text string) (script, error) {
	marks := section.FindAllStringSubmatchIndex(text, -1)
	if len(marks) == 0 || strings.TrimSpace(text[:marks[0][0]]) != "" {
		return nil, fmt.Errorf("a text stands outside the sections")
	}
	sc := script{}
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		name, body := text[m[2]:m[3]], strings.Trim(text[m[1]:end], "\n")
		if _, ok := sc[name]; ok {
			return nil, fmt.Errorf("section %q is there twice", name)
		}
		if rest := placeholder.ReplaceAllString(body, ""); strings.ContainsAny(rest, "{}") {
			return nil, fmt.Errorf("section %q has a brace that names nothing", name)
		}
		sc[name] = body
	}
	return sc, nil
}

// placeholders lists the fields that a text names, once each.
func placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// fill puts the values of fields into a text, and leaves out its optional lines that name an empty one.
func fill(text string, values map[string]string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		rest, optional := strings.CutPrefix(line, "? ")
		if optional && slices.ContainsFunc(placeholders(rest), func(f string) bool { return values[f] == "" }) {
			continue
		}
		lines = append(lines, placeholder.ReplaceAllStringFunc(rest, func(p string) string { return values[strings.Trim(p, "{}")] }))
	}
	return strings.Join(lines, "\n")
}

// maxField bounds what a field may bring into a message, in signs.
const maxField = 300

// plain is a value as it may stand in a message: one line, without control signs, and without an address that people
// could follow in our name, whoever wrote it (the name of a workshop, of a person).
func plain(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, value)
	value = strings.NewReplacer("://", " ", "www.", "").Replace(strings.Join(strings.Fields(value), " "))
	if signs := []rune(value); len(signs) > maxField {
		value = string(signs[:maxField-1]) + "…"
	}
	return value
}
