package notice

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/sms"
)

// Channel is a way to tell somebody something.
type Channel string

// The channels. The last three are done by hand.
const (
	Email  Channel = "email"
	SMS    Channel = "sms"
	Call   Channel = "call"   // a person of the staff calls
	Letter Channel = "letter" // printed, by post
	Slip   Channel = "slip"   // printed, handed over
)

// byHand reports whether people, not machines, tell by c.
func (c Channel) byHand() bool { return c == Call || c == Letter || c == Slip }

// Event is a kind of fact that people are told of. Modules declare theirs once, at start. None can break silence.
type Event struct {
	Key       string            // "agenda.reminder": the module, a dot, what
	Announces string            // what it announces, for staff, in French: "un rendez-vous dans deux jours"
	Channels  []Channel         // Email and SMS, in order of preference; e-mail and what is done by hand follow by themselves
	Fields    []string          // what its texts may name, beside link, stop, site and phone
	Texts     fs.FS             // holds messages/<key>.fr.txt, and other languages; see script
	Page      string            // what the path of a link must begin with: a page with one button; empty where there is no link
	Useful    time.Duration     // how long it is of use when a message does not say until when
	Sample    map[string]string // an invented value for each field, for tests and previews
	Answer    bool              // the person asked for it and waits: neither quiet hours nor a stop hold it back
	Secret    bool              // carries a code or a key: on no list, told by nobody, gone once sent
	Optional  bool              // the person subscribed: stop ends it, instead of sending it by another way
	Every     bool              // goes by every channel that reaches the person, not the first alone
}

// prepared is an event with its texts read.
type prepared struct {
	Event
	scripts map[string]script // by language
}

var (
	eventKey  = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)
	fieldName = regexp.MustCompile(`^[a-z_]+$`)
)

// maxSubject and maxSegments bound what an event may say in a subject, and in a text message with its sample.
const (
	maxSubject  = 60
	maxSegments = 2
)

// Register adds events, while the program starts. It reports an event that is not whole: a text that names an unknown
// field, a subject that names any, a field that no text names, a text message that costs more than two segments.
func (s *Service) Register(events ...Event) error {
	for _, e := range events {
		if _, ok := s.events[e.Key]; ok {
			return fmt.Errorf("event %s is declared twice", e.Key)
		}
		p, err := prepare(e)
		if err == nil {
			err = s.checkLength(p)
		}
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Key, err)
		}
		s.events[e.Key] = p
	}
	return nil
}

// Events lists the declared events by key.
func (s *Service) Events() []Event {
	var out []Event
	for _, key := range slices.Sorted(maps.Keys(s.events)) {
		out = append(out, s.events[key].Event)
	}
	return out
}

func prepare(e Event) (prepared, error) {
	if err := e.check(); err != nil {
		return prepared{}, err
	}
	scripts, err := readScripts(e.Texts, e.Key)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{Event: e, scripts: scripts}
	for lang, sc := range scripts {
		if err := p.checkScript(sc); err != nil {
			return prepared{}, fmt.Errorf("%s: %w", lang, err)
		}
	}
	return p, nil
}

// check sees what can be seen without the texts.
func (e Event) check() error {
	switch {
	case !eventKey.MatchString(e.Key):
		return fmt.Errorf("key %q", e.Key)
	case e.Announces == "":
		return fmt.Errorf("says not what it announces")
	case len(e.Channels) == 0 || slices.ContainsFunc(e.Channels, func(c Channel) bool { return c != Email && c != SMS }):
		return fmt.Errorf("channels %v, want some of email and sms", e.Channels)
	case e.Useful <= 0:
		return fmt.Errorf("says not how long it is of use")
	case e.Page != "" && !pathForm.MatchString(e.Page):
		return fmt.Errorf("page %q is no path", e.Page)
	case e.Answer && e.Optional:
		return fmt.Errorf("what a person waits for is not optional")
	}
	for _, f := range e.Fields {
		if !fieldName.MatchString(f) || slices.Contains(builtIn, f) {
			return fmt.Errorf("field %q", f)
		}
		if e.Sample[f] == "" {
			return fmt.Errorf("no sample of %q", f)
		}
	}
	if len(e.Sample) != len(e.Fields) {
		return fmt.Errorf("samples of unknown fields")
	}
	return nil
}

// builtIn are the fields that every text may name.
var builtIn = []string{"link", "stop", "site", "phone"}

// checkScript holds the texts of one language against the event.
func (p prepared) checkScript(sc script) error {
	var needed []string
	if p.can(Email) {
		needed = append(needed, "subject", "mail")
	}
	if p.can(SMS) {
		needed = append(needed, "sms")
	}
	if !p.Secret {
		needed = append(needed, "say")
	}
	for _, name := range needed {
		if sc[name] == "" {
			return fmt.Errorf("section %q is missing", name)
		}
	}
	if len(sc) != len(needed) {
		return fmt.Errorf("sections %v, want %v", slices.Sorted(maps.Keys(sc)), needed)
	}
	subject := sc["subject"]
	if len(placeholders(subject)) > 0 || strings.Contains(subject, "\n") || utf8.RuneCountInString(subject) > maxSubject {
		return fmt.Errorf("a subject is one line of at most %d signs and names nothing", maxSubject)
	}
	return p.checkFields(sc)
}

func (p prepared) checkFields(sc script) error {
	named := map[string]bool{}
	for section, text := range sc {
		for _, f := range placeholders(text) {
			if !slices.Contains(p.Fields, f) && !slices.Contains(builtIn, f) {
				return fmt.Errorf("section %q names an unknown field %q", section, f)
			}
			if f == "link" && p.Page == "" {
				return fmt.Errorf("section %q has a link, the event has no page", section)
			}
			named[f] = true
		}
		if strings.Contains(text, "://") {
			return fmt.Errorf("section %q holds an address: links are made by {link} alone", section)
		}
	}
	for _, f := range p.Fields {
		if !named[f] {
			return fmt.Errorf("field %q is in no text", f)
		}
	}
	if p.Page != "" && !named["link"] {
		return fmt.Errorf("the event has a page, no text links to it")
	}
	return nil
}

// checkLength holds the text messages, as they would leave with their sample, against what they may cost.
func (s *Service) checkLength(p prepared) error {
	for lang := range p.scripts {
		if n := sms.Segments(s.compose(p, lang, p.sample()).SMS); n > maxSegments {
			return fmt.Errorf("%s: the text message takes %d segments, %d at most", lang, n, maxSegments)
		}
	}
	return nil
}

// texts are what a message says, by the channels that it may go by.
type texts struct {
	Subject string `json:"subject,omitempty"`
	Mail    string `json:"mail,omitempty"` // of letters and slips too, without its frame
	Foot    string `json:"foot,omitempty"` // the frame of an e-mail
	SMS     string `json:"sms,omitempty"`
	Say     string `json:"say,omitempty"`
}

// compose says an event with its values, in a language that has texts for it, else in French. What the event is not
// said by stays empty.
func (s *Service) compose(p prepared, lang string, values map[string]string) texts {
	sc, ok := p.scripts[lang]
	if !ok {
		lang, sc = string(i18n.French), p.scripts[string(i18n.French)]
	}
	frame, ok := s.frames[lang]
	if !ok {
		frame = s.frames[string(i18n.French)]
	}
	t := texts{Subject: sc["subject"], Mail: fill(sc["mail"], values), Say: fill(sc["say"], values)}
	if t.Mail != "" {
		t.Foot = strings.TrimSpace(fill(frame["mail"], values))
	}
	if text := fill(sc["sms"], values); text != "" {
		t.SMS = sms.Fit(strings.TrimSpace(text + "\n" + strings.TrimSpace(fill(frame["sms"], values))))
	}
	return t
}

// sample is Sample with invented values of what every text may name.
func (p prepared) sample() map[string]string {
	out := maps.Clone(p.Sample)
	if out == nil {
		out = map[string]string{}
	}
	out["link"], out["stop"] = "https://viaduc.exemple.example"+p.Page+"ABCDEFGH", "https://viaduc.exemple.example/avis/ABCDEFGHIJKLMNOPQRSTUVWX"
	out["site"], out["phone"] = "Exemple", "05 36 49 00 17"
	return out
}

// can reports whether the event may go by c at all.
func (p prepared) can(c Channel) bool {
	if c == Email {
		return !p.Secret || slices.Contains(p.Channels, Email)
	}
	return slices.Contains(p.Channels, c)
}

// Sample is what an event says, with invented values.
type Sample struct{ Subject, Mail, SMS, Say string }

// Preview says an event with its sample, in a language that it has texts in, else in French. It reports fault.NotFound
// for an unknown event. It is for tests, and for whoever wants to read what leaves in their name.
func (s *Service) Preview(event string, lang i18n.Lang) (Sample, error) {
	p, ok := s.events[event]
	if !ok {
		return Sample{}, fault.New(fault.NotFound, "notice.unknown_event")
	}
	t := s.compose(p, string(lang), p.sample())
	return Sample{Subject: t.Subject, Mail: t.of(Email), SMS: t.SMS, Say: t.Say}, nil
}
