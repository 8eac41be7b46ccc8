// Package mailtest holds what every driver of package mail must do (Run), and a mail server on loopback that keeps what
// it is handed, so that SMTP is really spoken in tests (Sink). Nothing leaves the machine.
package mailtest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/platform/mail"
)

// Seen is a message as it arrived, decoded.
type Seen struct {
	To      string
	From    string
	Subject string
	Text    string              // with \n line ends
	Header  map[string][]string // none where the driver keeps no headers
}

// Box is a driver under test, and what it has carried so far.
type Box struct {
	Sender mail.Sender
	Seen   func() []Seen
}

// Run checks that a driver carries messages whole, refuses forged headers, and obeys its context. open returns a fresh,
// empty Box.
func Run(t *testing.T, open func(t *testing.T) Box) {
	t.Run("carries texts whole", func(t *testing.T) { carriesWhole(t, open(t)) })
	t.Run("refuses forged headers", func(t *testing.T) { refusesForgery(t, open(t)) })
	t.Run("one message is never two", func(t *testing.T) { neverTwo(t, open(t)) })
	t.Run("serves many at once", func(t *testing.T) { servesMany(t, open(t)) })
	t.Run("obeys its context", func(t *testing.T) { obeys(t, open(t)) })
}

// wait gives a server the time to file what it has acknowledged.
func wait(t *testing.T, b Box, n int) []Seen {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if got := b.Seen(); len(got) >= n || time.Now().After(deadline) {
			if len(got) != n {
				t.Fatalf("%d messages arrived, want %d", len(got), n)
			}
			return got
		}
	}
}

func carriesWhole(t *testing.T, b Box) {
	texts := []string{
		"Bonjour.\n\nVotre rendez-vous : mardi 5 mai à 14 h.\n",
		"Œuvres d’été, ça et là ; 12 € ; naïve ; Ÿ ; مرحبا ; 🚲.\n",
		strings.Repeat("Une ligne très longue, sans retour, qui dépasse mille signes. ", 40) + "\n",
		"= signe égal en fin de ligne =\nespace en fin de ligne \n\ttabulation\n",
		strings.Repeat("Ligne.\n", 500),
	}
	subjects := []string{"Votre rendez-vous", "Événement près de chez vous", strings.Repeat("Sujet à rallonge ", 12) + ".", "=?utf-8?q?d=C3=A9guis=C3=A9?=", "Votre rendez-vous"}
	for i, text := range texts {
		if _, err := b.Sender.Send(t.Context(), mail.Message{ID: "id-" + string(rune('a'+i)), To: "accueil@exemple.example", Subject: subjects[i], Text: text}); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	for i, got := range wait(t, b, len(texts)) {
		want := strings.ReplaceAll(subjects[i], "=?", "= ?")
		if got.To != "accueil@exemple.example" || got.Subject != want || got.Text != texts[i] {
			t.Errorf("message %d arrived as to %q, subject %q, text\n%q\nwant subject %q, text\n%q", i, got.To, got.Subject, got.Text, want, texts[i])
		}
	}
}

func refusesForgery(t *testing.T, b Box) {
	good := mail.Message{ID: "id", To: "accueil@exemple.example", Subject: "Bonjour", Text: "Texte.\n"}
	for name, spoil := range map[string]func(m *mail.Message){
		"line break in the subject":    func(m *mail.Message) { m.Subject = "Bonjour\r\nBcc: autre@exemple.example" },
		"line feed in the subject":     func(m *mail.Message) { m.Subject = "Bonjour\nBcc: autre@exemple.example" },
		"carriage return alone":        func(m *mail.Message) { m.Subject = "Bonjour\rBcc: autre@exemple.example" },
		"NUL in the subject":           func(m *mail.Message) { m.Subject = "Bon\x00jour" },
		"line break in the address":    func(m *mail.Message) { m.To = "accueil@exemple.example\r\nBcc: autre@exemple.example" },
		"two addresses":                func(m *mail.Message) { m.To = "accueil@exemple.example, autre@exemple.example" },
		"an address with a name":       func(m *mail.Message) { m.To = "Nom <accueil@exemple.example>" },
		"SMTP in the address":          func(m *mail.Message) { m.To = "accueil@exemple.example> SIZE=1" },
		"no address":                   func(m *mail.Message) { m.To = "" },
		"half an address":              func(m *mail.Message) { m.To = "accueil@" },
		"a domain without dot":         func(m *mail.Message) { m.To = "root@localhost" },
		"line break in the id":         func(m *mail.Message) { m.ID = "id>\r\nBcc: autre@exemple.example" },
		"bracket in the id":            func(m *mail.Message) { m.ID = "id> <x" },
		"line break in the stop link":  func(m *mail.Message) { m.Unsubscribe = "https://x.example/\r\nBcc: a@b.example" },
		"invalid UTF-8 in the subject": func(m *mail.Message) { m.Subject = "Bon\xffjour" },
	} {
		m := good
		spoil(&m)
		if _, err := b.Sender.Send(t.Context(), m); mail.KindOf(err) != mail.Refused {
			t.Errorf("%s: %v, want refused", name, err)
		} else if strings.Contains(err.Error(), "exemple.example") {
			t.Errorf("%s: the error names an address: %v", name, err)
		}
	}
	if got := b.Seen(); len(got) != 0 {
		t.Errorf("%d forged messages arrived", len(got))
	}
}

// neverTwo holds the text that ends a message early for servers that read line ends loosely.
func neverTwo(t *testing.T, b Box) {
	smuggled := "MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\nSubject: faux\n"
	for i, end := range []string{"\n.\n", "\r\n.\r\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\x00\n.\n", "\u0085.\u0085"} {
		if _, err := b.Sender.Send(t.Context(), mail.Message{ID: "id", To: "accueil@exemple.example", Subject: "Bonjour", Text: "Avant." + end + smuggled + "Après."}); err != nil {
			t.Fatal(err)
		}
		got := wait(t, b, i+1)[i]
		if got.To != "accueil@exemple.example" || !strings.HasPrefix(got.Text, "Avant.") || !strings.HasSuffix(got.Text, "Après.\n") {
			t.Errorf("text with %q arrived as to %q, %q", end, got.To, got.Text)
		}
		if strings.ContainsAny(got.Text, "\r\x00") {
			t.Errorf("text with %q kept its control characters: %q", end, got.Text)
		}
	}
}

func servesMany(t *testing.T, b Box) {
	const callers = 20
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := b.Sender.Send(t.Context(), mail.Message{To: "accueil@exemple.example", Subject: "Bonjour", Text: "Texte."}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wait(t, b, callers)
}

func obeys(t *testing.T, b Box) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Sender.Send(ctx, mail.Message{To: "accueil@exemple.example", Subject: "Bonjour", Text: "Texte."}); err == nil {
		t.Error("a message went out although its context had ended")
	}
	if got := b.Seen(); len(got) != 0 {
		t.Errorf("%d messages arrived", len(got))
	}
}
