package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/place"
)

// seasonWeeks is how long the example season lasts, from the Monday of the week it is made in.
const seasonWeeks = 15

// activity is one line of the example season: what comes again, on which day, at which place of the example.
type activity struct {
	mode     agenda.Mode
	title    string
	place    place.Number
	venue    string
	day      time.Weekday
	every    int // weeks; 0 is once
	from, to int // minutes of the day
	seats    int
	level    agenda.Level
	theme    place.Need
	tour     bool
	summary  string
	edit     func(*agenda.NewSeries)
}

func clock(h, m int) int { return h*60 + m }

// activities are an invented season: the van in the mornings at post offices, its workshops in the afternoons at town
// halls, its Thursdays of appointments; beside it what an espace numérique, a fablab, a tiers-lieu and a library do.
var activities = []activity{
	{mode: agenda.WalkIn, title: "Le bus numérique à Tonnay-Charente", place: 50, venue: "Au bureau de poste", day: time.Monday, every: 1, from: clock(10, 0), to: clock(12, 0), tour: true, theme: "demarches", summary: "Venez avec votre question. Une personne vous aide, c'est gratuit."},
	{mode: agenda.Workshop, title: "Atelier : premiers pas sur la tablette", place: 52, venue: "Salle du conseil, à la mairie", day: time.Monday, every: 1, from: clock(14, 0), to: clock(16, 0), seats: 8, level: agenda.Beginner, tour: true, theme: "apprendre", summary: "Nous prêtons la tablette. On apprend à toucher, écrire, chercher.", edit: hosted("Mairie de Saint-Agnant (exemple)")},
	{mode: agenda.WalkIn, title: "Le bus numérique à Échillais", place: 51, venue: "Devant la bibliothèque", day: time.Tuesday, every: 2, from: clock(10, 0), to: clock(12, 0), tour: true, theme: "demarches", summary: "Venez comme vous êtes, sans rendez-vous."},
	{mode: agenda.Workshop, title: "Atelier : faire ses démarches de santé", place: 53, venue: "Foyer rural", day: time.Tuesday, every: 2, from: clock(14, 0), to: clock(16, 0), seats: 6, tour: true, theme: "demarches", summary: "Ameli, la carte Vitale, prendre un rendez-vous chez le médecin."},
	{mode: agenda.WalkIn, title: "Le bus numérique à Fouras", place: 54, venue: "Place du marché", day: time.Wednesday, every: 1, from: clock(9, 30), to: clock(12, 0), tour: true, theme: "demarches", summary: "Le bus s'arrête devant le marché."},
	{mode: agenda.Appointments, title: "Rendez-vous individuels à Rochefort", place: 1, day: time.Thursday, every: 1, from: clock(9, 0), to: clock(12, 0), tour: true, theme: "demarches", summary: "Une personne pour vous seul, le temps qu'il faut."},
	{mode: agenda.Appointments, title: "Rendez-vous individuels à Tonnay-Charente", place: 50, day: time.Thursday, every: 1, from: clock(14, 0), to: clock(17, 0), tour: true, theme: "demarches", summary: "Une personne pour vous seul, le temps qu'il faut."},
	{mode: agenda.Workshop, title: "Atelier : mon téléphone, mes photos", place: 1, day: time.Tuesday, every: 1, from: clock(9, 30), to: clock(11, 30), seats: 10, level: agenda.Beginner, theme: "apprendre", summary: "Prendre une photo, la retrouver, l'envoyer à ses proches."},
	{mode: agenda.Workshop, title: "Atelier : éviter les pièges sur internet", place: 2, day: time.Friday, every: 2, from: clock(14, 0), to: clock(16, 0), seats: 12, theme: "securite", summary: "Reconnaître un faux message, choisir un bon mot de passe."},
	{mode: agenda.Workshop, title: "Cycle : bien débuter avec l'ordinateur", place: 28, day: time.Monday, every: 1, from: clock(10, 0), to: clock(12, 0), seats: 8, level: agenda.Beginner, theme: "apprendre", summary: "Six séances qui se suivent. On s'inscrit une fois pour toutes.", edit: func(in *agenda.NewSeries) {
		in.Cycle, in.Prerequisites = true, "Aucun. Nous prêtons l'ordinateur."
		in.Pattern.Until = in.Pattern.Starts.AddDays(7 * 6)
	}},
	{mode: agenda.Game, title: "Jeux en famille sur grand écran", place: 10, day: time.Wednesday, every: 2, from: clock(14, 30), to: clock(16, 30), seats: 16, theme: "loisirs", summary: "On joue ensemble, petits et grands."},
	{mode: agenda.Repair, title: "Repair café", place: 8, day: time.Saturday, every: 4, from: clock(14, 0), to: clock(18, 0), theme: "materiel", summary: "Apportez ce qui ne marche plus. Des bénévoles cherchent la panne avec vous."},
	{mode: agenda.Machine, title: "Découpe laser, par heure", place: 46, day: time.Thursday, every: 1, from: clock(17, 0), to: clock(20, 0), theme: "loisirs", summary: "Pour les personnes qui ont passé l'autorisation.", edit: func(in *agenda.NewSeries) {
		in.Skill, in.Step, in.Prerequisites = "Découpe laser", 60, "L'autorisation se passe un samedi matin, au fablab."
	}},
	{mode: agenda.Workshop, title: "Passer l'autorisation : découpe laser", place: 46, day: time.Saturday, every: 4, from: clock(10, 0), to: clock(12, 0), seats: 4, theme: "loisirs", summary: "Deux heures pour apprendre à s'en servir sans danger."},
	{mode: agenda.OpenHours, title: "Le point numérique du collège, ouvert à tous", place: 38, venue: "Collège, entrée par le parking", day: time.Wednesday, every: 1, from: clock(14, 0), to: clock(17, 0), theme: "internet", summary: "Des ordinateurs et une personne pour vous aider. Fermé pendant les vacances scolaires.", edit: func(in *agenda.NewSeries) { in.Pattern.School = recur.SchoolTerm }},
	{mode: agenda.Group, title: "Visite du fablab pour un groupe", place: 46, day: time.Friday, every: 2, from: clock(9, 30), to: clock(11, 30), seats: 30, theme: "comprendre", summary: "Une classe, un club, une bibliothèque. Une seule personne inscrit tout le groupe."},
	{mode: agenda.WalkIn, title: "Permanence du jeudi, en priorité sur rendez-vous", place: 27, day: time.Thursday, every: 1, from: clock(9, 0), to: clock(12, 0), theme: "demarches", summary: "Les personnes qui ont pris rendez-vous passent d'abord.", edit: func(in *agenda.NewSeries) {
		in.FirstFor, in.Release = agenda.Appointments, 24*time.Hour
	}},
	{mode: agenda.Workshop, title: "Atelier : chercher un emploi en ligne", place: 39, day: time.Tuesday, every: 2, from: clock(9, 30), to: clock(12, 0), seats: 8, theme: "emploi", summary: "Faire son CV, s'inscrire, répondre à une annonce."},
	{mode: agenda.Workshop, title: "Atelier : mes enfants et les écrans", place: 20, day: time.Saturday, every: 4, from: clock(10, 0), to: clock(11, 30), seats: 15, theme: "enfants", summary: "On en parle entre parents, avec une personne qui connaît le sujet."},
	{mode: agenda.Event, title: "Fête du numérique", place: 4, day: time.Saturday, from: clock(10, 0), to: clock(18, 0), theme: "loisirs", summary: "Démonstrations, jeux, repas partagé. Entrée libre."},
	{mode: agenda.Workshop, title: "Atelier : l'ordinateur pas à pas", place: 49, day: time.Tuesday, every: 1, from: clock(14, 0), to: clock(16, 0), seats: 6, level: agenda.Beginner, theme: "apprendre", summary: "La souris, le clavier, les fenêtres. À votre vitesse."},
	{mode: agenda.WalkIn, title: "Permanence à Marennes", place: 55, day: time.Friday, every: 1, from: clock(9, 30), to: clock(12, 0), theme: "demarches", summary: "Poussez la porte, une personne vous reçoit."},
}

// hosted has a town hall confirm each date.
func hosted(name string) func(*agenda.NewSeries) {
	return func(in *agenda.NewSeries) { in.Host = agenda.Host{Name: name, Email: "mairie@viaduc.example"} }
}

// Season fills the agenda of the example, from the week of now on, as the program itself: a tour, some two hundred public
// dates, a few people who booked, a day of training, shifts of volunteers, a date that was moved and one that was called off. It must run on an agenda without any.
func Season(ctx context.Context, s *agenda.Service, places *place.Service, team []Person, now time.Time) error {
	crew := season{ctx: ctx, agenda: s, places: places, now: now}
	for _, p := range team {
		if p.Role == identity.Mediator {
			crew.members = append(crew.members, p.Account)
			crew.by = identity.Actor{Kind: identity.System, Organisation: p.OrganisationID}
		}
	}
	if len(crew.members) == 0 {
		return fmt.Errorf("example season: nobody in the team of the example is a mediator")
	}
	if err := crew.prepare(); err != nil {
		return fmt.Errorf("example season: %w", err)
	}
	for _, a := range activities {
		if err := crew.add(a); err != nil {
			return fmt.Errorf("example activity %q: %w", a.title, err)
		}
	}
	if _, err := s.Refresh(ctx); err != nil {
		return err
	}
	return crew.live()
}

// season is a season being made.
type season struct {
	ctx     context.Context
	agenda  *agenda.Service
	places  *place.Service
	now     time.Time
	by      identity.Actor
	members []identity.AccountID
	reasons []agenda.ReasonID
	tour    agenda.TourID
}

// prepare adds the reasons of appointments, the tour, a day of training, and shifts of volunteers.
func (s *season) prepare() error {
	for _, r := range []agenda.Reason{
		{Name: "Faire une démarche sur internet", Minutes: 45, Buffer: 15, Bring: "une pièce d'identité et le dernier courrier reçu"},
		{Name: "Apprendre à se servir de son téléphone", Minutes: 60, Bring: "votre téléphone et son chargeur"},
	} {
		r.Organisation = s.by.Organisation
		added, err := s.agenda.SaveReason(s.ctx, s.by, r)
		if err != nil {
			return err
		}
		s.reasons = append(s.reasons, added.ID)
	}
	t, err := s.agenda.SaveTour(s.ctx, s.by, agenda.Tour{
		Organisation: s.by.Organisation, Name: "Le bus numérique (exemple)", Vehicle: "Fourgon (exemple)", Kit: []string{"8 tablettes", "4 ordinateurs", "Imprimante", "Routeur 4G"},
		From: s.monday().String(), To: s.monday().AddDays(7 * seasonWeeks).String(), Setup: 15, Base: "17299", Members: s.members,
	})
	s.tour = t.ID
	if err != nil {
		return err
	}
	training := s.monday().AddDays(18) // a Friday, without appointments
	_, err = s.agenda.AddAbsence(s.ctx, s.by, agenda.Absence{
		Organisation: s.by.Organisation, Account: s.members[0], Kind: agenda.OnTraining, From: training, To: training, ToMinute: 24 * 60, Zone: s.now.Location(),
	})
	if err != nil {
		return err
	}
	saturday := s.monday().AddDays(12)
	for _, role := range []string{"Accueil", "Réparation"} {
		_, err := s.agenda.AddShift(s.ctx, s.by, agenda.Shift{
			Organisation: s.by.Organisation, Role: role, Venue: "Repair café (exemple)", On: saturday, Minute: clock(13, 30), Length: 270, Zone: s.now.Location(), Needed: 2,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// monday is the first day of the season.
func (s *season) monday() recur.Date {
	y, m, d := s.now.Date()
	return recur.Date{Year: y, Month: m, Day: d}.Monday()
}

func (s *season) add(a activity) error {
	e, ok := s.places.Index().Place(a.place)
	if !ok {
		return fmt.Errorf("place %d is not in the example", a.place)
	}
	starts := s.monday().AddDays((int(a.day) + 6) % 7)
	in := agenda.NewSeries{
		Mode: a.mode, Title: a.title, Summary: a.summary, Theme: a.theme, Level: a.level, Phone: "05 36 49 00 20", Where: agenda.Where{Place: e.ID, Commune: e.CommuneCode, Venue: a.venue},
		Capacity: a.seats, Waiting: a.seats > 0,
		Pattern: recur.Pattern{Starts: starts, Until: starts.AddDays(7 * seasonWeeks), Minute: a.from, Length: a.to - a.from, Zone: s.now.Location(), OnHoliday: recur.HolidaySkip},
	}
	if a.every > 0 {
		in.Pattern.Rule = recur.EveryWeek(a.every, a.day)
	} else {
		in.Pattern.Starts = starts.AddDays(7 * 5)
		in.Pattern.OnHoliday = recur.HolidayKeep
	}
	if a.mode == agenda.Appointments {
		in.Reasons = s.reasons
	}
	if a.tour { // the others are held by the people of the place
		in.Tour, in.Members = s.tour, s.members
	}
	if a.edit != nil {
		a.edit(&in)
	}
	_, err := s.agenda.AddSeries(s.ctx, s.by, in, agenda.Published)
	return err
}

// live books, fills, moves and cancels, so that every page has something to show. The people are invented, and called what they are.
func (s *season) live() error {
	dates := s.coming("Atelier : mon téléphone, mes photos")
	for n := range 12 { // ten seats, two who wait
		if err := s.book(dates[1], n); err != nil {
			return err
		}
	}
	for n := range 4 {
		if err := s.book(dates[2], n); err != nil {
			return err
		}
	}
	for n, day := range s.coming("Rendez-vous individuels à Rochefort")[:2] {
		for k, at := range day.Slots(s.reasons[0]) {
			if k != 0 && k != 5 {
				continue
			}
			if _, err := s.agenda.Book(s.ctx, s.by, agenda.NewBooking{Occurrence: day.ID, Slot: at, Reason: s.reasons[0], Origin: agenda.FromPhone, Who: guest(20 + 10*n + k)}); err != nil {
				return err
			}
		}
	}
	pitfalls := s.coming("Atelier : éviter les pièges sur internet")
	start := pitfalls[1].On.AddDays(3)
	if _, err := s.agenda.MoveDate(s.ctx, s.by, pitfalls[1].ID, agenda.NewTime{On: start, Minute: clock(14, 0)}, "La salle est prise ce jour-là."); err != nil {
		return err
	}
	return s.agenda.CancelDate(s.ctx, s.by, s.coming("Permanence à Marennes")[1].ID, "Le lieu est en travaux.")
}

// coming are the next dates of an activity of the example.
func (s *season) coming(title string) []*agenda.Entry {
	var out []*agenda.Entry
	for _, f := range s.agenda.Index().Search(agenda.Query{From: s.now.Add(72 * time.Hour), Live: true}) {
		if f.Series.Title == title {
			out = append(out, f.Entry)
		}
	}
	return slices.Clip(out)
}

// guest is an invented person, with a telephone that nobody answers.
func guest(n int) person.New {
	return person.New{Name: fmt.Sprintf("Personne %d Exemple", n+1), Phone: fmt.Sprintf("05 36 49 01 %02d", n)}
}

// book takes a seat for an invented person; who comes after the last one waits.
func (s *season) book(e *agenda.Entry, n int) error {
	_, err := s.agenda.Book(s.ctx, s.by, agenda.NewBooking{Occurrence: e.ID, Origin: agenda.FromPhone, Who: guest(n), Wait: true})
	return err
}
