package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
)

// The sheet to sign says what proof of attendance must: title, date, hours, place, who leads, a signature each half-day; nobody under silence is named.
func TestTheSheetToSign(t *testing.T) {
	n := newTeam(t)
	e, who := n.workshop(20, func(in *agenda.NewSeries) {
		in.Pattern.Minute, in.Pattern.Length = 9*60+30, 7*60
		in.Pattern.Rule = ""
		in.Pattern.Starts, in.Pattern.Until = in.Pattern.Starts.AddDays(1), recur.Date{}
	})
	for i := range 8 {
		n.guest(e.ID, "Personne Exemple"+strconv.Itoa(i), "05 36 49 00 4"+strconv.Itoa(i))
	}
	n.send(who.Account, "/pro/agenda/inscrire/"+strconv.FormatInt(int64(e.Number), 10), url.Values{"name": {"Discrète Exemple"}, "phone": {"05 36 49 00 49"}, "silence": {"oui"}})
	path := dayPath(e) + "/emargement"
	n.page(who.Account, dayPath(e), path)
	wants := []string{"Feuille d'émargement", "Atelier tablette (exemple)", "de 9 h 30 à 16 h 30", "Salle du port", who.Name, "matin", "après-midi", "Personne Exemple7", "Ligne réservée"}
	body := n.page(who.Account, path, path+".pdf", "!Discrète", "!05 36 49")
	for _, want := range wants {
		if !strings.Contains(strings.ToLower(plain(body)), strings.ToLower(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	res, file := n.as(who.Account, http.MethodGet, path+".pdf", nil)
	if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d", res.StatusCode)
	}
	if got := sheets(t, file); got != "2" { // nine people, three lines at least to write on
		t.Errorf("%s pages", got)
	}
	text := plain(said(t, []byte(file), "pdftotext"))
	says(t, text, wants...)
	if strings.Contains(text, "Discrète") {
		t.Error("somebody under silence is named")
	}
	if dir := os.Getenv("PAPER_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "emargement.pdf"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := n.Person(identity.Helper)[0]
	if res, _ := n.as(other.Account, http.MethodGet, path, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("another structure: %d", res.StatusCode)
	}
}
