package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SMTP hands messages to a mail server, one connection a message.
type SMTP struct {
	host    string
	options []gomail.Option
	from    *netmail.Address
	now     func() time.Time
	dial    Dialer
	tls     *tls.Config // for smtps, where TLS comes first; nil otherwise
}

// SMTPSettings is what an SMTP needs.
type SMTPSettings struct {
	URL     string           // smtps://user:password@host:465, or smtp:// for STARTTLS; see ErrURL
	From    string           // "Nom affiché <adresse>", or an address alone
	Now     func() time.Time // dates the messages
	Timeout time.Duration    // for a whole message; 0 is 30 seconds
	TLS     *tls.Config      // nil trusts the machine's authorities
	Dial    Dialer           // nil is the machine's own
}

// Dialer opens a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// ErrURL says that the address of the mail server cannot be meant. The scheme is smtps (TLS at once, port 465) or smtp
// (STARTTLS required, port 587). Only a server of this very machine is spoken to without TLS; ?tls=no allows it for a
// relay of the local network, but then without a password, which would pass in clear.
var ErrURL = errors.New("address of the mail server")

// ErrFrom says that the sender's address is none.
var ErrFrom = errors.New("address of the sender")

// NewSMTP reads the settings; it connects to nothing. It reports ErrURL and ErrFrom.
func NewSMTP(s SMTPSettings) (*SMTP, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" && u.Path != "/" {
		return nil, ErrURL // the parser's own words may show a password
	}
	from, err := netmail.ParseAddress(s.From)
	if err != nil {
		return nil, ErrFrom
	}
	if _, ok := Address(from.Address); !ok {
		return nil, ErrFrom
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	options, err := transport(u)
	if err != nil {
		return nil, err
	}
	options = append(options, gomail.WithTimeout(s.Timeout), gomail.WithoutSMTPUTF8())
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		conf = s.TLS.Clone()
	}
	if conf.ServerName == "" {
		conf.ServerName = u.Hostname()
	}
	options = append(options, gomail.WithTLSConfig(conf), gomail.WithHELO(domain(from.Address)))
	out := &SMTP{host: u.Hostname(), options: options, from: from, now: s.Now, dial: s.Dial}
	if out.dial == nil {
		out.dial = (&net.Dialer{}).DialContext
	}
	if u.Scheme == "smtps" {
		out.tls = conf
	}
	return out, nil
}

// transport says how the server of u is reached and how we log in.
func transport(u *url.URL) ([]gomail.Option, error) {
	port, clear := 587, isLoopback(u.Hostname()) || u.Query().Get("tls") == "no"
	policy := gomail.TLSMandatory
	var out []gomail.Option
	switch {
	case u.Scheme == "smtps":
		port, clear, policy = 465, false, gomail.NoTLS // TLS is there before SMTP begins
	case clear:
		policy = gomail.NoTLS
	}
	if text := u.Port(); text != "" {
		var err error
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, ErrURL
		}
	}
	out = append(out, gomail.WithPort(port), gomail.WithTLSPolicy(policy))
	password, withPassword := u.User.Password()
	switch {
	case u.User.Username() == "":
	case !withPassword:
		return nil, ErrURL
	case clear && !isLoopback(u.Hostname()):
		return nil, ErrURL
	case clear:
		out = append(out, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
	default:
		out = append(out, gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return append(out, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password)), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return d
}

// session opens a connection and logs in. The library watches ctx only while it dials: the connection itself is closed
// when ctx ends, until end is called.
func (s *SMTP) session(ctx context.Context) (c *gomail.Client, open *smtp.Client, end func() bool, err error) {
	end = func() bool { return true }
	var held net.Conn
	watched := func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := s.connect(dialing, network, address)
		if err == nil {
			held, end = conn, context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	c, err = gomail.NewClient(s.host, append(s.options[:len(s.options):len(s.options)], gomail.WithDialContextFunc(watched))...)
	if err != nil {
		return nil, nil, end, &Error{Kind: Setup, What: "settings"}
	}
	open, err = c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if held != nil {
			_ = held.Close() // the library leaves it open when the server does not let us in
		}
		return nil, nil, end, failure(ctx, "connection", err)
	}
	return c, open, end, nil
}

func (s *SMTP) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := s.dial(ctx, network, address)
	if err != nil || s.tls == nil {
		return conn, err
	}
	secure := tls.Client(conn, s.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // nothing was said
		return nil, err
	}
	return secure, nil
}

// Send hands m to the server.
func (s *SMTP) Send(ctx context.Context, m Message) (Receipt, error) {
	m, err := m.check()
	if err != nil {
		return Receipt{}, err
	}
	c, open, end, err := s.session(ctx)
	defer end()
	if err != nil {
		return Receipt{}, err
	}
	if err := c.SendWithSMTPClient(open, s.compose(m)); err != nil {
		_ = open.Close() // nothing was taken
		return Receipt{}, failure(ctx, "message", err)
	}
	_ = c.CloseWithSMTPClient(open) // the server has the message already
	return Receipt{Provider: "smtp"}, nil
}

// Check sees that the server answers, speaks TLS where it must and lets us in; it sends nothing.
func (s *SMTP) Check(ctx context.Context) error {
	c, open, end, err := s.session(ctx)
	defer end()
	if err != nil {
		return err
	}
	_ = c.CloseWithSMTPClient(open) // it has answered
	return nil
}

func (s *SMTP) compose(m Message) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.now())
	if m.ID == "" {
		msg.SetMessageID()
	} else {
		msg.SetMessageIDWithValue(m.ID + "@" + domain(s.from.Address))
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no automatic answer, please
	if m.Unsubscribe != "" {
		msg.SetListUnsubscribe("<" + m.Unsubscribe + ">")
	}
	msg.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(m.Text, "\n", "\r\n"))
	return msg
}

// failure turns what the library reports into our kinds, without its text, which quotes addresses and the server.
func failure(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), &Error{Kind: Temporary, What: what})
	}
	var sent *gomail.SendError
	if errors.As(err, &sent) {
		return &Error{Kind: kindOfSend(sent), Code: sent.ErrorCode(), What: sent.Reason.String()}
	}
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 {
		return &Error{Kind: Setup, Code: answer.Code, What: what}
	}
	var untrusted *tls.CertificateVerificationError
	var refused *net.OpError
	switch {
	case errors.As(err, &untrusted):
		return &Error{Kind: Setup, What: what + ": certificate"}
	case errors.As(err, &refused), errors.Is(err, context.DeadlineExceeded), answer != nil:
		return &Error{Kind: Temporary, What: what}
	}
	return &Error{Kind: Setup, What: what} // no TLS offered, no way to log in that both sides know
}

func kindOfSend(e *gomail.SendError) Kind {
	code := e.ErrorCode()
	switch {
	case code < 500: // network errors have none
		return Temporary
	case e.Reason == gomail.ErrSMTPMailFrom, code == 530, code == 535:
		return Setup // it is we who are refused
	}
	return Refused
}
