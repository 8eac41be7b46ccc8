package web

import (
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// mostVerified is how many places are confirmed at once: a page of the list, more or less.
const mostVerified = 50

// verifyPage is the view of the check before several places are confirmed.
type verifyPage struct {
	ui.Page
	Back    ui.Back
	Heading string
	Places  ui.Table
	Hidden  []ui.Hidden
}

func numbersOf(words []string) ([]place.Number, error) {
	if len(words) > mostVerified {
		return nil, fault.New(fault.Invalid, "place.team.too_many", "Most", mostVerified)
	}
	var out []place.Number
	for _, w := range words {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil || n < 1 {
			return nil, identity.NotFound()
		}
		out = append(out, place.Number(n))
	}
	return out, nil
}

func (h *Handlers) askVerify(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	numbers, err := numbersOf(r.URL.Query()["lieu"])
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Tout est juste ?")
	p.Wide = true
	v := verifyPage{Page: p, Back: p.Back(teamPath), Heading: p.N("place.team.verify", len(numbers))}
	if len(numbers) == 1 {
		v.Back = p.Back(managedPath(numbers[0]))
	}
	v.Places = ui.Table{Caption: "À relire avant de confirmer", Columns: []string{"Lieu", "Adresse", "Téléphone", "Horaires"}, Empty: "Aucun lieu n'est choisi. Cochez-les dans la liste."}
	for _, n := range numbers {
		one, err := h.Places.Managed(r.Context(), by, n)
		if err != nil {
			return err
		}
		v.Places.Rows = append(v.Places.Rows, []ui.Cell{
			{Text: calm(one.Name), Href: managedPath(n)}, {Text: strings.TrimSpace(calm(one.Address) + " " + one.Postcode + " " + calm(one.Commune))},
			{Text: h.say(p, h.lookup(r), "telephone", one.Phone)}, {Text: h.say(p, h.lookup(r), "horaires", one.Hours)},
		})
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "lieu", Value: strconv.FormatInt(int64(n), 10)})
	}
	return h.Kit.Render(w, r, http.StatusOK, "team_verify", v)
}

func (h *Handlers) verify(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	form, err := teamForm(w, r)
	if err != nil {
		return err
	}
	numbers, err := numbersOf(form["lieu"])
	if err != nil {
		return err
	}
	if _, err := h.Places.VerifyAll(r.Context(), by, numbers); err != nil {
		return err
	}
	if len(numbers) == 1 {
		return did(w, r, managedPath(numbers[0]), "verifie")
	}
	return did(w, r, teamPath, "verifie")
}

// confirmPage is the view of the link that asks a place whether all is still right.
type confirmPage struct {
	ui.Page
	Name    string
	Facts   ui.Summary
	Action  string
	Correct string
	Done    bool
}

func (h *Handlers) askConfirm(w http.ResponseWriter, r *http.Request) error {
	secretPage(w)
	q, err := h.Places.Question(r.Context(), r.PathValue("jeton"))
	if err != nil {
		return err
	}
	v := confirmView(h.Kit.Page(r, "Votre fiche est-elle toujours juste ?"), &q.Place)
	v.Action = place.ConfirmPath + r.PathValue("jeton")
	return h.Kit.Render(w, r, http.StatusOK, "confirm_place", v)
}

// secretPage keeps the address of a page, which is a key, from going anywhere.
func secretPage(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
}

// hoursInWords says hours as people do, and what cannot be read as it is written.
func hoursInWords(text string) string {
	h, err := openinghours.Parse(text)
	if err != nil {
		return text
	}
	return strings.Join(openinghours.Spoken(h), " ; ")
}

// confirmView shows the main facts of a place, in words.
func confirmView(p ui.Page, one *place.Place) confirmPage {
	v := confirmPage{Page: p, Name: calm(one.Name)}
	add := func(term, value string) {
		if value == "" {
			value = "Non dit"
		}
		v.Facts.Rows = append(v.Facts.Rows, ui.SummaryRow{Term: term, Value: value})
	}
	add("Adresse", strings.TrimSpace(calm(one.Address)+" "+one.Postcode+" "+calm(one.Commune)))
	add("Téléphone", ui.Phone(one.Phone))
	add("E-mail", strings.ReplaceAll(string(one.Emails), "|", ", "))
	add("Horaires", hoursInWords(one.Hours))
	add("On y vient pour", strings.ReplaceAll(string(one.Services), "|", ", "))
	v.Correct = "/lieux/" + strconv.FormatInt(int64(one.Number), 10) + "-" + ui.Slug(one.Name) + correctEnd
	return v
}

func (h *Handlers) confirm(w http.ResponseWriter, r *http.Request) error {
	secretPage(w)
	one, err := h.Places.Confirm(r.Context(), r.PathValue("jeton"))
	if err != nil {
		return err
	}
	v := confirmView(h.Kit.Page(r, "Merci"), &one)
	v.Done = true
	return h.Kit.Render(w, r, http.StatusOK, "confirm_place", v)
}
