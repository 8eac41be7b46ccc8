package retention_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/retention"
	"viaduc/internal/testkit"
)

func TestTheRegisterSaysWhatArticle30Asks(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, visits, func(w *world) retention.Rule {
			r := warned(w)
			r.Key, r.Keeps, r.Receives, r.Anonymises = "visit.notes", "le compte rendu", nil, "le sujet"
			return r
		}, func(w *world) retention.Rule { return retention.JournalRule(w.journal) })
		trial := w.dryRun(retention.Months(18))
		if err := w.change(retention.Months(18), trial.Token); err != nil {
			t.Fatal(err)
		}
		p, err := w.kept.Processing(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Activities) != 2 || len(p.Activities[0].Rules) != 2 || p.Activities[0].Rules[0].Term != retention.Months(18) || p.Activities[1].Name != "Journal" {
			t.Errorf("activities: %+v", p.Activities)
		}
		text := p.Markdown()
		for _, want := range []string{
			"# Registre des activités de traitement : votre territoire\n", "Article 30 du RGPD. Fait par Viaduc le 04/05/2026",
			"- **Délégué à la protection des données** : à compléter\n", "- le journal se vérifie\n",
			"## Activité 1 : Visites\n", "### La date et la personne\n", "- **But** : préparer les visites\n",
			"- **Base légale** : mission d'intérêt public (RGPD, art. 6.1.e) : délibération d'exemple\n", "- **Personnes concernées** : habitants\n",
			"- **Destinataires** : les médiateurs\n", "- **Transferts hors de l'Union européenne** : aucun\n",
			"- **Durée de conservation** : 18 mois, à partir de la visite\n",
			"- **Ensuite s'efface** : la visite ; restent : le nombre de visites par mois\n",
			"### Le compte rendu\n", "- **Destinataires** : personne d'autre que ceux qui les gardent\n",
			"- **Avant d'effacer** : la personne est prévenue 30 jours avant\n", "reste sans nommer personne : le sujet",
			"## Activité 2 : Journal\n", "- **Durée de conservation** : 3 ans, à partir de l'enregistrement de la ligne\n", "- **Règle** : `audit.lines`\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the register lacks %q", want)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
	})
}

// The journal's own lines go after three years, those of a person on hold excepted, and the journal still holds.
func TestJournalLinesHaveTheirTime(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, func(w *world) retention.Rule { return retention.JournalRule(w.journal) })
		marie, paul := audit.Object{Kind: "person", ID: "marie"}, audit.Object{Kind: "person", ID: "paul"}
		const agent = "01a214c8-2722-7fa3-9a26-3d59ce4a2bc9"
		write := func(entries ...audit.Entry) {
			t.Helper()
			err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.journal.RecordTx(ctx, tx, entries...) })
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 120 {
			write(audit.Entry{Actor: "account-1", Action: "person.read", Object: paul})
		}
		write(
			audit.Entry{Actor: "account-1", Action: "person.read", Object: marie},
			audit.Entry{Actor: "account-1", Action: "booking.read", Object: audit.Object{Kind: "booking", ID: "b"}, Subjects: []audit.Object{marie}},
			audit.Entry{Actor: agent, Action: "person.read", Object: paul},
		)
		if _, err := w.journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		kept, err := w.journal.LastHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if run := w.run(); run.Erased != 0 {
			t.Errorf("at once: %+v", run)
		}
		w.clock.Move(3 * 366 * 24 * time.Hour)
		for _, o := range []audit.Object{marie, {Kind: "account", ID: agent}} {
			if _, err := w.kept.Hold(t.Context(), audit.CLI, retention.NewHold{Object: o, Reason: retention.Litigation, Until: "2030-12-31"}); err != nil {
				t.Fatal(err)
			}
		}
		if run := w.run(); run.Erased != 120 || run.Held != 3 || run.Error != "" {
			t.Errorf("after three years: %+v", run)
		}
		p, err := w.journal.Concerning(t.Context(), marie, audit.Cursor{}, 10)
		if err != nil || len(p.Lines) != 3 { // the two, and that of the hold
			t.Errorf("what is held: %+v, %v", p, err)
		}
		if _, err := w.journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		rep, err := w.journal.Verify(t.Context(), kept.Note)
		if err != nil || rep.Bad != nil || rep.Erased != 120 {
			t.Errorf("journal: %+v, %v", rep, err)
		}
	})
}
