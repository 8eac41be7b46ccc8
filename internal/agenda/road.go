package agenda

import (
	"context"
	"io"
	"strings"
	"time"

	"viaduc/internal/agenda/recur"
	"viaduc/internal/agenda/travel"
	"viaduc/internal/identity"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// DayFault is a day of a crew or a van that does not hold together.
type DayFault struct {
	A, B  Occurrence
	Who   string // a given name, or the van
	Clash travel.Clash
}

// CheckTravel says where the coming days of by's structures do not hold together: two dates at once for one person or one
// van, or less time between them than the road takes.
func (s *Service) CheckTravel(ctx context.Context, by identity.Actor, from, to time.Time) ([]DayFault, error) {
	roads, err := s.Roads(ctx, 0)
	if err != nil {
		return nil, err
	}
	list, err := occurrencesBetween(ctx, s.db, from, to)
	if err != nil {
		return nil, err
	}
	visits := make([]travel.Visit, 0, len(list))
	known := map[ID]Occurrence{}
	tours := map[TourID]Tour{}
	series := map[SeriesID]Series{}
	for _, o := range list {
		if !o.Live() {
			continue
		}
		one, ok := series[o.Series]
		if !ok {
			if one, err = seriesByID(ctx, s.db, o.Series); err != nil {
				return nil, err
			}
			series[o.Series] = one
		}
		if !identity.Can(by, identity.AgendaEdit, one.Object()) {
			continue
		}
		t, ok := tours[one.Tour]
		if !ok && one.Tour != "" {
			if t, err = tourByID(ctx, s.db, one.Tour); err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			tours[one.Tour] = t
		}
		known[o.ID] = o
		visits = append(visits, s.visit(o, t))
	}
	return s.dayFaults(ctx, roads.Check(visits), known)
}

// visit is a date as the road sees it.
func (s *Service) visit(o Occurrence, t Tour) travel.Visit {
	v := travel.Visit{ID: string(o.ID), Stop: s.Stop(o.Where), Start: o.Start, End: o.End, Setup: t.Setup, Speed: t.Speed, Vehicle: t.Vehicle}
	if t.Vehicle != "" {
		v.Vehicle = string(t.ID) + "|" + t.Vehicle
	}
	for _, a := range o.Members {
		v.People = append(v.People, string(a))
	}
	return v
}

// Stop is a venue as the road sees it.
func (s *Service) Stop(w Where) travel.Stop {
	stop := travel.Stop{Place: string(w.Place), Commune: w.Commune}
	if spot := s.placeOf(w); spot.Point.Known() {
		stop.Point = spot.Point
	} else if c, ok := s.territory.Gazetteer().Commune(w.Commune); ok {
		stop.Point = c.Point
	}
	return stop
}

func (s *Service) dayFaults(ctx context.Context, clashes []travel.Clash, known map[ID]Occurrence) ([]DayFault, error) {
	var accounts []identity.AccountID
	for _, c := range clashes {
		if c.Who != "" {
			accounts = append(accounts, identity.AccountID(c.Who))
		}
	}
	names, err := s.identity.GivenNames(ctx, accounts...)
	if err != nil {
		return nil, err
	}
	out := make([]DayFault, 0, len(clashes))
	for _, c := range clashes {
		f := DayFault{A: known[ID(c.A)], B: known[ID(c.B)], Clash: c, Who: names[identity.AccountID(c.Who)]}
		if c.Vehicle != "" {
			_, f.Who, _ = strings.Cut(c.Vehicle, "|")
		}
		out = append(out, f)
	}
	return out, nil
}

// Roads are the measured travel times and, where there are none, an estimate at a speed in km/h; 0 is the usual one.
func (s *Service) Roads(ctx context.Context, speed int) (travel.Roads, error) {
	legs, err := listLegs(ctx, s.db)
	if err != nil {
		return travel.Roads{}, err
	}
	matrix, err := travel.NewMatrix(legs)
	return travel.Roads{Matrix: matrix, Speed: speed}, err
}

// ImportTravel replaces the travel times by those of a file (package travel says its form), and returns how many there are. by needs
// agenda.edit on everything. A file that cannot be read changes nothing.
func (s *Service) ImportTravel(ctx context.Context, by identity.Actor, file io.Reader) (int, error) {
	if identity.Reaches(by, identity.AgendaEdit) != identity.All {
		return 0, fault.New(fault.Forbidden, "identity.forbidden")
	}
	matrix, _, err := travel.ReadMatrix(file)
	if err != nil {
		return 0, err
	}
	legs := matrix.Rows()
	return len(legs), s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putLegs(ctx, tx, legs); err != nil {
			return err
		}
		return s.record(ctx, tx, by.Audit(), "agenda.travel", "travel", "matrix")
	})
}

// Proposals are the half-days that suit a request, the best first, each with its reasons.
func (s *Service) Proposals(ctx context.Context, by identity.Actor, request string, limit int) ([]travel.Proposal, error) {
	r, err := s.RequestFor(ctx, by, request)
	if err != nil {
		return nil, err
	}
	commune, _ := s.territory.Gazetteer().Commune(r.Commune)
	ask := travel.Ask{
		Commune: r.Commune, Point: commune.Point, Length: travel.HalfDay, Every: travel.EveryWeek, Days: r.Days, Halves: travel.Half(r.Half), Population: max(0, commune.Population),
	}
	if r.WholeDay {
		ask.Length = travel.WholeDay
	}
	if r.EveryWeeks == 2 {
		ask.Every = travel.EveryTwoWeeks
	}
	crews, offers, err := s.crews(ctx)
	if err != nil {
		return nil, err
	}
	roads, err := s.Roads(ctx, 0)
	if err != nil {
		return nil, err
	}
	return travel.Propose(ask, crews, offers, roads, travel.Options{Limit: limit}), nil
}

// crews are the tours under way as crews of the road, with their usual week, and the places where somebody helps already.
func (s *Service) crews(ctx context.Context) ([]travel.Crew, []travel.Offer, error) {
	tours, err := toursOf(ctx, s.db, identity.TheSystem())
	if err != nil {
		return nil, nil, err
	}
	list, err := listSeries(ctx, s.db)
	if err != nil {
		return nil, nil, err
	}
	today := civil(openinghours.DateOf(s.now().In(s.zoneOf(""))))
	var offers []travel.Offer
	busy := map[TourID][]travel.Busy{}
	for _, one := range list {
		if one.State != Published || civil(one.Pattern.Until) != "" && civil(one.Pattern.Until) < today {
			continue
		}
		stop := s.Stop(one.Where)
		stop.Name = s.communeName(one.Where.Commune)
		for _, b := range usualWeek(one.Pattern) {
			b.Stop = stop
			busy[one.Tour] = append(busy[one.Tour], b)
			offers = append(offers, travel.Offer{Stop: stop, Weekday: b.Weekday})
		}
	}
	var crews []travel.Crew
	for _, t := range tours {
		if t.Ended || t.To < today {
			continue
		}
		base := s.Stop(Where{Commune: t.Base})
		base.Name = s.communeName(t.Base)
		crews = append(crews, travel.Crew{ID: string(t.ID), Name: t.Name, Base: base, Busy: busy[t.ID]})
	}
	return crews, offers, nil
}

// usualWeek is on which half-days of the week a pattern takes place. A rule that is not of the week keeps none: such dates
// are too few to hold a half-day against anybody.
func usualWeek(p recur.Pattern) []travel.Busy {
	r, err := recur.Read(p.Rule)
	if err != nil || r.Freq != recur.Weekly || r.Every > 2 {
		return nil
	}
	half := travel.Morning
	const noon = 12*60 + 30
	switch {
	case p.Minute >= noon-60:
		half = travel.Afternoon
	case p.Minute+p.Length > noon+60:
		half = travel.AllDay
	}
	parity := travel.BothWeeks
	if r.Every == 2 {
		parity = travel.OddWeeks
		if _, week := p.Starts.ISOWeek(); week%2 == 0 {
			parity = travel.EvenWeeks
		}
	}
	days := r.Days
	if len(days) == 0 {
		days = []recur.Day{{Day: p.Starts.Weekday()}}
	}
	out := make([]travel.Busy, 0, len(days))
	for _, d := range days {
		out = append(out, travel.Busy{Weekday: d.Day, Half: half, Parity: parity})
	}
	return out
}
