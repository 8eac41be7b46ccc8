package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"viaduc/internal/app/apptest"
)

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkAnswers measures what one answer costs, without the network; make bench measures it with.
func BenchmarkAnswers(b *testing.B) {
	n := apptest.New(b)
	n.ImportCommunes()
	n.ImportPlaces("lieux/lieux-france.csv")
	names := []string{"Rochefort", "Mont-de-Marsan", "97400", "Saint-Denis", "Paris", "Lyon", "Quimper", "Gap"}
	for name, question := range map[string]func(i int) string{
		"api": func(i int) string {
			return fmt.Sprintf("/api/v1/lieux?lat=%.4f&lon=%.4f", 43+float64(i%700)/100, -1+float64(i%650)/100)
		},
		"list":  func(i int) string { return "/lieux?ou=" + names[i%len(names)] },
		"home":  func(int) string { return "/" },
		"place": func(i int) string { return n.PlacePath(int64(1 + i%5000)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, question(i), nil)
				n.Handler.ServeHTTP(&discard{header: http.Header{}}, r)
			}
		})
	}
}
