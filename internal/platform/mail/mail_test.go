package mail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/mail/mailtest"
	"viaduc/internal/testkit"
)

const sender = "Charente-Maritime <ne-pas-repondre@viaduc.example>"

func smtp(t *testing.T, address string, s mail.SMTPSettings) *mail.SMTP {
	t.Helper()
	s.URL, s.Now = address, testkit.NewClock(t, "2026-05-04 09:30").Now
	if s.From == "" {
		s.From = sender
	}
	m, err := mail.NewSMTP(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDriversConform(t *testing.T) {
	t.Run("outbox", func(t *testing.T) {
		mailtest.Run(t, func(*testing.T) mailtest.Box {
			o := &mail.Outbox{}
			return mailtest.Box{Sender: o, Seen: func() []mailtest.Seen {
				var out []mailtest.Seen
				for _, m := range o.Messages() {
					out = append(out, mailtest.Seen{To: m.To, Subject: m.Subject, Text: m.Text})
				}
				return out
			}}
		})
	})
	t.Run("smtp", func(t *testing.T) {
		mailtest.Run(t, func(t *testing.T) mailtest.Box {
			sink := mailtest.NewSink(t, false)
			return mailtest.Box{Sender: smtp(t, "smtp://"+sink.Addr, mail.SMTPSettings{}), Seen: sink.Messages}
		})
	})
}

var message = mail.Message{ID: "0190", To: "accueil@exemple.example", Subject: "Votre rendez-vous", Text: "Bonjour.\n", Unsubscribe: "https://viaduc.example/avis/arret/abc"}

func TestHeadersOfAMessage(t *testing.T) {
	sink := mailtest.NewSink(t, false)
	if _, err := smtp(t, "smtp://"+sink.Addr, mail.SMTPSettings{}).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got := sink.Messages()[0]
	if got.From != "ne-pas-repondre@viaduc.example" {
		t.Errorf("envelope from %q", got.From)
	}
	for name, want := range map[string]string{
		"From":             `"Charente-Maritime" <ne-pas-repondre@viaduc.example>`,
		"To":               "<accueil@exemple.example>",
		"Message-Id":       "<0190@viaduc.example>",
		"Date":             "Mon, 04 May 2026 09:30:00 +0200",
		"Auto-Submitted":   "auto-generated",
		"List-Unsubscribe": "<https://viaduc.example/avis/arret/abc>",
		"Content-Type":     "text/plain; charset=UTF-8",
	} {
		if v := got.Header[name]; len(v) != 1 || v[0] != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	for _, name := range []string{"User-Agent", "X-Mailer", "List-Unsubscribe-Post", "Bcc"} {
		if v := got.Header[name]; v != nil {
			t.Errorf("%s: %q, want none", name, v)
		}
	}
	for _, line := range strings.Split(sink.Raw()[0], "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes, or with a bare line end: %.80q", len(line), line)
		}
	}
}

func TestAServerThatWantsTLS(t *testing.T) {
	sink := mailtest.NewSink(t, true)
	sink.User, sink.Password = "viaduc", "s3cret"
	trusting := &tls.Config{RootCAs: sink.Trust, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	port := sink.Addr[strings.LastIndex(sink.Addr, ":"):]
	for name, tc := range map[string]struct {
		url  string
		tls  *tls.Config
		kind mail.Kind
	}{
		"a password never goes out in clear to a server that wants TLS": {"smtp://viaduc:s3cret@127.0.0.1" + port, trusting, mail.Setup},
		"no password": {"smtp://127.0.0.1" + port, trusting, mail.Setup},
	} {
		if _, err := smtp(t, tc.url, mail.SMTPSettings{TLS: tc.tls}).Send(t.Context(), message); mail.KindOf(err) != tc.kind || err == nil {
			t.Errorf("%s: %v, want %s", name, err, tc.kind)
		}
	}
	if n := len(sink.Messages()); n != 0 {
		t.Errorf("%d messages passed", n)
	}
}

// The dialer brings a name that is not this machine's to the sink: TLS is then required.
func TestSTARTTLS(t *testing.T) {
	sink := mailtest.NewSink(t, true)
	sink.User, sink.Password = "viaduc", "s3cret"
	_, port, err := net.SplitHostPort(sink.Addr)
	if err != nil {
		t.Fatal(err)
	}
	trusting := &tls.Config{RootCAs: sink.Trust, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	send := func(user string, conf *tls.Config) error {
		s := mail.SMTPSettings{TLS: conf, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, sink.Addr)
		}}
		_, err := smtp(t, "smtp://"+user+"@relais.example:"+port, s).Send(t.Context(), message)
		return err
	}
	if err := send("viaduc:s3cret", trusting); err != nil {
		t.Errorf("over STARTTLS: %v", err)
	}
	if err := send("viaduc:faux", trusting); mail.KindOf(err) != mail.Setup {
		t.Errorf("wrong password: %v, want setup", err)
	}
	if err := send("viaduc:s3cret", &tls.Config{MinVersion: tls.VersionTLS12}); mail.KindOf(err) != mail.Setup {
		t.Errorf("unknown certificate: %v, want setup", err)
	}
	if n := len(sink.Messages()); n != 1 {
		t.Errorf("%d messages passed, want 1", n)
	}
	atOnce := mailtest.NewSinkTLS(t)
	atOnce.User, atOnce.Password = "viaduc", "s3cret"
	trusting = &tls.Config{RootCAs: atOnce.Trust, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	if _, err := smtp(t, "smtps://viaduc:s3cret@"+atOnce.Addr, mail.SMTPSettings{TLS: trusting}).Send(t.Context(), message); err != nil {
		t.Errorf("over smtps: %v", err)
	}
	if err := smtp(t, "smtps://viaduc:s3cret@"+atOnce.Addr, mail.SMTPSettings{}).Check(t.Context()); mail.KindOf(err) != mail.Setup {
		t.Errorf("smtps with an unknown certificate: %v, want setup", err)
	}
	clear := mailtest.NewSink(t, false)
	s := mail.SMTPSettings{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, clear.Addr)
	}}
	if _, err := smtp(t, "smtp://relais.example", s).Send(t.Context(), message); mail.KindOf(err) != mail.Setup || err == nil {
		t.Errorf("a server without STARTTLS: %v, want setup", err)
	}
	if _, err := smtp(t, "smtp://relais.example?tls=no", s).Send(t.Context(), message); err != nil {
		t.Errorf("a relay that the operator allows in clear: %v", err)
	}
}

func TestRefusalsHaveTheirKind(t *testing.T) {
	sink := mailtest.NewSink(t, false)
	codes := map[string]int{"nul@exemple.example": 550, "plein@exemple.example": 452, "gris@exemple.example": 451, "quota@exemple.example": 552}
	sink.Refuse = func(to string) (int, string) { return codes[to], "no, " + to + " may not" }
	s := smtp(t, "smtp://"+sink.Addr, mail.SMTPSettings{})
	for to, want := range map[string]mail.Kind{
		"nul@exemple.example": mail.Refused, "plein@exemple.example": mail.Temporary, "gris@exemple.example": mail.Temporary, "quota@exemple.example": mail.Refused,
	} {
		m := message
		m.To = to
		_, err := s.Send(t.Context(), m)
		var e *mail.Error
		if !errors.As(err, &e) || e.Kind != want || e.Code != codes[to] {
			t.Errorf("%s: %v, want %s (%d)", to, err, want, codes[to])
		}
		if err != nil && strings.Contains(err.Error(), to) {
			t.Errorf("the error names the address: %v", err)
		}
	}
	if n := len(sink.Messages()); n != 0 {
		t.Errorf("%d refused messages arrived", n)
	}
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	silent := smtp(t, "smtp://"+address, mail.SMTPSettings{Timeout: 200 * time.Millisecond})
	if _, err := silent.Send(t.Context(), message); mail.KindOf(err) != mail.Temporary || err == nil {
		t.Errorf("a silent server: %v, want temporary", err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := silent.Check(t.Context()); mail.KindOf(err) != mail.Temporary || err == nil {
		t.Errorf("no server: %v, want temporary", err)
	}
	sink := mailtest.NewSink(t, false)
	sink.Delay = 5 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := smtp(t, "smtp://"+sink.Addr, mail.SMTPSettings{}).Send(ctx, message); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past its deadline: %v", err)
	}
	if waited := time.Since(start); waited > 4*time.Second {
		t.Errorf("a slow server held us %s past the deadline", waited)
	}
	if err := smtp(t, "smtp://"+sink.Addr, mail.SMTPSettings{}).Check(t.Context()); err != nil {
		t.Errorf("check of a sound server: %v", err)
	}
}

func TestSettingsThatCannotBeMeant(t *testing.T) {
	for _, tc := range []struct {
		url, from string
		want      error
	}{
		{"", sender, mail.ErrURL},
		{"relais.example:587", sender, mail.ErrURL},
		{"http://relais.example", sender, mail.ErrURL},
		{"smtp://", sender, mail.ErrURL},
		{"smtp://relais.example:99999", sender, mail.ErrURL},
		{"smtp://user@relais.example", sender, mail.ErrURL},
		{"smtp://user:pass@relais.example?tls=no", sender, mail.ErrURL},
		{"smtp://user:p%zz@relais.example", sender, mail.ErrURL},
		{"smtps://relais.example/dossier", sender, mail.ErrURL},
		{"smtps://relais.example", "", mail.ErrFrom},
		{"smtps://relais.example", "personne", mail.ErrFrom},
		{"smtps://relais.example", "a@b.example, c@d.example", mail.ErrFrom},
		{"smtps://user:p%40ss@relais.example", sender, nil},
		{"smtp://user:pass@localhost:25", "simple@viaduc.example", nil},
	} {
		if _, err := mail.NewSMTP(mail.SMTPSettings{URL: tc.url, From: tc.from, Now: time.Now}); !errors.Is(err, tc.want) {
			t.Errorf("%q from %q: %v, want %v", tc.url, tc.from, err, tc.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"a@b.example": "a@b.example", " a@b.example ": "a@b.example", "Prenom.Nom+x@Mairie.Example": "Prenom.Nom+x@mairie.example",
		"a@b": "", "@b.example": "", "a@": "", "a b@c.example": "", "<a@b.example>": "", "N <a@b.example>": "", "a@b.example,c@d.example": "",
		"é@b.example": "", "a@é.example": "", "": "", "a@.": "", "a\n@b.example": "", strings.Repeat("a", 250) + "@b.example": "",
	} {
		if got, ok := mail.Address(text); got != want || ok != (want != "") {
			t.Errorf("Address(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestTheOutboxIsBounded(t *testing.T) {
	o := &mail.Outbox{}
	for range 250 {
		if _, err := o.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(o.Messages()); n != 200 {
		t.Errorf("the outbox holds %d messages, want 200", n)
	}
}
