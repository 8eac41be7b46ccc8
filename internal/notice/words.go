package notice

// stateWords, channelWords and resultWords are what screens and the terminal say.
var (
	stateWords = map[State]string{
		Waiting: "à envoyer", ByHand: "à dire ou à imprimer", Told: "fait", Diverted: "passé par un autre moyen", Failed: "raté", ExpiredAt: "trop tard", Cancelled: "annulé",
	}
	channelWords = map[Channel]string{Email: "e-mail", SMS: "SMS", Call: "appel", Letter: "lettre", Slip: "papier"}
	resultWords  = map[Result]string{
		Postponed: "attend la fin des heures calmes", Reserved: "en train de partir", Sent: "envoyé", OnAScreen: "montré à l'écran, rien n'est branché pour l'envoyer",
		Delivered: "reçu par le téléphone", Undelivered: "perdu en route", Retried: "raté, nouvel essai bientôt", Refused: "ce contact ne peut pas recevoir",
		NoCredit: "le contrat de SMS est épuisé", Capped: "le plafond du mois est atteint", TooQuiet: "les heures calmes durent trop longtemps",
		NoGateway: "aucun SMS ne peut partir d'ici", GaveUp: "abandonné après trop d'essais", Expired: "trop tard pour le dire", Withdrawn: "ce n'était plus vrai",
		Called: "dit au téléphone", NoAnswer: "pas de réponse", Printed: "imprimé",
	}
)

// French says a state.
func (s State) French() string { return stateWords[s] }

// French says a channel.
func (c Channel) French() string { return channelWords[c] }

// French says what happened.
func (r Result) French() string { return resultWords[r] }
