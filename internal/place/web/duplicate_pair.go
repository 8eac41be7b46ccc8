package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/ui"
)

// wayWords are the choices of a field in forms and addresses.
var wayWords = map[place.Way]string{place.FromKept: "garde", place.FromMerged: "autre", place.FromBoth: "deux"}

// pairPage is the view of /pro/doublons/{paire}: two places side by side.
type pairPage struct {
	ui.Page
	Back     ui.Back
	Errors   ui.ErrorSummary
	Progress string // "Paire 3 sur 13"
	Around   []ui.Link
	Names    string
	Marks    ui.Summary
	Group    ui.Message
	Both     ui.Table
	Choices  []ui.Choices
	Action   string
	Verify   string
	Seen     string
}

func (h *Handlers) showPair(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderPair(w, r, by, nil)
}

func (h *Handlers) renderPair(w http.ResponseWriter, r *http.Request, by identity.Actor, why error) error {
	pair, err := h.pair(r, by)
	if err != nil {
		return err
	}
	list, err := h.Places.Duplicates(r.Context(), by, place.DuplicateFilter{})
	if err != nil {
		return err
	}
	v := pairPage{Page: h.Kit.Page(r, "Est-ce le même lieu ?"), Names: twoNames(&pair), Action: pairAddress(&pair), Seen: place.MergeSeen(&pair.First, &pair.Second)}
	v.Back, v.Verify = v.Page.Back(duplicatesPath), v.Action+verifyEnd
	status := http.StatusOK
	if why != nil {
		refused, ok := v.Refuse(why)
		if !ok {
			return why
		}
		v.Errors, status = refused.Summary, refused.Status
	}
	v.around(&pair, list)
	v.Marks = marksOf(v.Page, &pair)
	v.Both = sideBySide(v.Page, &pair)
	v.compare(&pair, h.waysOf(r, &pair))
	return h.Kit.Render(w, r, status, "duplicate_pair", v)
}

// around says how far one has come in the list, and leads to its neighbours.
func (v *pairPage) around(pair *place.DuplicatePair, list []place.DuplicatePair) {
	at := slices.IndexFunc(list, func(p place.DuplicatePair) bool { return p.A == pair.A && p.B == pair.B })
	if at < 0 {
		return
	}
	v.Progress = "Paire " + strconv.Itoa(at+1) + " sur " + strconv.Itoa(len(list))
	if at > 0 {
		v.Around = append(v.Around, ui.Link{Text: "Paire précédente", Href: pairAddress(&list[at-1])})
	}
	if at+1 < len(list) {
		v.Around = append(v.Around, ui.Link{Text: "Paire suivante", Href: pairAddress(&list[at+1])})
	}
	if g := groupsOf(list)[pair.A]; len(g.Numbers) > 2 {
		v.Group = ui.Message{Kind: ui.Info, Text: "Ces deux lieux font partie d'un groupe de " + groupText(g) + " sur 100. Les autres viennent ensuite."}
	}
}

// marksOf says how alike the two are, and how far apart.
func marksOf(p ui.Page, pair *place.DuplicatePair) ui.Summary {
	distance := "inconnue : la position d'un lieu manque. Seuls le nom et l'adresse ont compté"
	if m, ok := pair.Metres(); ok {
		distance = "au même endroit"
		if m >= 1 {
			distance = p.Number(int(m+0.5)) + " m"
		}
		distance += " (" + strconv.Itoa(pair.Distance) + " sur 100)"
	}
	return ui.Summary{Rows: []ui.SummaryRow{
		{Term: "Ressemblance", Value: strconv.Itoa(pair.Score) + " sur 100", Big: true},
		{Term: "Les noms", Value: strconv.Itoa(pair.Name) + " sur 100"},
		{Term: "Les adresses", Value: strconv.Itoa(pair.Pair.Address) + " sur 100"},
		{Term: "La distance", Value: distance},
	}}
}

// sideBySide lists every field of both, and says which differ.
func sideBySide(p ui.Page, pair *place.DuplicatePair) ui.Table {
	a, b := &pair.First, &pair.Second
	t := ui.Table{Caption: "Les deux fiches", Columns: []string{"Champ", "Lieu " + number(a.Number), "Lieu " + number(b.Number)}}
	add := func(term, x, y string, same bool) {
		head := ui.Cell{Text: term, Tag: ui.Tag{Text: "Différent", Kind: ui.Warning}}
		if same {
			head.Tag = ui.Tag{}
		}
		t.Rows = append(t.Rows, []ui.Cell{head, {Text: orUnsaid(x)}, {Text: orUnsaid(y)}})
	}
	add("Source", a.Source, b.Source, a.Source == b.Source)
	for _, c := range place.MergedFields() {
		x, y := mergedValue(p, c, a), mergedValue(p, c, b)
		if label := mergeLabels[c.Name]; label != "" && x+y != "" {
			add(label, x, y, c.Same(a, b))
		}
	}
	return t
}

func orUnsaid(v string) string {
	if v == "" {
		return "non dit"
	}
	return v
}

// compare asks which record each field that differs is to follow.
func (v *pairPage) compare(pair *place.DuplicatePair, ways place.Ways) {
	a, b := &pair.First, &pair.Second
	for _, c := range place.MergedFields() {
		label := mergeLabels[c.Name]
		if label == "" || c.Same(a, b) {
			continue
		}
		choice := ui.Choices{Name: c.Name, Legend: label, Inline: true}
		offer := func(way place.Way, text, hint string) {
			choice.Options = append(choice.Options, ui.Option{Value: wayWords[way], Label: text, Hint: hint, Checked: ways[c.Name] == way})
		}
		offer(place.FromKept, orUnsaid(mergedValue(v.Page, c, a)), mergedOrigin(v.Page, c, a))
		offer(place.FromMerged, orUnsaid(mergedValue(v.Page, c, b)), mergedOrigin(v.Page, c, b))
		if c.Joins() && c.List() && c.Value(a) != "" && c.Value(b) != "" {
			offer(place.FromBoth, "Les deux ensemble", "")
		}
		if !c.List() && ways[c.Name] == place.FromBoth { // of two days the later
			choice.Options[later(c, a, b)].Checked = true
		}
		v.Choices = append(v.Choices, choice)
	}
}

// later is the place, 0 or 1, whose day in the column is the later.
func later(c place.Column, a, b *place.Place) int {
	if c.Value(b) > c.Value(a) {
		return 1
	}
	return 0
}

// mergedOrigin says whose value it is, and of when.
func mergedOrigin(p ui.Page, c place.Column, of *place.Place) string {
	who := of.Origin(c)
	switch who {
	case place.Here:
		return "Lieu " + number(of.Number) + ", confirmé ici"
	case "":
		who = "source non dite"
	}
	return "Lieu " + number(of.Number) + ", " + who + dayAfter(p, ", ", of.UpdatedOn)
}

// mergedValue is what a place says in a column, for people.
func mergedValue(p ui.Page, c place.Column, of *place.Place) string {
	v := c.Value(of)
	switch {
	case c.Name == "latitude":
		if !of.Point.Known() {
			return ""
		}
		return strconv.FormatFloat(of.Point.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(of.Point.Lon, 'f', 5, 64)
	case c.Name == "pivot" && v == place.UnknownPivot:
		return ""
	case c.Name == "telephone":
		return ui.Phone(v)
	case c.Name == "date_maj" || c.Name == "viaduc_verifie_le":
		return dayAfter(p, "", v)
	case c.List():
		return strings.Join(place.List(v).Values(), ", ")
	}
	return v
}

// mergeLabels name the fields that people choose; those that are not in it follow the rules.
var mergeLabels = map[string]string{
	"pivot": "SIRET", "nom": "Nom", "commune": "Commune", "code_postal": "Code postal", "code_insee": "Code INSEE", "adresse": "Adresse",
	"complement_adresse": "Complément d'adresse", "latitude": "Position", "typologie": "Type", "telephone": "Téléphone", "courriels": "E-mails",
	"site_web": "Sites internet", "horaires": "Horaires", "presentation_resume": "Résumé", "presentation_detail": "Présentation", "itinerance": "Itinérance",
	"structure_parente": "Structure", "date_maj": "Mis à jour le", "services": "Services", "publics_specifiquement_adresses": "Publics",
	"prise_en_charge_specifique": "Accueil adapté", "frais_a_charge": "Prix", "dispositif_programmes_nationaux": "Programmes", "formations_labels": "Labels",
	"autres_formations_labels": "Autres labels", "modalites_acces": "Façon de venir", "modalites_accompagnement": "Façon d'aider",
	"fiche_acces_libre": "Page Acceslibre", "prise_rdv": "Prise de rendez-vous", "viaduc_offre": "Ce que le lieu propose", "viaduc_acces": "Accès du bâtiment",
	"viaduc_salles": "Salles", "viaduc_langues": "Langues", "viaduc_horaires_mediation": "Horaires du médiateur", "viaduc_verifie_le": "Vérifié le",
}

// waysOf reads the choices of an address or a form; a field without one follows the rules.
func (h *Handlers) waysOf(r *http.Request, pair *place.DuplicatePair) place.Ways {
	ways := place.DefaultWays(&pair.First, &pair.Second, h.Now())
	for _, c := range place.MergedFields() {
		for way, word := range wayWords {
			if r.FormValue(c.Name) == word && !c.Same(&pair.First, &pair.Second) && (way != place.FromBoth || c.Joins()) {
				ways[c.Name] = way
			}
		}
	}
	return ways
}

// distinguish says that the two are two places.
func (h *Handlers) distinguish(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	pair, err := h.pair(r, by)
	if err != nil {
		return err
	}
	err = h.Places.Distinguish(r.Context(), by, pair.First.Number, pair.Second.Number, r.PostFormValue(seenField))
	if err == nil {
		http.Redirect(w, r, duplicatesPath+"?fait=deux", http.StatusSeeOther)
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return h.renderPair(w, r, by, err)
	}
	return err
}

// mergePage is the view of /pro/doublons/{paire}/verifier: what comes of it, before it is done.
type mergePage struct {
	ui.Page
	Back   ui.Back
	Kept   string
	Gone   string
	Sheet  ui.Table
	Hidden []ui.Hidden
	Action string
}

func (h *Handlers) showMerge(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	pair, err := h.pair(r, by)
	if err != nil {
		return err
	}
	seen := place.MergeSeen(&pair.First, &pair.Second)
	if given := r.URL.Query().Get(seenField); given != "" && given != seen {
		return h.renderPair(w, r, by, fault.New(fault.Conflict, "place.merge_changed"))
	}
	ways := h.waysOf(r, &pair)
	next := place.United(&pair.First, &pair.Second, ways)
	v := mergePage{Page: h.Kit.Page(r, "Vérifier avant de réunir"), Kept: number(pair.First.Number), Gone: number(pair.Second.Number), Action: pairAddress(&pair) + verifyEnd}
	v.Hidden = []ui.Hidden{{Name: seenField, Value: seen}}
	v.Sheet = ui.Table{Caption: "La fiche du lieu " + v.Kept + ", une fois les deux réunis", Columns: []string{"Champ", "Ce qui reste", "D'où cela vient"}}
	back := url.Values{}
	for _, c := range place.MergedFields() {
		if !c.Same(&pair.First, &pair.Second) {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: c.Name, Value: wayWords[ways[c.Name]]})
			back.Set(c.Name, wayWords[ways[c.Name]])
		}
		value := mergedValue(v.Page, c, &next)
		if label := mergeLabels[c.Name]; label != "" && value != "" {
			v.Sheet.Rows = append(v.Sheet.Rows, []ui.Cell{{Text: label}, {Text: value}, {Text: cameFrom(c, &pair, ways[c.Name])}})
		}
	}
	v.Back = v.Page.Back(pairAddress(&pair) + "?" + back.Encode())
	return h.Kit.Render(w, r, http.StatusOK, "duplicate_check", v)
}

func cameFrom(c place.Column, pair *place.DuplicatePair, way place.Way) string {
	switch {
	case c.Same(&pair.First, &pair.Second):
		return "pareil dans les deux"
	case way == place.FromMerged:
		return "lieu " + number(pair.Second.Number)
	case way == place.FromBoth && c.List():
		return "les deux ensemble"
	case way == place.FromBoth:
		return "la plus récente des deux"
	}
	return "lieu " + number(pair.First.Number)
}

func (h *Handlers) merge(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	pair, err := h.pair(r, by)
	if err != nil {
		return err
	}
	_, err = h.Places.Merge(r.Context(), by, place.NewMerge{
		Kept: pair.First.Number, Merged: pair.Second.Number, Ways: h.waysOf(r, &pair), Seen: r.PostFormValue(seenField),
	})
	if err == nil {
		http.Redirect(w, r, duplicatesPath+"?fait=reunis", http.StatusSeeOther)
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return h.renderPair(w, r, by, err)
	}
	return err
}

// dayAfter says a civil date after some words; "" where there is none, and the date as written where it is no date.
func dayAfter(p ui.Page, before, on string) string {
	if on == "" {
		return ""
	}
	day, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return before + on
	}
	return before + p.DateLong(day)
}
