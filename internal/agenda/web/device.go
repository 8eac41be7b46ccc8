package web

import (
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// The day without network. A device asks for the day (GET /pro/journee/copie), keeps it encrypted until the next morning, and sends what was
// done meanwhile (POST /pro/journee/envoi) until it is answered. A script of the browser's own (ui.WorkerPath) serves ui.OfflinePath where
// no network answers; neither holds a name, and both are everybody's.

// The addresses of a device.
const (
	copyPath    = homePath + "/journee/copie"
	sendPath    = homePath + "/journee/envoi"
	gapsPath    = homePath + "/journee/ecarts"
	devicesPath = homePath + "/journee/appareils"
)

func (h *Handlers) deviceRoutes(mux ui.Mux) {
	mux.Handle("GET "+copyPath, h.Kit.Handle(h.forDevice(h.sendDay)))
	mux.Handle("POST "+sendPath, h.Kit.Handle(h.forDevice(h.takeActions)))
	h.staff(mux, "POST "+gapsPath, identity.AgendaPeople, h.settleGap)
	h.staff(mux, "GET "+devicesPath, identity.AgendaPeople, h.showDevices)
	h.staff(mux, "POST "+devicesPath, identity.AgendaPeople, h.loseDevice)
	h.public(mux, "GET "+ui.OfflinePath, h.showOffline)
	h.public(mux, "GET "+ui.WorkerPath, h.sendWorker)
	h.public(mux, "GET "+ui.ManifestPath, h.sendManifest)
}

// deviceAnswer is a refusal as a device reads it.
type deviceAnswer struct {
	Lost bool   `json:"perdu,omitempty"` // forget the day
	Why  string `json:"pourquoi"`        // sentence for the person
}

// forDevice lets who sees people reach what a device asks, and says refusals to the device rather than as a page. A device without a
// session learns all the same that it is lost.
func (h *Handlers) forDevice(f func(http.ResponseWriter, *http.Request, identity.Actor) error) func(http.ResponseWriter, *http.Request) error {
	guarded := h.Gate.Staff(identity.AgendaPeople, f)
	return func(w http.ResponseWriter, r *http.Request) error {
		err := guarded(w, r)
		refusal, ok := fault.As(err)
		if !ok || refusal.Kind == fault.Internal {
			return err
		}
		lost := refusal.Message.Key == "agenda.device_lost"
		if refusal.Kind == fault.Unauthenticated {
			if lost, err = h.Agenda.Lost(r.Context(), agenda.DeviceID(r.URL.Query().Get("appareil"))); err != nil {
				return err
			}
		}
		return sayToDevice(w, httpx.Status(refusal.Kind), deviceAnswer{lost, h.Kit.Page(r, "").T(refusal.Message.Key, refusal.Message.Args...)})
	}
}

// sayToDevice answers with JSON that nothing keeps.
func sayToDevice(w http.ResponseWriter, status int, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	personal(w)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the device left: it asks again
	return nil
}

// forgetHour is when a device forgets the day before, on the clocks of the territory: nobody works then.
const forgetHour = 4

// sendDay gives a device the day of by, and until when it keeps it.
func (h *Handlers) sendDay(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	session, err := h.Gate.Session(r)
	if err != nil {
		return err
	}
	if err := h.Agenda.KeepDevice(r.Context(), by, agenda.DeviceID(r.URL.Query().Get("appareil")), session.Device); err != nil {
		return err
	}
	p := h.Kit.Page(r, "")
	v, err := h.today(r, by, p)
	if err != nil {
		return err
	}
	body, err := h.Kit.Fragment("agenda_today", v.withoutDetails())
	if err != nil {
		return err
	}
	now := p.Now()
	until := openinghours.DateOf(now).AddDays(1).In(now.Location()).Add(forgetHour * time.Hour)
	return sayToDevice(w, http.StatusOK, struct {
		Account string `json:"compte"`
		Day     string `json:"jour"`
		Keep    int64  `json:"reste"` // milliseconds from now: the clock of a device may be wrong
		HTML    string `json:"html"`
	}{string(by.Account), v.Day, until.Sub(now).Milliseconds(), string(body)})
}

// sentAction is an action as a device sends it.
type sentAction struct {
	ID    string `json:"id"`
	Seq   int64  `json:"rang"`
	Kind  string `json:"geste"` // marquer, compter, terminer
	At    int64  `json:"quand"` // milliseconds, by the clock of the device
	Date  string `json:"date"`
	Claim string `json:"inscription"`
	As    string `json:"comme"`
	N     int    `json:"combien"`
	Seen  int64  `json:"version"`
	Heads int    `json:"personnes"` // of an end: in all, and of those
	First int    `json:"premiere"`
	Young int    `json:"jeunes"`
	Older int    `json:"aines"`
	Note  string `json:"note"`
}

// action is what was sent in the words of the agenda.
func (a sentAction) action() agenda.Action {
	kind := map[string]agenda.ActionKind{"marquer": agenda.MarkAction, "compter": agenda.HeadAction, "terminer": agenda.EndAction}[a.Kind]
	return agenda.Action{
		ID: a.ID, Seq: a.Seq, Kind: kind, At: time.UnixMilli(a.At), Occurrence: agenda.ID(a.Date), Claim: agenda.ClaimID(a.Claim), As: agenda.ClaimState(a.As), N: a.N, Seen: a.Seen,
		End: agenda.Closing{Heads: a.Heads, Counts: map[agenda.CountKind]int{agenda.FirstTime: a.First, agenda.Under25: a.Young, agenda.Over60: a.Older}, Note: a.Note},
	}
}

// maxSentBody bounds what a device sends at once, in bytes.
const maxSentBody = 256 << 10

// takeActions takes what was done on a device, and says what became of each.
func (h *Handlers) takeActions(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	var sent struct {
		Actions []sentAction `json:"gestes"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSentBody)).Decode(&sent); err != nil {
		return fault.New(fault.Invalid, "agenda.invalid")
	}
	actions := make([]agenda.Action, len(sent.Actions))
	for i, one := range sent.Actions {
		actions[i] = one.action()
	}
	outcomes, err := h.Agenda.Sync(r.Context(), by, agenda.DeviceID(r.URL.Query().Get("appareil")), actions)
	if _, ok := errors.AsType[*fault.Error](err); ok || err != nil && len(outcomes) == 0 {
		return err
	}
	p := h.Kit.Page(r, "")
	type answered struct {
		ID     string `json:"id"`
		Result string `json:"issue"` // done, same, late, conflict, refused
		Why    string `json:"pourquoi,omitempty"`
	}
	out := make([]answered, len(outcomes)) // where the rest failed, the device sends it again
	for i, o := range outcomes {
		out[i] = answered{ID: o.ID, Result: string(o.Result)}
		if o.Why != "" {
			out[i].Why = p.T(o.Why)
		}
	}
	return sayToDevice(w, http.StatusOK, map[string]any{"compte": by.Account, "issues": out})
}

// offlinePage is the view of what stands for the pages of the team without network. It knows nobody.
type offlinePage struct{ ui.Page }

func (h *Handlers) showOffline(w http.ResponseWriter, r *http.Request) error {
	v := offlinePage{h.Kit.Page(r, "Ma journée")}
	v.Menu, v.Banner = []ui.MenuLink{{Text: "Ma journée", Href: homePath}, {Text: v.T("identity.menu.leave"), Href: "/deconnexion"}}, ""
	return h.Kit.Render(w, r, http.StatusOK, "agenda_offline", v)
}

// sendManifest makes an application of the pages of the team, where somebody wants its picture among those of the telephone.
func (h *Handlers) sendManifest(w http.ResponseWriter, r *http.Request) error {
	body, err := json.Marshal(map[string]any{
		"name": "Ma journée, " + h.Kit.Page(r, "").Site.Title, "short_name": "Ma journée", "lang": "fr", "id": homePath, "start_url": homePath, "scope": homePath, "display": "standalone",
		"background_color": "#ffffff", "theme_color": "#0b4f8a",
		"icons": []map[string]string{{"src": ui.AssetPath("icone.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any maskable"}},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body)
	return nil
}

// workerScript is the service worker of the pages of the team: it keeps the page without names that stands for them, and nothing else.
//
//go:embed worker.js
var workerScript string

// sendWorker sends the script that a browser keeps to serve the page without network. What it keeps is named by its content.
func (h *Handlers) sendWorker(w http.ResponseWriter, r *http.Request) error {
	kept := h.Kit.Page(r, "").OfflineAssets()
	script := strings.NewReplacer("%PAGE%", ui.OfflinePath, "%HOME%", homePath, "%KEPT%", "'"+strings.Join(kept, "','")+"'").Replace(workerScript)
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Service-Worker-Allowed", homePath)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(script))
	return nil
}

// devicesPage is the view of the devices on which somebody keeps the day.
type devicesPage struct {
	ui.Page
	Back    ui.Back
	Said    ui.Message
	Account string // who may keep the day here; "" on a screen that others use next
	Devices []deviceRow
}

type deviceRow struct {
	ID, Name, Since, Seen string
	Lost                  string // when it was said to be lost; "" for one in hand
}

func (h *Handlers) showDevices(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	v := devicesPage{Page: h.Kit.Page(r, "Ma journée sur mes appareils"), Said: saidDone(r)}
	v.Back = v.Page.Back(homePath)
	if !by.Kiosk {
		v.Account = string(by.Account)
	}
	list, err := h.Agenda.Devices(r.Context(), by)
	if err != nil {
		return err
	}
	for _, d := range list {
		row := deviceRow{ID: string(d.ID), Name: d.Name, Since: v.Moment(d.CreatedAt), Seen: v.Moment(d.SeenAt)}
		if !d.LostAt.IsZero() {
			row.Lost = v.Moment(d.LostAt)
		}
		v.Devices = append(v.Devices, row)
	}
	personal(w)
	return h.Kit.Render(w, r, http.StatusOK, "agenda_devices", v)
}

func (h *Handlers) loseDevice(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := answers(w, r)
	if err != nil {
		return err
	}
	if err := h.Agenda.LoseDevice(r.Context(), by, agenda.DeviceID(form("appareil"))); err != nil {
		return err
	}
	return done(w, r, devicesPath, "perdu", "")
}
