package place

import "strings"

// The 0.x versions of the national schema (2022): 29 fields, lists separated by ";", other names and other strings. A
// file is recognised by the columns that only they have; the names of 1.x in it are taken as they are.

// v0Columns are the names that only 0.x has. conditions_access is how real files misspell conditions_acces.
var v0Columns = []string{
	"courriel", "conditions_acces", "conditions_access", "labels_nationaux", "labels_autres", "publics_accueillis", "accessibilite", "cle_ban",
}

// isV0 reports whether a file is of the standard 0.x.
func isV0(src rowSource) bool {
	for _, name := range v0Columns {
		if src.Column(name) >= 0 {
			return true
		}
	}
	return false
}

// v0Field is where a field of 1.x comes from in 0.x: columns, and the strings of 1.x that each string of 0.x stands for.
type v0Field struct {
	from   []string
	values []v0Value // nil: taken as they are
	rest   bool      // strings that stand for none of values are taken as they are, so that a wrong one is reported
}

// v0Value says which strings of 1.x a string of 0.x stands for: it begins with from, in small letters.
type v0Value struct {
	from string
	to   []string // none: the string says nothing that 1.x can say
}

// acceptsPass is how 1.x files say what conditions_acces said of vouchers: 1.x has no field for it.
const acceptsPass = "Accepte le Pass numérique"

// v0Fields has the fields of 1.x whose name or strings 0.x writes otherwise.
var v0Fields = map[string]v0Field{
	"courriels":         {from: []string{"courriel"}},
	"fiche_acces_libre": {from: []string{"accessibilite"}},
	"typologie":         {from: []string{"typologie"}, rest: true},
	"services": {from: []string{"services"}, rest: true, values: []v0Value{
		{"devenir autonome dans les démarches administratives", []string{ServiceAdmin}},
		{"réaliser des démarches administratives avec un accompagnement", []string{ServiceAdmin}},
		{"accompagner les démarches de santé", []string{ServiceAdmin}},
		{"prendre en main un smartphone ou une tablette", []string{ServiceBasics}},
		{"prendre en main un ordinateur", []string{ServiceBasics}},
		{"utiliser le numérique au quotidien", []string{ServiceBasics}},
		{"favoriser mon insertion professionnelle", []string{ServiceJob}},
		{"créer et développer mon entreprise", []string{ServiceJob}},
		{"approfondir ma culture numérique", []string{ServiceCulture}},
		{"promouvoir la citoyenneté numérique", []string{ServiceCulture}},
		{"accéder à une connexion internet", []string{ServiceAccess}},
		{"accéder à du matériel", []string{ServiceAccess}},
		{"s'équiper en matériel informatique", []string{ServiceEquipment}},
		{"créer avec le numérique", []string{ServiceLeisure}},
		{"soutenir la parentalité et l'éducation avec le numérique", []string{ServiceParents}},
	}},
	"publics_specifiquement_adresses": {from: []string{"publics_accueillis"}, rest: true, values: []v0Value{
		{"seniors", []string{"Seniors"}},
		{"familles/enfants", []string{"Familles et/ou enfants"}},
		{"jeunes", []string{"Jeunes"}},
		{"uniquement femmes", []string{"Femmes"}},
		{"adultes", nil},                   // empty means everyone
		{"public langues étrangères", nil}, // these six are in prise_en_charge_specifique
		{"déficience visuelle", nil},
		{"surdité", nil},
		{"handicaps psychiques", nil},
		{"handicaps mentaux", nil},
		{"personnes en situation d'illettrisme", nil},
	}},
	"prise_en_charge_specifique": {from: []string{"publics_accueillis"}, values: []v0Value{
		{"public langues étrangères", []string{"Langues étrangères (anglais)", "Langues étrangères (autres)"}},
		{"déficience visuelle", []string{"Déficience visuelle"}},
		{"surdité", []string{"Surdité"}},
		{"handicaps psychiques", []string{"Handicaps mentaux"}},
		{"handicaps mentaux", []string{"Handicaps mentaux"}},
		{"personnes en situation d'illettrisme", []string{"Illettrisme"}},
	}},
	"frais_a_charge": {from: []string{"conditions_acces", "conditions_access"}, rest: true, values: []v0Value{
		{"gratuit sous condition", []string{"Gratuit sous condition"}},
		{"gratuit", []string{"Gratuit"}},
		{"payant", []string{"Payant"}},
		{"adhésion", []string{"Payant"}},
		{"accepte le pass numérique", nil},
	}},
	"dispositif_programmes_nationaux": {from: []string{"labels_nationaux"}, values: []v0Value{
		{"cnfs", []string{"Conseillers numériques"}},
		{"france services", []string{"France Services"}},
		{"aidants connect", []string{"Aidants Connect"}},
		{"grandes écoles du numérique", []string{"Grande école du numérique"}},
		{"point relais caf", []string{"Point d'accès numérique CAF"}},
		{"point numérique caf", []string{"Point d'accès numérique CAF"}},
	}},
	"formations_labels": {from: []string{"labels_nationaux"}, values: []v0Value{
		{"fabriques de territoire", []string{"Fabriques de Territoire"}},
	}},
	"autres_formations_labels": {from: []string{"labels_nationaux", "labels_autres", "conditions_acces", "conditions_access"}, rest: true, values: []v0Value{
		{"accepte le pass numérique", []string{acceptsPass}},
		{"aptic", []string{acceptsPass}},
		{"cnfs", nil}, // these have fields of their own
		{"france services", nil},
		{"aidants connect", nil},
		{"grandes écoles du numérique", nil},
		{"point relais caf", nil},
		{"point numérique caf", nil},
		{"fabriques de territoire", nil},
		{"gratuit", nil},
		{"payant", nil},
		{"adhésion", nil},
	}},
	"modalites_accompagnement": {from: []string{"modalites_accompagnement"}, rest: true, values: []v0Value{
		{"seul", []string{"En autonomie"}},
		{"avec de l'aide", []string{"Accompagnement individuel"}},
		{"a ma place", []string{"Accompagnement individuel"}},
		{"à ma place", []string{"Accompagnement individuel"}},
		{"dans un atelier :", []string{"Dans un atelier collectif"}},
	}},
}

// convert returns the list of 1.x that the cells of 0.x stand for.
func (f v0Field) convert(cells []string) string {
	var out []string
	for _, cell := range cells {
		for _, one := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '|' }) {
			if one = strings.TrimSpace(one); one == "" {
				continue
			}
			to, known := f.value(one)
			if !known && f.rest {
				to = []string{one}
			}
			for _, v := range to {
				if !contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	return strings.Join(out, "|")
}

func (f v0Field) value(one string) (to []string, known bool) {
	low := strings.ReplaceAll(strings.ToLower(one), "’", "'")
	for _, v := range f.values {
		if strings.HasPrefix(low, v.from) {
			return v.to, true
		}
	}
	return nil, false
}
