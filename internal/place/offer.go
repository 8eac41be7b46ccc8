package place

// Offer is what one finds on arriving: the three types of offer of the territories' censuses, or nothing said.
type Offer string

// The types of offer, from the most to the least.
const (
	OfferMediator    Offer = "mediator"     // a person helps
	OfferSelfService Offer = "self_service" // computers to use alone
	OfferWifi        Offer = "wifi"         // a connection for one's own device
	OfferUnsaid      Offer = "unsaid"
)

// Offers lists the types in the order in which pages offer them.
func Offers() []Offer { return []Offer{OfferMediator, OfferSelfService, OfferWifi, OfferUnsaid} }

// wifiLabel in autres_formations_labels says that a place offers a connection and nothing else: the standard has no
// value for it.
const wifiLabel = "Wifi seulement"

// Offer is the type of offer: as somebody said it, else derived from the fields of the standard, by this table (first line
// that holds):
//
//	label "Wifi seulement"                                                      wifi
//	Accompagnement individuel, or Dans un atelier collectif                     mediator
//	programme Conseillers numériques, France Services or Aidants Connect        mediator
//	En autonomie                                                                self-service
//	service "Accès internet et matériel informatique" alone                     self-service
//	anything else                                                               not said
func (p *Place) Offer() Offer {
	switch {
	case p.OfferSaid != "":
		return p.OfferSaid
	case p.OtherLabels.Has(wifiLabel):
		return OfferWifi
	case p.SupportModes.Has("Accompagnement individuel"), p.SupportModes.Has("Dans un atelier collectif"):
		return OfferMediator
	case p.Programmes.Has("Conseillers numériques"), p.Programmes.Has("France Services"), p.Programmes.Has("Aidants Connect"):
		return OfferMediator
	case p.SupportModes.Has("En autonomie"), p.Services == ServiceAccess:
		return OfferSelfService
	}
	return OfferUnsaid
}
