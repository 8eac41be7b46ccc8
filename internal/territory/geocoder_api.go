package territory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"viaduc/internal/platform/fetch"
	"viaduc/internal/platform/fold"
)

// AddressAPI is a Geocoder that asks a service of the shape of the official one (Géoplateforme, Base Adresse Nationale),
// which anybody may also run at home (addok): GET {URL}/search.
//
// It is a courtesy that a page never waits long for: a call lasts answerTime at most, calls beyond the agreed rate are
// not made, and after a "too many" (429) or some failures in a row nobody is asked for a while. Answers are remembered in
// memory, the latest ones only, and for a day at most. What was asked is neither logged nor kept anywhere else.
type AddressAPI struct {
	search  string
	client  *fetch.Client
	limiter *rate.Limiter
	now     func() time.Time
	log     *slog.Logger
	recent  *recent

	mu       sync.Mutex
	silent   time.Time // nobody is asked before
	failures int       // in a row
}

// AddressAPIDeps is what an AddressAPI needs.
type AddressAPIDeps struct {
	URL string // without "/search": "https://data.geopf.fr/geocodage"
	Now func() time.Time
	Log *slog.Logger
}

const (
	answerTime   = 800 * time.Millisecond // of one call: the page has other things to do within a second
	answerSize   = 256 << 10              // bytes; five candidates take three thousand
	callsASecond = 20                     // of one node; the official service bears 50 from one address
	asked        = 5                      // candidates of one call
	longestText  = 200                    // letters that the official service reads

	defaultSilence = 5 * time.Second // after a 429 that does not say
	longestSilence = 5 * time.Minute // whatever a service says
	failureSilence = 30 * time.Second
	maxFailures    = 3
)

// ErrGeocoder says that the geocoder was not asked, or did not answer.
var ErrGeocoder = errors.New("geocoder")

// NewAddressAPI returns the geocoder at an address. It reports an address that is none of http or https.
func NewAddressAPI(d AddressAPIDeps) (*AddressAPI, error) {
	service := fetch.HostPort(d.URL)
	if service == "" {
		return nil, fmt.Errorf("%w: its address is none of http or https", ErrGeocoder)
	}
	return &AddressAPI{
		search: strings.TrimRight(d.URL, "/") + "/search",
		// The operator chose this service himself: it may stand in his own network.
		client:  fetch.New(fetch.Options{Timeout: answerTime, MaxBody: answerSize, Internal: []string{service}}),
		limiter: rate.NewLimiter(callsASecond, callsASecond), now: d.Now, log: d.Log, recent: newRecent(),
	}, nil
}

// Locate asks the service, or remembers what it said. It returns the candidates that answer the question
// (Question.accepts), and reports ErrGeocoder when nobody answered.
func (a *AddressAPI) Locate(ctx context.Context, q Question) ([]Candidate, error) {
	now, key := a.now(), q.key()
	if found, ok := a.recent.get(key, now); ok {
		return found, nil
	}
	if a.isSilent(now) || !a.limiter.AllowN(now, 1) {
		return nil, fmt.Errorf("%w: not asked", ErrGeocoder)
	}
	answer, err := a.client.Get(ctx, a.search+"?"+q.parameters().Encode())
	if err == nil && answer.Status == http.StatusTooManyRequests {
		a.hush(retryAfter(answer.Header.Get("Retry-After"), now), now, "too many calls")
		return nil, fmt.Errorf("%w: too many calls", ErrGeocoder)
	}
	var found []Candidate
	if err == nil {
		found, err = q.read(answer)
	}
	switch {
	case err != nil && ctx.Err() != nil: // the reader left: nobody's failure
		return nil, fmt.Errorf("%w: %w", ErrGeocoder, ctx.Err())
	case err != nil:
		a.failed(now, err)
		return nil, fmt.Errorf("%w: %w", ErrGeocoder, err)
	}
	a.mu.Lock()
	a.failures = 0
	a.mu.Unlock()
	a.recent.put(key, found, now)
	return found, nil
}

func (a *AddressAPI) isSilent(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.silent)
}

// failed counts a failure; after some in a row the service is left in peace.
func (a *AddressAPI) failed(now time.Time, err error) {
	a.mu.Lock()
	a.failures++
	enough := a.failures >= maxFailures
	if enough {
		a.failures = 0
	}
	a.mu.Unlock()
	if enough {
		a.hush(failureSilence, now, err.Error())
	}
}

func (a *AddressAPI) hush(d time.Duration, now time.Time, reason string) {
	a.mu.Lock()
	a.silent = now.Add(d)
	a.mu.Unlock()
	a.log.Warn("geocoder left in peace", "seconds", int(d.Seconds()), "reason", reason)
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110, section 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	d := defaultSilence
	if seconds, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(max(seconds, 1), int(longestSilence/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = max(at.Sub(now), time.Second)
	}
	return min(d, longestSilence)
}

// key is what a question is remembered by.
func (q Question) key() string {
	return fmt.Sprintf("%s|%s|%.3f|%.3f", fold.Key(q.Text), q.CommuneCode, q.Near.Lat, q.Near.Lon)
}

// parameters are the question in the words of the service. The three cities with arrondissements are left out of the
// filter, since their addresses carry the code of the arrondissement.
func (q Question) parameters() url.Values {
	text := []rune(straight.Replace(strings.Join(strings.Fields(q.Text), " ")))
	v := url.Values{"q": {string(text[:min(len(text), longestText)])}, "limit": {strconv.Itoa(asked)}, "autocomplete": {"0"}}
	switch {
	case q.CommuneCode == "75056" || q.CommuneCode == "69123" || q.CommuneCode == "13055":
	case q.CommuneCode != "":
		v.Set("citycode", q.CommuneCode)
	}
	if q.Near.Known() {
		v.Set("lat", strconv.FormatFloat(q.Near.Lat, 'f', 3, 64))
		v.Set("lon", strconv.FormatFloat(q.Near.Lon, 'f', 3, 64))
	}
	return v
}

// geocoded is the part of an answer that is read.
type geocoded struct {
	Features []struct {
		Geometry struct {
			Coordinates []float64 `json:"coordinates"`
		} `json:"geometry"`
		Properties struct {
			Name     string  `json:"name"`
			City     string  `json:"city"`
			Type     string  `json:"type"`
			Score    float64 `json:"score"`
			Citycode string  `json:"citycode"`
			Postcode string  `json:"postcode"`
		} `json:"properties"`
	} `json:"features"`
}

// read takes the candidates out of an answer.
func (q Question) read(a fetch.Answer) ([]Candidate, error) {
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("status %d", a.Status)
	}
	var in geocoded
	if err := json.Unmarshal(a.Body, &in); err != nil {
		return nil, errors.New("not the JSON of a geocoder") // the parser's own words may quote the answer
	}
	var out []Candidate
	for _, f := range in.Features {
		at, p := f.Geometry.Coordinates, f.Properties
		if len(at) < 2 || p.Name == "" {
			continue
		}
		c := Candidate{
			Label: p.Name, Point: Point{Lat: at[1], Lon: at[0]}, Precision: Precision(p.Type), Score: p.Score, CommuneCode: p.Citycode, Postcode: p.Postcode,
		}
		if p.City != "" {
			c.Label += ", " + p.City
		}
		switch c.Precision {
		case HouseNumber, Street, Locality:
			if q.accepts(c) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}
