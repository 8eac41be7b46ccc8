package place_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
)

// standIn is a register of this machine that knows one organisation, and misbehaves by the number it is asked.
func standIn(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/search" {
			t.Errorf("asked %s", r.URL.Path)
		}
		switch r.URL.Query().Get("q") {
		case "21170299000013":
			_, _ = w.Write([]byte(`{"results":[{"siren":"211702990","nom_complet":"COMMUNE\u0007 D'ESSAI","siege":{"siret":"21170299000021","adresse":"AUTRE"},
				"matching_etablissements":[{"siret":"21170299000013","adresse":"4 RUE DE L'ESSAI 17300 ESSAI-SUR-MER","code_postal":"17300","commune":"17299","libelle_commune":"ESSAI-SUR-MER","etat_administratif":"F"}]}],"total_results":1}`))
		case "21170299000021":
			_, _ = w.Write([]byte(`{"results":[{"nom_complet":"` + strings.Repeat("A", 500) + `","siege":{"siret":"21170299000021","adresse":"SANS CODE","code_postal":"x","commune":"<b>"}}]}`))
		case "35600000000048":
			_, _ = w.Write([]byte(`{"results":[{"nom_complet":"AUTRE","siege":{"siret":"1"}}]}`))
		case "73282932000074":
			_, _ = w.Write([]byte(`<html>`))
		case "44306184100047":
			http.Redirect(w, r, "http://169.254.169.254/search", http.StatusFound)
		default:
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestRegisterAPI(t *testing.T) {
	a, err := place.NewRegisterAPI(standIn(t).URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Establishment(t.Context(), "211 702 990 00013")
	want := place.Establishment{
		SIRET: "21170299000013", Name: "COMMUNE D'ESSAI", Street: "4 RUE DE L'ESSAI", Postcode: "17300", Commune: "ESSAI-SUR-MER", CommuneCode: "17299", Closed: true,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = a.Establishment(t.Context(), "21170299000021"); err != nil || len(got.Name) != 200 || got.Street+got.Postcode+got.CommuneCode != "" {
		t.Errorf("an answer without form: %+v, %v", got, err)
	}
	for _, unknown := range []string{"35600000000048", "00000000000000", "", "12"} {
		if _, err := a.Establishment(t.Context(), unknown); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	for _, broken := range []string{"73282932000074", "44306184100047", "55208131766522"} {
		if _, err := a.Establishment(t.Context(), broken); !errors.Is(err, place.ErrRegister) || strings.Contains(err.Error(), broken) {
			t.Errorf("%s: %v", broken, err)
		}
	}
	for _, address := range []string{"", "ftp://x", "file:///etc/passwd", "http://user:pass@x"} {
		if _, err := place.NewRegisterAPI(address); !errors.Is(err, place.ErrRegister) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A register that hangs keeps nobody waiting.
func TestRegisterIsNotWaitedFor(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-done:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(done)
	a, err := place.NewRegisterAPI(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := a.Establishment(t.Context(), "21170299000013"); !errors.Is(err, place.ErrRegister) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}
