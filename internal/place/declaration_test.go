package place_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/audit"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/secret"
	"viaduc/internal/platform/sms"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

// declaring is a world that can write to people, with one place that shows an address.
type declaring struct {
	world
	clock *testkit.Clock
	jobs  *jobs.Queue
	box   *mail.Outbox
}

func newDeclaring(t *testing.T, d *db.DB) declaring {
	t.Helper()
	key, err := secret.FileSigner(t.TempDir() + "/journal.key")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	w := declaring{clock: testkit.NewClock(t, "2026-05-04 09:30"), box: &mail.Outbox{}}
	w.db, w.journal = d, audit.New(audit.Deps{DB: d, Signer: key, Now: w.clock.Now, Log: log})
	w.ground = territory.New(territory.Deps{DB: d, Journal: w.journal, Log: log})
	w.jobs = jobs.New(jobs.Deps{DB: d, Now: w.clock.Now, Log: log})
	links, err := notice.NewLinks("https://viaduc.example")
	if err != nil {
		t.Fatal(err)
	}
	notices, err := notice.New(notice.Deps{
		DB: d, Journal: w.journal, Territory: w.ground, Jobs: w.jobs, Mail: w.box, SMS: &sms.Outbox{}, Price: 50, Links: links, Key: []byte("notice"),
		Holiday: func(time.Time) bool { return false }, Zone: func() *time.Location { return time.UTC }, Now: w.clock.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := notices.Register(place.Events()...); err != nil {
		t.Fatal(err)
	}
	w.places = place.New(place.Deps{DB: d, Journal: w.journal, Territory: w.ground, Notices: notices, Key: []byte("key"), Now: w.clock.Now, Log: log})
	w.importText(t, strings.TrimSuffix(header, "\n")+",courriels,telephone\n"+row1+",accueil@exemple.example,ne sait pas\n")
	return w
}

// mailed sends what waits, and returns the texts that went to an address.
func (w declaring) mailed(t *testing.T, to string) []string {
	t.Helper()
	if _, err := w.jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range w.box.Messages() {
		if m.To == to {
			out = append(out, m.Text)
		}
	}
	return out
}

// token is what the last link mailed to an address ends with.
func (w declaring) token(t *testing.T, to string) string {
	t.Helper()
	texts := w.mailed(t, to)
	if len(texts) == 0 {
		t.Fatalf("nothing was mailed to %s", to)
	}
	_, rest, ok := strings.Cut(texts[0], "https://viaduc.example"+place.DeclarationPath)
	if !ok {
		t.Fatalf("no link in %q", texts[0])
	}
	return strings.Fields(rest)[0]
}

func (w declaring) count(t *testing.T, where string) int64 {
	t.Helper()
	n, err := db.One(t.Context(), w.db, db.Value[int64], `SELECT count(*) FROM `+where)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// whole are answers that make a declaration that can be sent.
func whole() map[string]string {
	return map[string]string{"nom": "Le Tiers-Lieu d'essai", "adresse": "4 rue de l'Essai", "code_postal": "17 100", "commune": "Saintes", "telephone": "05 36 49 00 12"}
}

// sent is a declaration that waits for the team.
func (w declaring) sent(t *testing.T) (place.Declaration, string) {
	t.Helper()
	_, token, err := w.places.Begin(t.Context(), "nom", whole())
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.places.SaveAnswer(t.Context(), token, place.Answer{Email: "mairie@exemple.example"})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = w.places.SendDeclaration(t.Context(), token, d.Version); err != nil {
		t.Fatal(err)
	}
	return d, token
}

func refusedOn(t *testing.T, err error, kind fault.Kind, fields ...string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("%v, want %s", err, kind)
	}
	if got := slices.Sorted(maps.Keys(f.Fields)); !slices.Equal(got, fields) {
		t.Errorf("refused on %v, want %v", got, fields)
	}
}

func TestADeclarationIsDraftedAndSent(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, ctx := newDeclaring(t, d), t.Context()
		first, token, err := w.places.Begin(ctx, "nom", map[string]string{"nom": "  Le Tiers-Lieu\x00 d'essai "})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := id.ParseReference(first.Reference); !ok || len(token) != 24 {
			t.Errorf("reference %q, token of %d letters", first.Reference, len(token))
		}
		if n := w.count(t, "place_declaration WHERE token_hash LIKE '%"+token+"%' OR id LIKE '%"+token+"%'"); n != 0 {
			t.Error("the token is in the database")
		}
		_, err = w.places.SendDeclaration(ctx, token, first.Version)
		refusedOn(t, err, fault.Invalid, "adresse", "code_postal", "commune", "email")

		w.clock.Move(time.Minute)
		answers := whole()
		delete(answers, "nom")
		if _, err = w.places.SaveAnswer(ctx, token, place.Answer{Step: "adresse", Values: answers, Email: " Mairie@Exemple.example "}); err != nil {
			t.Fatal(err)
		}
		got, err := w.places.Declared(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"nom": "Le Tiers-Lieu  d'essai", "adresse": "4 rue de l'Essai", "code_postal": "17100", "commune": "Saintes", "telephone": "+33536490012"}
		if diff := cmp.Diff(want, got.Values); diff != "" {
			t.Error(diff)
		}
		if got.Step != "adresse" || got.Version != 2 || !got.ChangedAt.Equal(w.clock.Now()) || got.CreatedAt.Equal(got.ChangedAt) {
			t.Errorf("step %q, version %d, changed %v", got.Step, got.Version, got.ChangedAt)
		}
		_, err = w.places.SendDeclaration(ctx, token, 1)
		refusedOn(t, err, fault.Conflict) // another version than the one that was read
		sent, err := w.places.SendDeclaration(ctx, token, 2)
		if err != nil || sent.State != place.DeclarationSent || !sent.SentAt.Equal(w.clock.Now()) {
			t.Fatalf("sent: %+v, %v", sent, err)
		}
		if got := w.token(t, sent.Email); got != token || !strings.Contains(w.mailed(t, sent.Email)[0], sent.Reference) {
			t.Errorf("the message leads to %q", got)
		}
		queue, err := w.places.SentDeclarations(ctx)
		if err != nil || len(queue) != 1 || queue[0].ID != sent.ID {
			t.Fatalf("queue: %+v, %v", queue, err)
		}
		_, err = w.places.SaveAnswer(ctx, token, place.Answer{Values: map[string]string{"nom": "Autre"}})
		refusedOn(t, err, fault.Conflict)
		_, err = w.places.SendDeclaration(ctx, token, sent.Version)
		refusedOn(t, err, fault.Conflict)
		again, err := w.places.TakeBack(ctx, token)
		if err != nil || again.State != place.DeclarationDraft || again.Said("nom") == "" {
			t.Errorf("taken back: %+v, %v", again, err)
		}
		if err := w.places.Withdraw(ctx, token); err != nil {
			t.Fatal(err)
		}
		if w.count(t, "place_declaration") != 0 || w.count(t, "notice_message WHERE recipient LIKE 'declaration:%'") != 0 {
			t.Error("a withdrawn declaration left something behind")
		}
		_, err = w.places.Declared(ctx, token)
		refusedOn(t, err, fault.NotFound)
	})
}

// The journal says that something was declared and sent, and names nobody.
func TestDeclarationsAreJournalledWithoutNames(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newDeclaring(t, d)
		sent, _ := w.sent(t)
		if n := w.count(t, "audit_body WHERE action = 'place.declare_send' AND detail LIKE '%"+sent.Reference+"%'"); n != 1 {
			t.Errorf("%d lines of the sending", n)
		}
		for _, word := range []string{"mairie@", "exemple", "Essai"} {
			if n := w.count(t, "audit_body WHERE action LIKE 'place.declare%' AND detail LIKE '%"+word+"%'"); n != 0 {
				t.Errorf("%d lines hold %q", n, word)
			}
		}
	})
}

func TestWhatADeclarationRefuses(t *testing.T) {
	w := newDeclaring(t, testkit.SQLite(t))
	long := strings.Repeat("é", 281)
	for column, values := range map[string][]string{
		"telephone": {"12"}, "courriels": {"pas une adresse"}, "site_web": {"javascript:alert(1)"}, "code_postal": {"1710", "abcde"}, "presentation_resume": {long},
		"horaires": {"quand il fait beau"}, "services": {"Réparer des vélos"}, "position": {"45.7", "95 0", "nord sud"}, "pivot": {"12345"}, "viaduc_offre": {"café"},
		"id": {"x"}, "source": {"moi"}, "latitude": {"45"}, "viaduc_organisation": {"x"}, "viaduc_verifie_le": {"2026-05-04"}, "nimporte": {"x"}, "nom": {strings.Repeat("a", 201)},
	} {
		for _, v := range values {
			_, _, err := w.places.Begin(t.Context(), "nom", map[string]string{"nom": "Lieu", column: v})
			if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[column].Key == "" {
				t.Errorf("%s %q: %v", column, v, err)
			}
		}
	}
	if n := w.count(t, "place_declaration"); n != 0 {
		t.Errorf("%d declarations of refused answers", n)
	}
}

// Fifty pages answer the same question at once: one answer is kept, the others are told, none is lost without a word.
func TestFiftyAnswersAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, ctx := newDeclaring(t, d), t.Context()
		first, token, err := w.places.Begin(ctx, "nom", map[string]string{"nom": "Lieu"})
		if err != nil {
			t.Fatal(err)
		}
		var kept, told atomic.Int64
		atOnce(50, func(i int) {
			name := fmt.Sprintf("Lieu %d", i)
			_, err := w.places.SaveAnswer(ctx, token, place.Answer{Step: "nom", Mark: first.Mark("nom"), Values: map[string]string{"nom": name}})
			switch {
			case err == nil:
				kept.Add(1)
			case fault.Is(err, fault.Conflict):
				told.Add(1)
			default:
				t.Error(err)
			}
		})
		if kept.Load() != 1 || told.Load() != 49 {
			t.Errorf("%d kept, %d told", kept.Load(), told.Load())
		}
		// Other questions on other pages are in nobody's way.
		columns := place.Declarable()
		now, err := w.places.Declared(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		free := map[string]string{"adresse": "1 rue", "complement_adresse": "Bât. A", "commune": "Saintes", "structure_parente": "Ville", "presentation_detail": "Texte", "viaduc_salles": "Salle"}
		atOnce(50, func(i int) {
			column := slices.Sorted(maps.Keys(free))[i%len(free)]
			_, err := w.places.SaveAnswer(ctx, token, place.Answer{Step: column, Mark: now.Mark(column), Values: map[string]string{column: free[column]}})
			if err != nil {
				t.Errorf("%s: %v", column, err)
			}
		})
		end, err := w.places.Declared(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		for column, v := range free {
			if !slices.Contains(columns, column) || end.Said(column) != v {
				t.Errorf("%s is %q", column, end.Said(column))
			}
		}
	})
}

// Fifty say "send" at once: it is sent, told and journalled once.
func TestFiftySendAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, ctx := newDeclaring(t, d), t.Context()
		_, token, err := w.places.Begin(ctx, "nom", whole())
		if err != nil {
			t.Fatal(err)
		}
		draft, err := w.places.SaveAnswer(ctx, token, place.Answer{Email: "mairie@exemple.example"})
		if err != nil {
			t.Fatal(err)
		}
		var sent atomic.Int64
		atOnce(50, func(int) {
			if _, err := w.places.SendDeclaration(ctx, token, draft.Version); err == nil {
				sent.Add(1)
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
		if sent.Load() != 1 || w.count(t, "audit_body WHERE action = 'place.declare_send'") != 1 || len(w.mailed(t, "mairie@exemple.example")) != 1 {
			t.Errorf("sent %d times", sent.Load())
		}
	})
}

func atOnce(n int, f func(i int)) {
	var g sync.WaitGroup
	for i := range n {
		g.Go(func() { f(i) })
	}
	g.Wait()
}

// A place is corrected by the link that only an address of the place gets; the answer is the same for every address.
func TestAPlaceIsCorrectedByItsLink(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, ctx := newDeclaring(t, d), t.Context()
		if err := w.places.AskCorrection(ctx, 1, "quelquun@exemple.example"); err != nil {
			t.Fatal(err)
		}
		if w.count(t, "place_declaration") != 0 || len(w.mailed(t, "quelquun@exemple.example")) != 0 {
			t.Error("a stranger got a link")
		}
		refusedOn(t, w.places.AskCorrection(ctx, 1, "pas une adresse"), fault.Invalid, "email")
		refusedOn(t, w.places.AskCorrection(ctx, 99, "accueil@exemple.example"), fault.NotFound)
		atOnce(50, func(int) {
			if err := w.places.AskCorrection(ctx, 1, "Accueil@exemple.example"); err != nil {
				t.Error(err)
			}
		})
		if n := w.count(t, "place_declaration"); n != 1 {
			t.Fatalf("%d corrections of one place by one address", n)
		}
		if n := len(w.mailed(t, "accueil@exemple.example")); n != 5 {
			t.Errorf("%d messages, want five at most and no less", n)
		}
		token := w.token(t, "accueil@exemple.example")
		got, err := w.places.Declared(ctx, token)
		if err != nil || got.PlaceID == "" || got.Base["nom"] != "Médiathèque" || len(got.Values) != 0 {
			t.Fatalf("correction: %+v, %v", got, err)
		}
		_, err = w.places.SendDeclaration(ctx, token, got.Version)
		refusedOn(t, err, fault.Invalid) // nothing is changed
		// A value that breaks a rule and that the census has already is nobody's to put right; a new one is.
		same := map[string]string{"nom": "Médiathèque", "telephone": got.Base["telephone"], "presentation_resume": "Ouvert à tous."}
		if got, err = w.places.SaveAnswer(ctx, token, place.Answer{Step: "resume", Values: same}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"presentation_resume": "Ouvert à tous."}, got.Values); diff != "" {
			t.Errorf("only what differs is kept: %s", diff)
		}
		if got, err = w.places.SendDeclaration(ctx, token, got.Version); err != nil {
			t.Fatal(err)
		}
		if err := w.places.Withdraw(ctx, token); err != nil {
			t.Fatal(err)
		}
		if w.count(t, "place_declaration") != 0 { // nothing was ever decided
			t.Error("a withdrawn correction stays")
		}
	})
}

// Retention: what is old goes, what is young or was sent stays.
func TestOldDraftsGo(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w, ctx := newDeclaring(t, d), t.Context()
		_, waits := w.sent(t)
		old, gone, err := w.places.Begin(ctx, "nom", map[string]string{"nom": "Ancien"})
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Move(50 * 24 * time.Hour)
		_, young, err := w.places.Begin(ctx, "nom", map[string]string{"nom": "Récent"})
		if err != nil {
			t.Fatal(err)
		}
		due, err := w.places.DueDrafts(ctx, d, w.clock.Now().Add(-42*24*time.Hour), place.Declaration{}, 10)
		if err != nil || len(due) != 1 || due[0].ID != old.ID {
			t.Fatalf("due: %+v, %v", due, err)
		}
		if next, err := w.places.DueDrafts(ctx, d, w.clock.Now().Add(-42*24*time.Hour), due[0], 10); err != nil || len(next) != 0 {
			t.Errorf("after it: %+v, %v", next, err)
		}
		sent, err := w.places.Declared(ctx, waits)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			whole, changes, err := w.places.EraseDraftsTx(ctx, tx, old.ID, sent.ID, "nobody")
			if whole != 1 || changes != 0 {
				t.Errorf("%d erased, %d emptied", whole, changes)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.places.Declared(ctx, gone)
		refusedOn(t, err, fault.NotFound)
		for _, token := range []string{waits, young} {
			if _, err := w.places.Declared(ctx, token); err != nil {
				t.Error(err)
			}
		}
	})
}
