package app_test

import (
	"strings"
	"testing"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/app/demo"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/mail/mailtest"
	"viaduc/internal/testkit"
	"viaduc/internal/ui/plainwords"
)

// What leaves in the territory's name is as plain as its pages.
func TestMessagesSpeakPlainly(t *testing.T) {
	n := apptest.New(t)
	for _, e := range n.Notices.Events() {
		for _, lang := range []i18n.Lang{i18n.French, i18n.Simple} {
			s, err := n.Notices.Preview(e.Key, lang)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{s.Subject, s.Mail, s.SMS} {
				for _, p := range plainwords.Check(text, lang) {
					t.Errorf("%s (%s): %s: %q: %s", e.Key, lang, p.Rule, p.Found, p.Advice)
				}
			}
		}
	}
}

// A node sends what any command of the same territory has planned, over a real mail server.
func TestANodeSendsMessages(t *testing.T) {
	sink := mailtest.NewSink(t, false)
	dir := testkit.SQLiteDir(t)
	cfg := config.Config{Data: dir, SMTPURL: "smtp://" + sink.Addr, MailFrom: "ne-pas-repondre@viaduc.example", PublicURL: "https://viaduc.example"}
	n := apptest.Start(t, cfg, app.Options{Now: time.Now})
	n.Work()
	other, err := app.Open(t.Context(), cfg, app.Options{Now: time.Now}) // as a command does
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = other.Notices.Send(t.Context(), notice.NewMessage{
		Event: "identity.invitation", Key: "1", To: notice.Recipient{Ref: "account:1", Email: "camille@exemple.example"}, Path: "/invitation/ABCD",
	})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(sink.Messages()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("ten seconds later nothing has arrived")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := sink.Messages()[0]; !strings.Contains(got.Text, "https://viaduc.example/invitation/ABCD") || got.Subject != "Votre invitation" {
		t.Errorf("arrived: %+v", got)
	}
}

// Without a mail server a text goes to the screen too; with one, and no gateway, nobody is sent a text.
func TestWhatIsSetUpDecidesWhereMessagesGo(t *testing.T) {
	trial := apptest.New(t)
	if !trial.Notices.OnScreen() {
		t.Error("the embedded default sends messages")
	}
	plan := func(n *apptest.Node) notice.Line {
		t.Helper()
		err := n.Notices.Send(t.Context(), notice.NewMessage{
			Event: "identity.changed", Key: "1", To: notice.Recipient{Ref: "account:1", Phone: "06 39 98 00 00"}, Fields: map[string]string{"what": "carte"},
		})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := n.Notices.Lines(t.Context(), identity.AtCLI(), notice.Filter{})
		if err != nil || len(lines) != 1 {
			t.Fatal(lines, err)
		}
		return lines[0]
	}
	if l := plan(trial); l.Channel != notice.SMS {
		t.Errorf("on a screen: by %s, want a text", l.Channel)
	}
	real := apptest.Start(t, config.Config{Data: testkit.SQLiteDir(t), SMTPURL: "smtp://127.0.0.1:1", MailFrom: "a@viaduc.example"}, app.Options{})
	if l := plan(real); l.Channel != notice.Call || real.Notices.OnScreen() {
		t.Errorf("without a gateway: by %s, want a call", l.Channel)
	}
}

// The journal's head arrives at the data protection officer's, and what arrived proves the journal, as it is.
func TestAHeadArrivesAndProves(t *testing.T) {
	sink := mailtest.NewSink(t, false)
	cfg := config.Config{Data: testkit.SQLiteDir(t), SMTPURL: "smtp://" + sink.Addr, MailFrom: "ne-pas-repondre@viaduc.example", PublicURL: "https://viaduc.example"}
	n := apptest.Start(t, cfg, app.Options{Now: time.Now})
	people, err := demo.People(t.Context(), n.Identity)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, first := range []bool{true, false} {
		if mailed, err := n.Journal.MailHead(t.Context(), n.HeadSender()); err != nil || mailed != first {
			t.Fatalf("MailHead = %v, %v, want %v", mailed, err, first)
		}
	}
	keepers := 0
	for _, p := range people {
		if p.Role == identity.DPO {
			keepers++
		}
	}
	lines, err := n.Notices.Lines(t.Context(), identity.AtCLI(), notice.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	heads := 0
	for _, l := range lines {
		if l.Event == "audit.head" {
			heads++
		}
	}
	if keepers == 0 || heads != keepers {
		t.Fatalf("%d messages for %d keepers", heads, keepers)
	}
	n.Work()
	var got mailtest.Seen
	for deadline := time.Now().Add(20 * time.Second); got.Subject == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("twenty seconds later no head has arrived")
		}
		for _, m := range sink.Messages() {
			if m.Subject == "La preuve du journal" {
				got = m
			}
		}
	}
	head, err := n.Journal.ReadHead(got.Text)
	if err != nil {
		t.Fatalf("what arrived does not read: %v\n%s", err, got.Text)
	}
	report, err := n.Journal.Verify(t.Context(), head)
	if err != nil || report.Bad != nil {
		t.Errorf("what arrived does not prove: %+v, %v", report, err)
	}
}
