package identity_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"viaduc/internal/identity/web"
	"viaduc/internal/platform/i18n"
)

var (
	refusalKey = regexp.MustCompile(`(?:fault\.New\(fault\.\w+, |\.With\([^,]+, |refuse\(|ConfirmFirst = )"(identity\.[a-z_]+)"`)
	anyKey     = regexp.MustCompile(`"(identity\.[a-z_.]+)"`)
)

// Every refusal has its sentence, and no sentence is left over.
func TestRefusalsHaveTheirWords(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.New(web.Locale)
	must(t, err)
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, beside := range []string{"gate/*.go", "oidc/*.go", "web/*.go", "../app/*.go"} { // what pages refuse and name by themselves
		more, err := filepath.Glob(beside)
		must(t, err)
		files = append(files, more...)
	}
	used, mentioned := map[string]bool{}, map[string]bool{"identity.given_name_missing": true, "identity.family_name_missing": true}
	for _, file := range files {
		if len(file) > 8 && file[len(file)-8:] == "_test.go" {
			continue
		}
		raw, err := os.ReadFile(file)
		must(t, err)
		for _, m := range refusalKey.FindAllStringSubmatch(string(raw), -1) {
			used[m[1]] = true
		}
		for _, m := range anyKey.FindAllStringSubmatch(string(raw), -1) {
			mentioned[m[1]] = true
		}
	}
	if len(used) < 30 {
		t.Errorf("only %d refusals were found: does the test still read the code?", len(used))
	}
	has := map[string]bool{}
	for _, key := range catalog.Keys(i18n.French) {
		has[key] = true
		if !mentioned[key] {
			t.Errorf("%s is said by nobody", key)
		}
	}
	for key := range used {
		if !has[key] {
			t.Errorf("%s has no words", key)
		}
	}
}
