package place_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

func stored(t testing.TB, w world, n place.Number) place.Place {
	t.Helper()
	p, err := w.places.Stored(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const localHeader = header + ",telephone,viaduc_offre,viaduc_acces,viaduc_pass,viaduc_salles,viaduc_langues,viaduc_horaires_mediation,viaduc_verifie_le"

func TestOurOwnFieldsComeWithAFile(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		text := localHeader + "\n" + row1 + ",+33546000000,libre_service,Rampe|ascenseur,oui,Salle informatique (8 places)|=Bureau,Arabe|Anglais,Tu 09:00-12:00,03/04/2026\n"
		if rep := w.importText(t, text); rep.Created != 1 || len(rep.Issues) != 0 {
			t.Fatalf("%s %v", rep.Counts, rep.Issues)
		}
		p := stored(t, w, 1)
		if p.Offer() != place.OfferSelfService || p.Access != "Rampe|Ascenseur" || !p.TakesVoucher() || p.Rooms != "Salle informatique (8 places)|=Bureau" ||
			p.Languages != "arabe|anglais" || p.MediationHours != "Tu 09:00-12:00" || p.VerifiedOn != "2026-04-03" {
			t.Errorf("%+v", p)
		}
		if rep := w.importText(t, text); rep.Unchanged != 1 {
			t.Errorf("again: %s", rep.Counts)
		}
		out, _ := w.export(t)
		if rep := w.importText(t, out); rep.Unchanged != 1 {
			t.Errorf("the standard's export: %s", rep.Counts)
		}
		if rep := w.importText(t, header+",viaduc_pass,viaduc_offre\n"+row1+",non,\n"); rep.Updated != 1 {
			t.Errorf("no voucher any more: %s", rep.Counts)
		}
		if p := stored(t, w, 1); p.TakesVoucher() || !p.VoucherRefused || p.OfferSaid != "" {
			t.Errorf("after « non »: %+v", p)
		}
		x := w.refresh(t)
		for word, want := range map[string]int{"anglais": 1, "langues": 1, "pass": 0} {
			f, _ := place.ParseFacet(place.GroupWith, word)
			if got := x.Counts(nil, time.Unix(0, 0))[f]; got != want {
				t.Errorf("%s: %d places, want %d", word, got, want)
			}
		}
		rep := w.importText(t, header+",viaduc_offre,viaduc_horaires_mediation\n"+row1+",piscine,quand il fait beau\n")
		var rules []string
		for _, i := range rep.Issues {
			rules = append(rules, i.Field+" "+i.Rule)
		}
		if got := strings.Join(rules, ", "); got != "viaduc_offre enum, viaduc_horaires_mediation syntax" {
			t.Errorf("issues: %s", got)
		}
		if p := stored(t, w, 1); p.Status != place.Published {
			t.Errorf("a fault of our own fields makes the place %s", p.Status)
		}
	})
}

func TestWhatIsConfirmedHereWinsOverImports(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		file := func(phone string) string {
			return header + ",telephone,source\n" + row1 + "," + phone + ",Annuaire\n"
		}
		w.importText(t, file("+33546000000"))
		_, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"telephone": "05 46 00 00 99", "position": "45,74 -0,63"})
		if err != nil {
			t.Fatal(err)
		}
		p := stored(t, w, 1)
		if p.Phone != "+33546000099" || p.Origins["telephone"] != place.Here || p.Origins["latitude"] != place.Here || p.Point.Lat != 45.74 {
			t.Fatalf("after the edit: %+v", p)
		}
		rep := w.importText(t, file("+33546000011"))
		if rep.Unchanged != 1 || len(rep.Issues) != 1 || rep.Issues[0].Rule != "kept" || rep.Issues[0].Value != "+33546000011" {
			t.Errorf("an import that says otherwise: %s %+v", rep.Counts, rep.Issues)
		}
		diffs, err := w.places.Differences(t.Context())
		if err != nil || len(diffs) != 1 {
			t.Fatalf("differences: %+v, %v", diffs, err)
		}
		if got := diffs[0]; got.Number != 1 || got.Field != "telephone" || got.Source != "Annuaire" || got.Value != "+33546000011" || got.Held != "+33546000099" {
			t.Errorf("difference: %+v", got)
		}
		w.importText(t, file("+33546000099")) // the source agrees at last
		if diffs, _ := w.places.Differences(t.Context()); len(diffs) != 0 {
			t.Errorf("the source agrees, and still: %+v", diffs)
		}
		w.importText(t, file("+33546000011"))
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{"telephone": "0546000011"}); err != nil {
			t.Fatal(err)
		}
		if diffs, _ := w.places.Differences(t.Context()); len(diffs) != 0 {
			t.Errorf("somebody decided, and still: %+v", diffs)
		}
		history, err := w.places.History(t.Context(), 1)
		if err != nil || len(history) != 3 {
			t.Fatalf("history: %+v, %v", history, err)
		}
		if h := history[0]; h.Source != place.Here || h.By != audit.CLI || len(h.Fields) != 1 || h.Fields[0] != (place.FieldChange{Name: "telephone", Before: "+33546000099", After: "+33546000011"}) {
			t.Errorf("the last change: %+v", h)
		}
		if h := history[2]; h.Fields != nil || h.Source != "Annuaire" {
			t.Errorf("the birth: %+v", h)
		}
	})
}

func TestEachFieldKeepsItsSource(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importText(t, header+",telephone,courriels,source\n"+row1+",+33546000000,a@lieu.example,Annuaire\n")
	w.importText(t, header+",telephone,source\n"+row1+",+33546000001,Ville\n")
	p := stored(t, w, 1)
	column := func(name string) place.Column {
		for _, c := range append(place.Columns(), place.Local()...) {
			if c.Name == name {
				return c
			}
		}
		t.Fatal(name)
		return place.Column{}
	}
	for name, want := range map[string]string{"telephone": "Ville", "nom": "Ville", "courriels": "Annuaire"} {
		if got := p.Origin(column(name)); got != want {
			t.Errorf("%s comes from %q, want %q", name, got, want)
		}
	}
	again := w.importText(t, header+",telephone,source\n"+row1+",+33546000001,Ville\n")
	if again.Unchanged != 1 {
		t.Errorf("again: %s", again.Counts)
	}
}

func TestEditRefusesWhatBreaksARule(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, header+"\n"+row1+"\n")
		before := stored(t, w, 1)
		for name, value := range map[string]string{
			"telephone": "12", "nom": "", "horaires": "bientôt", "services": "Piscine", "viaduc_offre": "piscine", "id": "x", "couleur": "bleu",
			"position": "ici", "code_postal": "172", "date_maj": "hier", "latitude": "45",
		} {
			_, err := w.places.Edit(t.Context(), identity.AtCLI(), 1, map[string]string{name: value, "adresse": "2 rue Neuve"})
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[name].Key == "" {
				t.Errorf("%s=%s: %v", name, value, err)
			}
		}
		if after := stored(t, w, 1); after.Address != before.Address || len(after.Origins) != 0 {
			t.Errorf("a refused edit changed the place: %+v", after)
		}
		if _, err := w.places.Edit(t.Context(), identity.AtCLI(), 9, map[string]string{"adresse": "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown place: %v", err)
		}
		if _, err := w.places.History(t.Context(), 9); !fault.Is(err, fault.NotFound) {
			t.Errorf("history of an unknown place: %v", err)
		}
	})
}

func TestVerifySaysTodayAndTakesTheMarkAway(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.importText(t, header+",source\n"+row1+",Annuaire\nA_2,00000000000000,Autre,Royan,17200,rue,2026-01-05,Annuaire\n")
		_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(header+",source\nA_2,00000000000000,Autre,Royan,17200,rue,2026-01-05,Annuaire\n"), place.ImportOptions{Complete: true})
		if err != nil || !stored(t, w, 1).ToCheck {
			t.Fatalf("the place is not to be checked: %v", err)
		}
		if _, err := w.places.Verify(t.Context(), identity.AtCLI(), 1); err != nil {
			t.Fatal(err)
		}
		p := stored(t, w, 1)
		if p.ToCheck || p.VerifiedOn != "2026-05-04" {
			t.Errorf("verified: %+v", p)
		}
		history, err := w.places.History(t.Context(), 1)
		if err != nil || len(history) != 3 || history[1].Fields[0].Name != "à vérifier" {
			t.Errorf("history: %+v, %v", history, err)
		}
	})
}

func manyRows(n int) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		fmt.Fprintf(&b, "A_%d,00000000000000,Lieu,Saintes,17100,rue,2026-01-05\n", i)
	}
	return b.String()
}

func TestALargeImportLandsInSlicesAndShowsAtItsEnd(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		text := manyRows(9000)
		done := make(chan error, 1)
		go func() {
			_, err := w.places.Import(t.Context(), identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
			done <- err
		}()
		seen := map[int]bool{}
		for running := true; running; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				running = false
			case <-time.After(time.Millisecond):
				seen[w.refresh(t).Len()] = true
			}
		}
		if n := w.refresh(t).Len(); n != 9000 {
			t.Errorf("%d places at the end", n)
		}
		delete(seen, 9000)
		if len(seen) != 1 || !seen[0] {
			t.Errorf("readers saw the import on its way: %v", seen)
		}
		if landing, err := w.places.Landing(t.Context()); err != nil || landing {
			t.Errorf("still landing: %v", err)
		}
	})
}

func TestAnInterruptedLandingLeavesWholeSlicesAndIsFinishedByTheNext(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		const rows = 5_000
		w := newWorld(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { // as soon as a slice is there
			for {
				if landing, err := w.places.Landing(t.Context()); landing || err != nil {
					cancel()
					return
				}
				time.Sleep(time.Millisecond) // leave the database to the import
			}
		}()
		text := manyRows(rows)
		_, err := w.places.Import(ctx, identity.AtCLI(), strings.NewReader(text), place.ImportOptions{})
		var part *place.Interrupted
		if !errors.As(err, &part) || !errors.Is(err, context.Canceled) || part.Rows != rows || part.Landed == 0 || part.Landed%1000 != 0 {
			t.Fatalf("err = %v (%+v)", err, part)
		}
		if n := w.refresh(t).Len(); n != part.Landed {
			t.Errorf("%d places are shown, %d rows landed", n, part.Landed)
		}
		rep := w.importText(t, text)
		if rep.Unchanged != part.Landed || rep.Created != rows-part.Landed {
			t.Errorf("the next import: %s", rep.Counts)
		}
		if _, err := w.journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, err := w.journal.Verify(t.Context()); err != nil || v.Bad != nil || v.Leaves != rows {
			t.Errorf("journal: %+v, %v", v, err)
		}
	})
}
