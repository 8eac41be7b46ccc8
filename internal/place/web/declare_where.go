package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/platform/siret"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// goodSIRET refuses what is no SIRET: fewer or more figures, or a key that shows a slip.
func goodSIRET(text string) error {
	clean, ok := siret.Parse(text)
	refused := fault.New(fault.Invalid, "place.declare.invalid")
	switch {
	case clean == "":
		return refused.With("pivot", "place.declare.wrong.pivot")
	case !ok:
		return refused.With("pivot", "place.declare.wrong.siret_key")
	}
	return nil
}

// readAddress finds the commune of an address, and writes its name as it is written.
func (h *Handlers) readAddress(a onPage, values map[string]string) error {
	refused := fault.New(fault.Invalid, "place.declare.invalid")
	for _, column := range []string{"adresse", "code_postal", "commune"} {
		if values[column] == "" {
			refused.With(column, "place.declare.missing."+column)
		}
	}
	if refused.Fields != nil {
		return refused
	}
	values["code_insee"] = ""
	g := h.Territory.Gazetteer()
	code := strings.Join(strings.Fields(values["code_postal"]), "")
	if g.Len() == 0 || values["commune"] == a.d.Base["commune"] && code == a.d.Base["code_postal"] {
		values["code_insee"] = a.d.Base["code_insee"]
		return nil
	}
	if c, ok := communeOf(g, values["commune"], code); ok {
		values["commune"], values["code_insee"] = c.Name, c.Code
		return nil
	}
	if there := g.Postcode(code); len(there) > 0 {
		return refused.With("commune", "place.declare.wrong.commune", "Postcode", code, "Communes", names(there))
	}
	if named := g.Named(values["commune"]); len(named) > 0 && len(named[0].Postcodes) > 0 {
		return refused.With("code_postal", "place.declare.wrong.postcode", "Commune", named[0].Name, "Postcodes", strings.Join(named[0].Postcodes, ", "))
	}
	return refused.With("commune", "place.declare.wrong.commune_unknown")
}

// communeOf is the one commune of a name and a postal code.
func communeOf(g *territory.Gazetteer, name, postcode string) (territory.Commune, bool) {
	for _, c := range g.Postcode(postcode) {
		if fold.Key(c.Name) == fold.Key(name) {
			return c, true
		}
	}
	return territory.Commune{}, false
}

// names are some communes, as a sentence lists them.
func names(communes []territory.Commune) string {
	const few = 6
	var out []string
	for _, c := range communes[:min(len(communes), few)] {
		out = append(out, c.Name)
	}
	return strings.Join(out, ", ")
}

// The answers to "where is it on the map".
const (
	spotField   = "endroit"
	spotMap     = "carte"
	spotTyped   = "ecrit"
	spotUnsaid  = "sans"
	typedField  = "coordonnees"
	furthest    = 40_000 // metres between a place and the centre of its commune: beyond, somebody mistyped
	manyEnough  = 4
	degreesForm = 6 // digits of a position: a tenth of a metre
)

// fillSpots offers what the geocoder finds, and other ways to say where a place is.
func (h *Handlers) fillSpots(ctx context.Context, v *question, a onPage, refused ui.Refused) {
	chosen, typed := a.d.Said("position"), ""
	if a.form.Has(spotField) {
		chosen, typed = a.form.Get(spotField), a.form.Get(typedField)
	}
	v.Spots = ui.Choices{Name: spotField, Legend: v.Heading, Hint: joinedWords(a.d.Said("adresse"), strings.TrimSpace(a.d.Said("code_postal")+" "+a.d.Said("commune"))), Heading: true, Error: refused.Of(spotField)}
	v.Heading = ""
	add := func(value, label, hint string) {
		if !slices.ContainsFunc(v.Spots.Options, func(o ui.Option) bool { return o.Value == value }) {
			v.Spots.Options = append(v.Spots.Options, ui.Option{Value: value, Label: label, Hint: hint, Checked: value == chosen})
		}
	}
	if now := a.d.Said("position"); now != "" {
		add(now, "L'endroit déjà choisi", strings.Replace(now, " ", ", ", 1))
	}
	for _, c := range h.Territory.Locate(ctx, territory.Question{Text: a.d.Said("adresse") + ", " + a.d.Said("commune"), CommuneCode: a.d.Said("code_insee")}) {
		if !c.Approximate() && len(v.Spots.Options) < manyEnough {
			add(positionText(c.Point), calmAddress(c.Label), "")
		}
	}
	if _, ok := h.mapOf(a.d); ok {
		add(spotMap, "Montrer l'endroit sur une carte", "")
	}
	add(spotUnsaid, "Le centre de la commune, faute de mieux", "Les habitants verront que l'endroit n'est pas exact.")
	add(spotTyped, "Écrire les coordonnées", "Pour qui les connaît.")
	v.Typed = ui.Field{
		Name: typedField, Label: "Coordonnées", Hint: "La latitude puis la longitude, comme 45.937 -0.964.", Optional: v.Optional(), Value: typed, Error: refused.Of(typedField),
	}
}

// positionText is a point as declarations hold it.
func positionText(p territory.Point) string {
	return strconv.FormatFloat(p.Lat, 'f', degreesForm, 64) + " " + strconv.FormatFloat(p.Lon, 'f', degreesForm, 64)
}

// readSpot reads where a place is on the map.
func (h *Handlers) readSpot(a onPage, values map[string]string) error {
	refused := fault.New(fault.Invalid, "place.declare.invalid")
	switch spot := strings.TrimSpace(a.form.Get(spotField)); spot {
	case "":
		return refused.With(spotField, "place.declare.missing.position")
	case spotMap:
		values["position"] = a.d.Said("position") // the map comes next
	case spotUnsaid:
		values["position"] = ""
	case spotTyped:
		if values["position"] = strings.TrimSpace(a.form.Get(typedField)); values["position"] == "" {
			return refused.With(typedField, "place.declare.wrong.position")
		}
		if err := h.near(a.d, values["position"], typedField); err != nil {
			return err
		}
	default:
		values["position"] = spot
		return h.near(a.d, spot, spotField)
	}
	return nil
}

// near refuses a position that cannot be read, or lies far from the commune of the address.
func (h *Handlers) near(d place.Declaration, position, field string) error {
	refused := fault.New(fault.Invalid, "place.declare.invalid")
	p, ok := place.ParsePosition(position)
	if !ok {
		return refused.With(field, "place.declare.wrong.position")
	}
	c, known := h.Territory.Gazetteer().Commune(d.Said("code_insee"))
	if far := place.Metres(c.Point, p); known && c.Point.Known() && far > furthest {
		return refused.With(field, "place.declare.wrong.far", "Commune", c.Name, "Km", int(far/1000))
	}
	return nil
}

// endRegister is the page that asks whether the register's organisation is the right one.
const endRegister = "registre"

// The answers to it.
const (
	registerField = "reponse"
	registerHere  = "ici"
	registerElse  = "ailleurs"
	registerNo    = "non"
)

// registerPage is the view of what the register says.
type registerPage struct {
	ui.Page
	Back    ui.Back
	Problem ui.ErrorSummary
	Steps   ui.Steps
	Heading string
	Found   ui.Summary
	Closed  ui.Message
	Action  string
	Answers ui.Choices
}

// found asks the register about the organisation of a declaration. ok is false where it has nothing to say, or does not
// answer: the questions go on without it.
func (h *Handlers) found(ctx context.Context, d place.Declaration) (place.Establishment, bool) {
	if h.Register == nil || d.Said("pivot") == "" || d.Said("pivot") == place.UnknownPivot {
		return place.Establishment{}, false
	}
	e, err := h.Register.Establishment(ctx, d.Said("pivot"))
	return e, err == nil
}

func (h *Handlers) showRegister(w http.ResponseWriter, r *http.Request, d place.Declaration, token string, refused ui.Refused, p ui.Page) error {
	e, ok := h.found(r.Context(), d)
	if !ok {
		http.Redirect(w, r, pathTo(token, askAddress), http.StatusSeeOther)
		return nil
	}
	v := registerPage{
		Page: p, Back: p.Back(pathTo(token, askWho)), Problem: refused.Summary, Steps: stepsAt(p, askWho), Heading: "Est-ce votre organisation ?",
		Action: pathTo(token, endRegister),
	}
	v.Title = v.Heading
	v.Found.Rows = []ui.SummaryRow{{Term: "SIRET", Value: e.SIRET}, {Term: "Nom", Value: calm(e.Name)}}
	address := joinedWords(calm(e.Street), strings.TrimSpace(e.Postcode+" "+calm(e.Commune)))
	if address != "" {
		v.Found.Rows = append(v.Found.Rows, ui.SummaryRow{Term: "Adresse", Value: address})
	}
	if e.Closed {
		v.Closed = ui.Message{Kind: ui.Warning, Text: "D'après le registre, cet établissement a fermé. Vérifiez le numéro."}
	}
	v.Answers = ui.Choices{Name: registerField, Legend: "Votre réponse", Error: refused.Of(registerField)}
	if e.Street != "" && e.Postcode != "" {
		v.Answers.Options = append(v.Answers.Options, ui.Option{Value: registerHere, Label: "Oui, et le lieu est à cette adresse"},
			ui.Option{Value: registerElse, Label: "Oui, mais le lieu est ailleurs"})
	} else {
		v.Answers.Options = append(v.Answers.Options, ui.Option{Value: registerElse, Label: "Oui"})
	}
	v.Answers.Options = append(v.Answers.Options, ui.Option{Value: registerNo, Label: "Non, ce n'est pas elle"})
	return h.Kit.Render(w, r, refused.Status, "declare_register", v)
}

// takeRegister keeps what the register says, once somebody said that it is right.
func (h *Handlers) takeRegister(w http.ResponseWriter, r *http.Request, d place.Declaration, token string) error {
	in, to := place.Answer{Step: askWho, Values: map[string]string{}}, askAddress
	e, ok := h.found(r.Context(), d)
	switch said := r.PostForm.Get(registerField); {
	case !ok:
	case said == registerNo:
		in.Values["pivot"], to = place.UnknownPivot, askWho
	case said == registerHere, said == registerElse:
		if d.Said("structure_parente") == "" {
			in.Values["structure_parente"] = calm(e.Name)
		}
		if said == registerHere {
			for column, v := range map[string]string{"adresse": calm(e.Street), "code_postal": e.Postcode, "commune": calm(e.Commune), "code_insee": e.CommuneCode} {
				in.Values[column] = v
			}
			if c, known := h.Territory.Gazetteer().Commune(e.CommuneCode); known {
				in.Values["commune"] = c.Name
			}
		}
	default:
		p := h.Kit.Page(r, "")
		refused, _ := p.Refuse(fault.New(fault.Invalid, "place.declare.invalid").With(registerField, "place.declare.missing.choice"))
		return h.showRegister(w, r, d, token, refused, p)
	}
	if len(in.Values) > 0 {
		if _, err := h.Places.SaveAnswer(r.Context(), token, in); err != nil {
			return h.lost(w, r, err)
		}
	}
	http.Redirect(w, r, pathTo(token, to), http.StatusSeeOther)
	return nil
}
