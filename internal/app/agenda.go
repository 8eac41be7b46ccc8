package app

import (
	"context"
	"fmt"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/alert"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
	"viaduc/internal/retention"
	"viaduc/internal/territory"
)

// visitsEvery is how often the dates that stand for the hours of places are worked out anew, beside when the agenda changes:
// those that are over leave.
const visitsEvery = 10 * time.Minute

// refreshAgenda reads what changed of the agenda, and tells the census on which dates places are visited.
func (c *Core) refreshAgenda(ctx context.Context) error {
	changed, err := c.Agenda.Refresh(ctx)
	if err != nil {
		return fmt.Errorf("read the agenda: %w", err)
	}
	now := c.now()
	if last := c.visited.Load(); !changed && last != nil && now.Sub(*last) < visitsEvery && !now.Before(*last) {
		return nil
	}
	c.visited.Store(&now)
	if c.Places.SetVisits(c.Agenda.Index().Visits(now)) && c.Places.Build() {
		_, err = c.Agenda.Refresh(ctx) // it stands on the census
	}
	return err
}

// newDates are what alerts tell of the agenda.
type newDates struct{ agenda *agenda.Service }

// Near lists the activities that were added near a point, each by its next date.
func (s newDates) Near(ctx context.Context, at territory.Point, metres float64, since, until time.Time) ([]alert.Item, error) {
	born := s.agenda.BornNear(at, metres, since, until)
	out := make([]alert.Item, 0, len(born))
	for _, e := range born {
		out = append(out, alert.Item{Title: e.Series.Title + ", " + e.Ground.Name, Path: fmt.Sprintf("/agenda/%d", e.Number), At: e.Series.CreatedAt})
	}
	return out, nil
}

// agendaRules are what persons and the agenda keep of people, bookings first: who is erased has none any more.
func (c *Core) agendaRules() []retention.Rule {
	return []retention.Rule{c.bookingRule(), c.personRule(), c.crewRule(), c.closingRule(), c.absenceRule(), c.shiftRule(), c.requestRule(), c.deviceRule()}
}

// aged lists what has had its time, and forgets it, in the words of retention.
func aged(r retention.Rule, due func(context.Context, db.Querier, time.Time, agenda.Old, int) ([]agenda.Old, error), forget func(context.Context, *db.Tx, ...string) (int, error)) retention.Rule {
	r.Due = func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
		found, err := due(ctx, q, before, agenda.Old{ID: after.ID, Since: after.Since}, limit)
		items := make([]retention.Item, 0, len(found))
		for _, o := range found {
			items = append(items, retention.Item{ID: o.ID, Since: o.Since})
		}
		return items, err
	}
	r.Erase = func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
		ids := make([]string, len(items))
		for i := range items {
			ids[i] = items[i].ID
		}
		n, err := forget(ctx, tx, ids...)
		if r.Anonymises != "" {
			return retention.Count{Anonymised: n}, err
		}
		return retention.Count{Erased: n}, err
	}
	return r
}

func (c *Core) bookingRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.bookings", Activity: "Rendez-vous et ateliers", Basis: publicTask, Object: "claim", Keep: retention.KeepBookings, From: "de la fin du rendez-vous",
		Purpose: "tenir les rendez-vous et les ateliers, et prévenir les personnes inscrites", People: "personnes inscrites", Keeps: "qui était inscrit, par qui et quand",
		Receives: []string{"l'équipe qui reçoit", "la personne qui a inscrit"}, Erases: "qui était inscrit",
		Anonymises: "qu'une place a été prise, comment, et si la personne est venue", Statistics: "le nombre de personnes reçues",
	}, c.Agenda.BookingsBefore, c.Agenda.ForgetBookingsTx)
}

func (c *Core) personRule() retention.Rule {
	return aged(retention.Rule{
		Key: "person.unseen", Activity: "Personnes accompagnées", Basis: publicTask, Object: "person", Keep: retention.KeepPerson, From: "de la dernière fois qu'elle est venue ou s'est inscrite",
		Purpose: "reconnaître une personne qui revient, et la joindre", People: "personnes aidées", Keeps: "le nom ou le pseudonyme, le téléphone, l'adresse e-mail, la commune",
		Receives: []string{"l'équipe qui reçoit"}, Erases: "la personne",
	}, func(ctx context.Context, q db.Querier, before time.Time, after agenda.Old, limit int) ([]agenda.Old, error) {
		found, err := c.Persons.UnseenSince(ctx, q, before, person.Old{ID: person.ID(after.ID), Since: after.Since}, limit)
		out := make([]agenda.Old, len(found))
		for i, o := range found {
			out[i] = agenda.Old{ID: string(o.ID), Since: o.Since}
		}
		return out, err
	}, func(ctx context.Context, tx *db.Tx, ids ...string) (int, error) {
		persons := make([]person.ID, len(ids))
		for i := range ids {
			persons[i] = person.ID(ids[i])
		}
		return c.Persons.EraseTx(ctx, tx, persons...)
	})
}

func (c *Core) crewRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.crews", Activity: "Rendez-vous et ateliers", Basis: publicTask, Object: "occurrence", Keep: retention.KeepOpenings, From: "de la fin de la date",
		Purpose: "savoir qui travaille où, et dire qui reçoit", People: "médiateurs et bénévoles", Keeps: "qui était présent à une date", Receives: []string{"l'équipe", "les habitants, le prénom seul"},
		Erases: "qui était présent",
	}, c.Agenda.CrewsBefore, c.Agenda.ForgetCrewsTx)
}

func (c *Core) closingRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.closings", Activity: "Rendez-vous et ateliers", Basis: publicTask, Object: "closing", Keep: retention.KeepOpenings, From: "de la fin de la date",
		Purpose: "se souvenir d'une séance pour préparer la suivante", People: "personnes reçues, qu'une note pourrait évoquer malgré la consigne", Keeps: "la note de fin de séance",
		Receives: []string{"l'équipe qui reçoit"}, Erases: "la note", Anonymises: "combien de personnes sont venues sans nom", Statistics: "le nombre de personnes reçues",
	}, c.Agenda.ClosingsBefore, c.Agenda.ForgetClosingsTx)
}

func (c *Core) absenceRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.absences", Activity: "Rendez-vous et ateliers", Basis: publicTask, Object: "absence", Keep: retention.KeepOpenings, From: "de la fin de l'absence",
		Purpose: "ne pas donner de rendez-vous quand personne n'est là", People: "médiateurs et bénévoles", Keeps: "quand une personne est absente, et si c'est un congé ou une formation",
		Receives: []string{"l'équipe, sans la raison", "la personne qui planifie"}, Erases: "l'absence",
	}, c.Agenda.AbsencesBefore, c.Agenda.ForgetAbsencesTx)
}

func (c *Core) shiftRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.shifts", Activity: "Bénévoles", Basis: publicTask, Object: "shift", Keep: retention.KeepBookings, From: "de la fin du créneau",
		Purpose: "savoir qui vient aider, et combien d'heures", People: "bénévoles", Keeps: "qui était inscrit à un créneau, est venu ou non, et combien d'heures",
		Receives: []string{"l'équipe"}, Erases: "qui était inscrit", Anonymises: "combien de personnes sont venues, et combien d'heures", Statistics: "les heures de bénévolat",
	}, c.Agenda.ShiftsBefore, c.Agenda.ForgetShiftsTx)
}

func (c *Core) requestRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.requests", Activity: "Demandes des communes", Basis: publicTask, Object: "request", Keep: retention.KeepReporterContact, From: "de la réponse",
		Purpose: "répondre à une commune qui demande un médiateur", People: "élus et agents des communes", Keeps: "qui appeler", Receives: []string{"les chargés de mission du territoire"},
		Erases: "le nom, le téléphone et l'adresse e-mail", Anonymises: "la demande et sa réponse", Statistics: "le nombre de demandes",
	}, c.Agenda.RequestsBefore, c.Agenda.ForgetRequestsTx)
}

func (c *Core) deviceRule() retention.Rule {
	return aged(retention.Rule{
		Key: "agenda.devices", Activity: "Rendez-vous et ateliers", Basis: publicTask, Object: "device", Keep: retention.KeepDevices, From: "de la dernière journée gardée",
		Purpose: "travailler sans réseau, ne rien compter deux fois, et vider un téléphone perdu", People: "médiateurs et bénévoles", Keeps: "sur quel appareil une journée est gardée, et ce qui en a été envoyé",
		Receives: []string{"la personne elle-même"}, Erases: "l'appareil et ce qui en a été reçu",
	}, c.Agenda.DevicesBefore, c.Agenda.ForgetDevicesTx)
}

// plugAgenda tells persons and accounts what the agenda holds of them.
func (c *Core) plugAgenda() {
	c.Persons.OnErase(c.Agenda.ForgetPersonTx)
	c.Identity.OnErase(c.Persons.ForgetAccountTx, c.Agenda.ForgetAccountTx)
	c.Identity.OnMerge(
		identity.MergeHook{Module: "personnes", Move: c.Persons.MoveTx},
		identity.MergeHook{Module: "agenda", Move: c.Agenda.MoveTx},
	)
}

// sentencesOfAgenda are how people read the journal's lines about persons and the agenda.
func sentencesOfAgenda() []audit.Sentence {
	return append(person.Sentences(), agenda.Sentences()...)
}
