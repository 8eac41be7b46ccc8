package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// PrintedCard is what is printed for a resident who has neither address nor telephone, this once: the QR code's token, and
// the PIN to be kept apart.
type PrintedCard struct {
	Token Token  // 128 bits
	PIN   string // six digits
}

// CardPath is where the QR code leads; the token follows.
const CardPath = "/connexion/carte/"

// cardRow is a row of identity_card.
type cardRow struct {
	id      string
	account AccountID
	pin     []byte
	state   string
}

// PrintCard replaces the card of a resident: the old one is dead. The person is told where they can be.
func (s *Service) PrintCard(ctx context.Context, by Actor, account AccountID) (PrintedCard, error) {
	if err := Require(by, ResidentAdd, Object{Kind: ObjectCard}); err != nil {
		return PrintedCard{}, err
	}
	if err := s.vault.ready(); err != nil {
		return PrintedCard{}, err
	}
	var card PrintedCard
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := lockAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		if a.Kind != Resident || a.State != AccountActive {
			return NotFound()
		}
		if err := s.tell(ctx, tx, a, EventChanged, "carte"); err != nil {
			return err
		}
		card, err = s.printCard(ctx, tx, by, a)
		return err
	})
	return card, err
}

// printCard writes the card of a locked account.
func (s *Service) printCard(ctx context.Context, tx *db.Tx, by Actor, a Account) (PrintedCard, error) {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	card := PrintedCard{Token: Token(base64.RawURLEncoding.EncodeToString(raw)), PIN: sixDigits()}
	if err := replaceCards(ctx, tx, a.ID); err != nil {
		return PrintedCard{}, err
	}
	row := cardRow{id: id.New(), account: a.ID}
	row.pin = s.pinHash(row.id, card.PIN)
	if err := insertCard(ctx, tx, row, card.Token.hash(), string(by.Audit()), s.now()); err != nil {
		return PrintedCard{}, err
	}
	return card, s.journal.RecordTx(ctx, tx, s.line(by, ResidentAdd, "account", string(a.ID), "change", "carte"))
}

// pinHash needs the key: a PIN has but a million values.
func (s *Service) pinHash(card, pin string) []byte { return s.vault.hash("pin", card, typed(pin)) }

// LoginCard logs a resident in with their card and its PIN. Each try is counted before it is judged: the fifth wrong one
// blocks the card for good, and staff print another. It reports the same fault.Unauthenticated for a wrong PIN and for a
// card that is blocked, replaced or unknown.
func (s *Service) LoginCard(ctx context.Context, t Token, pin string, from Browser) (LoggedIn, error) {
	if err := s.vault.ready(); err != nil {
		return LoggedIn{}, err
	}
	key := s.addressKey(from.Address)
	if err := s.try(ctx, key, byAddress); err != nil {
		return LoggedIn{}, err
	}
	var out LoggedIn
	right := false
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		card, err := tryCard(ctx, tx, t.hash())
		if fault.Is(err, fault.NotFound) {
			s.pinHash("none", pin) // the same work
			return s.failedTx(ctx, tx, "", "carte")
		}
		if err != nil {
			return err
		}
		if right = hmac.Equal(card.pin, s.pinHash(card.id, pin)); !right {
			return s.failedTx(ctx, tx, card.account, "carte")
		}
		a, err := lockAccount(ctx, tx, card.account)
		if err != nil {
			return err
		}
		if err := cardUsed(ctx, tx, card.id, s.now()); err != nil {
			return err
		}
		if key != "" {
			if err := giveBack(ctx, tx, key); err != nil {
				return err
			}
		}
		out.Account = a.ID
		out.Session, err = s.open(ctx, tx, opening{account: a, method: ByCard, browser: from})
		return err
	})
	if err == nil && !right {
		err = fault.New(fault.Unauthenticated, "identity.card_failed")
	}
	return out, err
}

// BlockCard makes the card of a resident worthless: it was lost. A resident blocks their own, staff anybody's.
func (s *Service) BlockCard(ctx context.Context, by Actor, account AccountID) error {
	if by.Account != account || by.Kind != Resident {
		if err := Require(by, ResidentAdd, Object{Kind: ObjectCard}); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := blockCard(ctx, tx, account)
		if err == nil && n == 0 {
			err = NotFound()
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, s.line(by, ResidentAdd, "account", string(account), "change", "carte bloquée"))
	})
}

// CardState says whether a resident has a card: "active", "blocked", or "" for none.
func (s *Service) CardState(ctx context.Context, by Actor, account AccountID) (state string, usedAt time.Time, err error) {
	if by.Account != account || by.Kind != Resident {
		if err := Require(by, ResidentAdd, Object{Kind: ObjectCard}); err != nil {
			return "", time.Time{}, err
		}
	}
	return cardState(ctx, s.db, account)
}
