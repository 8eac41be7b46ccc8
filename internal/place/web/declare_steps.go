package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// The questions of a declaration, in their order: one a page. All of them are in French only, as accounts are: whoever
// answers runs a place in France.

// The keys of the questions, in addresses.
const (
	askName      = "nom"
	askWho       = "organisation"
	askAddress   = "adresse"
	askPosition  = "position" // of the address: not numbered as a step
	askOffer     = "offre"
	askHelp      = "aide"
	askHours     = "horaires"
	askPublic    = "public"
	askLanguages = "langues"
	askPrice     = "prix"
	askAccess    = "acces"
	askContact   = "contact"
	askSummary   = "resume"
	askEmail     = "courriel"
)

// The kinds of parts.
const (
	partText   = "text"
	partRadios = "radios"
	partBoxes  = "boxes"
)

// declarePart is one column that a question asks for. Its form field has the name of the column.
type declarePart struct {
	column   string
	kind     string
	label    string
	hint     string
	optional bool
	rows     int
	complete string // autocomplete
	typing   string // inputmode
	short    bool
	options  []reply
	inline   bool
	other    string // boxes: the label of the field for what is not among the options; its name is the column and "-autre"
}

// reply is one answer and its words.
type reply struct{ value, label, hint string }

// declareStep is one question.
type declareStep struct {
	key   string
	title string // h1; where it has one part alone, the part is the heading
	term  string // in the summary
	lead  string
	parts []declarePart
}

// columns are those that the question decides.
func (s *declareStep) columns() []string {
	switch s.key {
	case askPosition:
		return []string{"position"}
	case askAddress:
		return []string{"adresse", "code_insee", "code_postal", "commune", "complement_adresse"}
	case askHours:
		return []string{"horaires"}
	}
	var out []string
	for _, p := range s.parts {
		out = append(out, p.column)
	}
	slices.Sort(out)
	return out
}

var declareSteps = []declareStep{
	{key: askName, term: "Nom", parts: []declarePart{
		{column: "nom", kind: partText, label: "Comment s'appelle le lieu ?", hint: "Le nom écrit sur la porte, comme Médiathèque de Saintes.", complete: "organization"},
	}},
	{key: askWho, term: "Qui le tient", title: "Qui tient ce lieu ?", lead: "Une mairie, une association, une entreprise.", parts: []declarePart{
		{column: "structure_parente", kind: partText, label: "Le nom de l'organisation", hint: "Par exemple Mairie de Saintes.", optional: true, complete: "organization"},
		{column: "pivot", kind: partText, label: "Son numéro SIRET", hint: "Quatorze chiffres, sur ses factures ou ses courriers. Vous ne l'avez pas ? Laissez vide.", optional: true, typing: "numeric"},
	}},
	{key: askAddress, term: "Adresse", title: "Où est le lieu ?", parts: []declarePart{
		{column: "adresse", kind: partText, label: "Numéro et rue", hint: "Par exemple 4 rue de la Paix.", complete: "address-line1"},
		{column: "complement_adresse", kind: partText, label: "Complément", hint: "Un bâtiment, un étage, une entrée.", optional: true, complete: "address-line2"},
		{column: "code_postal", kind: partText, label: "Code postal", short: true, typing: "numeric", complete: "postal-code"},
		{column: "commune", kind: partText, label: "Commune", complete: "address-level2"},
	}},
	{key: askPosition, term: "Sur la carte", title: "Où est-ce sur la carte ?"},
	{key: askOffer, term: "Sur place", parts: []declarePart{
		{column: "viaduc_offre", kind: partRadios, label: "Que trouve-t-on sur place ?", hint: "Choisissez ce qui aide le plus.", options: []reply{
			{"mediateur", "Une personne qui aide", "Elle montre, elle explique, elle fait avec vous."},
			{"libre_service", "Des ordinateurs en libre accès", "On s'en sert seul."},
			{"wifi", "Le wifi seulement", "On vient avec son appareil."},
			{"", "Je ne sais pas", ""},
		}},
	}},
	{key: askHelp, term: "L'aide proposée", title: "À quoi le lieu aide-t-il ?", parts: []declarePart{
		{column: "services", kind: partBoxes, label: "Ce que l'on vient y faire", hint: "Cochez tout ce qui est vrai.", options: []reply{
			{place.ServiceAdmin, "Faire une démarche sur internet", "Impôts, santé, retraite."},
			{place.ServiceBasics, "Apprendre à se servir d'un ordinateur ou d'un téléphone", ""},
			{place.ServiceAccess, "Utiliser un ordinateur ou internet sur place", ""},
			{place.ServiceJob, "Chercher un travail avec internet", ""},
			{place.ServiceSafety, "Éviter les pièges sur internet", ""},
			{place.ServiceEquipment, "Avoir un ordinateur moins cher", ""},
			{place.ServiceParents, "Accompagner ses enfants avec les écrans", ""},
			{place.ServiceLeisure, "Créer et s'amuser avec le numérique", ""},
			{place.ServiceCulture, "Comprendre le monde numérique", ""},
		}},
		{column: "modalites_accompagnement", kind: partBoxes, label: "Comment aide-t-on ?", optional: true, options: []reply{
			{"Accompagnement individuel", "Une personne à la fois", ""},
			{"Dans un atelier collectif", "En petit groupe", ""},
			{"En autonomie", "On fait seul, avec le matériel du lieu", ""},
			{"À distance", "À distance, par téléphone ou vidéo", ""},
		}},
	}},
	{key: askHours, term: "Heures d'ouverture", title: "Quand le lieu est-il ouvert ?"},
	{key: askPublic, term: "Pour qui", title: "Pour qui est ce lieu ?", lead: "Le lieu reçoit tout le monde ? Ne cochez rien, continuez.", parts: []declarePart{
		{column: "publics_specifiquement_adresses", kind: partBoxes, label: "Il s'adresse surtout à", optional: true, options: []reply{
			{"Jeunes", "Les jeunes", ""}, {"Étudiants", "Les étudiants", ""}, {"Familles et/ou enfants", "Les familles et les enfants", ""},
			{"Seniors", "Les personnes âgées", ""}, {"Femmes", "Les femmes", ""},
		}},
		{column: "prise_en_charge_specifique", kind: partBoxes, label: "Il sait recevoir", optional: true, options: []reply{
			{"Illettrisme", "Les personnes qui lisent avec difficulté", ""}, {"Surdité", "Les personnes sourdes", ""}, {"Déficience visuelle", "Les personnes qui voient mal", ""},
			{"Handicaps moteurs", "Les personnes avec un handicap moteur", ""}, {"Handicaps mentaux", "Les personnes avec un handicap mental", ""},
		}},
	}},
	{key: askLanguages, term: "Langues", parts: []declarePart{
		{column: "viaduc_langues", kind: partBoxes, label: "Quelles langues parle-t-on sur place ?", hint: "En plus du français.", optional: true, other: "Autres langues", options: []reply{
			{"anglais", "Anglais", ""}, {"arabe", "Arabe", ""}, {"espagnol", "Espagnol", ""}, {"portugais", "Portugais", ""},
			{"turc", "Turc", ""}, {"ukrainien", "Ukrainien", ""}, {"langue des signes", "Langue des signes", ""},
		}},
	}},
	{key: askPrice, term: "Prix", title: "Est-ce gratuit ?", parts: []declarePart{
		{column: "frais_a_charge", kind: partRadios, label: "Le prix", options: []reply{
			{"Gratuit", "C'est gratuit", ""}, {"Gratuit sous condition", "C'est gratuit pour certaines personnes", ""}, {"Payant", "C'est payant", ""}, {"", "Je ne sais pas", ""},
		}},
		{column: "viaduc_pass", kind: partRadios, label: "Le lieu prend-il le Pass numérique ?", hint: "Un chèque que l'on reçoit pour payer des cours.", inline: true, options: []reply{
			{"oui", "Oui", ""}, {"non", "Non", ""}, {"", "Je ne sais pas", ""},
		}},
	}},
	{key: askAccess, term: "Pour venir", title: "Comment vient-on ?", parts: []declarePart{
		{column: "modalites_acces", kind: partBoxes, label: "Pour être reçu", options: []reply{
			{"Se présenter", "On vient directement", ""}, {"Téléphoner", "On téléphone d'abord", ""}, {"Contacter par mail", "On écrit un e-mail", ""},
			{"Prendre un RDV en ligne", "On prend rendez-vous sur internet", ""},
			{"Envoyer un mail avec une fiche de prescription", "Une personne qui aide envoie une fiche", ""},
			{"Ce lieu n'accueille pas de public", "Le lieu ne reçoit pas de public", ""},
		}},
		{column: "viaduc_acces", kind: partBoxes, label: "Pour entrer", optional: true, options: []reply{
			{"Entrée de plain-pied", "On entre sans marche", ""}, {"Rampe", "Il y a une rampe", ""}, {"Ascenseur", "Il y a un ascenseur", ""},
			{"Toilettes adaptées", "Des toilettes adaptées", ""}, {"Place de parking réservée", "Une place de parking réservée", ""},
			{"Boucle magnétique", "Une boucle magnétique", "Pour les appareils auditifs."}, {"Marches à l'entrée", "Il y a des marches à l'entrée", ""},
		}},
	}},
	{key: askContact, term: "Contact", title: "Comment joindre le lieu ?", lead: "Tout le monde verra ces réponses. N'écrivez pas de téléphone personnel.", parts: []declarePart{
		{column: "telephone", kind: partText, label: "Téléphone", hint: "Par exemple 05 46 00 00 00.", optional: true, typing: "tel", complete: "tel"},
		{column: "courriels", kind: partText, label: "E-mail du lieu", hint: "Par exemple accueil@exemple.fr.", optional: true, typing: "email", complete: "email"},
		{column: "site_web", kind: partText, label: "Site internet", hint: "Par exemple https://www.exemple.fr.", optional: true, typing: "url", complete: "url"},
		{column: "prise_rdv", kind: partText, label: "Page pour prendre rendez-vous", optional: true, typing: "url"},
	}},
	{key: askSummary, term: "Présentation", title: "Comment présenter le lieu ?", parts: []declarePart{
		{column: "presentation_resume", kind: partText, label: "En une ou deux phrases", hint: "280 lettres au plus. Par exemple : Une conseillère vous aide à faire vos papiers, le mardi et le jeudi.", optional: true, rows: 4},
		{column: "presentation_detail", kind: partText, label: "Plus de détails", hint: "Ce que l'on doit apporter, comment venir en bus.", optional: true, rows: 6},
	}},
	{key: askEmail, term: "Votre e-mail", title: "À quelle adresse vous répondre ?"},
}

// tight keeps a sign at the end of its words: no line begins with a question mark.
var tight = strings.NewReplacer(" ?", "\u00a0?", " !", "\u00a0!", " :", "\u00a0:", " ;", "\u00a0;")

func init() {
	for i := range declareSteps {
		s := &declareSteps[i]
		s.title, s.lead = tight.Replace(s.title), tight.Replace(s.lead)
		for j := range s.parts {
			s.parts[j].label, s.parts[j].hint = tight.Replace(s.parts[j].label), tight.Replace(s.parts[j].hint)
		}
	}
}

// numbered are the questions that are steps, in their order.
var numbered = func() []string {
	var out []string
	for _, s := range declareSteps {
		if s.key != askPosition {
			out = append(out, s.key)
		}
	}
	return out
}()

func stepOf(key string) (*declareStep, bool) {
	i := slices.IndexFunc(declareSteps, func(s declareStep) bool { return s.key == key })
	if i < 0 {
		return nil, false
	}
	return &declareSteps[i], true
}

// after is the question that follows one, "" after the last.
func after(key string) string {
	i := slices.IndexFunc(declareSteps, func(s declareStep) bool { return s.key == key })
	if i+1 >= len(declareSteps) {
		return ""
	}
	return declareSteps[i+1].key
}

// before is the question that comes before one, "" before the first.
func before(key string) string {
	i := slices.IndexFunc(declareSteps, func(s declareStep) bool { return s.key == key })
	if i <= 0 {
		return ""
	}
	return declareSteps[i-1].key
}

// stepFor is the question that decides a column, or "email".
func stepFor(column string) string {
	if column == "email" {
		return askEmail
	}
	for i := range declareSteps {
		if slices.Contains(declareSteps[i].columns(), column) {
			return declareSteps[i].key
		}
	}
	return askName
}

// stepsAt says how far a question is. The position belongs to the address.
func stepsAt(p ui.Page, key string) ui.Steps {
	if key == askPosition {
		key = askAddress
	}
	return p.Steps(slices.Index(numbered, key)+1, len(numbered))
}

// filled is the form as the declaration fills it in.
func filled(s *declareStep, d place.Declaration) url.Values {
	form := url.Values{}
	for _, p := range s.parts {
		v := d.Said(p.column)
		switch {
		case p.kind == partBoxes:
			form[p.column] = place.List(v).Values()
		case p.kind == partRadios:
			form.Set(p.column, v)
		case p.column == "telephone" && v != "":
			form.Set(p.column, ui.Phone(v))
		case p.column == "pivot" && v == place.UnknownPivot:
		case p.column == "courriels" || p.column == "site_web":
			form.Set(p.column, strings.ReplaceAll(v, "|", ", "))
		default:
			form.Set(p.column, v)
		}
	}
	return form
}

// typed reads the answer of a form, by column.
func typed(s *declareStep, form url.Values) map[string]string {
	out := map[string]string{}
	for _, p := range s.parts {
		v := strings.TrimSpace(form.Get(p.column))
		switch {
		case p.kind == partBoxes:
			values := slices.Clone(form[p.column])
			for _, one := range strings.FieldsFunc(form.Get(p.column+"-autre"), func(r rune) bool { return strings.ContainsRune(",;\n/", r) }) {
				values = append(values, strings.ReplaceAll(one, "|", " "))
			}
			v = joined(values)
		case p.column == "courriels" || p.column == "site_web":
			v = joined(strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(",; \t\n|", r) }))
		}
		out[p.column] = v
	}
	return out
}

// joined is a list of the standard, each string once.
func joined(values []string) string {
	var out []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, "|")
}

// questionPart is a part as its template shows it.
type questionPart struct {
	Kind    string
	Field   ui.Field
	Choices ui.Choices
	Other   ui.Field // no name for none
}

// partsOf are the parts of a question, filled in from a form.
func partsOf(p ui.Page, s *declareStep, form url.Values, errs ui.Refused) []questionPart {
	out := make([]questionPart, 0, len(s.parts))
	for _, one := range s.parts {
		optional := ""
		if one.optional {
			optional = p.Optional()
		}
		heading := s.title == ""
		q := questionPart{Kind: one.kind}
		if one.kind == partText {
			q.Field = ui.Field{
				Name: one.column, Label: one.label, Hint: one.hint, Optional: optional, Rows: one.rows, Autocomplete: one.complete, InputMode: one.typing,
				Short: one.short, Heading: heading, Value: form.Get(one.column), Error: errs.Of(one.column),
			}
			out = append(out, q)
			continue
		}
		q.Choices = ui.Choices{
			Name: one.column, Legend: one.label, Hint: one.hint, Optional: optional, Heading: heading, Inline: one.inline, Error: errs.Of(one.column),
		}
		q.Choices.Options = optionsOf(one, form)
		if one.other != "" {
			q.Other = ui.Field{Name: one.column + "-autre", Label: one.other, Optional: p.Optional(), Value: form.Get(one.column + "-autre")}
		}
		out = append(out, q)
	}
	return out
}

// optionsOf are the answers of a part. What a place says already and is among no answer stays one, ticked: a correction
// loses nothing.
func optionsOf(part declarePart, form url.Values) []ui.Option {
	chosen := form[part.column]
	if part.kind == partRadios {
		chosen = nil
		if form.Has(part.column) {
			chosen = []string{form.Get(part.column)}
		}
	}
	var out []ui.Option
	known := map[string]bool{}
	for _, c := range part.options {
		known[c.value] = true
		out = append(out, ui.Option{Value: c.value, Label: c.label, Hint: c.hint, Checked: slices.Contains(chosen, c.value) && (c.value != "" || part.kind == partBoxes)})
	}
	for _, v := range chosen {
		if !known[v] && v != "" {
			known[v] = true
			out = append(out, ui.Option{Value: v, Label: strings.ReplaceAll(v, "|", ", "), Checked: true})
		}
	}
	return out
}

// saidOf says the answer of a question in the summary, "" where nothing is said.
func saidOf(p ui.Page, s *declareStep, d place.Declaration) string {
	switch s.key {
	case askAddress:
		return joinedWords(d.Said("adresse"), d.Said("complement_adresse"), strings.TrimSpace(d.Said("code_postal")+" "+d.Said("commune")))
	case askPosition:
		return spotSaid(d.Said("position"))
	case askHours:
		return hoursSaid(d.Said("horaires"))
	case askEmail:
		return d.Email
	}
	var words []string
	for _, part := range s.parts {
		if v := partSaid(p, part, d.Said(part.column)); v != "" {
			words = append(words, v)
		}
	}
	return strings.Join(words, ". ")
}

// partSaid says one column.
func partSaid(_ ui.Page, part declarePart, v string) string {
	switch {
	case v == "", part.column == "pivot" && v == place.UnknownPivot:
		return ""
	case part.column == "pivot":
		return "SIRET " + v
	case part.column == "viaduc_pass" && v == "oui":
		return "Prend le Pass numérique"
	case part.column == "viaduc_pass":
		return "Ne prend pas le Pass numérique"
	case part.column == "telephone":
		return ui.Phone(v)
	case part.kind == partText:
		return strings.ReplaceAll(v, "|", ", ")
	}
	var out []string
	for i, one := range place.List(v).Values() {
		for _, c := range part.options {
			if c.value == one {
				one = c.label
			}
		}
		if i > 0 {
			one = lowered(one)
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

// columnSaid says one column as its question does, for the list of what changes.
func columnSaid(p ui.Page, column, v string) string {
	switch column {
	case "horaires":
		return hoursSaid(v)
	case "position":
		return spotSaid(v)
	}
	if s, ok := stepOf(stepFor(column)); ok {
		for _, part := range s.parts {
			if part.column == column {
				return partSaid(p, part, v)
			}
		}
	}
	return v
}

// columnTerm names one column as its question does.
func columnTerm(column string) string {
	s, _ := stepOf(stepFor(column))
	if len(s.parts) > 1 {
		for _, part := range s.parts {
			if part.column == column {
				return part.label
			}
		}
	}
	return s.term
}

func joinedWords(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}

func lowered(word string) string {
	r := []rune(word)
	if len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) { // initials
		return word
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

// stepTitle is what a question is called.
func (s *declareStep) stepTitle() string {
	if s.title != "" {
		return s.title
	}
	return s.parts[0].label
}

func formatVersion(v int64) string { return strconv.FormatInt(v, 10) }

// spotSaid says a position: nobody knows a place by its coordinates.
func spotSaid(position string) string {
	if position == "" {
		return ""
	}
	return "Un endroit précis (" + strings.Replace(position, " ", ", ", 1) + ")"
}
