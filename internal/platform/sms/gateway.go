package sms

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Settings is what an HTTP driver needs.
type Settings struct {
	Address  string // where messages are posted: https, or http on this machine alone
	User     string // of a form gateway
	Secret   string // the bearer token, or the password
	Sender   string // what the telephone shows: eleven letters and digits at most; empty lets the provider choose
	Fields   Fields // how the provider names things; the zero value is the usual names
	Timeout  time.Duration
	Requests http.RoundTripper // the guarded client of the program
}

// Fields are the names that a provider gives to the parts of a message and of its answer.
type Fields struct{ To, Text, Sender, Ref, ID, Status string }

// usual are the names where a provider's are not told.
var usual = Fields{To: "to", Text: "text", Sender: "from", Ref: "reference", ID: "id", Status: "status"}

// ErrURL says that the address of the gateway cannot be meant. See Open.
var ErrURL = errors.New("address of the SMS gateway")

// Open reads an address such as json+https://:TOKEN@sms.example/v1/messages?from=VIADUC, or
// form+https://USER:PASSWORD@sms.example/envoi?from=VIADUC, and returns its driver; it connects to nothing. Further
// parameters tell how the provider names its fields: to, text, sender, ref, id, status. It reports ErrURL.
func Open(address string, requests http.RoundTripper) (Gateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, ErrURL // the parser's own words may show a token
	}
	shape, scheme, _ := strings.Cut(u.Scheme, "+")
	if scheme != "https" && (scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, ErrURL
	}
	q := u.Query()
	secret, _ := u.User.Password()
	s := Settings{
		Address: (&url.URL{Scheme: scheme, Host: u.Host, Path: u.Path}).String(), User: u.User.Username(), Secret: secret, Sender: q.Get("from"),
		Fields:   Fields{To: q.Get("to"), Text: q.Get("text"), Sender: q.Get("sender"), Ref: q.Get("ref"), ID: q.Get("id"), Status: q.Get("status")},
		Requests: requests,
	}
	if s.Secret == "" || !senderForm.MatchString(s.Sender) {
		return nil, ErrURL
	}
	switch {
	case shape == "json" && s.User == "":
		return NewJSON(s), nil
	case shape == "form" && s.User != "":
		return NewForm(s), nil
	}
	return nil, ErrURL
}

var senderForm = regexp.MustCompile(`^[A-Za-z0-9 ]{0,11}$`)

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// named fills the names that are not told.
func (f Fields) named() Fields {
	for _, p := range []struct {
		field *string
		usual string
	}{{&f.To, usual.To}, {&f.Text, usual.Text}, {&f.Sender, usual.Sender}, {&f.Ref, usual.Ref}, {&f.ID, usual.ID}, {&f.Status, usual.Status}} {
		if *p.field == "" {
			*p.field = p.usual
		}
	}
	return f
}

// caller does one exchange with a provider.
type caller struct {
	Settings
}

func newCaller(s Settings) caller {
	s.Fields = s.Fields.named()
	if s.Timeout == 0 {
		s.Timeout = 15 * time.Second
	}
	return caller{s}
}

// mostAnswer bounds what is read of an answer, in bytes.
const mostAnswer = 64 << 10

// exchange sends a request and returns the status and the body of the answer. Redirections are not followed: a token
// goes to the address that the operator wrote and nowhere else.
func (c caller) exchange(ctx context.Context, method, address, kind, body string, authorise func(*http.Request)) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, &Error{Kind: Setup, Code: "address"}
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json, text/plain")
	authorise(req)
	res, err := c.Requests.RoundTrip(req)
	if err != nil {
		return 0, nil, &Error{Kind: Temporary, Code: "unreachable"}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return 0, nil, &Error{Kind: Temporary, Code: "cut"}
	}
	return res.StatusCode, raw, nil
}

// failure is what a refusal means, by the status and the provider's own word for it.
func failure(status int, word string) error {
	code := wordForm.FindString(strings.ToLower(word))
	if code == "" {
		code = http.StatusText(status)
	}
	e := &Error{Code: strings.ReplaceAll(strings.ToLower(code), " ", "_")}
	switch {
	case status == http.StatusPaymentRequired, hasWord(word, "quota", "credit", "crédit", "balance", "solde", "limit_exceeded"):
		e.Kind = Quota
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Kind = Setup
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		e.Kind = Temporary
	case hasWord(word, "number", "numero", "numéro", "recipient", "destinataire", "msisdn", "blacklist", "stop"):
		e.Kind = RefusedNumber
	case status == http.StatusOK && hasWord(word, "temporary", "temporaire", "internal", "busy", "retry"):
		e.Kind = Temporary
	default:
		e.Kind = Setup
	}
	return e
}

// wordForm is what is kept of a provider's word: a code, never a sentence, which could quote the number.
var wordForm = regexp.MustCompile(`^[a-z][a-z_.-]{0,39}`)

func hasWord(text string, words ...string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// deliveryOf maps the words that providers use, those of the SMPP protocol included.
func deliveryOf(word string) Delivery {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "delivered", "delivrd", "received":
		return Delivered
	case "undelivered", "undeliverable", "undeliv", "rejected", "rejectd", "expired", "failed", "deleted":
		return Failed
	case "accepted", "acceptd", "queued", "pending", "sent", "enroute", "buffered", "scheduled":
		return Pending
	}
	return Unknown
}

// known keeps a provider's id if it has the form of one.
func known(id string) string {
	if idForm.MatchString(id) {
		return id
	}
	return ""
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)
