package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/ui"
)

// The actions on a whole declaration.
const (
	actSend     = "envoyer"
	actTakeBack = "reprendre"
)

// checkPage is the view on which one reads all answers before sending them.
type checkPage struct {
	ui.Page
	Back      ui.Back
	Problem   ui.ErrorSummary
	Again     bool       // the page of a draft that was left and opened again
	Reason    ui.Message // why it was refused the last time
	Go        string     // the next question
	Changes   ui.Table   // of a correction: before and after
	Answers   ui.Summary
	Percent   string
	Helps     []ui.Link // what would help residents most
	Preview   string
	Action    string
	Version   string
	Trap      string
	Keep      string
	Withdraw  string
	Correct   bool // it corrects a place of the census
	Empty     bool // a correction that corrects nothing yet
	Reference string
}

// showDeclaration shows where a declaration stands: its answers while it is a draft, what becomes of it after.
func (h *Handlers) showDeclaration(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("jeton")
	d, err := h.Places.Declared(r.Context(), token)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "")
	if !d.Open() {
		return h.showState(w, r, d, token, p)
	}
	v := h.check(p, d, token, ui.Refused{})
	v.Again = true
	v.Title = "Reprendre votre fiche"
	return h.Kit.Render(w, r, http.StatusOK, "declare_check", v)
}

func (h *Handlers) showCheck(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, refused ui.Refused, p ui.Page) error {
	return h.Kit.Render(w, r, refused.Status, "declare_check", h.check(p, d, token, refused))
}

// check builds the page of all answers.
func (h *Handlers) check(p ui.Page, d place.Declaration, token string, refused ui.Refused) checkPage {
	v := checkPage{
		Page: p, Problem: refused.Summary, Back: p.Back(pathTo(token, askEmail)), Preview: pathTo(token, endPreview), Action: pathTo(token, ""),
		Version: formatVersion(d.Version), Trap: trapField, Keep: pathTo(token, endKeep), Withdraw: pathTo(token, endWithdraw), Correct: d.PlaceID != "",
		Empty: d.PlaceID != "" && len(d.Values) == 0, Reference: d.Reference,
	}
	v.Title = "Relisez avant d'envoyer"
	if d.Reason != "" {
		v.Reason = ui.Message{Kind: ui.Warning, Title: "Ce que l'équipe demande", Text: d.Reason}
	}
	if v.Go = pathTo(token, endCheck); d.Step == "" {
		v.Go = pathTo(token, askName)
	} else if next := after(d.Step); next != "" {
		v.Go = pathTo(token, next)
	}
	for i := range declareSteps {
		s := &declareSteps[i]
		said := saidOf(p, s, d)
		if said == "" {
			said = unsaidWords(s.key)
		}
		v.Answers.Rows = append(v.Answers.Rows, p.Row(s.term, said, pathTo(token, s.key)+"?"+backField+"="+endCheck))
	}
	if d.PlaceID != "" {
		v.Changes = changesOf(p, d)
	}
	percent, lacking := d.Completion()
	v.Percent = strconv.Itoa(percent) + " %"
	const few = 3
	for _, column := range lacking[:min(len(lacking), few)] {
		v.Helps = append(v.Helps, ui.Link{Text: helpWords[column], Href: pathTo(token, stepFor(column)) + "?" + backField + "=" + endCheck})
	}
	return v
}

// unsaidWords say that a question has no answer.
func unsaidWords(key string) string {
	switch key {
	case askName, askAddress, askEmail:
		return "À compléter"
	case askPosition:
		return "Le centre de la commune"
	}
	return "Rien pour l'instant"
}

// helpWords ask for what would help residents.
var helpWords = map[string]string{
	"horaires": "Ajoutez les heures d'ouverture : c'est ce que les gens cherchent le plus", "services": "Dites à quoi le lieu aide",
	"telephone": "Ajoutez un téléphone, ou un e-mail", "nom": "Écrivez le nom du lieu", "adresse": "Écrivez l'adresse", "viaduc_offre": "Dites ce que l'on trouve sur place",
	"position": "Montrez l'endroit sur la carte", "frais_a_charge": "Dites si c'est gratuit", "modalites_acces": "Dites comment on vient",
	"viaduc_acces": "Dites comment on entre, avec un fauteuil par exemple", "presentation_resume": "Présentez le lieu en une phrase",
	"publics_specifiquement_adresses": "Dites pour qui est le lieu", "viaduc_langues": "Dites quelles langues on parle", "pivot": "Donnez le numéro SIRET",
}

// changesOf lists what a correction changes.
func changesOf(p ui.Page, d place.Declaration) ui.Table {
	t := ui.Table{Caption: "Ce que vous changez", Columns: []string{"Réponse", "Avant", "Après"}, Empty: "Vous n'avez rien changé pour l'instant."}
	for _, column := range place.Declarable() {
		v, changed := d.Values[column]
		if !changed || column == "code_insee" {
			continue
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: columnTerm(column)}, {Text: orNothing(columnSaid(p, column, d.Base[column]))}, {Text: orNothing(columnSaid(p, column, v))}})
	}
	return t
}

// changeDeclaration does what the pages of a whole declaration ask: send it, take it back.
func (h *Handlers) changeDeclaration(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	token := r.PathValue("jeton")
	if _, err := h.Places.Declared(r.Context(), token); err != nil {
		return err
	}
	switch r.PostForm.Get(actionField) {
	case actTakeBack:
		_, err := h.Places.TakeBack(r.Context(), token)
		if err != nil && !fault.Is(err, fault.Conflict) { // a draft already: the same page
			return err
		}
		http.Redirect(w, r, pathTo(token, ""), http.StatusSeeOther)
		return nil
	case actSend:
		return h.send(w, r, token)
	}
	return fault.New(fault.Invalid, "place.declare.unreadable")
}

func (h *Handlers) send(w http.ResponseWriter, r *http.Request, token string) error {
	version, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "place.declare.unreadable")
	}
	var d place.Declaration
	if r.PostForm.Get(trapField) != "" {
		if d, err = h.Places.Declared(r.Context(), token); err != nil {
			return err
		}
		err = fault.New(fault.Invalid, "place.declare.refused")
	} else {
		d, err = h.Places.SendDeclaration(r.Context(), token, version)
	}
	if err == nil || fault.Is(err, fault.Conflict) && !d.Open() && d.ID != "" { // sent, perhaps by an impatient finger
		http.Redirect(w, r, pathTo(token, ""), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "")
	if f, ok := fault.As(err); ok && f.Fields != nil {
		return h.showIncomplete(w, r, d, token, f, p)
	}
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.showCheck(w, r, d, token, refused, p)
}

// showIncomplete shows the check page with a way to each answer that is missing.
func (h *Handlers) showIncomplete(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, f *fault.Error, p ui.Page) error {
	p.Problem = true
	v := h.check(p, d, token, ui.Refused{})
	var errs []ui.FieldError
	for _, column := range slices.Sorted(maps.Keys(f.Fields)) {
		errs = append(errs, ui.FieldError{Text: p.T(f.Fields[column].Key, f.Fields[column].Args...)})
		v.Helps = append([]ui.Link{{Text: p.T(f.Fields[column].Key), Href: pathTo(token, stepFor(column)) + "?" + backField + "=" + endCheck}}, v.Helps...)
	}
	v.Problem = p.ErrorSummary(errs...)
	return h.Kit.Render(w, r, httpx.Status(f.Kind), "declare_check", v)
}

// statePage is the view of a declaration that was sent, or decided.
type statePage struct {
	ui.Page
	Sent     ui.Confirmation // while it waits
	Heading  string          // once it is decided
	Text     []string
	Reason   string
	Links    []ui.Link
	Action   string
	Again    string // the word of the button that takes it back
	Withdraw string // address of the page that withdraws it; "" once it is decided
	Link     string // the address of this very page, to note
	Mailed   bool
}

func (h *Handlers) showState(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, p ui.Page) error {
	v := statePage{Page: p, Action: pathTo(token, ""), Link: origin(r) + pathTo(token, ""), Mailed: d.Email != ""}
	switch d.State {
	case place.DeclarationSent:
		v.Sent = p.Confirmation("Votre fiche est envoyée", d.Reference, "Notez ce numéro. Envoyée le "+p.Moment(d.SentAt)+".")
		v.Again, v.Withdraw = "Changer encore quelque chose", pathTo(token, endWithdraw)
		v.Text = []string{"Une personne de l'équipe relit la fiche.", "Elle vous répond par e-mail. Vous verrez aussi sa réponse ici."}
	case place.DeclarationAccepted:
		v.Heading, v.Again = "La fiche est en ligne", "Corriger la fiche"
		v.Text = []string{"Tout le monde peut la lire. Quelque chose change ? Corrigez-la ici, quand vous voulez."}
		if e, ok := h.Places.Index().Shown(d.PlaceID); ok {
			v.Links = []ui.Link{{Text: "Voir la page de " + calm(e.Name), Href: Path(e), Icon: "map"}}
		}
	default:
		v.Heading, v.Again, v.Reason = "La fiche n'est pas en ligne", "Corriger et renvoyer", d.Reason
		v.Text = []string{"Vos réponses sont gardées. Corrigez ce qui ne va pas, puis envoyez de nouveau."}
	}
	v.Title = orElseTitle(v.Heading, v.Sent.Title)
	return h.Kit.Render(w, r, http.StatusOK, "declare_state", v)
}

func orElseTitle(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// showPreview shows the page of the place as residents would see it.
func (h *Handlers) showPreview(w http.ResponseWriter, r *http.Request, d place.Declaration, token string) error {
	e, err := h.Places.Preview(r.Context(), d)
	if fault.Is(err, fault.Invalid) {
		http.Redirect(w, r, pathTo(token, askAddress)+"?"+backField+"="+endCheck, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Aperçu : "+calm(e.Name))
	v := viewOf(p, e)
	v.Back = p.Back(pathTo(token, endCheck))
	v.Draft = ui.Message{
		Kind: ui.Info, Title: "Aperçu", Text: "Voici la page comme les habitants la verront. Elle n'est pas encore en ligne.",
		Links: []ui.Link{{Text: "Revenir à la fiche", Href: pathTo(token, endCheck)}},
	}
	return h.Kit.Render(w, r, http.StatusOK, "place_page", v)
}

// keepLinkPage is the view by which one keeps a draft for another day.
type keepLinkPage struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Said    ui.Message
	Action  string
	Email   ui.Field
	Link    string
	Go      string
}

func (h *Handlers) showKeepLink(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, refused ui.Refused, p ui.Page) error {
	v := keepLinkPage{
		Page: p, Problem: refused.Summary, Action: pathTo(token, endKeep), Link: origin(r) + pathTo(token, ""), Go: pathTo(token, ""), Back: p.Back(pathTo(token, "")),
	}
	v.Title = "Reprendre plus tard"
	if r.URL.Query().Get("envoye") == "oui" {
		v.Said = ui.Message{Kind: ui.Success, Text: "Nous avons envoyé le lien. Regardez votre boîte e-mail, et les courriers indésirables."}
	}
	v.Email = ui.Field{
		Name: "email", Label: "Votre adresse e-mail", Type: "email", Autocomplete: "email", Value: d.Email, Error: refused.Of("email"),
		Hint: "Elle n'est pas montrée. Elle sert à vous écrire, puis nous l'effaçons.",
	}
	if r.PostForm.Has("email") {
		v.Email.Value = r.PostForm.Get("email")
	}
	return h.Kit.Render(w, r, refused.Status, "declare_keep", v)
}

// mailLink mails the link of a draft.
func (h *Handlers) mailLink(w http.ResponseWriter, r *http.Request, d place.Declaration, token string) error {
	var err error
	if !h.linkAskers.Allow(httpx.Client(r)) {
		err = fault.New(fault.TooMany, "place.declare.slow_down")
	} else {
		_, err = h.Places.MailLink(r.Context(), token, r.PostForm.Get("email"))
	}
	if err == nil {
		http.Redirect(w, r, pathTo(token, endKeep)+"?envoye=oui", http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "")
	refused, ok := p.Refuse(err)
	if !ok {
		return h.lost(w, r, err)
	}
	return h.showKeepLink(w, r, d, token, refused, p)
}

// withdrawPage is the view of the one button that erases a declaration.
type withdrawPage struct {
	ui.Page
	Back   ui.Back
	Action string
	Done   bool
	Start  string
}

func (h *Handlers) showWithdraw(w http.ResponseWriter, r *http.Request, d place.Declaration, token string) error {
	if d.State != place.DeclarationDraft && d.State != place.DeclarationSent {
		http.Redirect(w, r, pathTo(token, ""), http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "Retirer la fiche")
	return h.Kit.Render(w, r, http.StatusOK, "declare_withdraw", withdrawPage{Page: p, Back: p.Back(pathTo(token, "")), Action: pathTo(token, endWithdraw)})
}

func (h *Handlers) withdraw(w http.ResponseWriter, r *http.Request, token string) error {
	err := h.Places.Withdraw(r.Context(), token)
	if fault.Is(err, fault.Conflict) {
		http.Redirect(w, r, pathTo(token, ""), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return h.Kit.Render(w, r, http.StatusOK, "declare_withdraw", withdrawPage{Page: h.Kit.Page(r, "C'est effacé"), Done: true, Start: "/lieux"})
}

// correctPage is the view by which the people of a place ask for its link.
type correctPage struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Name    string
	Action  string
	Email   ui.Field
	Report  string
	Trap    string
	Sent    bool
}

func (h *Handlers) showCorrect(w http.ResponseWriter, r *http.Request) error {
	return h.correctView(w, r, correctEnd, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, ""))
}

func (h *Handlers) showCorrectSent(w http.ResponseWriter, r *http.Request) error {
	return h.correctView(w, r, correctSent, ui.Refused{Status: http.StatusOK}, h.Kit.Page(r, ""))
}

func (h *Handlers) correctView(w http.ResponseWriter, r *http.Request, end string, refused ui.Refused, p ui.Page) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	if r.PathValue("slug") != slugOf(e) && r.Method == http.MethodGet {
		http.Redirect(w, r, Path(e)+end, http.StatusMovedPermanently)
		return nil
	}
	v := correctPage{
		Page: p, Back: p.Back(Path(e)), Problem: refused.Summary, Name: calm(e.Name), Action: Path(e) + correctEnd, Report: Path(e) + reportEnd, Trap: trapField,
		Sent: end == correctSent,
	}
	if v.Title = "Corriger votre lieu"; v.Sent {
		v.Title = "Regardez votre boîte e-mail"
	}
	v.Email = ui.Field{
		Name: "email", Label: "Votre adresse e-mail", Type: "email", Autocomplete: "email", Value: r.PostForm.Get("email"), Error: refused.Of("email"),
		Hint: "Celle du lieu, ou celle qui a servi à le décrire.",
	}
	return h.Kit.Render(w, r, refused.Status, "declare_correct", v)
}

// askCorrect mails the link of a place to an address that the place knows, and says the same to every other.
func (h *Handlers) askCorrect(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	switch {
	case r.PostForm.Get(trapField) != "":
		err = fault.New(fault.Invalid, "place.declare.refused")
	case !h.linkAskers.Allow(httpx.Client(r)):
		err = fault.New(fault.TooMany, "place.declare.slow_down")
	default:
		err = h.Places.AskCorrection(r.Context(), e.Number, r.PostForm.Get("email"))
	}
	if err == nil {
		http.Redirect(w, r, Path(e)+correctSent, http.StatusSeeOther)
		return nil
	}
	p := h.Kit.Page(r, "")
	refused, ok := p.Refuse(err)
	if !ok {
		return err
	}
	return h.correctView(w, r, correctEnd, refused, p)
}
