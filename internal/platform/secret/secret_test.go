package secret_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"viaduc/internal/platform/secret"
)

func TestFileSignerMakesOneKeyForAll(t *testing.T) {
	file := filepath.Join(t.TempDir(), "journal.key")
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			s, err := secret.FileSigner(file)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = s.Public
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || !strings.HasPrefix(k, secret.SignerName+"+") {
			t.Errorf("keys differ: %q and %q", k, keys[0])
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, err %v, want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEveryNewKeyIsReadable(t *testing.T) {
	for range 200 { // base64 has plus signs in one key out of two
		text, err := secret.NewSignerKey()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := secret.ParseSigner(text); err != nil {
			t.Fatalf("a key just made is refused: %v", err)
		}
	}
}

func TestSignAndVerify(t *testing.T) {
	text, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	s, err := secret.ParseSigner(text + "\n")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: "tête\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(s.Verifier)); err != nil {
		t.Errorf("own signature refused: %v", err)
	}
	for _, junk := range []string{"", "x", "PRIVATE+KEY+a+00000000+AAAA", strings.Replace(text, "A", "B", 1) + "x"} {
		if _, err := secret.ParseSigner(junk); err == nil {
			t.Errorf("ParseSigner(%q) accepts junk", junk)
		}
	}
}

func TestDerivedSecretsAreOnesOwn(t *testing.T) {
	text, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	first, err := secret.ParseSigner(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := secret.ParseSigner(text)
	if err != nil {
		t.Fatal(err)
	}
	otherText, err := secret.NewSignerKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := secret.ParseSigner(otherText)
	if err != nil {
		t.Fatal(err)
	}
	a := string(first.Derive("a"))
	if len(a) != 32 || a != string(again.Derive("a")) {
		t.Errorf("%d bytes, not the same from the same key", len(a))
	}
	if a == string(first.Derive("b")) || a == string(other.Derive("a")) {
		t.Error("another purpose or another key gives the same secret")
	}
	if (secret.Signer{}).Derive("a") != nil {
		t.Error("no key gives a secret")
	}
}
