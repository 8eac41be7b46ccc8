// Package web shows the journal: what concerns me, to everyone who has an account; all of it, to the administrator and to
// the data protection officer, who search it; and its signed heads, to everybody (/journal), so that anyone can keep one
// and prove later that nothing was rewritten.
package web

import (
	"embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/db"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit     *ui.Kit
	Gate    *gate.Gate
	Journal *audit.Journal
	Lines   *audit.Reader
	Key     func() string // public key of the journal; "" where the node holds none
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	mux.Handle("GET /journal", h.Kit.Handle(h.showHeads))
	mux.Handle("GET /pro/compte/journal", h.Kit.Handle(h.Gate.Staff(identity.AuditRead, h.showMine)))
	mux.Handle("GET /compte/journal", h.Kit.Handle(h.Gate.Anyone(identity.AuditRead, h.showMine)))
	mux.Handle("GET /pro/admin/journal", h.Kit.Handle(h.Gate.Staff(identity.AuditSearch, h.search)))
}

// lineRow is a line as the pages show it.
type lineRow struct {
	At, Said string
}

// linesPage is the view of a list of lines.
type linesPage struct {
	ui.Page
	Back    ui.Back
	Heading string
	Intro   string
	Filters ui.Filters
	Search  bool
	Rows    []lineRow
	More    string
}

// pageLines is how many lines a page shows.
const pageLines = 25

func (h *Handlers) rows(r *http.Request, p ui.Page, by identity.Actor, lines []audit.Line) ([]lineRow, error) {
	told, err := h.Lines.Say(r.Context(), by.Audit(), lines)
	if err != nil {
		return nil, err
	}
	out := make([]lineRow, 0, len(told))
	for _, t := range told {
		out = append(out, lineRow{At: p.Moment(db.Time(t.At)), Said: t.Said})
	}
	return out, nil
}

// showMine lists what concerns one's own account: what one did, and what others did or tried.
func (h *Handlers) showMine(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	after, err := audit.ParseCursor(r.URL.Query().Get("apres"))
	if err != nil {
		return err
	}
	found, err := h.Journal.Concerning(r.Context(), audit.Object{Kind: "account", ID: string(by.Account)}, after, pageLines)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Ce qui a été fait sur mon compte")
	home := "/pro/compte"
	if by.Kind == identity.Resident {
		home = "/compte"
	}
	v := linesPage{
		Page: p, Back: p.Back(home), Heading: "Ce qui a été fait sur mon compte",
		Intro: "Chaque action qui vous concerne est notée ici, par vous ou par d'autres, essais manqués compris. Personne ne peut effacer ces lignes en cachette.",
	}
	if v.Rows, err = h.rows(r, p, by, found.Lines); err != nil {
		return err
	}
	if next := found.Next.String(); next != "" {
		v.More = home + "/journal?apres=" + url.QueryEscape(next)
	}
	return h.Kit.Render(w, r, http.StatusOK, "audit_lines", v)
}

// search looks lines up for the administrator and the data protection officer.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	f := audit.Filter{Action: strings.TrimSpace(q.Get("action")), Actor: audit.Actor(strings.TrimSpace(q.Get("auteur")))}
	f.Object = audit.Object{Kind: strings.TrimSpace(q.Get("sorte")), ID: strings.TrimSpace(q.Get("objet"))}
	if f.Object.Kind == "" {
		f.Object.ID = ""
	}
	p := h.Kit.Page(r, "Le journal")
	zone := p.Now().Location()
	if from, err := time.ParseInLocation(time.DateOnly, q.Get("du"), zone); err == nil {
		f.From = from
	}
	if to, err := time.ParseInLocation(time.DateOnly, q.Get("au"), zone); err == nil {
		f.To = to.AddDate(0, 0, 1)
	}
	var err error
	if f.After, err = audit.ParseCursor(q.Get("apres")); err != nil {
		return err
	}
	found, err := h.Journal.Search(r.Context(), f, pageLines)
	if err != nil {
		return err
	}
	v := linesPage{Page: p, Back: p.Back("/pro/admin"), Heading: "Le journal", Search: true}
	v.Filters = ui.Filters{
		Action: "/pro/admin/journal", Label: "Chercher dans le journal", Button: "Chercher",
		Fields: []ui.Field{
			{Name: "du", Label: "Du", Type: "date", Value: q.Get("du"), Short: true}, {Name: "au", Label: "Au", Type: "date", Value: q.Get("au"), Short: true},
			{Name: "action", Label: "Action", Hint: "Son début : place., identity.login", Value: f.Action},
			{Name: "auteur", Label: "Auteur", Hint: "Identifiant de compte, ou cli, system, anonymous.", Value: string(f.Actor)},
			{Name: "sorte", Label: "Sorte d'objet", Hint: "account, place, organisation...", Value: f.Object.Kind}, {Name: "objet", Label: "Identifiant de l'objet", Value: f.Object.ID},
		},
	}
	if v.Rows, err = h.rows(r, p, by, found.Lines); err != nil {
		return err
	}
	if next := found.Next.String(); next != "" {
		q.Set("apres", next)
		v.More = "/pro/admin/journal?" + q.Encode()
	}
	return h.Kit.Render(w, r, http.StatusOK, "audit_lines", v)
}

// headsPage is the view of /journal.
type headsPage struct {
	ui.Page
	Key   string
	Heads []headRow
}

// headRow is a signed head.
type headRow struct {
	At, Size, Note string
}

// headsShown is how many heads the page has: the newest says all that those before it said.
const headsShown = 10

func (h *Handlers) showHeads(w http.ResponseWriter, r *http.Request) error {
	heads, err := h.Journal.Heads(r.Context(), headsShown)
	if err != nil {
		return err
	}
	v := headsPage{Page: h.Kit.Page(r, "Le journal et ses preuves"), Key: h.Key()}
	for _, one := range heads {
		v.Heads = append(v.Heads, headRow{At: v.Moment(db.Time(one.At)), Size: v.Number(int(one.Size)), Note: one.Note})
	}
	return h.Kit.Render(w, r, http.StatusOK, "audit_heads", v)
}
