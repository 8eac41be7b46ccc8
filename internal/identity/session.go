package identity

import (
	"context"
	"sync"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// How long sessions last: idle, and at most.
const (
	SessionIdle = 12 * time.Hour
	SessionMost = 24 * time.Hour
	KioskIdle   = 5 * time.Minute
)

// How often a request is written down as the last one. Between two writes a node remembers.
const (
	seenEvery      = time.Minute
	kioskSeenEvery = 10 * time.Second
)

// Method is how a session was opened.
type Method string

// The methods.
const (
	ByPassword  Method = "password"  // password and a second factor
	ByPasskey   Method = "passkey"   // passkey alone, with the person verified
	ByFederated Method = "federated" // an identity provider
	ByCode      Method = "code"      // a code by e-mail or SMS (residents)
	ByCard      Method = "card"      // a printed card and its PIN (residents)
	ByLink      Method = "link"      // a one-time link that the command line made
)

// Session is a browser that is logged in, as a request finds it.
type Session struct {
	ID               SessionID
	Actor            Actor
	OrganisationName string // of the current membership; "" for residents
	Method           Method
	Provider         string // identity provider, to be logged out of too; "" for none
	Device           string // kind of browser, as the person will know it again
	CreatedAt        time.Time
	SeenAt           time.Time
	EndsAt           time.Time // at most
}

// idle is how long the session may stay without a request.
func (s Session) idle() time.Duration {
	if s.Actor.Kiosk {
		return KioskIdle
	}
	return SessionIdle
}

// DiesAt is when the session ends if nothing more is asked: pages warn before, and keep what was typed.
func (s Session) DiesAt() time.Time {
	if at := s.SeenAt.Add(s.idle()); at.Before(s.EndsAt) {
		return at
	}
	return s.EndsAt
}

// Browser is what a log-in knows of where it comes from.
type Browser struct {
	Address string // network address, for the budget of failures; never stored
	Device  string // kind of browser, such as "Firefox, Linux"
	Kiosk   bool   // a screen that others use next
}

// opening is a session about to be opened.
type opening struct {
	account  Account
	method   Method
	provider string
	factored bool // two factors were given, or one that is both
	browser  Browser
}

// open writes a session with a token of its own, whatever the browser held before, and its line of the journal.
func (s *Service) open(ctx context.Context, tx *db.Tx, in opening) (Token, error) {
	if in.account.State != AccountActive {
		return "", fault.New(fault.Unauthenticated, "identity.login_failed")
	}
	at := s.now()
	row := sessionRow{
		id: SessionID(id.New()), account: in.account.ID, epoch: in.account.Epoch, method: in.method, provider: in.provider,
		kiosk: in.browser.Kiosk, device: oneLine(in.browser.Device), createdAt: at, seenAt: at, endsAt: at.Add(SessionMost),
	}
	if in.factored {
		row.factorAt = at
	}
	if in.account.Kind == Staff {
		m, err := s.startingMembership(ctx, tx, in.account)
		if err != nil {
			return "", err
		}
		row.membership = m
	}
	t := newToken()
	if err := insertSession(ctx, tx, t.hash(), row); err != nil {
		return "", err
	}
	if err := seenAccount(ctx, tx, in.account.ID, at); err != nil {
		return "", err
	}
	return t, s.journal.RecordTx(ctx, tx, audit.Entry{
		Actor: audit.Actor(in.account.ID), Action: loginDone, Object: audit.Object{Kind: "account", ID: string(in.account.ID)},
		Detail: map[string]string{"méthode": string(in.method)},
	})
}

// The lines of the journal that are no action of the table of rights.
const (
	loginDone   = "identity.login"
	loginFailed = "identity.login_failed"
	loggedOut   = "identity.logout"
)

// startingMembership is the membership that a session begins with: the last one chosen while it holds, else any that does.
func (s *Service) startingMembership(ctx context.Context, tx *db.Tx, a Account) (MembershipID, error) {
	able, err := ableMemberships(ctx, tx, a.ID)
	if err != nil {
		return "", err
	}
	for _, m := range able {
		if m.ID == a.Current {
			return m.ID, nil
		}
	}
	if len(able) == 0 {
		return "", fault.New(fault.Forbidden, "identity.no_membership")
	}
	return able[0].ID, setCurrent(ctx, tx, a.ID, able[0].ID)
}

// Check returns the session of a token. One SELECT reads what it stands on, so that whatever was taken away is gone. It
// reports fault.Unauthenticated for a token that is unknown, closed, too old, idle for too long, or whose account or
// membership does not hold any more.
func (s *Service) Check(ctx context.Context, t Token) (Session, error) {
	if t == "" {
		return Session{}, errNoSession()
	}
	now := s.now()
	row, err := liveSession(ctx, s.db, t.hash(), now)
	if fault.Is(err, fault.NotFound) {
		return Session{}, errNoSession()
	}
	if err != nil {
		return Session{}, err
	}
	session, written := row.Session, row.SeenAt
	if seen := s.seen.last(session.ID); seen.After(session.SeenAt) {
		session.SeenAt = seen
	}
	if now.Sub(session.SeenAt) >= session.idle() {
		return Session{}, errNoSession()
	}
	if row.scope.ID != "" {
		if session.Actor.Scope, err = s.scope(ctx, row.scope); err != nil {
			return Session{}, err
		}
	}
	s.seen.mark(session, written, now)
	session.SeenAt = now
	return session, nil
}

func errNoSession() error { return fault.New(fault.Unauthenticated, "identity.login_first") }

// seenMarks is what a node remembers of the last requests, so that a request neither waits for a writer nor writes.
type seenMarks struct {
	mu    sync.Mutex
	at    map[SessionID]time.Time // last request here
	dirty map[SessionID]mark      // to be written
}

type mark struct {
	at      time.Time
	account AccountID
}

func (m *seenMarks) last(id SessionID) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at[id]
}

// mark remembers a request, and plans its writing if what is written is old enough.
func (m *seenMarks) mark(s Session, written, now time.Time) {
	every := seenEvery
	if s.Actor.Kiosk {
		every = kioskSeenEvery
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == nil {
		m.at, m.dirty = map[SessionID]time.Time{}, map[SessionID]mark{}
	}
	m.at[s.ID] = now
	if now.Sub(written) >= every {
		m.dirty[s.ID] = mark{now, s.Actor.Account}
	}
}

// drain returns what must be written, and forgets sessions that were silent for longer than any may be.
func (m *seenMarks) drain(now time.Time) map[SessionID]mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, at := range m.at {
		if now.Sub(at) > SessionIdle {
			delete(m.at, id)
		}
	}
	out := m.dirty
	m.dirty = map[SessionID]mark{}
	return out
}

// FlushSeen writes when sessions and accounts were last seen here. Run does it every few seconds.
func (s *Service) FlushSeen(ctx context.Context) error {
	marks := s.seen.drain(s.now())
	if len(marks) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for session, m := range marks {
			if err := seenSession(ctx, tx, session, m.at); err != nil {
				return err
			}
			if err := seenAccount(ctx, tx, m.account, m.at); err != nil {
				return err
			}
		}
		return nil
	})
}

// flushEvery is how far behind the rows may be; a kiosk's five minutes must not end early on another node.
const flushEvery = 5 * time.Second

// sweepEvery is how often what is over is erased.
const sweepEvery = time.Hour

// Run writes down who was seen and erases what is over, until ctx ends. Any number of nodes may run it.
func (s *Service) Run(ctx context.Context) {
	flush, sweep := time.NewTicker(flushEvery), time.NewTicker(sweepEvery)
	defer flush.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			err = s.FlushSeen(ctx)
		case <-sweep.C:
			err = s.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("sessions not kept", "error", err)
		}
	}
}

// Logout closes the session of by. Closing one that is closed is no error.
func (s *Service) Logout(ctx context.Context, by Actor) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := closeSession(ctx, tx, by.Session, by.Account, s.now(), "logout")
		if err != nil || n == 0 {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by.Audit(), Action: loggedOut, Object: audit.Object{Kind: "account", ID: string(by.Account)}})
	})
}

// Sessions lists the open sessions of an account, newest first: one's own, or anybody's for an administrator.
func (s *Service) Sessions(ctx context.Context, by Actor, account AccountID) ([]Session, error) {
	if err := requireOn(ctx, s.db, by, SessionClose, ObjectSession, account); err != nil {
		return nil, err
	}
	return sessionsOf(ctx, s.db, account, s.now())
}

// CloseSession closes a session of account, on every node at once. It reports fault.NotFound for one that is none of its
// open ones.
func (s *Service) CloseSession(ctx context.Context, by Actor, account AccountID, session SessionID) error {
	return s.closing(ctx, by, account, func(ctx context.Context, tx *db.Tx) (int64, error) {
		n, err := closeSession(ctx, tx, session, account, s.now(), "killed")
		if err == nil && n == 0 {
			return 0, NotFound()
		}
		return n, err
	})
}

// TakenAway reports whether a session was closed by somebody, or lost with its account: what it left on a device must go. One that ended by
// itself or by logging out was not, nor one that nobody knows.
func (s *Service) TakenAway(ctx context.Context, session SessionID) (bool, error) {
	n, err := db.One(ctx, s.db, db.Value[int64], takenAway, string(session))
	return n > 0, err
}

// CloseOtherSessions closes every session of account but the one by speaks from, and returns how many there were.
func (s *Service) CloseOtherSessions(ctx context.Context, by Actor, account AccountID) (closed int64, err error) {
	err = s.closing(ctx, by, account, func(ctx context.Context, tx *db.Tx) (int64, error) {
		closed, err = closeOtherSessions(ctx, tx, account, by.Session, s.now(), "killed")
		return closed, err
	})
	return closed, err
}

func (s *Service) closing(ctx context.Context, by Actor, account AccountID, do func(ctx context.Context, tx *db.Tx) (int64, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := requireOn(ctx, tx, by, SessionClose, ObjectSession, account); err != nil {
			return err
		}
		n, err := do(ctx, tx)
		if err != nil || n == 0 {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, SessionClose, "account", string(account)))
	})
}

// Switch makes another membership of by the current one, of this session and of the next ones. The session gets a new
// token; the old one is dead. It reports fault.NotFound for a membership that is not theirs or does not hold.
func (s *Service) Switch(ctx context.Context, by Actor, to MembershipID) (Token, error) {
	t := newToken()
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := lockAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		able, err := ableMemberships(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		m, ok := find(able, to)
		if !ok {
			return NotFound()
		}
		if err := setCurrent(ctx, tx, a.ID, to); err != nil {
			return err
		}
		n, err := renewSession(ctx, tx, by.Session, t.hash(), to)
		if err == nil && n == 0 {
			err = errNoSession()
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, AccountSelf, "account", string(a.ID), "change", "structure", "structure", string(m.Organisation), "role", string(m.Role)))
	})
	return t, err
}

func find(memberships []Membership, id MembershipID) (Membership, bool) {
	for _, m := range memberships {
		if m.ID == id {
			return m, true
		}
	}
	return Membership{}, false
}
