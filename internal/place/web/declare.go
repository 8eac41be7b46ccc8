package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// An organisation declares its place in small steps, without an account: the first answer makes a draft, whose address
// (declarePath and a token) is the key to it. Reading any of these pages changes nothing.

// The addresses.
const (
	declareStart = "/lieux/declarer"
	declareFirst = "/lieux/declarer/commencer"
	declarePath  = place.DeclarationPath
	correctEnd   = "/corriger"
	correctSent  = "/corriger/merci"

	endCheck    = "relire"
	endPreview  = "apercu"
	endKeep     = "garder"
	endWithdraw = "retirer"
	endMap      = "carte"
)

// The hidden fields of the questions.
const (
	markField   = "vu"     // what the question said when its form was made
	backField   = "retour" // "relire": the reader came from the check page
	modeField   = "mode"   // of the hours: "grille" or "mots"
	actionField = "action"
)

// maxDeclareBody bounds the form of a question in bytes: every answer has its own bound, far below.
const maxDeclareBody = 64 << 10

// Limits of one sender: a federation that declares its twenty places, no flood of drafts or messages.
const (
	declareBurst = 20
	declareEvery = 3 * time.Minute
	linkBurst    = 10
	linkEvery    = 6 * time.Minute
)

// declareRoutes mounts the pages of declarations.
func (h *Handlers) declareRoutes(mux ui.Mux) {
	h.declarers = httpx.NewLimiter(declareBurst, declareEvery, h.Now)
	h.linkAskers = httpx.NewLimiter(linkBurst, linkEvery, h.Now)
	public := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, h.Kit.Handle(private(f)))
	}
	mux.Handle("GET "+declareStart, h.Kit.Handle(h.showStart))
	public("GET "+declareFirst, h.showFirst)
	public("POST "+declareFirst, h.begin)
	public("GET "+declarePath+"{jeton}", h.showDeclaration)
	public("POST "+declarePath+"{jeton}", h.changeDeclaration)
	public("GET "+declarePath+"{jeton}/{etape}", h.showStep)
	public("POST "+declarePath+"{jeton}/{etape}", h.answer)
	public("GET /lieux/{slug}"+correctEnd, h.showCorrect)
	public("POST /lieux/{slug}"+correctEnd, h.askCorrect)
	public("GET /lieux/{slug}"+correctSent, h.showCorrectSent)
}

// private keeps the address of a declaration, which is a key, and what is written there from going anywhere.
func private(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Robots-Tag", "noindex")
		return f(w, r)
	}
}

// declareIntro is the view of the page that explains.
type declareIntro struct {
	ui.Page
	Back  ui.Back
	Begin string
}

func (h *Handlers) showStart(w http.ResponseWriter, r *http.Request) error {
	p := h.Kit.Page(r, "Ajouter un lieu")
	return h.Kit.Render(w, r, http.StatusOK, "declare_intro", declareIntro{Page: p, Back: p.Back("/lieux"), Begin: declareFirst})
}

// question is the view of a question.
type question struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Steps   ui.Steps
	Name    string // of the place
	Heading string // h1; "" where the part is the heading
	Lead    string
	Said    ui.Message // what another page answered meanwhile, what was understood
	Action  string
	Hidden  []ui.Hidden
	Parts   []questionPart
	Week    weekForm
	Spots   ui.Choices // of the position
	Typed   ui.Field
	Links   []ui.Link
	Trap    string
	Later   bool // the answer can be kept for another day
	Button  string
}

// onPage is a question on its way to a page.
type onPage struct {
	step  *declareStep
	d     place.Declaration
	token string
	p     ui.Page    // of the answer to a form
	form  url.Values // as typed; nil for what the declaration says
	back  string     // "relire" where the reader came from the check page
}

func (a onPage) path(end string) string { return pathTo(a.token, end) }

func pathTo(token, end string) string {
	if end == "" {
		return declarePath + token
	}
	return declarePath + token + "/" + end
}

// view builds the page of a question.
func (h *Handlers) view(p ui.Page, a onPage, refused ui.Refused) question {
	s := a.step
	if a.form == nil {
		a.form = filled(s, a.d)
	}
	v := question{
		Page: p, Problem: refused.Summary, Steps: stepsAt(p, s.key), Name: a.d.Said("nom"), Heading: s.title, Lead: s.lead,
		Action: a.path(s.key), Parts: partsOf(p, s, a.form, refused), Later: true, Button: "Continuer",
	}
	v.Title = s.stepTitle()
	v.Hidden = append(v.Hidden, ui.Hidden{Name: markField, Value: a.d.Mark(s.columns()...)})
	switch prior := before(s.key); {
	case a.token == "":
		v.Action, v.Back, v.Trap, v.Later, v.Hidden = declareFirst, p.Back(declareStart), trapField, false, nil
	case a.back != "":
		v.Back, v.Button = p.Back(a.path(endCheck)), "Enregistrer"
		v.Hidden = append(v.Hidden, ui.Hidden{Name: backField, Value: endCheck})
	case prior == "":
		v.Back = p.Back(a.path(""))
	default:
		v.Back = p.Back(a.path(prior))
	}
	if s.key == askSummary {
		countLetters(&v.Parts[0].Field)
	}
	return v
}

// countLetters says how much of a bounded text is left.
func countLetters(f *ui.Field) {
	most := place.DeclaredMost(f.Name)
	n := utf8.RuneCountInString(f.Value)
	if n == 0 || n > most || f.Error != "" {
		return
	}
	f.Hint = "Vous avez écrit " + letters(n) + ". Il en reste " + strconv.Itoa(most-n) + "."
}

func letters(n int) string {
	if n < 2 {
		return strconv.Itoa(n) + " lettre"
	}
	return strconv.Itoa(n) + " lettres"
}

// show sends a question.
func (h *Handlers) show(w http.ResponseWriter, r *http.Request, status int, a onPage, refused ui.Refused, p ui.Page) error {
	v := h.view(p, a, refused)
	if err := h.fillSpecial(r.Context(), &v, a, refused); err != nil {
		return err
	}
	return h.Kit.Render(w, r, status, "declare_question", v)
}

// fillSpecial adds what only some questions have.
func (h *Handlers) fillSpecial(ctx context.Context, v *question, a onPage, refused ui.Refused) error {
	switch a.step.key {
	case askHours:
		fillHours(v, a, refused)
	case askPosition:
		h.fillSpots(ctx, v, a, refused)
	case askEmail:
		value := a.d.Email
		if a.form != nil {
			value = a.form.Get("email")
		}
		v.Parts = []questionPart{{Kind: partText, Field: ui.Field{
			Name: "email", Label: "Votre adresse e-mail", Hint: "Elle n'est pas montrée. Elle sert à vous répondre, puis nous l'effaçons.", Type: "email", Autocomplete: "email",
			Value: value, Error: refused.Of("email"),
		}}}
	}
	return nil
}

func (h *Handlers) showFirst(w http.ResponseWriter, r *http.Request) error {
	s, _ := stepOf(askName)
	return h.show(w, r, http.StatusOK, onPage{step: s}, ui.Refused{}, h.Kit.Page(r, ""))
}

// begin keeps the first answer and leads to the second question.
func (h *Handlers) begin(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	s, _ := stepOf(askName)
	p, a := h.Kit.Page(r, ""), onPage{step: s, form: r.PostForm}
	err := h.mayBegin(r)
	values := map[string]string{}
	if err == nil {
		for i := range declareSteps { // also what a lost declaration had answered already
			for column, v := range typed(&declareSteps[i], r.PostForm) {
				if v != "" {
					values[column] = v
				}
			}
		}
		if values["nom"] == "" {
			err = missingOn("nom")
		}
	}
	var token string
	if err == nil {
		_, token, err = h.Places.Begin(r.Context(), askName, values)
	}
	if err == nil {
		http.Redirect(w, r, pathTo(token, askWho), http.StatusSeeOther)
		return nil
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.show(w, r, refused.Status, a, refused, p)
}

// mayBegin refuses programs, and who begins too many.
func (h *Handlers) mayBegin(r *http.Request) error {
	if r.PostForm.Get(trapField) != "" {
		return fault.New(fault.Invalid, "place.declare.refused")
	}
	if !h.declarers.Allow(httpx.Client(r)) {
		return fault.New(fault.TooMany, "place.declare.slow_down")
	}
	return nil
}

func missingOn(column string) error {
	return fault.New(fault.Invalid, "place.declare.invalid").With(column, "place.declare.missing."+column)
}

func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxDeclareBody)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "place.declare.unreadable")
	}
	return nil
}

// showStep shows a question of a draft, or one of the pages around them.
func (h *Handlers) showStep(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("jeton")
	d, err := h.Places.Declared(r.Context(), token)
	if err != nil {
		return h.lost(w, r, err)
	}
	if !d.Open() && r.PathValue("etape") != endWithdraw {
		http.Redirect(w, r, pathTo(token, ""), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "")
	switch r.PathValue("etape") {
	case endCheck:
		return h.showCheck(w, r, d, token, ui.Refused{Status: http.StatusOK}, p)
	case endPreview:
		return h.showPreview(w, r, d, token)
	case endKeep:
		return h.showKeepLink(w, r, d, token, ui.Refused{Status: http.StatusOK}, p)
	case endWithdraw:
		return h.showWithdraw(w, r, d, token)
	case endMap:
		return h.showPinMap(w, r, d, token, ui.Refused{Status: http.StatusOK}, p)
	case endRegister:
		return h.showRegister(w, r, d, token, ui.Refused{Status: http.StatusOK}, p)
	}
	s, ok := stepOf(r.PathValue("etape"))
	if !ok {
		return fault.New(fault.NotFound, "place.declare.unknown")
	}
	a := onPage{step: s, d: d, token: token, back: backOf(r.URL.Query().Get(backField))}
	if s.key == askHours && r.URL.Query().Get(modeField) != "" {
		a.form = hoursForm(d.Said("horaires"), r.URL.Query().Get(modeField))
	}
	return h.show(w, r, http.StatusOK, a, ui.Refused{}, p)
}

func backOf(text string) string {
	if text == endCheck {
		return endCheck
	}
	return ""
}

// answer keeps the answer of a question and leads to the next one.
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	token := r.PathValue("jeton")
	d, err := h.Places.Declared(r.Context(), token)
	if err != nil {
		return h.lost(w, r, err)
	}
	switch r.PathValue("etape") {
	case endKeep:
		return h.mailLink(w, r, d, token)
	case endWithdraw:
		return h.withdraw(w, r, token)
	case endMap:
		return h.pin(w, r, d, token)
	case endRegister:
		return h.takeRegister(w, r, d, token)
	}
	s, ok := stepOf(r.PathValue("etape"))
	if !ok {
		return fault.New(fault.NotFound, "place.declare.unknown")
	}
	a := onPage{step: s, d: d, token: token, p: h.Kit.Page(r, ""), form: r.PostForm, back: backOf(r.PostForm.Get(backField))}
	in, page, err := h.read(r.Context(), a)
	if err == nil && page != nil { // not an answer yet: the same question, changed
		return h.Kit.Render(w, r, http.StatusOK, "declare_question", *page)
	}
	if err == nil {
		in.Step, in.Mark = s.key, r.PostForm.Get(markField)
		a.d, err = h.Places.SaveAnswer(r.Context(), token, in)
	}
	if err != nil {
		return h.correct(w, r, a, err)
	}
	http.Redirect(w, r, h.next(a, in, r.PostForm.Get(actionField) == "garder"), http.StatusSeeOther)
	return nil
}

// read reads the answer of a form. It may ask for the page to be shown again instead, with nothing wrong.
func (h *Handlers) read(ctx context.Context, a onPage) (place.Answer, *question, error) {
	in := place.Answer{Values: typed(a.step, a.form)}
	switch a.step.key {
	case askName:
		if in.Values["nom"] == "" {
			return in, nil, missingOn("nom")
		}
	case askWho:
		if in.Values["pivot"] == "" {
			in.Values["pivot"] = place.UnknownPivot
		} else if err := goodSIRET(in.Values["pivot"]); err != nil {
			return in, nil, err
		}
	case askAddress:
		err := h.readAddress(a, in.Values)
		return in, nil, err
	case askPosition:
		err := h.readSpot(a, in.Values)
		return in, nil, err
	case askHours:
		return h.readHours(a)
	case askEmail:
		in.Values, in.Email = nil, strings.TrimSpace(a.form.Get("email"))
		if in.Email == "" {
			return in, nil, missingOn("email")
		}
	}
	return in, nil, ctx.Err()
}

// next is where an answer leads.
func (h *Handlers) next(a onPage, in place.Answer, keep bool) string {
	switch {
	case keep:
		return a.path(endKeep)
	case a.step.key == askPosition && a.form.Get(spotField) == spotMap:
		return a.path(endMap)
	case a.step.key == askWho && h.Register != nil && in.Values["pivot"] != place.UnknownPivot:
		return a.path(endRegister)
	case a.step.key == askAddress:
		if a.back != "" {
			return a.path(askPosition) + "?" + url.Values{backField: {a.back}}.Encode()
		}
		return a.path(askPosition)
	case a.back != "" || after(a.step.key) == "":
		return a.path(endCheck)
	}
	return a.path(after(a.step.key))
}

// correct shows a question again with what must be put right, or with the answer that another page gave meanwhile.
func (h *Handlers) correct(w http.ResponseWriter, r *http.Request, a onPage, err error) error {
	if fault.Is(err, fault.NotFound) {
		return h.lost(w, r, err)
	}
	p := h.Kit.Page(r, "")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	f, _ := fault.As(err)
	if f.Kind == fault.Conflict && !a.d.Open() {
		http.Redirect(w, r, a.path(""), http.StatusSeeOther)
		return nil
	}
	v := h.view(p, a, refused)
	if err := h.fillSpecial(r.Context(), &v, a, refused); err != nil {
		return err
	}
	if f.Kind == fault.Conflict { // both answers are shown; a.d is what the other page made of it
		v.Problem.Errors = slices.DeleteFunc(v.Problem.Errors, func(ui.FieldError) bool { return true })
		v.Page.Problem = true
		v.Said = ui.Message{Kind: ui.Failure, Title: p.T("place.declare.conflict"), Text: "L'autre réponse est : " + orNothing(saidOf(p, a.step, a.d)) +
			". La vôtre est plus bas : continuez pour la garder.", Links: []ui.Link{{Text: "Garder l'autre réponse", Href: h.next(a, place.Answer{Values: map[string]string{"pivot": place.UnknownPivot}}, false)}}}
	}
	return h.Kit.Render(w, r, refused.Status, "declare_question", v)
}

func orNothing(text string) string {
	if text == "" {
		return "rien"
	}
	return text
}

// lostPage is the view of a link that leads to nothing any more. Nothing that was typed is lost.
type lostPage struct {
	ui.Page
	Typed  ui.Summary
	Action string
	Hidden []ui.Hidden
	Trap   string
}

func (h *Handlers) lost(w http.ResponseWriter, r *http.Request, err error) error {
	if !fault.Is(err, fault.NotFound) || r.Method != http.MethodPost {
		return err
	}
	v := lostPage{Page: h.Kit.Page(r, "Cette fiche n'existe plus"), Action: declareFirst, Trap: trapField}
	if s, ok := stepOf(r.PathValue("etape")); ok {
		for _, part := range s.parts {
			for _, one := range r.PostForm[part.column] {
				v.Hidden = append(v.Hidden, ui.Hidden{Name: part.column, Value: one})
			}
			if said := partSaid(v.Page, part, typed(s, r.PostForm)[part.column]); said != "" {
				v.Typed.Rows = append(v.Typed.Rows, ui.SummaryRow{Term: columnTerm(part.column), Value: said})
			}
		}
	}
	return h.Kit.Render(w, r, http.StatusNotFound, "declare_lost", v)
}
