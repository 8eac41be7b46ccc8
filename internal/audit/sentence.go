package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Sentence is how people read the lines of an action. Each module lists those of its own actions; app gives all of them
// to NewReader.
//
// Text is a French sentence without its full stop. It begins with "{auteur}" and a past tense made with avoir, "a" or
// "n'a", so that it can be turned to "vous avez" without any agreement: « {auteur} a importé ce lieu ». Other braces
// name arguments: « {auteur} a effacé {combien} ».
type Sentence struct {
	Action string
	Text   string
	Args   map[string]Arg
}

// Arg is a typed argument of a sentence, taken from a detail of the line: a number, a day or a word of a closed list.
// There is no argument of free text, since no detail may hold any.
type Arg struct {
	detail string
	say    func(value string) string
}

// Number is a number as it stands.
func Number(detail string) Arg {
	return Arg{detail, func(v string) string {
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return unsaid
		}
		return v
	}}
}

// Count is a counted thing: "%d place" when there is one of it or none, as French has it, "%d places" otherwise.
func Count(detail, one, many string) Arg {
	return Arg{detail, func(v string) string {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return unsaid
		}
		text := many
		if -2 < n && n < 2 {
			text = one
		}
		return strings.ReplaceAll(text, "%d", v)
	}}
}

// Word is a word of a closed list.
func Word(detail string, words map[string]string) Arg {
	return Arg{detail, func(v string) string {
		if w, ok := words[v]; ok {
			return w
		}
		return unsaid
	}}
}

// Words is a list of words of a closed list, which the detail joins by commas.
func Words(detail string, words map[string]string) Arg {
	one := Word("", words)
	return Arg{detail, func(v string) string {
		var said []string
		for w := range strings.SplitSeq(v, ",") {
			if text := one.say(strings.TrimSpace(w)); !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
		if last := len(said) - 1; last > 0 {
			return strings.Join(said[:last], ", ") + " et " + said[last]
		}
		return said[0]
	}}
}

// Day is a civil day: "2026-05-04" reads "4 mai 2026".
func Day(detail string) Arg {
	return Arg{detail, func(v string) string {
		day, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return unsaid
		}
		number := strconv.Itoa(day.Day())
		if number == "1" {
			number = "1er"
		}
		return number + " " + months[day.Month()-1] + " " + strconv.Itoa(day.Year())
	}}
}

// Span is a length of time in the form of ISO 8601, of one unit: "P2Y" reads "2 ans".
func Span(detail string) Arg {
	units := map[byte][2]string{'D': {"jour", "jours"}, 'M': {"mois", "mois"}, 'Y': {"an", "ans"}}
	return Arg{detail, func(v string) string {
		m := span.FindStringSubmatch(v)
		if m == nil {
			return unsaid
		}
		word := units[m[2][0]][1]
		if m[1] == "0" || m[1] == "1" {
			word = units[m[2][0]][0]
		}
		return m[1] + " " + word
	}}
}

var span = regexp.MustCompile(`^P(\d+)([DMY])$`)

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// unsaid stands for a detail that is missing or that its list does not have: never a guess, never the raw text.
const unsaid = "(non précisé)"

// Names says who accounts are, as readers of the journal may know them: "une personne du CCAS de Saintes". The accounts
// are another module's: app plugs it in. An account that it does not know (any more) is left out of the answer.
type Names interface {
	AccountNames(ctx context.Context, accounts []string) (map[string]string, error)
}

// Reader says lines in French. It is safe for concurrent use.
type Reader struct {
	names     Names
	sentences map[string]Sentence
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// NewReader returns a reader that knows some sentences; without Names every account is "une personne". It reports a
// sentence that is not well formed and an action that has two.
func NewReader(names Names, lists ...[]Sentence) (*Reader, error) {
	r := &Reader{names: names, sentences: map[string]Sentence{}}
	for _, s := range slices.Concat(lists...) {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("sentence of %s: %w", s.Action, err)
		}
		if _, ok := r.sentences[s.Action]; ok {
			return nil, fmt.Errorf("sentence of %s: there are two", s.Action)
		}
		r.sentences[s.Action] = s
	}
	return r, nil
}

func (s Sentence) check() error {
	rest, ok := strings.CutPrefix(s.Text, "{auteur} ")
	if !ok || !strings.HasPrefix(rest, "a ") && !strings.HasPrefix(rest, "n'a ") {
		return fmt.Errorf("%q does not begin with {auteur} a or {auteur} n'a", s.Text)
	}
	if strings.HasSuffix(s.Text, ".") {
		return fmt.Errorf("%q has its full stop", s.Text)
	}
	used := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(rest, -1) {
		if _, ok := s.Args[m[1]]; !ok {
			return fmt.Errorf("{%s} has no argument", m[1])
		}
		used[m[1]] = true
	}
	if len(used) != len(s.Args) {
		return fmt.Errorf("%q does not use all its arguments", s.Text)
	}
	return nil
}

// Knows reports whether an action has its sentence.
func (r *Reader) Knows(action string) bool {
	_, ok := r.sentences[action]
	return ok
}

// Told is a line as people read it.
type Told struct {
	Line
	Who  string // "vous", "une personne du CCAS de Saintes", "le programme"...
	Said string // a whole sentence: "Vous avez importé ce lieu."
}

// Say says lines to a reader, who is "vous"; nobody is when reader is empty. An action without a sentence is said by its
// key, so that no line is ever hidden.
func (r *Reader) Say(ctx context.Context, reader Actor, lines []Line) ([]Told, error) {
	names, err := r.accountNames(ctx, lines)
	if err != nil {
		return nil, err
	}
	out := make([]Told, 0, len(lines))
	for _, l := range lines {
		who := nameOf(l.Actor, reader, names)
		out = append(out, Told{Line: l, Who: who, Said: r.say(l, who)})
	}
	return out, nil
}

func (r *Reader) accountNames(ctx context.Context, lines []Line) (map[string]string, error) {
	if r.names == nil {
		return nil, nil
	}
	var accounts []string
	for _, l := range lines {
		if l.Actor.Account() && !slices.Contains(accounts, string(l.Actor)) {
			accounts = append(accounts, string(l.Actor))
		}
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	names, err := r.names.AccountNames(ctx, accounts)
	if err != nil {
		return nil, fmt.Errorf("names of accounts: %w", err)
	}
	return names, nil
}

const you = "vous"

func nameOf(a, reader Actor, names map[string]string) string {
	switch {
	case reader != "" && a == reader:
		return you
	case a == CLI:
		return "la ligne de commande"
	case a == System:
		return "le programme"
	case a == Anonymous:
		return "un visiteur"
	case names[string(a)] != "":
		return names[string(a)]
	case names == nil:
		return "une personne"
	}
	return "une personne dont le compte n'existe plus"
}

// say fills a sentence in, with a capital and a full stop.
func (r *Reader) say(l Line, who string) string {
	s, ok := r.sentences[l.Action]
	if !ok {
		s.Text = "{auteur} a fait : " + l.Action
	}
	var detail map[string]string
	_ = json.Unmarshal([]byte(l.DetailJSON), &detail) // what cannot be read is not said
	rest := strings.TrimPrefix(s.Text, "{auteur} ")
	if who == you {
		if after, ok := strings.CutPrefix(rest, "n'a "); ok {
			rest = "n'avez " + after
		} else {
			rest = "avez " + strings.TrimPrefix(rest, "a ")
		}
	}
	rest = placeholder.ReplaceAllStringFunc(rest, func(name string) string {
		arg := s.Args[strings.Trim(name, "{}")]
		if arg.say == nil || detail[arg.detail] == "" {
			return unsaid
		}
		return arg.say(detail[arg.detail])
	})
	first, size := utf8.DecodeRuneInString(who)
	return string(unicode.ToUpper(first)) + who[size:] + " " + rest + "."
}
