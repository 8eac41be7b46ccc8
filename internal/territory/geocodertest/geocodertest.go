// Package geocodertest is a stand-in of the official geocoder for tests: a server of this machine that answers in its
// shape, notes what it was asked, and fails on demand. It knows the features it is given and nothing else: a feature
// answers a question that holds every word of its name, in the commune that the question may be bound to.
package geocodertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"viaduc/internal/platform/fold"
)

// Feature is one address as the service would give it.
type Feature struct {
	Type     string `json:"type"`
	Geometry struct {
		Type        string    `json:"type"`
		Coordinates []float64 `json:"coordinates"`
	} `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

// Address makes a feature: kind is "housenumber", "street", "locality" or "municipality".
func Address(kind, name, city, citycode, postcode string, lat, lon, score float64) Feature {
	f := Feature{Type: "Feature", Properties: map[string]any{
		"label": name + " " + postcode + " " + city, "score": score, "name": name, "postcode": postcode, "citycode": citycode, "city": city, "type": kind, "_type": "address",
	}}
	f.Geometry.Type, f.Geometry.Coordinates = "Point", []float64{lon, lat}
	return f
}

// Sample is one question that was really asked of the service, and its answer.
type Sample struct {
	Asked   string  `json:"addresseOriginale"`
	Feature Feature `json:"responseBan"`
}

// Samples reads a file of real answers.
func Samples(t testing.TB, file string) []Sample {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []Sample
	if err := json.Unmarshal(raw, &out); err != nil || len(out) == 0 {
		t.Fatalf("%d samples, %v", len(out), err)
	}
	return out
}

// Server is a running stand-in.
type Server struct {
	URL string

	mu         sync.Mutex
	features   []Feature
	asked      []url.Values
	status     int
	retryAfter string
	body       string
	delay      time.Duration
}

// Start serves the features until the test ends.
func Start(t testing.TB, features ...Feature) *Server {
	t.Helper()
	s := &Server{features: features}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /geocodage/search", s.answer)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/geocodage"
	return s
}

// Asked lists the questions so far.
func (s *Server) Asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Fail makes every answer a status, with a Retry-After header unless it is ""; 0 heals.
func (s *Server) Fail(status int, retryAfter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.retryAfter = status, retryAfter
}

// Say makes every answer a text, whatever the question; "" heals.
func (s *Server) Say(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
}

// Slow makes every answer wait.
func (s *Server) Slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	q := r.URL.Query()
	s.asked = append(s.asked, q)
	status, retry, body, delay := s.status, s.retryAfter, s.body, s.delay
	s.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-r.Context().Done(): // who asked is gone
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if retry != "" {
		w.Header().Set("Retry-After", retry)
	}
	switch {
	case status != 0:
		w.WriteHeader(status)
	case body != "":
		_, _ = w.Write([]byte(body))
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "FeatureCollection", "features": s.fitting(q)})
	}
}

func (s *Server) fitting(q url.Values) []Feature {
	words, out := fold.Words(q.Get("q")), []Feature{}
	for _, f := range s.features {
		name, _ := f.Properties["name"].(string)
		fits := q.Get("citycode") == "" || q.Get("citycode") == f.Properties["citycode"]
		for _, w := range fold.Words(strings.ToLower(name)) {
			fits = fits && slices.Contains(words, w)
		}
		if fits {
			out = append(out, f)
		}
	}
	return out
}
