package place

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fetch"
	number "viaduc/internal/platform/siret"
)

// Establishment is what the register of organisations says of a SIRET.
type Establishment struct {
	SIRET       string
	Name        string
	Street      string // "4 RUE DE L'ESSAI", without the postal code; "" where the register does not say
	Postcode    string
	Commune     string
	CommuneCode string // INSEE
	Closed      bool   // the register says that it has closed
}

// Register knows organisations by their SIRET.
type Register interface {
	// Establishment returns the one of a SIRET. It reports fault.NotFound for one that the register does not know; any
	// other error means that it could not look, and that one goes on without it.
	Establishment(ctx context.Context, text string) (Establishment, error)
}

// RegisterAPI is a Register that asks a service of the shape of the State's "Recherche d'entreprises":
// GET {URL}/search?q=SIRET. A form waits two seconds for it at most, and goes on without. What was asked, a public number
// of an organisation, is neither logged nor kept.
type RegisterAPI struct {
	search string
	client *fetch.Client
}

// The bounds of one question to the register.
const (
	registerTime = 2 * time.Second
	registerSize = 512 << 10 // bytes; one organisation takes ten thousand
)

// ErrRegister says that the register was not asked, or did not answer.
var ErrRegister = errors.New("register of organisations")

// NewRegisterAPI returns the register at an address, such as https://recherche-entreprises.api.gouv.fr. It reports an
// address that is none of http or https.
func NewRegisterAPI(address string) (*RegisterAPI, error) {
	service := fetch.HostPort(address)
	if service == "" {
		return nil, fmt.Errorf("%w: its address is none of http or https", ErrRegister)
	}
	return &RegisterAPI{
		search: strings.TrimRight(address, "/") + "/search",
		// The operator chose this service himself: it may stand in his own network.
		client: fetch.New(fetch.Options{Timeout: registerTime, MaxBody: registerSize, Internal: []string{service}}),
	}, nil
}

// registered is the part of an answer that is read.
type registered struct {
	Results []struct {
		Name           string             `json:"nom_complet"`
		Establishments []registeredOffice `json:"matching_etablissements"`
		Seat           registeredOffice   `json:"siege"`
	} `json:"results"`
}

type registeredOffice struct {
	SIRET    string `json:"siret"`
	Address  string `json:"adresse"` // "4 RUE DE L'ESSAI 17100 SAINTES"
	Postcode string `json:"code_postal"`
	Code     string `json:"commune"`
	Commune  string `json:"libelle_commune"`
	State    string `json:"etat_administratif"` // "A" or "F"
}

// Establishment asks the service.
func (a *RegisterAPI) Establishment(ctx context.Context, text string) (Establishment, error) {
	unknown := fault.New(fault.NotFound, "place.declare.register_unknown")
	clean, _ := number.Parse(text)
	if clean == "" || clean == number.Unknown {
		return Establishment{}, unknown
	}
	answer, err := a.client.Get(ctx, a.search+"?"+url.Values{"q": {clean}, "per_page": {"1"}}.Encode())
	if err != nil {
		return Establishment{}, fmt.Errorf("%w: %w", ErrRegister, err)
	}
	if answer.Status != http.StatusOK {
		return Establishment{}, fmt.Errorf("%w: status %d", ErrRegister, answer.Status)
	}
	var found registered
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		return Establishment{}, fmt.Errorf("%w: no JSON of its shape", ErrRegister)
	}
	for _, r := range found.Results {
		for _, o := range append(r.Establishments, r.Seat) {
			if o.SIRET == clean {
				return o.establishment(r.Name), nil
			}
		}
	}
	return Establishment{}, unknown
}

var (
	postcodeForm = regexp.MustCompile(`^\d{5}$`)
	codeForm     = regexp.MustCompile(`^([013-9]\d|2[AB1-9])\d{3}$`)
)

// establishment keeps what has its form: the answer of another machine is shown, and may be kept.
func (o registeredOffice) establishment(name string) Establishment {
	e := Establishment{SIRET: o.SIRET, Name: short(name, 200), Commune: short(o.Commune, 80), Closed: o.State == "F"}
	if postcodeForm.MatchString(o.Postcode) {
		e.Postcode = o.Postcode
	}
	if codeForm.MatchString(o.Code) {
		e.CommuneCode = o.Code
	}
	street, _, found := strings.Cut(o.Address, " "+o.Postcode+" ")
	if found && e.Postcode != "" {
		e.Street = short(street, 200)
	}
	return e
}

// short is a legible text of one line, cut at so many letters.
func short(text string, most int) string {
	r := []rune(strings.Join(strings.Fields(legibleText(text)), " "))
	return string(r[:min(len(r), most)])
}
