package place

import (
	"embed"
	"time"

	"viaduc/internal/notice"
)

// Locale holds the words of this package's refusals.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed messages/*.txt
var messages embed.FS

// DeclarationPath is the page of a declaration, followed by its token.
const DeclarationPath = "/lieux/declarer/fiche/"

// The messages.
const (
	EventDeclarationLink = "place.declaration_link" // the link that somebody asked for, to go on or to correct
	EventDeclared        = "place.declared"         // what was sent has arrived
	EventAccepted        = "place.accepted"         // the team took it
	EventRefused         = "place.refused"          // the team did not, and says why
	EventStillRight      = "place.still_right"      // a place without news is asked whether all is still right
)

// Events are what the census tells people.
func Events() []notice.Event {
	byMail := []notice.Channel{notice.Email}
	return []notice.Event{
		{
			Key: EventDeclarationLink, Announces: "le lien d'une fiche de lieu", Channels: byMail, Texts: messages, Page: DeclarationPath,
			Useful: 7 * 24 * time.Hour, Answer: true, Secret: true,
		},
		{
			Key: EventDeclared, Announces: "une fiche de lieu bien reçue", Channels: byMail, Fields: []string{"reference"}, Texts: messages, Page: DeclarationPath,
			Useful: 7 * 24 * time.Hour, Sample: map[string]string{"reference": "KTB-94M"}, Answer: true, Secret: true,
		},
		{
			Key: EventAccepted, Announces: "une fiche de lieu acceptée", Channels: byMail, Fields: []string{"reference"}, Texts: messages, Page: DeclarationPath,
			Useful: 7 * 24 * time.Hour, Sample: map[string]string{"reference": "KTB-94M"}, Secret: true,
		},
		{
			Key: EventRefused, Announces: "une fiche de lieu qui n'est pas prise", Channels: byMail, Fields: []string{"reference", "reason"}, Texts: messages, Page: DeclarationPath,
			Useful: 7 * 24 * time.Hour, Sample: map[string]string{"reference": "KTB-94M", "reason": refusalWords[RefusedKnown]}, Secret: true,
		},
		{
			Key: EventStillRight, Announces: "la fiche d'un lieu à confirmer", Channels: byMail, Fields: []string{"place"}, Texts: messages, Page: ConfirmPath,
			Useful: 14 * 24 * time.Hour, Sample: map[string]string{"place": "Espace numérique"}, Optional: true, Secret: true,
		},
	}
}
