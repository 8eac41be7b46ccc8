package identity

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"viaduc/internal/platform/fault"
)

// The vectors of RFC 6238, appendix B, cut to six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totpCode(secret, at/totpEvery); got != want {
			t.Errorf("code at %d = %s, want %s", at, got, want)
		}
	}
}

// D13: a clock that is thirty seconds wrong is forgiven, ninety is not.
func TestD13ClockTolerance(t *testing.T) {
	t.Parallel()
	secret, now := []byte("12345678901234567890"), time.Unix(1_800_000_000, 0)
	for skew, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, -30 * time.Second: true, 90 * time.Second: false, -90 * time.Second: false} {
		step, ok := totpStep(secret, totpCode(secret, now.Add(skew).Unix()/totpEvery), now)
		if ok != want || ok && step != now.Add(skew).Unix()/totpEvery {
			t.Errorf("a clock %v away: %v, step %d", skew, ok, step)
		}
	}
	if _, ok := totpStep(secret, "", now); ok {
		t.Error("no code passes")
	}
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, word := range strings.Fields(commonWords) {
		for _, end := range []string{"123456789012"[:max(0, minPassword-len(word))], "2024", "1234!", word, "motdepasse", "!"} {
			if p := word + end; len(p) >= minPassword {
				if refused++; !common(p) {
					t.Errorf("%q may be chosen", p)
				}
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d common passwords were tried", refused)
	}
	for _, p := range []string{
		"motdepasse123", "MotDePasse2024", "M0tDeP@sse2024", "motdepasse!!!!", "azertyuiop123", "Azertyuiop123!", "123456789012", "111111111111", "abababababab",
		"administrateur", "Bienvenue2026!", "chatonchaton", "marseillemarseille", "bonjourbonjour", "passwordpassword", "qwertyuiopasdf", "1q2w3e4r5t6y",
		"Mediatheque17", "conseillernumerique", "Numerique2026", "Rochefort2026", "iloveyou1234", "soleil123456", "sunshine2025", "Charente17000", "aqwzsxedcrfv",
		"0123456789012", "987654321098", "zyxwvutsrqpo", "abcdefghijkl", "abcabcabcabc", "changezmoi2026", "motdepasseadmin",
	} {
		if !common(p) && len([]rune(p)) >= minPassword {
			t.Errorf("%q may be chosen", p)
		}
	}
	for _, p := range []string{
		"correct cheval pile agrafe", "mon velo rouge grimpe", "Tr0ub4dor&3xyz", "le pont transbordeur", "quatre sardines bleues", "xK9#vQ2!mZ7p", "mots de passe a moi seul",
		"une huître du vendredi", "ptitdejaveclucienne",
	} {
		if common(p) {
			t.Errorf("%q is refused as common", p)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	about := []string{"jeanne.durand@exemple.fr", "Jeanne", "Durand"}
	for p, want := range map[string]string{
		"onze lettre":                  "identity.password_short",
		strings.Repeat("é", 11):        "identity.password_short",
		strings.Repeat("bateau ", 19):  "identity.password_long",
		"motdepasse2024":               "identity.password_common",
		"jeanne.durand":                "identity.password_about_you",
		"JeanneDurand17":               "identity.password_about_you",
		"durand-jeanne-1":              "identity.password_about_you",
		"Jeanne aime les moules":       "",
		"douze lettres":                "",
		"  espaces gardés  ":           "",
		"密碼密碼密碼密碼安全長度的":                "",
		"😀 quatre mots sans lien":      "",
		"Durandal et les sept nains":   "",
		"le mot de passe de ma grange": "",
	} {
		err := CheckPassword(p, about...)
		f, _ := fault.As(err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v %v", p, err, f.Fields)
		case want != "" && (f == nil || f.Fields["password"].Key != want):
			t.Errorf("%q: %v, want %s", p, err, want)
		}
	}
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h, ctx := newHasher(today), t.Context()
	kept, err := h.hash(ctx, "quatre sardines bleues é")
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("kept %q, %v", kept, err)
	}
	check := func(password, kept string, want, wantWeak bool) {
		t.Helper()
		ok, weak, err := h.verify(ctx, password, kept)
		if err != nil || ok != want || weak != wantWeak {
			t.Errorf("verify(%q) = %v, %v, %v", password, ok, weak, err)
		}
	}
	check("quatre sardines bleues é", kept, true, false)
	check("quatre sardines bleues e\u0301", kept, true, false) // typed on another keyboard
	check("quatre sardines bleues", kept, false, false)
	check("", kept, false, false)
	check("", "", false, false)
	check(strings.Repeat("a", 1<<20), kept, false, false)
	weaker := cost{memory: 8 * 1024, rounds: 1, threads: 1}
	salt := []byte("0123456789abcdef")
	sum, err := h.run(ctx, "ancien mot", salt, weaker, hashSize)
	if err != nil {
		t.Fatal(err)
	}
	check("ancien mot", encode(weaker, salt, sum), true, true)
	for _, damaged := range []string{"x", "$argon2id$v=19$m=1,t=0,p=1$AAAA$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$%$AAAA", "$argon2id$v=19$x$AAAA$AAAA"} {
		if ok, _, err := h.verify(ctx, "x", damaged); ok || err == nil {
			t.Errorf("%q is no refusal", damaged)
		}
	}
	cancelled, stop := context.WithCancel(ctx)
	stop()
	for range cap(h.places) {
		h.places <- struct{}{}
	}
	if _, err := h.hash(cancelled, "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a caller who left: %v", err)
	}
}

func TestThrottleGrows(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]time.Duration{0: 0, 1: 0, 4: 0, 5: 30 * time.Second, 6: time.Minute, 7: 2 * time.Minute, 10: 15 * time.Minute, 11: 15 * time.Minute, 1 << 40: 15 * time.Minute} {
		if got := byAccount.wait(n); got != want {
			t.Errorf("after %d failures: %v, want %v", n, got, want)
		}
	}
}

func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		throttle throttle
		n        int64
		since    time.Duration
		want     int64
	}{
		{byAccount, 7, 23 * time.Hour, 7},
		{byAccount, 7, 24 * time.Hour, 0},
		{byAddress, 200, time.Minute, 180},
		{byAddress, 10, time.Minute, 0},
		{byAddress, 299, 2 * time.Second, 299},
		{byAddress, 299, 15 * time.Minute, 0},
	} {
		if got := tc.throttle.left(tc.n, tc.since); got != tc.want {
			t.Errorf("%d failures, %v later: %d, want %d", tc.n, tc.since, got, tc.want)
		}
	}
}

func TestVault(t *testing.T) {
	t.Parallel()
	v, other := newVault([]byte("0123456789abcdef0123456789abcdef")), newVault([]byte("another key another key another."))
	sealed, err := v.seal([]byte("secret"), "jeanne")
	if err != nil || strings.Contains(string(sealed), "secret") {
		t.Fatalf("%q, %v", sealed, err)
	}
	if open, err := v.unseal(sealed, "jeanne"); err != nil || string(open) != "secret" {
		t.Errorf("%q, %v", open, err)
	}
	if _, err := v.unseal(sealed, "paul"); err == nil {
		t.Error("opens for another owner")
	}
	if _, err := other.unseal(sealed, "jeanne"); err == nil {
		t.Error("opens with another key")
	}
	if _, err := v.unseal(nil, "jeanne"); err == nil {
		t.Error("nothing opens")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := v.unseal(sealed, "jeanne"); err == nil {
		t.Error("opens when changed")
	}
	if bytes.Equal(v.hash("a", "bc"), v.hash("a", "b", "c")) || bytes.Equal(v.hash("a", "b"), other.hash("a", "b")) {
		t.Error("two hashes are the same")
	}
	if _, err := newVault(nil).seal(nil, ""); err == nil || newVault(nil).ready() == nil {
		t.Error("a vault without a key works")
	}
}

func TestNetworkIsOneLine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::1%eth0": "2001:db8:1:2::/64", "unix": "unix",
	} {
		if got := network(address); got != want {
			t.Errorf("network(%s) = %s, want %s", address, got, want)
		}
	}
}
