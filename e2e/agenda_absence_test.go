package e2e_test

import (
	"strings"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
)

// An absence is noted by the keyboard alone: the dates that it touches come first, it is taken back, and put back.
func TestAnAbsenceIsNotedByKeyboard(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		teamSeries(t, n, actingAs(n, identity.Mediator), agenda.Workshop)
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro/agenda")
		tab.TabTo(`a[href="/pro/agenda/equipe/absences"]`)
		tab.Press(browser.KeyEnter)
		write(tab, "#du", "04/05/2026")
		tab.TabTo(`button[value="noter"]`)
		tab.Press(browser.KeyEnter)
		if text := tab.Text("#dates"); !strings.Contains(text, "1 date est prévue") {
			t.Fatalf("the dates: %q", text)
		}
		width := map[bool]string{true: "320", false: "1280"}[strings.HasSuffix(t.Name(), "/320")]
		tab.Screenshot(shots(t, "absence-dates-"+width))
		tab.TabTo(`button[value="noter"]`)
		tab.Press(browser.KeyEnter)
		if text := tab.Text("main"); !strings.Contains(text, "L'absence est notée") {
			t.Fatalf("after it is noted: %q", text)
		}
		tab.Screenshot(shots(t, "absence-notee-"+width))
		tab.TabTo(`button[value="retirer"]`)
		tab.Press(browser.KeyEnter)
		tab.Screenshot(shots(t, "absence-retiree-"+width))
		tab.TabTo(`button[value="remettre"]`)
		tab.Press(browser.KeyEnter)
		if tab.Count(`button[value="retirer"]`) != 1 {
			t.Error("it is not there again")
		}
	})
}
