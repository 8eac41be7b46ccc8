package place

import (
	"bufio"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// inclusionStructure is a place as data·inclusion writes a structure (structure-v1). What is not said is left out: the
// schema then takes it for null.
type inclusionStructure struct {
	Source          string   `json:"source"`
	ID              string   `json:"id"`
	Name            string   `json:"nom"`
	UpdatedOn       string   `json:"date_maj"`
	SIRET           string   `json:"siret,omitempty"`
	Description     string   `json:"description,omitempty"`
	Commune         string   `json:"commune,omitempty"`
	Postcode        string   `json:"code_postal,omitempty"`
	CommuneCode     string   `json:"code_insee,omitempty"`
	Address         string   `json:"adresse,omitempty"`
	AddressExtra    string   `json:"complement_adresse,omitempty"`
	Lat             *float64 `json:"latitude,omitempty"`
	Lon             *float64 `json:"longitude,omitempty"`
	Phone           string   `json:"telephone,omitempty"`
	Email           string   `json:"courriel,omitempty"`
	Website         string   `json:"site_web,omitempty"`
	Hours           string   `json:"horaires_accueil,omitempty"`
	Accessibility   string   `json:"accessibilite_lieu,omitempty"`
	CarryingNetwork []string `json:"reseaux_porteurs,omitempty"`
}

// inclusionService is the digital help of a place as data·inclusion writes a service (service-v1).
type inclusionService struct {
	Source       string   `json:"source"`
	StructureID  string   `json:"structure_id"`
	ID           string   `json:"id"`
	Name         string   `json:"nom"`
	Description  string   `json:"description"`
	UpdatedOn    string   `json:"date_maj"`
	Themes       []string `json:"thematiques"`
	Fee          string   `json:"frais,omitempty"`
	FeeDetail    string   `json:"frais_precisions,omitempty"`
	Audiences    []string `json:"publics,omitempty"`
	Modes        []string `json:"modes_accueil,omitempty"`
	Contact      []string `json:"modes_mobilisation,omitempty"`
	ContactLink  string   `json:"lien_mobilisation,omitempty"`
	Commune      string   `json:"commune,omitempty"`
	Postcode     string   `json:"code_postal,omitempty"`
	CommuneCode  string   `json:"code_insee,omitempty"`
	Address      string   `json:"adresse,omitempty"`
	AddressExtra string   `json:"complement_adresse,omitempty"`
	Lat          *float64 `json:"latitude,omitempty"`
	Lon          *float64 `json:"longitude,omitempty"`
	Phone        string   `json:"telephone,omitempty"`
	Email        string   `json:"courriel,omitempty"`
	Hours        string   `json:"horaires_accueil,omitempty"`
}

// mapping gives the word of data·inclusion for a string of the standard; strings that it lacks have none.
type mapping map[string]string

// of returns the words for a list, each once, in the order of the list.
func (m mapping) of(l List) []string {
	var out []string
	for _, v := range l.Values() {
		if w, ok := m[v]; ok && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// themes are the four digital ones; the other five services of the standard have none (the national chain's own map).
var themes = mapping{
	ServiceAdmin:     "numerique--acceder-a-des-services-en-ligne",
	ServiceBasics:    "numerique--maitriser-les-fondamentaux-du-numerique",
	ServiceAccess:    "numerique--acceder-a-une-connexion-internet",
	ServiceEquipment: "numerique--acquerir-un-equipement",
}

var audiences = mapping{
	"Jeunes": "jeunes", "Étudiants": "etudiants", "Familles et/ou enfants": "familles", "Seniors": "seniors", "Femmes": "femmes",
}

var contactModes = mapping{
	"Se présenter": "se-presenter", "Téléphoner": "telephoner", "Contacter par mail": "envoyer-un-courriel",
	"Envoyer un mail avec une fiche de prescription": "envoyer-un-courriel", "Prendre un RDV en ligne": "utiliser-lien-mobilisation",
}

var receptionModes = mapping{
	"En autonomie": "en-presentiel", "Accompagnement individuel": "en-presentiel", "Dans un atelier collectif": "en-presentiel", "À distance": "a-distance",
}

// networks are the programmes and kinds of places that data·inclusion knows as a carrying network.
var networks = mapping{
	"Aidants Connect": "aidants-connect", "Conseillers numériques": "conseillers-numeriques", "France Services": "france-service",
	"La Croix Rouge": "croix-rouge", "Emmaüs Connect": "emmaus", "Grande école du numérique": "grandes-ecoles-du-numerique",
	"AFPA": "afpa", "CAF": "caf", "CCAS": "ccas-cias", "CIAS": "ccas-cias", "CIDFF": "cidff", "CPAM": "cpam", "DEPT": "departements",
	"E2C": "ecoles-de-la-deuxieme-chance", "EPN": "espaces-publics-numeriques", "ESAT": "esat", "FT": "france-travail", "LA_POSTE": "la-poste",
	"MDPH": "mdph", "MJC": "mjc", "ML": "mission-locale", "MSA": "mutualite-sociale-agricole", "MSAP": "msap", "MUNI": "communes",
	"PIJ_BIJ": "reseau-information-jeunesse", "PIMMS": "pimms-mediation", "PLIE": "plie", "REG": "regions", "RESSOURCERIE": "ressourceries",
	"UDAF": "unaf",
}

// inclusionWriter writes structures in a first pass and services in a second.
type inclusionWriter struct {
	out      *bufio.Writer
	buf      []byte
	n        int
	services bool
}

const (
	structuresHead = `{"structures":[`
	servicesHead   = `"services":[`
)

func (w *inclusionWriter) put(p *Place, rep *ExportReport) error {
	s, ok := structureOf(p)
	if !ok {
		rep.Unfit++
		return nil
	}
	rep.Written++
	if !w.services {
		return w.write(structuresHead, s)
	}
	if service, ok := serviceOf(p, s); ok {
		return w.write(servicesHead, service)
	}
	return nil
}

func (w *inclusionWriter) write(head string, v any) error {
	w.buf = appendJSON(append(w.buf[:0], opening(head+"\n", w.n)...), v)
	w.n++
	_, err := w.out.Write(w.buf)
	return err
}

func (w *inclusionWriter) next() (bool, error) {
	head, end := structuresHead, "\n],\n"
	if w.services {
		head, end = servicesHead, "\n]}\n"
	}
	_, err := w.out.WriteString(closing(head, w.n) + end)
	again := !w.services
	w.services, w.n = true, 0
	return again, err
}

// structureOf writes p as a structure. It reports false when a required field cannot be written: a name of fewer than
// three letters, a date that is in no calendar.
func structureOf(p *Place) (inclusionStructure, bool) {
	const leastName, mostName = 3, 150
	name := strings.TrimRight(clip(p.Name, mostName), ". ")
	if _, err := time.Parse(time.DateOnly, p.UpdatedOn); err != nil || utf8.RuneCountInString(name) < leastName {
		return inclusionStructure{}, false
	}
	source := slug(p.Source)
	if source == "" {
		source = producer
	}
	s := inclusionStructure{
		Source: source, ID: source + "--" + p.StandardID, Name: name, UpdatedOn: p.UpdatedOn, SIRET: siret(p.Pivot), Description: inclusionText(p),
		Commune: p.Commune, Postcode: p.Postcode, CommuneCode: p.CommuneCode, Address: p.Address, AddressExtra: p.AddressExtra,
		Phone: p.Phone, Email: firstThat(p.Emails, isEmail), Website: firstThat(p.Websites, isURI), Hours: p.Hours,
		Accessibility: firstThat(List(p.AccessibilityURL), isURI),
	}
	if p.Point.Known() {
		s.Lat, s.Lon = &p.Point.Lat, &p.Point.Lon
	}
	for _, n := range append(networks.of(p.Programmes), networks.of(p.Kinds)...) {
		if !slices.Contains(s.CarryingNetwork, n) {
			s.CarryingNetwork = append(s.CarryingNetwork, n)
		}
	}
	return s, true
}

// serviceOf writes the digital help of p. It reports false when none of its services is a theme of data·inclusion.
func serviceOf(p *Place, s inclusionStructure) (inclusionService, bool) {
	v := inclusionService{
		Source: s.Source, StructureID: s.ID, ID: s.ID + "--numerique", Name: "Aide numérique", Description: s.Description, UpdatedOn: s.UpdatedOn,
		Themes: themes.of(p.Services), Audiences: audiences.of(p.Audiences), Modes: receptionModes.of(p.SupportModes), Contact: contactModes.of(p.AccessModes),
		ContactLink: firstThat(List(p.BookingURL), isURI), Commune: s.Commune, Postcode: s.Postcode, CommuneCode: s.CommuneCode, Address: s.Address,
		AddressExtra: s.AddressExtra, Lat: s.Lat, Lon: s.Lon, Phone: s.Phone, Email: s.Email, Hours: s.Hours,
	}
	if v.Description == "" {
		v.Description = strings.Join(p.Services.Values(), ", ")
	}
	switch p.Fees {
	case "Gratuit":
		v.Fee = "gratuit"
	case "Payant":
		v.Fee = "payant"
	default:
		v.FeeDetail = strings.Join(p.Fees.Values(), ", ")
	}
	return v, len(v.Themes) > 0
}

// inclusionText is what a place says of itself, in the lengths that the schema allows; "" when it says too little.
func inclusionText(p *Place) string {
	const least, most = 5, 10_000
	for _, text := range []string{p.Description, p.Summary} {
		if utf8.RuneCountInString(text) >= least {
			return clip(text, most)
		}
	}
	return ""
}

// clip keeps the first most letters of a text.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// siret is a pivot that is a SIRET and known, else "".
func siret(pivot string) string {
	if len(pivot) != 14 || pivot == UnknownPivot || strings.Trim(pivot, "0123456789") != "" {
		return ""
	}
	return pivot
}

func firstThat(l List, ok func(string) bool) string {
	for _, v := range l.Values() {
		if ok(v) {
			return v
		}
	}
	return ""
}

func isEmail(v string) bool {
	a, err := mail.ParseAddress(v)
	return err == nil && a.Address == v
}

func isURI(v string) bool {
	const most = 2083 // of the schema
	u, err := url.Parse(v)
	return err == nil && len(v) <= most && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
