package notice

import (
	"context"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
)

// Preference is what the owner of a telephone or a mailbox asked for. The zero value is nothing asked.
type Preference struct {
	RatherCall bool      // of a telephone: call it, do not write to it
	Lang       i18n.Lang // to be written to in; empty is not said
	Stopped    bool      // do not write here, but for what is asked from here
}

// contact is the usable form of a mailbox or a telephone.
func contact(text string) (string, bool) {
	if a, ok := mail.Address(text); ok {
		return a, true
	}
	return sms.Number(text)
}

// Preference returns what the owner of a contact asked for, the zero value for most. It reports fault.Invalid when the
// text is neither an e-mail address nor a French telephone number.
func (s *Service) Preference(ctx context.Context, text string) (Preference, error) {
	c, ok := contact(text)
	if !ok {
		return Preference{}, fault.New(fault.Invalid, "notice.contact_invalid")
	}
	hash := s.fingerprint(c)
	found, err := preferences(ctx, s.db, hash, "")
	return found[hash], err
}

// Language is the language in which to write to somebody: what they asked for by one of their contacts, else the
// recipient's own.
func (s *Service) Language(ctx context.Context, r Recipient) (i18n.Lang, error) {
	c := r.contacts()
	found, err := preferences(ctx, s.db, s.fingerprint(c.email), s.fingerprint(c.phone))
	if err != nil {
		return "", err
	}
	for _, asked := range []i18n.Lang{found[s.fingerprint(c.email)].Lang, found[s.fingerprint(c.phone)].Lang, r.Lang} {
		if asked != "" {
			return asked, nil
		}
	}
	return i18n.French, nil
}

// SetPreference writes what the owner of a contact asks for. Saying that they no longer stop needs their own act, as
// this is one. It reports fault.Invalid when the text is no contact.
func (s *Service) SetPreference(ctx context.Context, by audit.Actor, text string, p Preference) error {
	c, ok := contact(text)
	if !ok {
		return fault.New(fault.Invalid, "notice.contact_invalid")
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return s.preferTx(ctx, tx, by, s.fingerprint(c), p) })
}

func (s *Service) preferTx(ctx context.Context, tx *db.Tx, by audit.Actor, hash string, p Preference) error {
	stopped := int64(0)
	if p.Stopped {
		stopped = db.Micros(s.now())
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO notice_preference (contact_hash, rather_call, lang, stopped_at, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (contact_hash) DO UPDATE SET rather_call = excluded.rather_call, lang = excluded.lang, stopped_at = excluded.stopped_at, changed_at = excluded.changed_at`,
		hash, p.RatherCall, p.Lang, stopped, db.Micros(s.now()))
	if err != nil {
		return err
	}
	detail := map[string]string{"stopped": yesNo(p.Stopped), "rather_call": yesNo(p.RatherCall)}
	return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by, Action: "notice.prefer", Object: audit.Object{Kind: "contact", ID: hash}, Detail: detail})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Stoppable reports whether a token of a stop link is one, for the page with the button. It changes nothing.
func (s *Service) Stoppable(ctx context.Context, token string) (bool, error) {
	hashes, err := contactsOfStop(ctx, s.db, hashToken(token))
	return len(hashes) > 0, err
}

// Stop stops writing to the contacts that a message with that token went to: what the button of the page does. It may be
// called twice. It reports fault.NotFound for an unknown token.
func (s *Service) Stop(ctx context.Context, by audit.Actor, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		hashes, err := contactsOfStop(ctx, tx, hashToken(token))
		if err != nil {
			return err
		}
		if len(hashes) == 0 {
			return fault.New(fault.NotFound, "notice.unknown_stop")
		}
		asked, err := preferences(ctx, tx, hashes...)
		if err != nil {
			return err
		}
		for _, h := range hashes {
			p := asked[h]
			if p.Stopped {
				continue
			}
			p.Stopped = true
			if err := s.preferTx(ctx, tx, by, h, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// contactsOfStop are the contacts that were written to with a stop link.
func contactsOfStop(ctx context.Context, q db.Querier, hash string) ([]string, error) {
	return db.All(ctx, q, db.Value[string], `SELECT DISTINCT contact_hash FROM notice_message
		WHERE stop_hash = $1 AND contact_hash <> '' AND channel IN ('email', 'sms') ORDER BY contact_hash`, hash)
}

// preferences returns what was asked for by fingerprint; most have none.
func preferences(ctx context.Context, q db.Querier, hashes ...string) (map[string]Preference, error) {
	out := map[string]Preference{}
	for _, h := range hashes {
		if h == "" {
			continue
		}
		p, err := db.One(ctx, q, scanPreference, `SELECT rather_call, lang, stopped_at <> 0 FROM notice_preference WHERE contact_hash = $1`, h)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[h] = p
	}
	return out, nil
}

func scanPreference(r db.Row) (Preference, error) {
	var p Preference
	return p, r.Scan(&p.RatherCall, &p.Lang, &p.Stopped)
}
