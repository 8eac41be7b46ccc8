// Package plainwords checks that a text can be read by someone who reads with difficulty.
//
// The rules are those of our writing guide: no sentence over 20 words and 12 on average, no word of the trade where a
// word of every day exists, no "etc.", no "&", no Roman numeral. Tests of the residents' pages call CheckHTML on what a
// reader sees; the editor of public texts calls Check before it saves.
//
// It deliberately does not judge meaning: only people who read with difficulty can.
package plainwords

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"viaduc/internal/platform/i18n"
)

// The limits of a sentence, in words.
const (
	MaxWords = 20 // one sentence
	MaxMean  = 12 // all sentences of a text
)

// Rule names what a problem breaks.
type Rule string

// The rules.
const (
	LongSentence Rule = "long_sentence" // over MaxWords
	LongMean     Rule = "long_mean"     // over MaxMean on average, from five sentences on
	HardWord     Rule = "hard_word"     // a word of the trade; Advice gives the word of every day
	Etc          Rule = "etc"           // "etc.": say which, or stop
	Ampersand    Rule = "ampersand"     // "&": write "et"
	Roman        Rule = "roman"         // a Roman numeral: write digits
)

// Problem is one place where a text breaks a rule.
type Problem struct {
	Rule   Rule
	Found  string // the sentence, the word or the sign
	Advice string // what to write instead, in French
}

// String is for test failures: `hard_word "usagers": vous, ou personne`.
func (p Problem) String() string { return fmt.Sprintf("%s %q: %s", p.Rule, p.Found, p.Advice) }

// hardWords are the words that a page never says, with what it says instead. The stem matches inflected forms.
var hardWords = []struct {
	re     *regexp.Regexp
	advice string
}{
	{word(`usag(?:er|ère)s?`), "vous, ou personne"},
	{word(`démarches? (?:dématérialisées?|administratives? en ligne)|dématérialis\p{L}+`), "démarche sur internet"},
	{word(`s'authentifi\p{L}*|authentification`), "se connecter"},
	{word(`formulaires?`), "questions"},
	{word(`structures?`), "lieu"},
	{word(`médiat(?:ion|eurs?|rices?) numériques?`), "aide pour internet"},
	{word(`prescript(?:eur|rice)s?`), "personne qui vous aide"},
	{word(`bénéficiaires?`), "personne"},
	{word(`illectronisme`), "difficulté avec internet"},
	{word(`inclusion numérique`), "aide pour internet"},
	{word(`renseigne[rz]`), "écrire, ou répondre"},
	{word(`saisiss?ez`), "écrivez"},
	{word(`veuillez`), "le verbe seul : « Écrivez »"},
	{word(`ultérieurement`), "plus tard"},
	{word(`préalable(?:ment)?s?`), "avant"},
}

// word matches a whole word or expression, whatever the case and the kind of apostrophe.
func word(expr string) *regexp.Regexp {
	expr = strings.ReplaceAll(expr, "'", "['’]")
	expr = strings.ReplaceAll(expr, " ", `[\s\x{a0}]+`)
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}])(` + expr + `)(?:$|[^\p{L}])`)
}

var (
	wordRE  = regexp.MustCompile(`[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*`)
	endRE   = regexp.MustCompile(`[.!?؟…]+["»”]?[\s\x{a0}]+|\n+`)
	etcRE   = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(etc)(?:$|[^\p{L}])|…`)
	romanRE = regexp.MustCompile(`(?:^|[^\p{L}\p{N}'’-])((?:X{1,3}(?:IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{2,3})(?:e|ème)?)(?:$|[^\p{L}\p{N}'’-])`)
)

// Sentences splits a text at full stops, question and exclamation marks and ends of line.
func Sentences(text string) []string {
	var out []string
	for _, s := range endRE.Split(text, -1) {
		if s = strings.TrimSpace(s); wordRE.MatchString(s) {
			out = append(out, s)
		}
	}
	return out
}

// Words counts the words of a sentence. Numbers count for one word, however they are grouped: "05 46 00 00 00" is one.
func Words(sentence string) int {
	n, digits := 0, false
	for _, w := range wordRE.FindAllString(sentence, -1) {
		number := strings.IndexFunc(w, unicode.IsLetter) < 0
		if !number || !digits {
			n++
		}
		digits = number
	}
	return n
}

// Check reads a text and lists what breaks the rules, in the order of the text. Words of the trade and Roman numerals
// are looked for in French only, simple French included; lengths in every language.
func Check(text string, lang i18n.Lang) []Problem {
	var out []Problem
	sentences := Sentences(text)
	total := 0
	for _, s := range sentences {
		n := Words(s)
		total += n
		if n > MaxWords {
			out = append(out, Problem{LongSentence, s, fmt.Sprintf("%d mots : faites deux phrases", n)})
		}
		out = append(out, checkWords(s, lang)...)
	}
	if n := len(sentences); n >= 5 && float64(total)/float64(n) > MaxMean {
		out = append(out, Problem{LongMean, fmt.Sprintf("%.1f", float64(total)/float64(n)), fmt.Sprintf("%d mots par phrase en moyenne, au plus", MaxMean)})
	}
	return out
}

func checkWords(s string, lang i18n.Lang) []Problem {
	var out []Problem
	if strings.Contains(s, "&") {
		out = append(out, Problem{Ampersand, "&", "et"})
	}
	if etcRE.MatchString(s) {
		out = append(out, Problem{Etc, "etc.", "dites lesquels, ou arrêtez la liste"})
	}
	if lang != i18n.French && lang != i18n.Simple {
		return out
	}
	for _, h := range hardWords {
		for _, m := range h.re.FindAllStringSubmatch(s, -1) {
			out = append(out, Problem{HardWord, m[1], h.advice})
		}
	}
	for _, m := range romanRE.FindAllStringSubmatch(s, -1) {
		out = append(out, Problem{Roman, m[1], "des chiffres"})
	}
	return out
}

// CheckHTML runs Check over what a reader sees of the main part of a page (of the whole when it has none). Each block
// (paragraph, item, label, cell) is a sentence of its own. Parts in another language (lang) and parts marked
// translate="no" (proper names) are left out.
func CheckHTML(page io.Reader, lang i18n.Lang) ([]Problem, error) {
	text, err := Visible(page)
	if err != nil {
		return nil, err
	}
	return Check(text, lang), nil
}

// blocks are the elements that end a sentence.
var blocks = []atom.Atom{
	atom.P, atom.Li, atom.Dd, atom.Dt, atom.Label, atom.Legend, atom.Td, atom.Th, atom.H1, atom.H2, atom.H3, atom.H4,
	atom.Div, atom.Button, atom.Option, atom.Caption, atom.Summary, atom.Figcaption, atom.Small, atom.Br, atom.Strong, atom.Bdi,
}

// Visible returns the words of the main part of a page, one block a line.
func Visible(page io.Reader) (string, error) {
	doc, err := html.Parse(page)
	if err != nil {
		return "", err
	}
	root, lang := doc, ""
	var find func(*html.Node)
	find = func(n *html.Node) {
		switch n.DataAtom {
		case atom.Html:
			lang = attr(n, "lang")
		case atom.Main:
			root = n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			find(c)
		}
	}
	find(doc)
	var b strings.Builder
	write(&b, root, lang)
	return b.String(), nil
}

func write(b *strings.Builder, n *html.Node, lang string) {
	if n.Type == html.TextNode {
		b.WriteString(strings.Join(strings.FieldsFunc(n.Data, func(c rune) bool { return c == '\n' || c == '\t' }), " "))
		return
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Svg, atom.Title, atom.Textarea:
		return
	}
	if l := attr(n, "lang"); l != "" && lang != "" && l != lang || attr(n, "translate") == "no" {
		return
	}
	block := slices.Contains(blocks, n.DataAtom)
	if block {
		b.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		write(b, c, lang)
	}
	if block {
		b.WriteByte('\n')
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
