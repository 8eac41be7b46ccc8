package ui

import (
	"net/http"
	"net/url"
	"strconv"
)

// componentsView holds one example of every component.
type componentsView struct {
	Page
	Back         Back
	Breadcrumb   Breadcrumb
	Steps        Steps
	Search       Search
	Tiles        Tiles
	Places       PlaceCards
	Day          EventDay
	Pager        Pager
	Problem      ErrorSummary
	Field, Wrong Field
	Story        Field
	Radios       Choices
	Boxes        Choices
	Select       Choices
	Consent      Checkbox
	Date         DateFields
	Slots        Slots
	Messages     []Message
	Summary      Summary
	Filters      Filters
	Tags         []Tag
	Table        Table
	Details      Details
	Tongues      LanguageList
	Print        Print
	Exit         Exit
	Empty        EmptyState
	Figure       Figure
	Icons        []string
}

// Icons lists the pictograms of the sprite.
func Icons() []string {
	return []string{
		"home", "map", "calendar", "help", "computer", "wifi", "phone", "document", "print", "question", "training",
		"gift", "search", "clock", "access", "euro", "mail", "globe", "back", "bus", "lock",
	}
}

// Components shows every component with made-up data, marked as such, for those who write pages. Mount it with Handle.
func (k *Kit) Components(w http.ResponseWriter, r *http.Request) error {
	p := k.Page(r, "Composants")
	p.Wide = true
	return k.Render(w, r, http.StatusOK, "components_page", exampleView(p))
}

func exampleView(p Page) componentsView {
	day := p.Day(p.Now())
	v := componentsView{
		Page:       p,
		Back:       p.Back("/composants"),
		Breadcrumb: p.Breadcrumb(Link{Text: "Les lieux", Href: "/lieux"}, Link{Text: "Lieu exemple"}),
		Steps:      p.Steps(2, 4),
		Search: Search{Action: "/lieux", Button: "Chercher", Around: p.Around(), Field: Field{
			Name: "ou", Label: "Où êtes-vous ?",
			Hint: "Exemple : Rochefort ou 17300", Autocomplete: "postal-code",
		}},
		Tiles: Tiles{[]Tile{
			{Icon: "map", Text: "Trouver un lieu", Hint: "Près de chez vous", Href: "/lieux"},
			{Icon: "calendar", Text: "Prendre rendez-vous", Href: "/rendez-vous"},
			{Icon: "training", Text: "Voir les ateliers", Href: "/agenda"},
			{Icon: "gift", Text: "Avoir un ordinateur", Href: "/materiel"},
		}},
		Places: examplePlaces(p),
		Day: EventDay{Title: day, Events: []EventCard{
			{
				Time: p.Hour(9, 30), Until: "jusqu'à " + p.Hour(11, 0), Title: "Atelier exemple : écrire un message", Href: "/agenda",
				Place: "Médiathèque exemple, Saintes", Distance: p.Distance(1234), Seats: "Encore 4 places",
			},
			{
				Time: p.Hour(14, 0), Title: "Bus exemple : aide sur la place", Href: "/agenda", Place: "Marans",
				State: Tag{Text: "Annulé", Kind: Failure},
			},
		}},
		Pager:   p.Pager("/composants", url.Values{"ou": {"Saintes"}}, 3, 9),
		Problem: p.ErrorSummary(FieldError{Field: "tel-faux", Text: "Écrivez votre numéro avec 10 chiffres"}),
		Field: Field{
			Name: "nom", Label: "Votre nom et votre prénom", Hint: "Comme vous voulez qu'on vous appelle.",
			Autocomplete: "name",
		},
		Wrong: Field{
			ID: "tel-faux", Name: "tel", Type: "tel", Label: "Votre numéro de téléphone", Value: "06 12 34",
			Error: "Écrivez votre numéro avec 10 chiffres", Autocomplete: "tel",
		},
		Story: Field{Name: "besoin", Label: "De quoi avez-vous besoin ?", Rows: 3, Optional: p.Optional()},
		Radios: Choices{Name: "aide", Legend: "Que voulez-vous faire ?", Options: []Option{
			{Value: "impots", Label: "Payer mes impôts", Checked: true},
			{Value: "mail", Label: "Lire mes messages", Hint: "Avoir une adresse, écrire, répondre."},
			{Value: "autre", Label: "Je ne sais pas"},
		}},
		Boxes: Choices{
			Name: "equipement", Legend: "Qu'avez-vous chez vous ?", Hint: "Cochez tout ce que vous avez.", Inline: true,
			Options: []Option{
				{Value: "tel", Label: "Un téléphone", Checked: true},
				{Value: "pc", Label: "Un ordinateur"},
				{Value: "rien", Label: "Rien"},
			},
		},
		Select: Choices{Name: "epci", Legend: "Votre secteur", Options: []Option{
			{Value: "", Label: "Choisissez"},
			{Value: "ro", Label: "Exemple : pays de la rivière"},
		}},
		Consent: Checkbox{Name: "accord", Label: "La personne est d'accord.", Hint: "Demandez-lui à voix haute."},
		Date:    p.DateFields("jour", "Quel jour préférez-vous ?"),
		Slots: Slots{
			Name: "creneau", Days: []SlotDay{{Title: day, Options: []Option{
				{Value: "1", Label: p.Hour(9, 0)}, {Value: "2", Label: p.Hour(9, 30)}, {Value: "3", Label: p.Hour(10, 0)}, {Value: "4", Label: p.Hour(11, 30)},
			}}},
			Other: Option{Value: "rappel", Label: "Aucun ne me convient : être rappelé"},
		},
		Messages: []Message{
			{Title: "Bon à savoir", Text: "Prenez une pièce d'identité avec vous."},
			{Kind: Success, Title: "C'est fait", Text: "Votre rendez-vous est annulé."},
			{Kind: Warning, Title: "Attention", Text: "Ce lieu ferme plus tôt aujourd'hui."},
			{Kind: Failure, Title: "Ce créneau est pris", Text: "Choisissez une autre heure."},
		},
		Summary: Summary{Rows: []SummaryRow{
			p.Row("Lieu", "Médiathèque exemple", "/composants"),
			p.Row("Rendez-vous", day+" à "+p.Hour(9, 30), "/composants"),
			{Term: "Téléphone", Value: Phone("0639980012"), Big: true},
		}},
		Filters: Filters{
			Action: "/composants", Label: "Choisir les ateliers", Button: "Voir",
			Selects: []Choices{{Name: "quoi", Legend: "Quel sujet ?", Options: []Option{{Value: "", Label: "Tous les sujets"}, {Value: "debut", Label: "Débuter"}}}},
			Reset:   &Link{Text: "Tout voir", Href: "/composants"},
		},
		Tags: []Tag{{Text: "Confirmé", Kind: Success}, {Text: "À confirmer", Kind: Warning}, {Text: "Absent", Kind: Failure}, {Text: "Brouillon"}},
		Table: Table{
			Caption: "Rendez-vous exemple", Columns: []string{"Heure", "Personne", "Lieu", "Demandes", "État"},
			Rows: [][]Cell{
				{{Text: p.Hour(9, 0)}, {Text: "Personne exemple 1", Href: "/composants"}, {Text: "Saintes"}, {Text: p.Number(12), Number: true}, {Tag: Tag{Text: "Confirmé", Kind: Success}}},
				{{Text: p.Hour(9, 30)}, {Text: "Personne exemple 2", Href: "/composants"}, {Text: "Royan"}, {Text: p.Number(1203), Number: true}, {Tag: Tag{Text: "À confirmer", Kind: Warning}}},
			}, Empty: "Aucun rendez-vous.",
		},
		Details: Details{Summary: "Comment venir ?", Paragraphs: []string{"Le bus exemple s'arrête devant la mairie."}},
		Tongues: LanguageList{Label: "Langues", Links: p.Languages},
		Print:   p.Print("Imprimer cette liste", "/composants"),
		Exit:    Exit{Text: "Quitter cette page vite", Href: "https://www.example.org/", Hint: "Cette page reste dans l'historique de l'appareil."},
		Empty: EmptyState{
			Title: "Aucun lieu ouvert ce soir", Text: "Une personne peut vous rappeler demain.",
			Links: []Link{{Text: "Être rappelé", Href: "/rappel"}}, Deep: true,
		},
		Icons: Icons(),
	}
	v.Figure = exampleFigure(v.Places)
	return v
}

func examplePlaces(p Page) PlaceCards {
	cards := PlaceCards{
		{
			Shape: Circle, Name: "France services exemple de Rochefort", State: OpenNow, StateText: "Ouvert maintenant",
			StateMore: "jusqu'à " + p.Hour(17, 0), Distance: p.Distance(850), Town: "Rochefort", Offer: "Aide, ordinateurs, wifi",
		},
		{
			Shape: Square, Name: "Médiathèque exemple", State: OpensLater, StateText: "Ouvre à " + p.Hour(14, 0),
			Distance: p.Distance(3420), Town: "Tonnay-Charente", Offer: "Ordinateurs et imprimante",
		},
		{
			Shape: Triangle, Name: "Café exemple du port", State: Closed, StateText: "Fermé", StateMore: "ouvre mardi à " + p.Hour(9, 0),
			Distance: p.Distance(12300), Town: "Fouras", Offer: "Wifi gratuit",
		},
		{
			Shape: Circle, Name: "Mairie exemple", State: OpenUnknown, StateText: "Horaires inconnus", StateMore: "appelez avant de venir",
			Town: "Marans", Offer: "Aide pour internet", Warning: "À vérifier : appelez avant de venir",
		},
	}
	for i := range cards {
		c := &cards[i]
		c.Number = i + 1
		c.MarkLabel = p.MarkLabel(c.Number)
		c.ID = "lieu-" + strconv.Itoa(c.Number)
		c.Href = "/composants#" + c.ID
		c.Phone = Phone("+3363998000" + strconv.Itoa(c.Number))
		c.PhoneHref = PhoneHref(c.Phone)
		c.Deep = true
	}
	return cards
}

func exampleFigure(places PlaceCards) Figure {
	f := Figure{
		Label: "Carte exemple de 4 lieux", Box: FigureBox{Width: 600, Height: 260}, Group: "Les numéros de la liste", Caption: "Les numéros sont ceux de la liste.",
		Towns: []FigureTown{{Name: "Ville exemple", X: 300, Y: 200}},
	}
	for i, c := range places {
		f.Marks = append(f.Marks, FigureMark{
			Mark: Mark{Number: c.Number, Shape: c.Shape}, X: float64(80 + i*130), Y: float64(60 + i%2*90),
			Name: c.Name, Href: "#" + c.ID,
		})
	}
	return f
}
