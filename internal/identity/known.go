package identity

import (
	"crypto/hmac"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// KnownBrowser is what a browser keeps after a log-in, so that it is known again: failures elsewhere then slow down neither
// this person here nor, behind one address, the whole building. It logs nobody in. It ends with a new password or factor.
type KnownBrowser string

// KnownFor is how long a browser is known again.
const KnownFor = 90 * 24 * time.Hour

// knownBrowser makes the mark of a browser where a person logged in.
func (s *Service) knownBrowser(a Account) KnownBrowser {
	nonce := string(newToken())[:16]
	at := strconv.FormatInt(s.now().Unix(), 10)
	return KnownBrowser(nonce + "." + at + "." + s.knownMark(a, nonce, at))
}

func (s *Service) knownMark(a Account, nonce, at string) string {
	return s.vault.mark("known browser", string(a.ID), strconv.FormatInt(a.Epoch, 10), nonce, at)
}

// knows returns the nonce of a browser that a person logged in with; ok is false for anything else.
func (s *Service) knows(k KnownBrowser, a Account) (nonce string, ok bool) {
	parts := strings.Split(string(k), ".")
	if len(parts) != 3 || a.ID == "" {
		return "", false
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || s.now().Sub(time.Unix(at, 0)) > KnownFor {
		return "", false
	}
	return parts[0], hmac.Equal([]byte(parts[2]), []byte(s.knownMark(a, parts[0], parts[1])))
}

// network is what counts as one address: an IPv4 address, or the /64 that one line of IPv6 has.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
