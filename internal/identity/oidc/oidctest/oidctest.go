// Package oidctest runs, for tests, a stand-in of ProConnect or FranceConnect on loopback: the OpenID Provider library that
// both are built on (npm oidc-provider), as strict as they are. Whoever comes there is logged in already and says yes.
package oidctest

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"viaduc/internal/identity/oidc"
)

//go:embed provider.mjs
var program []byte

// What the stand-in registers its one service with.
const (
	ClientID = "viaduc"
	Secret   = "SECRET-OF-THE-CLIENT"
)

// Provider is a stand-in, first its address alone, so that the service can be told, then a process.
type Provider struct {
	Issuer string
	kind   oidc.Kind
	port   int
	t      testing.TB
}

// Person says how the one person who comes is asked, and who it is.
type Person struct {
	MFA     bool   `json:"mfa"`     // by two factors
	Subject string `json:"subject"` // "person-1" where nothing is said
	Email   string `json:"email"`   // of ProConnect
}

// New reserves the address of a stand-in.
func New(t testing.TB, kind oidc.Kind) *Provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	return &Provider{Issuer: fmt.Sprintf("http://127.0.0.1:%d", port), kind: kind, port: port, t: t}
}

// Serve runs the stand-in for a service at a public address, until the test ends. Without node and the library it skips
// the test, but fails it in CI.
func (p *Provider) Serve(public string, who Person) {
	t := p.t
	t.Helper()
	node, err := exec.LookPath("node")
	modules := modulesFolder()
	if err != nil || modules == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("node or oidc-provider is missing: scripts/install-test-tools.sh")
		}
		t.Skip("node or oidc-provider is missing: scripts/install-test-tools.sh")
	}
	raw, err := json.Marshal(map[string]any{
		"issuer": p.Issuer, "port": p.port, "client": ClientID, "secret": Secret, "kind": p.kind, "mfa": who.MFA, "subject": who.Subject, "email": who.Email,
		"redirect": public + p.kind.CallbackPath(), "logout": public + p.kind.LogoutPath(),
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "provider.mjs")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		t.Fatal(err)
	}
	p.run(exec.CommandContext(t.Context(), node, file, string(raw), modules))
}

// run waits until the process listens, and ends it with the test.
func (p *Provider) run(cmd *exec.Cmd) {
	p.t.Helper()
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return
		}
	}
	p.t.Fatalf("the provider does not start: %s", said.String())
}

// modulesFolder is where npm installed the library, "" for nowhere.
func modulesFolder() string {
	_, here, _, _ := runtime.Caller(0)
	for dir := filepath.Dir(here); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "e2e", "node_modules", "oidc-provider")); err == nil {
			return filepath.Join(dir, "e2e")
		}
	}
	return ""
}
