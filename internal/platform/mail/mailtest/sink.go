package mailtest

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Sink is a mail server on loopback. Set its fields before the first message.
type Sink struct {
	Addr     string         // 127.0.0.1:port
	Trust    *x509.CertPool // what a client must trust, when the sink speaks TLS
	User     string         // with Password: nobody may send without logging in
	Password string
	Refuse   func(to string) (code int, text string) // code 0 accepts; nil accepts everybody
	Delay    time.Duration                           // before the answer to a recipient

	mu   sync.Mutex
	held []Seen
	raw  []string
}

// NewSink starts a mail server that ends with the test. With TLS it offers STARTTLS and takes no password without it.
func NewSink(t testing.TB, withTLS bool) *Sink { return newSink(t, withTLS, false) }

// NewSinkTLS starts a mail server that speaks TLS from the first byte (smtps).
func NewSinkTLS(t testing.TB) *Sink { return newSink(t, true, true) }

func newSink(t testing.TB, withTLS, atOnce bool) *Sink {
	t.Helper()
	s := &Sink{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	server.Domain, server.AllowInsecureAuth = "sink.example", !withTLS
	server.ReadTimeout, server.WriteTimeout, server.MaxMessageBytes = 20*time.Second, 20*time.Second, 1<<20
	server.ErrorLog = silent{}
	if withTLS {
		server.TLSConfig, s.Trust = certificate(t)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = listener.Addr().String()
	if atOnce {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = listener.Close() // server.Close forgets it when Serve has not begun
		_ = server.Close()   // connections; their end is what the test was about
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("mail sink: %v", err)
		}
	})
	return s
}

// Messages returns what has arrived, in order.
func (s *Sink) Messages() []Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Seen(nil), s.held...)
}

// Raw returns what has arrived, as it was on the wire, without the dots that SMTP adds.
func (s *Sink) Raw() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.raw...)
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// session is one connection.
type session struct {
	sink     *Sink
	loggedIn bool
	from, to string
}

// AuthMechanisms lists how one logs in: not at all when no user is wanted.
func (s *session) AuthMechanisms() []string {
	if s.sink.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks a user.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.sink.User || password != s.sink.Password {
			return smtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

// Mail begins a message.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.User != "" && !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt takes one recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	time.Sleep(s.sink.Delay)
	if s.sink.Refuse != nil {
		if code, text := s.sink.Refuse(to); code != 0 {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
		}
	}
	if s.to != "" {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 5, 3}, Message: "one recipient a message"}
	}
	s.to = to
	return nil
}

// Data files the message.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	seen, err := read(string(raw))
	if err != nil {
		return err
	}
	seen.From, seen.To = s.from, s.to
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.held, s.sink.raw = append(s.sink.held, seen), append(s.sink.raw, string(raw))
	return nil
}

// Reset forgets the message under way.
func (s *session) Reset() { s.from, s.to = "", "" }

// Logout ends the connection.
func (s *session) Logout() error { return nil }

// read decodes a message as a mail program would.
func read(raw string) (Seen, error) {
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return Seen{}, err
	}
	var words mime.WordDecoder
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Seen{}, err
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return Seen{}, err
	}
	plain := strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") + "\n"
	return Seen{Subject: subject, Text: plain, Header: m.Header}, nil
}

// certificate makes one for 127.0.0.1 that only the returned pool trusts.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}, MinVersion: tls.VersionTLS12}, pool
}
