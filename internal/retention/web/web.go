// Package web shows what is kept about people, why and how long (/pro/admin/durees), to the administrator and to the data
// protection officer, who alone may change a duration or hold an erasure. A change is tried first: its page says what it
// would erase, and one button puts it in force.
package web

import (
	"embed"
	"net/http"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/platform/fault"
	"viaduc/internal/retention"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit       *ui.Kit
	Gate      *gate.Gate
	Retention *retention.Service
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	staff := func(pattern string, action identity.Action, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(action, f)))
	}
	staff("GET /pro/admin/durees", identity.RetentionRead, h.list)
	staff("GET /pro/admin/durees/registre", identity.RetentionRead, h.register)
	staff("GET /pro/admin/durees/{regle}", identity.RetentionRead, h.show)
	staff("POST /pro/admin/durees/{regle}/essai", identity.RetentionEdit, h.try)
	staff("POST /pro/admin/durees/{regle}", identity.RetentionEdit, h.change)
	staff("POST /pro/admin/gels", identity.RetentionHold, h.hold)
}

// listPage is the view of all rules.
type listPage struct {
	ui.Page
	Back  ui.Back
	Said  ui.Message
	Rules ui.Table
	Holds ui.Table
}

// saidWords are what pages say after a redirect.
var saidWords = map[string]string{
	"duree": "La durée est en vigueur. Ce qui la dépasse s'en va avec le prochain passage.", "gel": "L'effacement est suspendu.", "fin-gel": "L'effacement reprend.",
}

func said(r *http.Request) ui.Message {
	if text, ok := saidWords[r.URL.Query().Get("fait")]; ok {
		return ui.Message{Kind: ui.Success, Text: text}
	}
	return ui.Message{}
}

func (h *Handlers) list(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	states, err := h.Retention.States(r.Context())
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Durées de conservation")
	v := listPage{Page: p, Back: p.Back("/pro/admin"), Said: said(r)}
	v.Rules = ui.Table{Caption: "Ce qui est gardé", Columns: []string{"Quoi", "Pourquoi", "Durée", "Dernier passage", "Effacés"}}
	for _, s := range states {
		when, erased := "jamais", "0"
		if s.Last != nil {
			when, erased = p.DateLong(s.Last.StartedAt.In(p.Now().Location())), p.Number(s.Last.Erased+s.Last.Anonymised)
		}
		row := []ui.Cell{{Text: s.Keeps, Href: "/pro/admin/durees/" + s.Key}, {Text: s.Purpose}, {Text: s.Current.French()}, {Text: when}, {Text: erased, Number: true}}
		if s.Held {
			row[0].Tag = ui.Tag{Text: "Suspendu", Kind: ui.Warning}
		}
		v.Rules.Rows = append(v.Rules.Rows, row)
	}
	v.Rules.Sort(p, r.URL.Query(), "quoi", "pourquoi")
	if err := h.holds(r, &v); err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "retention_list", v)
}

func (h *Handlers) holds(r *http.Request, v *listPage) error {
	holds, err := h.Retention.Holds(r.Context())
	if err != nil {
		return err
	}
	v.Holds = ui.Table{Caption: "Effacements suspendus", Columns: []string{"Quoi", "Raison", "Jusqu'au"}, Empty: "Aucun effacement n'est suspendu."}
	for _, one := range holds {
		if !h.Retention.Active(one) {
			continue
		}
		what := one.Rule
		if what == "" {
			what = one.Object.Kind + " " + one.Object.ID
		}
		until := one.Until
		if day, err := time.Parse(time.DateOnly, until); err == nil {
			until = v.DateLong(day)
		}
		v.Holds.Rows = append(v.Holds.Rows, []ui.Cell{{Text: what}, {Text: one.Reason.French()}, {Text: until}})
	}
	return nil
}

// rulePage is the view of one rule: what it keeps, what the next run would erase, and a change.
type rulePage struct {
	ui.Page
	Back    ui.Back
	Errors  ui.ErrorSummary
	Heading string
	Rule    string
	Sheet   ui.Summary
	May     bool // change and hold
	Action  string
	Term    ui.Field
	Tried   *triedTerm
	Holds   []ownHold
	Reason  ui.Choices
	Until   ui.Field
	Object  ui.Field
	Kind    ui.Field
}

// triedTerm is what a duration would do.
type triedTerm struct {
	Term, Token, Says string
	Shorter           bool
}

// ownHold is a hold that may be released.
type ownHold struct{ ID, Reason, What string }

func (h *Handlers) state(r *http.Request) (retention.State, error) {
	states, err := h.Retention.States(r.Context())
	if err != nil {
		return retention.State{}, err
	}
	for _, s := range states {
		if s.Key == r.PathValue("regle") {
			return s, nil
		}
	}
	return retention.State{}, identity.NotFound()
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.render(w, r, by, "", nil, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, "Une durée de conservation"))
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, by identity.Actor, term string, tried *triedTerm, f ui.Refused, p ui.Page) error {
	s, err := h.state(r)
	if err != nil {
		return err
	}
	now, err := h.Retention.Preview(r.Context(), s.Key)
	if err != nil {
		return err
	}
	v := rulePage{
		Page: p, Back: p.Back("/pro/admin/durees"), Errors: f.Summary, Heading: s.Keeps, Rule: s.Key, Action: "/pro/admin/durees/" + s.Key, Tried: tried,
		May: identity.Reaches(by, identity.RetentionEdit) != identity.None,
	}
	add := func(term, value string) {
		if value != "" {
			v.Sheet.Rows = append(v.Sheet.Rows, ui.SummaryRow{Term: term, Value: value})
		}
	}
	add("Pourquoi", s.Purpose)
	add("Base légale", s.Basis.French())
	add("De qui", s.People)
	add("Qui les voit", strings.Join(s.Receives, ", "))
	add("Durée", s.Current.French()+", à partir "+s.From)
	add("Ce qui s'efface", s.Erases)
	add("Ce qui reste sans nom", s.Anonymises)
	add("Chiffres qui restent", s.Statistics)
	add("Au prochain passage", p.Number(now.Due)+" à effacer, "+p.Number(now.Held)+" suspendus, "+p.Number(now.Waiting)+" à prévenir d'abord")
	if term == "" {
		term = s.Current.French()
	}
	v.Term = ui.Field{Name: "term", Label: "Nouvelle durée", Hint: "Exemple : 2 ans, 6 mois, 30 jours.", Value: term, Short: true, Error: f.Of("term")}
	if v.May {
		if err := h.ruleHolds(r, &v, s, f); err != nil {
			return err
		}
	}
	return h.Kit.Render(w, r, f.Status, "retention_rule", v)
}

func (h *Handlers) ruleHolds(r *http.Request, v *rulePage, s retention.State, f ui.Refused) error {
	holds, err := h.Retention.Holds(r.Context())
	if err != nil {
		return err
	}
	for _, one := range holds {
		if h.Retention.Active(one) && (one.Rule == s.Key || one.Object.Kind == s.Object) {
			what := "toute la règle"
			if one.Rule == "" {
				what = one.Object.Kind + " " + one.Object.ID
			}
			v.Holds = append(v.Holds, ownHold{ID: one.ID, Reason: one.Reason.French(), What: what})
		}
	}
	v.Reason = ui.Choices{Name: "reason", Legend: "Raison", Error: f.Of("reason")}
	for _, reason := range retention.Reasons() {
		v.Reason.Options = append(v.Reason.Options, ui.Option{Value: string(reason), Label: reason.French()})
	}
	v.Until = ui.Field{Name: "until", Label: "Jusqu'au", Type: "date", Short: true, Error: f.Of("until")}
	v.Kind = ui.Field{Name: "kind", Label: "Sorte d'objet", Value: s.Object, Optional: v.Optional(), Error: f.Of("kind")}
	v.Object = ui.Field{Name: "object", Label: "Identifiant", Hint: "Rien : toute la règle est suspendue.", Optional: v.Optional(), Error: f.Of("object")}
	return nil
}

// try says what a duration would do, and offers to put it in force.
func (h *Handlers) try(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	text := strings.TrimSpace(r.PostForm.Get("term"))
	p := h.Kit.Page(r, "Une durée de conservation")
	term, err := retention.ParseTerm(text)
	if err == nil {
		var trial retention.Trial
		if trial, err = h.Retention.DryRun(r.Context(), r.PathValue("regle"), term); err == nil {
			says := "Avec " + term.French() + " : " + p.Number(trial.Due) + " seraient effacés au prochain passage."
			tried := &triedTerm{Term: term.String(), Token: trial.Token, Says: says, Shorter: trial.Shorter}
			return h.render(w, r, by, text, tried, ui.Refused{Status: http.StatusOK}, p)
		}
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.render(w, r, by, text, nil, refused, p)
}

func (h *Handlers) change(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	p := h.Kit.Page(r, "Une durée de conservation")
	term, err := retention.ParseTerm(r.PostForm.Get("term"))
	if err == nil {
		err = h.Retention.Change(r.Context(), by.Audit(), r.PathValue("regle"), term, r.PostForm.Get("token"))
	}
	if err == nil {
		http.Redirect(w, r, "/pro/admin/durees?fait=duree", http.StatusSeeOther)
		return nil
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.render(w, r, by, "", nil, refused, p)
}

// hold places a hold, or releases one.
func (h *Handlers) hold(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "identity.form_unreadable")
	}
	if id := r.PostForm.Get("release"); id != "" {
		if err := h.Retention.Release(r.Context(), by.Audit(), id); err != nil {
			return err
		}
		http.Redirect(w, r, "/pro/admin/durees?fait=fin-gel", http.StatusSeeOther)
		return nil
	}
	in := retention.NewHold{Reason: retention.Reason(r.PostForm.Get("reason")), Until: r.PostForm.Get("until")}
	if id := strings.TrimSpace(r.PostForm.Get("object")); id != "" {
		in.Object = audit.Object{Kind: strings.TrimSpace(r.PostForm.Get("kind")), ID: id}
	} else {
		in.Rule = r.PostForm.Get("rule")
	}
	_, err := h.Retention.Hold(r.Context(), by.Audit(), in)
	if err == nil {
		http.Redirect(w, r, "/pro/admin/durees?fait=gel", http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Une durée de conservation")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	r.SetPathValue("regle", r.PostForm.Get("rule"))
	return h.render(w, r, by, "", nil, refused, p)
}

// register gives the register of processing activities as a text to keep.
func (h *Handlers) register(w http.ResponseWriter, r *http.Request, _ identity.Actor) error {
	processing, err := h.Retention.Processing(r.Context(), r.Host)
	if err != nil {
		return err
	}
	text := processing.Markdown()
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="registre-des-traitements.md"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the reader left: nothing to do
	return nil
}
