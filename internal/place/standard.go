package place

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"viaduc/internal/territory"
)

// StandardVersion is the version of the national schema that exports follow. Version 1.0.2 only adds a value of
// formations_labels, which imports accept and exports may hold.
const StandardVersion = "1.0.1"

// Column is one field of the national schema.
type Column struct {
	Name     string // as in the file
	Required bool   // the schema asks for a value in every row
	rule     func(v string) string
	text     func(p *Place) *string
	list     func(p *Place) *List
	put      func(p *Place, v string) // beside text, where one word changes another field too
	values   []string                 // exact strings of an enumeration; nil for free values
	local    bool                     // ours: not of the standard
}

// standard is the standard's mandatory order.
var standard = []Column{
	{Name: "id", Required: true, text: func(p *Place) *string { return &p.StandardID }},
	{Name: "pivot", Required: true, rule: pattern(`^[a-zA-Z0-9]{9,14}$`), text: func(p *Place) *string { return &p.Pivot }},
	{Name: "nom", Required: true, text: func(p *Place) *string { return &p.Name }},
	{Name: "commune", Required: true, text: func(p *Place) *string { return &p.Commune }},
	{Name: "code_postal", Required: true, rule: pattern(`^\d{5}$`), text: func(p *Place) *string { return &p.Postcode }},
	{Name: "code_insee", rule: pattern(`^([013-9]\d|2[AB1-9])\d{3}$`), text: func(p *Place) *string { return &p.CommuneCode }},
	{Name: "adresse", Required: true, text: func(p *Place) *string { return &p.Address }},
	{Name: "complement_adresse", text: func(p *Place) *string { return &p.AddressExtra }},
	{Name: "latitude"},
	{Name: "longitude"},
	{Name: "typologie", list: func(p *Place) *List { return &p.Kinds }},
	{Name: "telephone", rule: pattern(`^(\+33|\+590|\+594|\+262|\+596|\+269|\+687|\+689|\+508|\+681)(\d){6,9}$`), text: func(p *Place) *string { return &p.Phone }},
	{Name: "courriels", list: func(p *Place) *List { return &p.Emails }},
	{Name: "site_web", list: func(p *Place) *List { return &p.Websites }},
	{Name: "horaires", text: func(p *Place) *string { return &p.Hours }},
	{Name: "presentation_resume", rule: maxLength(280), text: func(p *Place) *string { return &p.Summary }},
	{Name: "presentation_detail", text: func(p *Place) *string { return &p.Description }},
	{Name: "source", text: func(p *Place) *string { return &p.Source }},
	{Name: "itinerance", list: func(p *Place) *List { return &p.Itinerance }, values: []string{"Itinérant", "Fixe"}},
	{Name: "structure_parente", text: func(p *Place) *string { return &p.ParentOrganisation }},
	{Name: "date_maj", Required: true, rule: pattern(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`), text: func(p *Place) *string { return &p.UpdatedOn }},
	{Name: "services", list: func(p *Place) *List { return &p.Services }, values: Services()},
	{Name: "publics_specifiquement_adresses", list: func(p *Place) *List { return &p.Audiences }, values: []string{
		"Jeunes", "Étudiants", "Familles et/ou enfants", "Seniors", "Femmes",
	}},
	{Name: "prise_en_charge_specifique", list: func(p *Place) *List { return &p.SpecialCare }, values: []string{
		"Surdité", "Handicaps moteurs", "Handicaps mentaux", "Illettrisme", "Langues étrangères (anglais)", "Langues étrangères (autres)", "Déficience visuelle",
	}},
	{Name: "frais_a_charge", list: func(p *Place) *List { return &p.Fees }, values: []string{"Gratuit", "Gratuit sous condition", "Payant"}},
	{Name: "dispositif_programmes_nationaux", list: func(p *Place) *List { return &p.Programmes }, values: []string{
		"Aidants Connect", "Bibliothèques numérique de référence", "Certification PIX", "Conseillers numériques", "Emmaüs Connect", "France Services",
		"Grande école du numérique", "La Croix Rouge", "Point d'accès numérique CAF", "Promeneurs du net", "Relais numérique (Emmaüs Connect)",
	}},
	{Name: "formations_labels", list: func(p *Place) *List { return &p.Labels }, values: []string{
		"Formé à « Mon Espace Santé »", "Formé à « DUPLEX » (illettrisme)", "Arnia/MedNum BFC (Bourgogne-Franche-Comté)",
		"Collectif ressources et acteurs réemploi (Normandie)", "Étapes numériques (La Poste)", "Fabriques de Territoire",
		"Les Éclaireurs du numérique (Drôme)", "Mes Papiers (Métropole de Lyon)", "ORDI 3.0", "SUD LABS (PACA)",
	}},
	{Name: "autres_formations_labels", list: func(p *Place) *List { return &p.OtherLabels }},
	{Name: "modalites_acces", list: func(p *Place) *List { return &p.AccessModes }, values: []string{
		"Se présenter", "Téléphoner", "Contacter par mail", "Prendre un RDV en ligne", "Ce lieu n'accueille pas de public", "Envoyer un mail avec une fiche de prescription",
	}},
	{Name: "modalites_accompagnement", list: func(p *Place) *List { return &p.SupportModes }, values: []string{
		"En autonomie", "Accompagnement individuel", "Dans un atelier collectif", "À distance",
	}},
	{Name: "fiche_acces_libre", text: func(p *Place) *string { return &p.AccessibilityURL }},
	{Name: "prise_rdv", text: func(p *Place) *string { return &p.BookingURL }},
}

// Columns returns the fields of the national schema in its mandatory order.
func Columns() []Column { return standard }

// The services of the standard (schema 1.x), by the exact strings of files.
const (
	ServiceAdmin     = "Aide aux démarches administratives"
	ServiceBasics    = "Maîtrise des outils numériques du quotidien"
	ServiceJob       = "Insertion professionnelle via le numérique"
	ServiceSafety    = "Utilisation sécurisée du numérique"
	ServiceParents   = "Parentalité et éducation avec le numérique"
	ServiceLeisure   = "Loisirs et créations numériques"
	ServiceCulture   = "Compréhension du monde numérique"
	ServiceAccess    = "Accès internet et matériel informatique"
	ServiceEquipment = "Acquisition de matériel informatique à prix solidaire"
)

// Services lists the nine services of the standard.
func Services() []string {
	return []string{ServiceAdmin, ServiceBasics, ServiceJob, ServiceSafety, ServiceParents, ServiceLeisure, ServiceCulture, ServiceAccess, ServiceEquipment}
}

// synonyms are spellings that files have and that mean an exact string: the pattern of schema 1.0.2 itself lost a space.
var synonyms = map[string]string{"Étapes numériques(La Poste)": "Étapes numériques (La Poste)"}

func pattern(expr string) func(string) string {
	re := regexp.MustCompile(expr)
	return func(v string) string {
		if re.MatchString(v) {
			return ""
		}
		return "pattern"
	}
}

func maxLength(n int) func(string) string {
	return func(v string) string {
		if utf8.RuneCountInString(v) <= n {
			return ""
		}
		return "maxLength"
	}
}

// Value returns what the standard's file says in this column for p.
func (c Column) Value(p *Place) string {
	switch {
	case c.text != nil:
		return *c.text(p)
	case c.list != nil:
		return string(*c.list(p))
	case !p.Point.Known():
		return ""
	case c.Name == "latitude":
		return formatDegrees(p.Point.Lat)
	default:
		return formatDegrees(p.Point.Lon)
	}
}

func formatDegrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// set puts the cell v of a file into p. Coordinates come in pairs and are set by setPoint.
func (c Column) set(p *Place, v string) {
	switch {
	case c.put != nil:
		c.put(p, v)
	case c.text != nil:
		*c.text(p) = v
	case c.list != nil:
		*c.list(p) = cleanList(v)
	}
}

// cleanList trims the strings of a list, drops empty and doubled ones, and writes known misspellings exactly.
func cleanList(v string) List {
	if !strings.ContainsAny(v, "|") && synonyms[v] == "" {
		return List(strings.TrimSpace(v))
	}
	var out []string
	for _, one := range strings.Split(v, "|") {
		one = strings.TrimSpace(one)
		if exact, ok := synonyms[one]; ok {
			one = exact
		}
		if one != "" && !contains(out, one) {
			out = append(out, one)
		}
	}
	return List(strings.Join(out, "|"))
}

func contains(list []string, v string) bool {
	for _, one := range list {
		if one == v {
			return true
		}
	}
	return false
}

// Violation is a rule of the standard that a place breaks.
type Violation struct {
	Column Column
	Rule   string // "missing", "pattern", "maxLength", "enum" or "luhn"
	Value  string
}

// Blocks reports whether the violation keeps the place out of the standard's export. A wrong control digit of a SIRET
// is only a warning: real files have one in twenty-six, and La Poste's are exempt.
// Fields that are not of the standard keep nothing out of it.
func (v Violation) Blocks() bool { return v.Rule != "luhn" && !v.Column.local }

// Violations checks p against the standard, and our own fields against their own rules: values by exact comparison after splitting, since the schema's own patterns
// for lists are anchored at one end only.
func (p *Place) Violations() []Violation {
	var out []Violation
	for _, c := range columns {
		v := c.Value(p)
		switch {
		case v == "" && c.Required:
			out = append(out, Violation{Column: c, Rule: "missing"})
		case v == "":
		case c.rule != nil && c.rule(v) != "":
			out = append(out, Violation{Column: c, Rule: c.rule(v), Value: v})
		case c.values != nil:
			for _, one := range List(v).Values() {
				if !contains(c.values, one) {
					out = append(out, Violation{Column: c, Rule: "enum", Value: one})
				}
			}
		case c.Name == "pivot" && !luhn(v):
			out = append(out, Violation{Column: c, Rule: "luhn", Value: v})
		}
	}
	return out
}

// laPoste is the SIREN whose establishments follow another control rule.
const laPoste = "356000000"

// luhn reports whether a SIRET's control digit holds. Anything that is no SIRET passes, and so does fourteen zeros,
// which means "unknown" in the standard.
func luhn(v string) bool {
	if len(v) != 14 || v == UnknownPivot || strings.HasPrefix(v, laPoste) {
		return true
	}
	sum := 0
	for i := range len(v) {
		d := int(v[i] - '0')
		if d < 0 || d > 9 {
			return true
		}
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// UnknownPivot is how the standard writes an organisation that nobody could identify.
const UnknownPivot = "00000000000000"

// status derives how far p can be shown from what it says.
func (p *Place) status() Status {
	if !p.Point.Known() && p.Commune == "" && p.CommuneCode == "" {
		return ToLocate
	}
	for _, v := range p.Violations() {
		if v.Blocks() {
			return ToComplete
		}
	}
	return Published
}

// Department is the code of the département the place is in, "" when nothing says.
func (p *Place) Department() string {
	if p.CommuneCode != "" {
		return territory.DepartmentOf(p.CommuneCode)
	}
	return territory.DepartmentOf(p.Postcode)
}

// Values are the exact strings that a column takes, nil for free ones.
func (c Column) Values() []string { return c.values }

// Number reports whether the column holds a number.
func (c Column) Number() bool { return c.text == nil && c.list == nil }

// List reports whether the column holds several strings joined by "|".
func (c Column) List() bool { return c.list != nil }
