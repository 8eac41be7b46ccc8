package agenda

import (
	"context"
	"fmt"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/db"
)

// Old is something that has had its time.
type Old struct {
	ID    string
	Since time.Time
}

func scanOld(r db.Row) (Old, error) {
	var o Old
	var at int64
	err := r.Scan(&o.ID, &at)
	o.Since = db.Time(at)
	return o, err
}

// BookingsBefore lists, for retention, the claims of dates that ended before an instant and still name a person, the oldest first, after the given
// one, at most limit.
func (s *Service) BookingsBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT c.id, o.ends_at FROM agenda_claim c JOIN agenda_occurrence o ON o.id = c.occurrence_id
		WHERE o.ends_at < $1 AND c.person_id <> '' AND (o.ends_at, c.id) > ($2, $3) ORDER BY o.ends_at, c.id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetBookingsTx makes claims say nothing of anybody, in the caller's transaction: that a seat was taken, how, and what became of it, stays for the
// figures. It returns how many there were.
func (s *Service) ForgetBookingsTx(ctx context.Context, tx *db.Tx, claims ...string) (int, error) {
	total := 0
	for _, c := range claims {
		n, err := db.Exec(ctx, tx, `UPDATE agenda_claim SET person_id = '', phone_key = '', email_key = '', reference = '', commune_code = '', by_account = '',
			version = version + 1 WHERE id = $1`, c)
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// ForgetPersonTx does it for every claim of a person who is erased, and ends what is still to come: her seats are free again.
func (s *Service) ForgetPersonTx(ctx context.Context, tx *db.Tx, who person.ID) error {
	live, err := db.All(ctx, tx, scanClaim, `SELECT `+claimCols+` FROM agenda_claim WHERE person_id = $1 AND state IN ('waiting', 'held', 'booked') ORDER BY occurrence_id`, string(who))
	if err != nil {
		return err
	}
	if err := s.forgetVolunteer(ctx, tx, who); err != nil {
		return err
	}
	var changed []ID
	for _, c := range live {
		d, err := s.open(ctx, tx, c.Occurrence)
		if err != nil {
			return err
		}
		if c, err = claimByID(ctx, tx, c.ID); err != nil {
			return err
		}
		if !c.State.live() {
			continue
		}
		c.State = Withdrawn
		if err := s.become(ctx, tx, &d, c, audit.System, "erased"); err != nil {
			return err
		}
		if err := s.settleTx(ctx, tx, &d); err != nil {
			return err
		}
		changed = append(changed, d.occ.ID)
	}
	if err := s.freePersonTx(ctx, tx, who); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM agenda_authorisation WHERE person_id = $1`,
		`UPDATE agenda_use SET person_id = '' WHERE person_id = $1`,
	} {
		if _, err := db.Exec(ctx, tx, text, string(who)); err != nil {
			return err
		}
	}
	_, err = db.Exec(ctx, tx, `UPDATE agenda_claim SET person_id = '', phone_key = '', email_key = '', reference = '', commune_code = '', version = version + 1 WHERE person_id = $1`, string(who))
	if err != nil || len(changed) == 0 {
		return err
	}
	return announce(ctx, tx, changed...)
}

// RequestsBefore lists, for retention, the requests of communes that ended before an instant and still say whom to call.
func (s *Service) RequestsBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT id, ended_at FROM agenda_request WHERE ended_at > 0 AND ended_at < $1 AND contact_name <> '' AND (ended_at, id) > ($2, $3)
		ORDER BY ended_at, id LIMIT $4`, db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetRequestsTx erases whom to call for requests, in the caller's transaction, with what was written to them.
func (s *Service) ForgetRequestsTx(ctx context.Context, tx *db.Tx, requests ...string) (int, error) {
	total := 0
	for _, r := range requests {
		n, err := db.Exec(ctx, tx, `UPDATE agenda_request SET contact_name = '', contact_role = '', email = '', phone = '', version = version + 1 WHERE id = $1`, r)
		if err != nil {
			return total, err
		}
		if err := s.notices.ForgetTx(ctx, tx, "request:"+r); err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// CrewsBefore lists, for retention, the dates that ended before an instant and still say who worked there.
func (s *Service) CrewsBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT o.id, o.ends_at FROM agenda_occurrence o WHERE o.ends_at < $1 AND (o.ends_at, o.id) > ($2, $3)
		AND EXISTS (SELECT 1 FROM agenda_occurrence_member m WHERE m.occurrence_id = o.id) ORDER BY o.ends_at, o.id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetCrewsTx erases who worked at dates, in the caller's transaction.
func (s *Service) ForgetCrewsTx(ctx context.Context, tx *db.Tx, dates ...string) (int, error) {
	total := 0
	for _, d := range dates {
		n, err := db.Exec(ctx, tx, `DELETE FROM agenda_occurrence_member WHERE occurrence_id = $1`, d)
		if err != nil {
			return total, err
		}
		if n > 0 {
			total++
		}
	}
	return total, nil
}

// DevicesBefore lists, for retention, the devices that kept no day since an instant.
func (s *Service) DevicesBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT id, seen_at FROM agenda_device WHERE seen_at < $1 AND (seen_at, id) > ($2, $3) ORDER BY seen_at, id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetDevicesTx erases devices, in the caller's transaction, with what was received from them: what it did to bookings stands there.
func (s *Service) ForgetDevicesTx(ctx context.Context, tx *db.Tx, devices ...string) (int, error) {
	for _, d := range devices {
		for _, text := range []string{`DELETE FROM agenda_action WHERE device_id = $1`, `DELETE FROM agenda_device WHERE id = $1`} {
			if _, err := db.Exec(ctx, tx, text, d); err != nil {
				return 0, err
			}
		}
	}
	return len(devices), nil
}

// AbsencesBefore lists, for retention, the absences that ended before an instant.
func (s *Service) AbsencesBefore(ctx context.Context, q db.Querier, before time.Time, after Old, limit int) ([]Old, error) {
	return db.All(ctx, q, scanOld, `SELECT id, ends_at FROM agenda_absence WHERE ends_at < $1 AND (ends_at, id) > ($2, $3) ORDER BY ends_at, id LIMIT $4`,
		db.Micros(before), db.MicrosOrZero(after.Since), after.ID, limit)
}

// ForgetAbsencesTx erases absences, in the caller's transaction.
func (s *Service) ForgetAbsencesTx(ctx context.Context, tx *db.Tx, absences ...string) (int, error) {
	total := 0
	for _, a := range absences {
		n, err := db.Exec(ctx, tx, `DELETE FROM agenda_absence WHERE id = $1`, a)
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// MoveTx gives what an organisation has on the agenda to another, in the caller's transaction, and returns how many rows changed.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, from, into identity.OrganisationID) (int64, error) {
	var total int64
	for _, text := range []string{
		`UPDATE agenda_series SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`,
		`UPDATE agenda_tour SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`,
		`UPDATE agenda_reason SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`,
		`UPDATE agenda_authorisation SET organisation_id = $2 WHERE organisation_id = $1`,
		`UPDATE agenda_resource SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`,
		`UPDATE agenda_shift SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1`,
		`UPDATE agenda_absence SET organisation_id = $2 WHERE organisation_id = $1`,
		`UPDATE agenda_claim SET by_organisation = $2 WHERE by_organisation = $1`,
	} {
		n, err := db.Exec(ctx, tx, text, string(from), string(into))
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, s.touchAllOf(ctx, tx, into)
}

// ForgetAccountTx cuts what the agenda knows of an account that is erased: its crews, its feed, that it booked for somebody.
func (s *Service) ForgetAccountTx(ctx context.Context, tx *db.Tx, account identity.AccountID) error {
	for _, text := range []string{
		`DELETE FROM agenda_series_member WHERE account_id = $1`, `DELETE FROM agenda_tour_member WHERE account_id = $1`,
		`DELETE FROM agenda_occurrence_member WHERE account_id = $1`, `DELETE FROM agenda_feed WHERE account_id = $1`,
		`DELETE FROM agenda_absence WHERE account_id = $1`, `UPDATE agenda_claim SET by_account = '' WHERE by_account = $1`,
		`DELETE FROM agenda_use_member WHERE account_id = $1`, `DELETE FROM agenda_device WHERE account_id = $1`, `DELETE FROM agenda_action WHERE account_id = $1`,
	} {
		if _, err := db.Exec(ctx, tx, text, string(account)); err != nil {
			return err
		}
	}
	return nil
}

// Difference is a count that the rows do not bear out.
type Difference struct {
	What, ID  string
	Kept, Row string
}

// Recount computes anew all that is kept beside the rows it follows from: the state of each claim from its last step, the seats that the index
// shows from the claims, the people without a name of a closed date from the taps. Nothing is to come out.
func (s *Service) Recount(ctx context.Context) ([]Difference, error) {
	out, err := db.All(ctx, s.db, func(r db.Row) (Difference, error) {
		d := Difference{What: "claim"}
		return d, r.Scan(&d.ID, &d.Kept, &d.Row)
	}, `SELECT c.id, c.state, s.state FROM agenda_claim c JOIN agenda_claim_step s ON s.claim_id = c.id
		WHERE s.state <> c.state AND NOT EXISTS (SELECT 1 FROM agenda_claim_step l WHERE l.claim_id = c.id AND (l.at, l.id) > (s.at, s.id)) ORDER BY c.id`)
	if err != nil {
		return nil, err
	}
	uses, err := db.All(ctx, s.db, func(r db.Row) (Difference, error) {
		d := Difference{What: "use"}
		return d, r.Scan(&d.ID, &d.Kept, &d.Row)
	}, `SELECT u.id, u.state, s.state FROM agenda_use u JOIN agenda_use_step s ON s.use_id = u.id
		WHERE s.state <> u.state AND NOT EXISTS (SELECT 1 FROM agenda_use_step l WHERE l.use_id = u.id AND (l.at, l.id) > (s.at, s.id)) ORDER BY u.id`)
	if err != nil {
		return nil, err
	}
	out = append(out, uses...)
	closings, err := closingDifferences(ctx, s.db)
	if err != nil {
		return nil, err
	}
	out = append(out, closings...)
	x := s.Index()
	now := s.now()
	counts, err := countsBetween(ctx, s.db, now.Add(-keepEnded), now.AddDate(4, 0, 0), now)
	if err != nil {
		return nil, err
	}
	for _, e := range x.entries {
		if have, row := seatsOf(taking(e.claims, now)), counts[e.ID].taken; have != row && !e.Start.Before(now.Add(-keepEnded)) {
			out = append(out, Difference{What: "occurrence", ID: string(e.ID), Kept: fmt.Sprint(have), Row: fmt.Sprint(row)})
		}
	}
	return out, nil
}

// recountTask counts each night what is kept beside the rows.
type recountTask struct{}

// JobKind names the job.
func (recountTask) JobKind() string { return "agenda.recount" }

// recount reports an error, which the operator sees among the jobs, when something that is kept does not follow from the rows.
func (s *Service) recount(ctx context.Context) error {
	if _, err := s.Refresh(ctx); err != nil {
		return err
	}
	out, err := s.Recount(ctx)
	if err == nil && len(out) > 0 {
		err = fmt.Errorf("agenda: %d counts differ from their rows, the first of %s %s", len(out), out[0].What, out[0].ID)
	}
	return err
}

// Sentences is how people read the journal's lines about the agenda.
func Sentences() []audit.Sentence {
	return []audit.Sentence{
		{Action: "agenda.book", Text: "{auteur} a inscrit une personne"},
		{Action: "agenda.cancel", Text: "{auteur} a annulé une inscription"},
		{Action: "agenda.move", Text: "{auteur} a déplacé une inscription"},
		{Action: "agenda.accept", Text: "{auteur} a accepté une place qui se libérait"},
		{Action: "agenda.mark", Text: "{auteur} a noté si une personne est venue"},
		{Action: "agenda.authorise", Text: "{auteur} a autorisé une personne à utiliser une machine"},
		{Action: "agenda.revoke", Text: "{auteur} a retiré une autorisation"},
		{Action: "agenda.reason", Text: "{auteur} a changé un motif de rendez-vous"},
		{Action: "agenda.resource", Text: "{auteur} a ajouté une salle, un poste ou une machine"},
		{Action: "agenda.device", Text: "{auteur} a gardé sa journée sur un appareil"},
		{Action: "agenda.device_lost", Text: "{auteur} a dit qu'un appareil était perdu"},
		{Action: "agenda.use", Text: "{auteur} a changé la réservation d'une salle, d'un poste ou d'une machine"},
		{Action: "agenda.absence.add", Text: "{auteur} a noté une absence"},
		{Action: "agenda.absence.remove", Text: "{auteur} a retiré une absence"},
		{Action: "agenda.shift.add", Text: "{auteur} a ajouté un créneau de bénévoles"},
		{Action: "agenda.shift.remove", Text: "{auteur} a supprimé un créneau de bénévoles"},
		{Action: "agenda.shift.signed_up", Text: "{auteur} a inscrit un bénévole"},
		{Action: "agenda.shift.came", Text: "{auteur} a noté la venue d'un bénévole"},
		{Action: "agenda.shift.no_show", Text: "{auteur} a noté qu'un bénévole n'est pas venu"},
		{Action: "agenda.shift.withdrawn", Text: "{auteur} a désinscrit un bénévole"},
		{Action: "agenda.tour", Text: "{auteur} a changé une tournée"},
		{Action: "agenda.travel", Text: "{auteur} a importé des temps de trajet"},
		{Action: "agenda.series.add", Text: "{auteur} a ajouté une activité à l'agenda"},
		{Action: "agenda.series.change", Text: "{auteur} a changé une activité de l'agenda"},
		{Action: "agenda.series.published", Text: "{auteur} a publié une activité de l'agenda"},
		{Action: "agenda.series.refused", Text: "{auteur} a refusé une activité proposée"},
		{Action: "agenda.series.ended", Text: "{auteur} a mis fin à une activité de l'agenda"},
		{Action: "agenda.date.add", Text: "{auteur} a ajouté une date à l'agenda"},
		{Action: "agenda.date.change", Text: "{auteur} a changé une date de l'agenda"},
		{Action: "agenda.date.move", Text: "{auteur} a déplacé une date de l'agenda"},
		{Action: "agenda.date.cancel", Text: "{auteur} a annulé une date de l'agenda"},
		{Action: "agenda.date.state", Text: "{auteur} a noté où en est une date de l'agenda"},
		{Action: "agenda.date.close", Text: "{auteur} a noté la fin d'une date de l'agenda"},
		{Action: "agenda.date.delay", Text: "{auteur} a annoncé un retard"},
		{Action: "agenda.request", Text: "{auteur} a demandé un médiateur pour une commune"},
		{Action: "agenda.request.studied", Text: "{auteur} a pris en charge la demande d'une commune"},
		{Action: "agenda.request.proposed", Text: "{auteur} a proposé une demi-journée à une commune"},
		{Action: "agenda.request.agreed", Text: "{auteur} a accepté une demi-journée pour une commune"},
		{Action: "agenda.request.scheduled", Text: "{auteur} a mis une demi-journée d'une commune au calendrier"},
		{Action: "agenda.request.declined", Text: "{auteur} a refusé la demande d'une commune"},
	}
}
