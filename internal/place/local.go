package place

import (
	"slices"
	"strings"
)

// local are the fields that the standard has not. Their names cannot be the standard's of any version.
var local = []Column{
	{Name: "viaduc_offre", local: true, values: []string{"mediateur", "libre_service", "wifi"}, text: offerSaid, put: sayOffer},
	{Name: "viaduc_acces", local: true, list: func(p *Place) *List { return &p.Access }, values: []string{
		"Entrée de plain-pied", "Rampe", "Ascenseur", "Toilettes adaptées", "Place de parking réservée", "Boucle magnétique", "Marches à l'entrée",
	}},
	{Name: voucherColumn, local: true, values: []string{"oui", "non"}, text: voucherSaid, put: sayVoucher},
	{Name: "viaduc_salles", local: true, list: func(p *Place) *List { return &p.Rooms }},
	{Name: "viaduc_langues", local: true, list: func(p *Place) *List { return &p.Languages }},
	{Name: "viaduc_horaires_mediation", local: true, text: func(p *Place) *string { return &p.MediationHours }},
	{Name: "viaduc_espaces", local: true, list: func(p *Place) *List { return &p.Spaces }, values: spaceNames()},
	{Name: "viaduc_espaces_prix", local: true, text: func(p *Place) *string { return &p.SpacePrices }},
	{Name: "viaduc_espaces_acces", local: true, text: func(p *Place) *string { return &p.SpaceEntry }},
	{Name: "viaduc_espaces_lien", local: true, rule: pattern(`^https?://\S+$`), text: func(p *Place) *string { return &p.SpaceURL }},
	{Name: ownerColumn, local: true, text: func(p *Place) *string { return &p.OwnerID }},
	{Name: "viaduc_verifie_le", local: true, rule: pattern(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`), text: func(p *Place) *string { return &p.VerifiedOn }},
}

// voucherColumn and a label of autres_formations_labels say the same thing.
const voucherColumn = "viaduc_pass"

// ownerColumn holds the id of the organisation that answers for a place.
const ownerColumn = "viaduc_organisation"

// columns are the fields of the standard in its order, then ours.
var columns = slices.Concat(standard, local)

// Local returns the fields that the standard has not, in the order in which files write them.
func Local() []Column { return local }

// offerNames are the types of offer in files and in public JSON.
var offerNames = map[Offer]string{OfferMediator: "mediateur", OfferSelfService: "libre_service", OfferWifi: "wifi", OfferUnsaid: "non_dit"}

// Word is the type of offer as files and public JSON write it: "mediateur", "libre_service", "wifi", "non_dit".
func (o Offer) Word() string { return offerNames[o] }

func offerSaid(p *Place) *string {
	word := ""
	if p.OfferSaid != "" {
		word = p.OfferSaid.Word()
	}
	return &word
}

func sayOffer(p *Place, v string) {
	p.OfferSaid = ""
	for o, word := range offerNames {
		if v == word && o != OfferUnsaid {
			p.OfferSaid = o
		}
	}
}

// TakesVoucher reports whether the place is known to take the Pass numérique: version 1 of the standard has no field for
// it, so that it is a label of other_labels.
func (p *Place) TakesVoucher() bool { return p.OtherLabels.Has(voucherLabel) }

func voucherSaid(p *Place) *string {
	word := ""
	switch {
	case p.TakesVoucher():
		word = "oui"
	case p.VoucherRefused:
		word = "non"
	}
	return &word
}

func sayVoucher(p *Place, v string) {
	labels := slices.DeleteFunc(p.OtherLabels.Values(), func(one string) bool { return one == voucherLabel })
	p.VoucherRefused = v == "non"
	if v == "oui" {
		labels = append(labels, voucherLabel)
	}
	if v != "" { // a file that does not say leaves the label to the standard's own column
		p.OtherLabels = List(strings.Join(labels, "|"))
	}
}

// speaks reports whether a language is spoken there: as the place says it, or for English as the standard does.
func (p *Place) speaks(language string) bool {
	return p.Languages.Has(language) || language == "anglais" && p.SpecialCare.Has("Langues étrangères (anglais)")
}

// speaksOthers reports whether a language is spoken there beside French and English.
func (p *Place) speaksOthers() bool {
	return p.SpecialCare.Has("Langues étrangères (autres)") ||
		slices.ContainsFunc(p.Languages.Values(), func(l string) bool { return l != "français" && l != "anglais" })
}
