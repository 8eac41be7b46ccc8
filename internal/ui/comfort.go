package ui

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// comfortCookie is the only cookie of a reader without account, set by her own action. It holds words, no identifier.
const comfortCookie = "affichage"

// comfort is how a reader wants the pages.
type comfort struct {
	Large, Legible, Contrast, Simple bool
	Dense                            bool // of the pages of the team
}

// The words of the cookie and of the form; all but the last are also classes of <html>.
const (
	comfortLarge    = "grand"
	comfortLegible  = "lisible"
	comfortContrast = "contraste"
	comfortDense    = "serre"
	comfortSimple   = "simple"
)

func comfortOf(r *http.Request) comfort {
	c, err := r.Cookie(comfortCookie)
	if err != nil {
		return comfort{}
	}
	return parseComfort(strings.Split(c.Value, "."))
}

func parseComfort(words []string) comfort {
	has := func(w string) bool { return slices.Contains(words, w) }
	return comfort{Large: has(comfortLarge), Legible: has(comfortLegible), Contrast: has(comfortContrast), Dense: has(comfortDense), Simple: has(comfortSimple)}
}

func (c comfort) words() []string {
	var out []string
	for _, w := range []struct {
		on   bool
		word string
	}{{c.Large, comfortLarge}, {c.Legible, comfortLegible}, {c.Contrast, comfortContrast}, {c.Dense, comfortDense}, {c.Simple, comfortSimple}} {
		if w.on {
			out = append(out, w.word)
		}
	}
	return out
}

func (c comfort) class() string {
	c.Simple = false
	return strings.Join(c.words(), " ")
}

// comfortView is the page /affichage.
type comfortView struct {
	Page
	Choices Choices
	Return  string
	Set     bool // the reader has settings
	Saved   bool
}

// ShowComfort shows the page /affichage: how the reader wants the pages. "retour" in the query is the local path to go
// back to.
func (k *Kit) ShowComfort(w http.ResponseWriter, r *http.Request) error {
	p := k.Page(r, "Affichage")
	c := comfortOf(r)
	v := comfortView{Page: p, Return: LocalPath(r.URL.Query().Get("retour"), "/"), Set: c != comfort{}}
	v.Choices = Choices{Name: "confort", Legend: "Ce qui vous aide à lire", Options: []Option{
		{Value: comfortLarge, Label: "Des lettres plus grandes", Checked: c.Large},
		{Value: comfortLegible, Label: "Une écriture plus facile à lire", Hint: "Les lettres se ressemblent moins.", Checked: c.Legible},
		{Value: comfortContrast, Label: "Des couleurs plus fortes", Checked: c.Contrast},
		{Value: comfortSimple, Label: "Des phrases plus simples", Hint: "Sur les pages qui ont une version simple.", Checked: c.Simple},
	}}
	if back := v.Return; c.Dense || back == "/pro" || strings.HasPrefix(back, "/pro/") {
		v.Choices.Options = append(v.Choices.Options, Option{
			Value: comfortDense, Label: "Des pages plus serrées", Hint: "Pour les équipes : plus de lignes à l'écran.", Checked: c.Dense,
		})
	}
	return k.Render(w, r, http.StatusOK, "comfort", v)
}

// SaveComfort keeps the choice of the page /affichage in one cookie, or deletes it ("Remettre comme avant", or nothing
// ticked), and goes back to the page the reader came from. It leads to a path of this site only.
func (k *Kit) SaveComfort(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if err := r.ParseForm(); err != nil {
		http.Redirect(w, r, "/affichage", http.StatusSeeOther)
		return nil //nolint:nilerr // a form that is not ours, or far too long: the page shows the real one
	}
	var c comfort
	if r.PostForm.Get("action") != "effacer" {
		c = parseComfort(r.PostForm["confort"])
	}
	cookie := &http.Cookie{
		Name: comfortCookie, Value: strings.Join(c.words(), "."), Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
	if cookie.Value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, LocalPath(r.PostForm.Get("retour"), "/"), http.StatusSeeOther)
	return nil
}

// languagesView is the page /langues.
type languagesView struct {
	Page
	List  LanguageList
	Pages []MenuLink
}

// ShowLanguages shows the page /langues, in all languages: which ones there are, and the pages that exist in them. Mount
// it with HandleTranslated.
func (k *Kit) ShowLanguages(w http.ResponseWriter, r *http.Request) error {
	p := k.Page(r, "")
	p.Title = p.T("ui.languages.title")
	v := languagesView{Page: p, List: LanguageList{Label: p.Title, Links: p.Languages}, Pages: p.menuLinks(k.menu)}
	return k.Render(w, r, http.StatusOK, "languages_page", v)
}
