package app

import (
	"embed"
	"time"

	"viaduc/internal/notice"
)

//go:embed messages/*.txt
var messageFiles embed.FS

// accountEvents are what accounts tell people of. Accounts stand below messages, so their words are here.
func accountEvents() []notice.Event {
	byMail := []notice.Channel{notice.Email}
	either := []notice.Channel{notice.Email, notice.SMS}
	return []notice.Event{
		{
			Key: "identity.invitation", Announces: "une invitation à entrer dans l'équipe", Channels: byMail, Texts: messageFiles, Page: "/invitation/",
			Useful: 7 * 24 * time.Hour, Secret: true,
		},
		{
			Key: "identity.code", Announces: "un code pour entrer", Channels: either, Fields: []string{"code"}, Texts: messageFiles,
			Useful: 10 * time.Minute, Sample: map[string]string{"code": "123456"}, Answer: true, Secret: true,
		},
		{
			Key: "identity.reset", Announces: "un nouveau mot de passe demandé", Channels: byMail, Texts: messageFiles, Page: "/connexion/mot-de-passe/",
			Useful: time.Hour, Answer: true, Secret: true,
		},
		{
			Key: "identity.reproof", Announces: "de nouveaux moyens d'entrer", Channels: byMail, Texts: messageFiles, Page: "/connexion/nouveaux-moyens/",
			Useful: 24 * time.Hour, Secret: true,
		},
		{
			Key: "identity.changed", Announces: "un changement sur un compte", Channels: either, Fields: []string{"what"}, Texts: messageFiles,
			Useful: 7 * 24 * time.Hour, Sample: map[string]string{"what": "mot de passe"},
		},
		{
			Key: "identity.inactive", Announces: "un compte qui va être effacé", Channels: byMail, Fields: []string{"day"}, Texts: messageFiles,
			Useful: 30 * 24 * time.Hour, Sample: map[string]string{"day": "03/02/2027"},
		},
		{
			Key: "identity.slowed", Announces: "des essais ratés sur un compte", Channels: either, Texts: messageFiles, Useful: 7 * 24 * time.Hour,
		},
		headEvent,
	}
}
