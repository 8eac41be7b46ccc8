package e2e_test

import (
	"strconv"
	"testing"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/platform/id"
)

// endedDate begins the date of a team, ends that of the week after, and returns the number of the latter.
func endedDate(t *testing.T, n *apptest.Node, dates teamDates) string {
	t.Helper()
	by := actingAs(n, identity.Mediator)
	found := n.Agenda.Index().Search(agenda.Query{Series: agenda.SeriesID(dates.series)})
	c := comes(t, n, by, found[1].ID, "Camille Exemple", "05 36 49 00 41", agenda.FromPhone)
	for _, f := range found[:2] {
		if err := n.Agenda.SetState(t.Context(), by, f.ID, agenda.InProgress); err != nil {
			t.Fatal(err)
		}
	}
	err := n.Agenda.Close(t.Context(), by, agenda.Closing{
		ID: id.New(), Occurrence: found[1].ID, Marks: map[agenda.ClaimID]agenda.ClaimState{c.ID: agenda.Attended}, Heads: 10,
		Counts: map[agenda.CountKind]int{agenda.FirstTime: 4}, Note: "Prévoir une rallonge.",
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Reload()
	return strconv.FormatInt(int64(found[1].Number), 10)
}

// M4: ten people of a drop-in are noted on one page, without a name; the date says ten.
func TestM4TenPeopleWithoutANameOnOnePage(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		teamSeries(t, n, actingAs(n, identity.Mediator), agenda.WalkIn)
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro/agenda")
		press(tab, `.rdv a[href="/pro/agenda/dates/1"]`)
		press(tab, `button[value="in_progress"]`)
		press(tab, `a[href="/pro/agenda/dates/1/fin"]`)
		write(tab, "#heads", "10")
		write(tab, "#first", "3")
		write(tab, "#older", "6")
		tab.Press(browser.KeyEnter)
		tab.WaitLoaded()
		says(t, tab, "La séance est terminée", "10 personnes", "6 personnes")
		press(tab, `main p > a[href="/pro/agenda/dates/1"]`)
		says(t, tab, "10 personnes venues sans inscription")
	})
}

// M7: after a workshop its mediator says on one page who came, and finds the next appointment of somebody without writing her name again.
func TestM7AWorkshopIsEnded(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		agendaOfTeam(t, n)
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro/agenda/dates/1")
		press(tab, `button[value="in_progress"]`)
		press(tab, `a[href="/pro/agenda/dates/1/fin"]`)
		press(tab, `form[action$="/fin"] button:not([name])`)
		says(t, tab, "Dites si cette personne est venue")
		tab.Click(`input[value="attended"]`)
		press(tab, `button[name="reste"]`)
		says(t, tab, "La séance est terminée", "Inscrites et pas venues")
		press(tab, `a[href*="?pour="]`)
		says(t, tab, "Pour C")
		press(tab, `.rdv a`)
		if got := tab.Value("#name"); got == "" {
			t.Error("the name is to be written again")
		}
	})
}
