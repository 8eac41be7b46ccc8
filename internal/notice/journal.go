package notice

import "viaduc/internal/audit"

// Sentences is how people read the journal's lines about messages.
func Sentences() []audit.Sentence {
	channel := map[string]audit.Arg{"moyen": audit.Word("channel", map[string]string{
		string(Email): "par e-mail", string(SMS): "par texto", string(Call): "par téléphone", string(Letter): "par courrier", string(Slip): "sur papier",
	})}
	return []audit.Sentence{
		{Action: "notice.plan", Text: "{auteur} a préparé un message, {moyen}", Args: channel},
		{Action: "notice." + string(Told), Text: "{auteur} a donné le message, {moyen}", Args: channel},
		{Action: "notice." + string(Diverted), Text: "{auteur} n'a pas pu donner le message {moyen} : un autre moyen a pris la suite", Args: channel},
		{Action: "notice." + string(Failed), Text: "{auteur} n'a pas pu envoyer le message {moyen}", Args: channel},
		{Action: "notice." + string(ExpiredAt), Text: "{auteur} a arrêté un message devenu inutile, {moyen}", Args: channel},
		{Action: "notice." + string(Cancelled), Text: "{auteur} a annulé un message, {moyen}", Args: channel},
		{Action: "notice.called", Text: "{auteur} a appelé, sans réponse"},
		{Action: "notice.retry", Text: "{auteur} a relancé un message, {moyen}", Args: channel},
		{Action: "notice.prefer", Text: "{auteur} a changé la façon d'être prévenu"},
		{Action: "notice.cap", Text: "{auteur} a changé le plafond de dépense des textos"},
		{Action: "notice.erase", Text: "{auteur} a effacé le contenu de {combien}", Args: map[string]audit.Arg{"combien": audit.Count("count", "%d message", "%d messages")}},
	}
}
