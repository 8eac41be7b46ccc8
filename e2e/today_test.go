package e2e_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"viaduc/e2e/browser"
	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
)

// road is a network that can be cut: a browser alone does not tell workers that start later that there is none.
type road struct {
	url  string
	down atomic.Bool
}

// roadTo is a network to a node.
func roadTo(t *testing.T, n *apptest.Node) *road {
	r := &road{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.down.Load() {
			panic(http.ErrAbortHandler) // nobody answers
		}
		n.Handler.ServeHTTP(w, q)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// cut takes the network away, or gives it back.
func (r *road) cut(tab *browser.Tab, off bool) {
	r.down.Store(off)
	tab.SetOffline(off)
}

// keepsDay has a mediator's browser keep the day, and waits until it does.
func keepsDay(t *testing.T, n *road, tab *browser.Tab) {
	t.Helper()
	tab.Open(n.url + "/pro")
	tab.ClickText("Ma journée sur mes appareils")
	tab.WaitVisible("#garder-ici")
	tab.Click("#garder-ici")
	until(t, tab, "the day is kept", `(async () => { const d = await new Promise((ok) => { const r = indexedDB.open('viaduc', 1); r.onsuccess = () => ok(r.result); });
		const day = await new Promise((ok) => { const r = d.transaction('etat').objectStore('etat').get('jour'); r.onsuccess = () => ok(r.result); });
		d.close();
		const r = await navigator.serviceWorker.getRegistration('/pro');
		return !!day && !!r && !!r.active && r.active.state === 'activated'; })()`)
}

// until waits for what a script finds.
func until(t *testing.T, tab *browser.Tab, what, script string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if ok, err := browser.TryEval[bool](tab, script); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("never: %s; the page says %q; %v", what, tab.Text("main"), tab.ConsoleErrors())
		}
	}
}

const waitingNotes = `(async () => { const d = await new Promise((ok) => { const r = indexedDB.open('viaduc', 1); r.onsuccess = () => ok(r.result); });
	const n = await new Promise((ok) => { const r = d.transaction('envoi').objectStore('envoi').count(); r.onsuccess = () => ok(r.result); });
	d.close();
	return n === %N%; })()`

// waits waits until so many notes wait on the device.
func waits(t *testing.T, tab *browser.Tab, n string) {
	t.Helper()
	until(t, tab, n+" notes wait", strings.ReplaceAll(waitingNotes, "%N%", n))
}

// M8: the day is lived through without network: the page opens from the device, taps wait, the session ends meanwhile, and all is
// there once.
func TestM8TheDayWithoutNetwork(t *testing.T) {
	n := apptest.Demo(t)
	by := actingAs(n, identity.Mediator)
	dates := teamSeries(t, n, by, agenda.Workshop)
	c := comes(t, n, by, dates[0].ID, "Camille Exemple", "05 36 49 00 41", agenda.FromPhone)
	other := comes(t, n, by, dates[0].ID, "Dominique Exemple", "06 39 98 00 43", agenda.FromDesk)
	n.Reload()
	tab := browser.Start(t).Tab(t, browser.Viewport(360, 740), browser.SlowCPU(4), browser.Cookies(n.URL, n.LoginAs(by.Account)))
	r := roadTo(t, n)
	keepsDay(t, r, tab)

	r.cut(tab, true)
	began := time.Now()
	tab.Open(r.url + "/pro")
	until(t, tab, "the kept day opens", `!!document.querySelector('#garde #jour li[data-inscription]')`)
	t.Logf("the day opens in %d ms, by the clock and with the tools of the test, on a processor of a quarter of the speed; the page itself says %.0f ms",
		time.Since(began).Milliseconds(), browser.Eval[float64](tab, `performance.now()`))
	if text := tab.Text("#jour"); !strings.Contains(text, "Camille E.") || strings.Contains(text, "05 36 49 00 41") || strings.Contains(text, "Exemple") && strings.Contains(text, "Camille Exemple") {
		t.Errorf("the kept day says %q", text)
	}
	tab.Screenshot(shots(t, "jour-hors-ligne"))
	tab.Click(`#j-` + string(c.ID) + ` button[value=arrived]`)
	tab.Click(`#j-` + string(other.ID) + ` button[value=no_show]`)
	for range 3 {
		tab.Click(`form[data-geste=compter] button[value="1"]`)
	}
	tab.Click(`form[data-geste=compter] button[value="-1"]`)
	waits(t, tab, "6")
	if text := tab.Text(".reseau"); !strings.Contains(text, "6 notes à envoyer") {
		t.Errorf("the page says %q", text)
	}
	tab.Screenshot(shots(t, "jour-a-envoyer"))
	tab.Reload() // the telephone is put away, and taken out
	until(t, tab, "the taps still show", `document.querySelector('#garde output') && document.querySelector('#garde output').textContent === '2'`)
	if state := tab.Attr(`#j-`+string(c.ID), "data-etat"); state != "arrived" {
		t.Errorf("after a reload the booking is %q", state)
	}

	n.Clock.Move(25 * time.Hour) // the session ends
	r.cut(tab, false)
	until(t, tab, "the page asks to log in", `document.querySelector('.reseau').textContent.includes('reconnectez-vous')`)
	waits(t, tab, "6")
	n.Clock.Move(-25 * time.Hour)
	tab.ClickText("Se connecter") // the way back leads to the day
	tab.Open(r.url + "/pro")
	until(t, tab, "all is sent", strings.ReplaceAll(waitingNotes, "%N%", "0"))
	day, err := n.Agenda.Attendance(t.Context(), by, dates[0].Number)
	if err != nil || day.Heads != 2 {
		t.Errorf("%d came without booking, %v", day.Heads, err)
	}
	for _, s := range day.Seats {
		if want := map[agenda.ClaimID]agenda.ClaimState{c.ID: agenda.Arrived, other.ID: agenda.NoShow}[s.ID]; s.State != want {
			t.Errorf("%s is %s, want %s", s.Person.Name, s.State, want)
		}
	}
}

// aDay is the example with somebody who comes today, and the browser of her mediator that keeps the day.
func aDay(t *testing.T) (n *apptest.Node, r *road, by identity.Actor, c agenda.Claim, tab *browser.Tab) {
	t.Helper()
	n = apptest.Demo(t)
	by = actingAs(n, identity.Mediator)
	c = comes(t, n, by, teamSeries(t, n, by, agenda.Workshop)[0].ID, "Camille Exemple", "05 36 49 00 41", agenda.FromPhone)
	tab = browser.Start(t).Tab(t, browser.Viewport(360, 740), browser.Cookies(n.URL, n.LoginAs(by.Account)))
	r = roadTo(t, n)
	keepsDay(t, r, tab)
	return n, r, by, c, tab
}

// offlineTap opens the day without network and notes that somebody came.
func offlineTap(t *testing.T, r *road, tab *browser.Tab, c agenda.Claim) {
	t.Helper()
	r.cut(tab, true)
	tab.Open(r.url + "/pro")
	until(t, tab, "the kept day opens", `!!document.querySelector('#garde #jour li[data-inscription]')`)
	tab.Click(`#j-` + string(c.ID) + ` button[value=arrived]`)
	waits(t, tab, "1")
}

// stateOf is what became of a booking, as the team sees it.
func stateOf(t *testing.T, n *apptest.Node, by identity.Actor, c agenda.Claim) agenda.ClaimState {
	t.Helper()
	b, err := n.Agenda.BookingFor(t.Context(), by, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return b.Claim.State
}

// Logging out with what is not sent asks first; it stays on the device, without any name, and leaves at the next log-in.
func TestLoggingOutKeepsWhatIsNotSent(t *testing.T) {
	n, r, by, c, tab := aDay(t)
	tab.Open(r.url + "/pro")
	browser.Eval[any](tab, `window.fetch = () => Promise.reject(new Error('no network'))`)
	tab.Click(`#j-` + string(c.ID) + ` button[value=arrived]`)
	waits(t, tab, "1")
	tab.Click(`form[action="/deconnexion"] button`)
	until(t, tab, "logging out asks", `document.querySelector('.reseau').textContent.includes('pas encore envoyée')`)
	tab.Screenshot(shots(t, "jour-deconnexion"))
	browser.Eval[any](tab, `window.dispatchEvent(new Event('online'))`) // what is tried again meanwhile does not cover the question
	tab.WaitIdle(300 * time.Millisecond)
	tab.ClickText("Me déconnecter, et les garder")
	if h1 := tab.Text("h1"); h1 != "Vous êtes déconnecté" {
		t.Fatalf("after logging out: %q", h1)
	}
	waits(t, tab, "1")
	if state := stateOf(t, n, by, c); state != agenda.Booked {
		t.Errorf("the booking is %s before it is sent", state)
	}
	tab.Open(r.url + n.LoginLink(identity.Mediator))
	tab.Click("main button")
	tab.Open(r.url + "/pro")
	waits(t, tab, "0")
	if state := stateOf(t, n, by, c); state != agenda.Arrived {
		t.Errorf("after the next log-in the booking is %s", state)
	}
}

// A device that is lost forgets the day when it finds the network, and keeps what it had not sent for its owner.
func TestALostTelephoneForgets(t *testing.T) {
	n, r, by, c, tab := aDay(t)
	offlineTap(t, r, tab, c)
	devices, err := n.Agenda.Devices(t.Context(), by)
	if err != nil || len(devices) != 1 {
		t.Fatalf("%d devices, %v", len(devices), err)
	}
	if err := n.Agenda.LoseDevice(t.Context(), by, devices[0].ID); err != nil {
		t.Fatal(err)
	}
	r.cut(tab, false)
	until(t, tab, "the day is gone", `!document.querySelector('#jour') && document.querySelector('.reseau').textContent.includes('perdu')`)
	r.cut(tab, true)
	tab.Reload()
	until(t, tab, "no day is kept", `document.querySelector('#garde').textContent.includes('ne garde pas de journée')`)
	waits(t, tab, "1")
	if state := stateOf(t, n, by, c); state != agenda.Booked {
		t.Errorf("what a lost device held made the booking %s", state)
	}
}

// The day is gone the next morning, whether there is a network or not.
func TestTheDayIsGoneTheNextMorning(t *testing.T) {
	_, r, _, c, tab := aDay(t)
	offlineTap(t, r, tab, c)
	browser.Eval[any](tab, `(async () => { const d = await new Promise((ok) => { const r = indexedDB.open('viaduc', 1); r.onsuccess = () => ok(r.result); });
		await new Promise((ok) => { const t = d.transaction('etat', 'readwrite'), s = t.objectStore('etat'), r = s.get('jour'); r.onsuccess = () => { r.result.fin = Date.now() - 1; s.put(r.result, 'jour'); }; t.oncomplete = ok; });
		d.close(); })()`)
	tab.Reload()
	until(t, tab, "no day is kept", `document.querySelector('#garde').textContent.includes('ne garde pas de journée')`)
	until(t, tab, "neither day nor key is left", `(async () => { const d = await new Promise((ok) => { const r = indexedDB.open('viaduc', 1); r.onsuccess = () => ok(r.result); });
		const keys = await new Promise((ok) => { const r = d.transaction('etat').objectStore('etat').getAllKeys(); r.onsuccess = () => ok(r.result); });
		d.close(); return !keys.includes('jour') && !keys.includes('cle'); })()`)
	waits(t, tab, "1") // what was done is not
}

// A session is ended without network, on the same screen: who had arrived came, who had not did not, and the numbers are there.
func TestASessionIsEndedWithoutNetwork(t *testing.T) {
	n, r, by, c, tab := aDay(t)
	n.Clock.Move(5 * time.Hour)
	offlineTap(t, r, tab, c)
	for range 2 {
		tab.Click(`form[data-geste=compter] button[value="1"]`)
	}
	tab.ClickText("Terminer la séance")
	tab.Type(`input[name=aines]`, "1")
	tab.Type(`input[name=note]`, "La salle était froide.")
	tab.Screenshot(shots(t, "jour-terminer"))
	tab.Click(`form[data-geste=terminer] button`)
	waits(t, tab, "5") // arrived, two taps, came, the end
	r.cut(tab, false)
	waits(t, tab, "0")
	b, err := n.Agenda.BookingFor(t.Context(), by, c.ID)
	if err != nil || b.Claim.State != agenda.Attended || b.Occurrence.State != agenda.Closed {
		t.Errorf("%s on a date that is %s, %v", b.Claim.State, b.Occurrence.State, err)
	}
	if end, ok, err := n.Agenda.ClosingOf(t.Context(), by, b.Occurrence.ID); err != nil || !ok || end.Heads != 2 || end.Counts[agenda.Over60] != 1 || end.Note != "La salle était froide." {
		t.Errorf("%+v, %v, %v", end, ok, err)
	}
}

// What two noted otherwise is shown to the one who comes second, and she decides by one button.
func TestAConflictIsDecided(t *testing.T) {
	n, r, by, c, tab := aDay(t)
	offlineTap(t, r, tab, c)
	if err := n.Agenda.Mark(t.Context(), actingAs(n, identity.Manager), c.ID, agenda.NoShow); err != nil {
		t.Fatal(err)
	}
	r.cut(tab, false)
	until(t, tab, "the conflict is told", `document.querySelector('.reseau').textContent.includes('autre chose')`)
	tab.ClickText("Voir")
	if text := tab.Text("#ecarts"); !strings.Contains(text, "Garder « Pas venu »") || !strings.Contains(text, "Mettre « Arrivé »") {
		t.Errorf("the conflict reads %q", text)
	}
	tab.Screenshot(shots(t, "jour-ecart"))
	tab.Click(`#ecarts button[value=mien]`)
	if state := stateOf(t, n, by, c); state != agenda.Arrived || tab.Count("#ecarts") != 0 {
		t.Errorf("after the decision the booking is %s", state)
	}
}

// M4 and the paper twin: ten lines of a sheet are keyed in by the keyboard alone, without scripts, and ten people of a drop-in without names are a
// number. It tells how many keys that took.
func TestM4TenLinesByTheKeyboard(t *testing.T) {
	eachWidth(t, func(t *testing.T, n *apptest.Node, as func(identity.Role) *browser.Tab) {
		by := actingAs(n, identity.Mediator)
		series, err := n.Agenda.AddSeries(t.Context(), by, agenda.NewSeries{
			Mode: agenda.Workshop, Title: "Tablette (exemple)", Capacity: 10, Where: agenda.Where{Commune: "17299", Venue: "Salle du port"}, Members: []identity.AccountID{by.Account},
			Pattern: recur.Pattern{Starts: openinghours.DateOf(n.Clock.Now()), Minute: 14 * 60, Length: 120, Zone: n.Clock.Now().Location()},
		}, agenda.Published)
		if err != nil {
			t.Fatal(err)
		}
		n.Reload()
		date := n.Agenda.Index().Search(agenda.Query{Series: series.ID})[0]
		var claims []agenda.Claim
		for i := range 10 {
			claims = append(claims, comes(t, n, by, date.ID, fmt.Sprintf("Personne%c Exemple", 'A'+i), fmt.Sprintf("06 39 98 01 %02d", i), agenda.FromDesk))
		}
		n.Clock.Move(5 * time.Hour)
		tab := as(identity.Mediator)
		tab.Open(n.URL + "/pro")
		tab.ClickText("Saisir une journée")
		tab.ClickText("1 séance")
		keys := 0
		press := func(list ...browser.Key) { keys += len(list); tab.Press(list...) }
		tab.TabTo("#p-" + string(claims[0].ID))
		for i := range claims {
			if press(browser.KeySpace); i%4 == 3 { // some did not come
				press(browser.KeyRight, browser.KeyRight)
			}
			press(browser.KeyTab)
		}
		tab.Type(":focus", "10")
		tab.Screenshot(shots(t, "saisir-journee"))
		keys += 3
		press(browser.KeyEnter)
		if text := tab.Text("main"); !strings.Contains(text, "La journée est saisie") {
			t.Fatalf("after the page: %q", text)
		}
		t.Logf("%d lines and a drop-in of ten: %d keys", len(claims), keys)
		day, err := n.Agenda.Attendance(t.Context(), by, date.Number)
		if err != nil || day.Heads != 10 || day.Seats[0].State != agenda.Attended || day.Seats[3].State != agenda.NoShow || day.Seats[9].State != agenda.Attended {
			t.Errorf("%d came without a name, %v, %v", day.Heads, day.Seats, err)
		}
	})
}
