package notice

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/i18n"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
)

// Recipient is whom a message is for. Contacts are as people wrote them: one that cannot be used counts as none.
type Recipient struct {
	Ref    string    // opaque reference of another module, "person:0190..."; empty for somebody who has none
	Email  string    // address, or empty
	Phone  string    // telephone, mobile or not, or empty
	Postal string    // name and address as on an envelope, several lines, or empty
	Lang   i18n.Lang // of the values given; empty is French
}

// contacts are the usable ones of a recipient.
type contacts struct{ email, phone, postal string }

func (r Recipient) contacts() contacts {
	var c contacts
	c.email, _ = mail.Address(r.Email)
	c.phone, _ = sms.Number(r.Phone)
	var lines []string
	for line := range strings.SplitSeq(r.Postal, "\n") {
		if line = plain(line); line != "" {
			lines = append(lines, line)
		}
	}
	c.postal = strings.Join(lines, "\n")
	return c
}

// of is the contact that a message by c needs; empty where it needs none.
func (c contacts) of(ch Channel) string {
	switch ch {
	case Email:
		return c.email
	case SMS, Call:
		return c.phone
	case Letter:
		return c.postal
	}
	return ""
}

// fingerprint is what is kept of a contact beyond its use. It is keyed, since telephone numbers can all be tried.
func (s *Service) fingerprint(contact string) string {
	if contact == "" {
		return ""
	}
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("contact\x00" + strings.ToLower(contact)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// identity is how two messages to one person are known as such: the reference, else the fingerprint of a contact.
func (s *Service) identity(r Recipient, c contacts) string {
	switch {
	case r.Ref != "":
		return r.Ref
	case c.email != "":
		return s.fingerprint(c.email)
	case c.phone != "":
		return s.fingerprint(c.phone)
	}
	return s.fingerprint(c.postal)
}

// newToken returns a secret for a link, and its fingerprint.
func newToken() (token, hash string) {
	raw := make([]byte, 18)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte("stop\x00" + token))
	return hex.EncodeToString(sum[:])
}

// reach looks up by what a person can be told.
func (s *Service) reach(ctx context.Context, q db.Querier, c contacts, usefulUntil time.Time) (reach, error) {
	r := reach{
		email: c.email != "", phone: c.phone != "", mobile: sms.Mobile(c.phone), postal: c.postal != "", gateway: s.sms != nil,
		letterInTime: s.now().Add(letterTakes).Before(usefulUntil),
	}
	wanted, err := preferences(ctx, q, s.fingerprint(c.email), s.fingerprint(c.phone))
	if err != nil {
		return reach{}, err
	}
	r.emailStopped = wanted[s.fingerprint(c.email)].Stopped
	phone := wanted[s.fingerprint(c.phone)]
	r.phoneStopped, r.ratherCall = phone.Stopped, phone.RatherCall
	return r, nil
}
