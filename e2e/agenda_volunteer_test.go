package e2e_test

import (
	"strings"
	"testing"

	"viaduc/e2e/audit"
	"viaduc/e2e/browser"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// A shift is added and somebody put on it by the keyboard alone; the week then passes the audit.
func TestAVolunteerIsSignedUpByKeyboard(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		tab := as(identity.Manager)
		tab.Open(n.URL + "/pro/agenda")
		tab.TabTo(`a[href="/pro/agenda/benevoles"]`)
		tab.Press(browser.KeyEnter)
		for selector, text := range map[string]string{"#role": "Réparation", "#jour": "04/05/2026", "#debut": "8 h", "#fin": "17 h", "#besoin": "2"} {
			write(tab, selector, text)
		}
		tab.TabTo(`button[value="ajouter"]`)
		tab.Press(browser.KeyEnter)
		write(tab, "#nom", "Camille Exemple")
		write(tab, "#telephone", "05 36 49 00 41")
		tab.TabTo(`button[value="inscrire"]`)
		tab.Press(browser.KeyEnter)
		if text := tab.Text("main"); !strings.Contains(text, "Camille E.") || !strings.Contains(text, "Il manque 1") {
			t.Fatalf("after signing up: %q", text)
		}
		width := map[bool]string{true: "320", false: "1280"}[strings.HasSuffix(t.Name(), "/320")]
		tab.Screenshot(shots(t, "benevoles-"+width))
		if width == "320" {
			audit.Page(t, browser.Start(t), n.URL+"/pro/agenda/benevoles", audit.Staff, browser.Cookies(n.URL, n.Login(identity.Manager))).Check(t)
		}
	})
}
