package alert

import (
	"embed"
	"time"

	"viaduc/internal/notice"
)

//go:embed messages/*.txt
var messages embed.FS

// The messages.
const (
	EventConfirm = "alert.confirm" // an address is asked whether it wants the alert
	EventNear    = "alert.near"    // something is new
)

// Events are what alerts tell people.
func Events() []notice.Event {
	byMail := []notice.Channel{notice.Email}
	return []notice.Event{
		{
			Key: EventConfirm, Announces: "une alerte à confirmer", Channels: byMail, Fields: []string{"commune", "radius"}, Texts: messages, Page: LinkPath,
			Useful: 7 * 24 * time.Hour, Sample: map[string]string{"commune": "Rochefort", "radius": "10"}, Answer: true, Secret: true,
		},
		{
			Key: EventNear, Announces: "une nouveauté près de chez soi", Channels: []notice.Channel{notice.Email, notice.SMS}, Fields: []string{"count", "commune", "first"},
			Texts: messages, Page: LinkPath, Useful: 7 * 24 * time.Hour, Optional: true,
			Sample: map[string]string{"count": "2 nouveautés", "commune": "Rochefort", "first": "Espace numérique"},
		},
	}
}
