package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/app"
	"viaduc/internal/app/demo"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/territory"
)

// calendars measures the agenda of the example season, some two hundred public dates: its pages beside a bare handler, what
// one costs the processor, its calendar; then the next free appointments in a year of thirty mediators.
func (b *bench) calendars(ctx context.Context) error {
	dir := filepath.Join(b.dir, "season")
	if err := b.season(ctx, dir); err != nil {
		return err
	}
	n, err := b.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer n.stop()
	if err := b.compare(ctx, n, "/agenda, distinct filters", "222 dates", agendaQuestion, 1./20, 8); err != nil {
		return err
	}
	before, begin := n.cpu(), time.Now()
	pages, err := load(ctx, n.host, agendaQuestion, b.each)
	if err != nil {
		return err
	}
	each := (n.cpu() - before).Seconds() * 1000 / float64(pages.requests)
	b.figure(each < 1, "/agenda: processor a page", fmt.Sprintf("%.2f ms", each), "under 1 ms", fmt.Sprintf("%d pages in %.1f s", pages.requests, time.Since(begin).Seconds()))
	feed, err := load(ctx, n.host, func(int) string { return "/agenda.ics" }, b.each)
	if err != nil {
		return err
	}
	body, _, err := fetch(ctx, "http://"+n.host+"/agenda.ics")
	if err != nil {
		return err
	}
	b.figure(feed.perSecond >= 700, "/agenda.ics, all dates, a second", fmt.Sprintf("%.0f", feed.perSecond), "at least 700",
		fmt.Sprintf("%d events, %d bytes", strings.Count(string(body), "BEGIN:VEVENT"), len(body)))
	return b.freeSlots(ctx)
}

// season makes a folder with the example season.
func (b *bench) season(ctx context.Context, dir string) error {
	core, err := app.Open(ctx, config.Config{Data: dir}, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer core.Close()
	if err := demo.Load(ctx, core.Territory, core.Places); err != nil {
		return err
	}
	if err := core.Refresh(ctx); err != nil {
		return err
	}
	people, err := demo.People(ctx, core.Identity)
	if err != nil {
		return err
	}
	return demo.Season(ctx, core.Agenda, core.Places, people, time.Now().In(app.Zone()))
}

// agendaQuestion asks with other filters each time.
func agendaQuestion(i int) string {
	towns := []string{"Rochefort", "La Rochelle", "Saintes", "Royan", "17290", "Fouras", "Surgères", "Marennes"}
	modes := agenda.Modes()
	q := url.Values{}
	if i%3 > 0 {
		q.Set("ou", towns[i%len(towns)])
	}
	if i%4 == 1 {
		q.Set("genre", string(modes[i%len(modes)]))
	}
	if i%5 == 2 {
		q.Set("libre", "oui")
	}
	q.Set("page", strconv.Itoa(1+i%12))
	return "/agenda?" + q.Encode()
}

// cpu is the time that the process has used of processors.
func (n *node) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, in hundredths
		t, _ := strconv.ParseInt(f, 10, 64)
		ticks += t
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// freeSlots asks for the next free appointments near a commune in a year of thirty mediators: 20,000 dates of 15
// appointments, of which some are taken.
func (b *bench) freeSlots(ctx context.Context) error {
	core, err := app.Open(ctx, config.Config{Data: filepath.Join(b.dir, "year")}, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer core.Close()
	if err := demo.Load(ctx, core.Territory, core.Places); err != nil {
		return err
	}
	if err := core.Refresh(ctx); err != nil {
		return err
	}
	now := time.Now().In(app.Zone())
	towns, err := fillYear(ctx, core, now)
	if err != nil {
		return err
	}
	x := core.Agenda.Index()
	var took []time.Duration
	free := len(x.NextSlots(agenda.SlotQuery{Limit: 1 << 30}, now))
	for i := range 4000 {
		q := agenda.SlotQuery{Query: agenda.Query{Near: towns[i%len(towns)], Within: 20_000, From: now}, Alone: true, Limit: 30}
		begin := time.Now()
		x.NextSlots(q, now)
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	b.figure(p99 < 10*time.Millisecond, "next free appointments near a commune, p99", fmt.Sprintf("%.2f ms", p99.Seconds()*1000), "under 10 ms",
		fmt.Sprintf("%d dates, %d free appointments, median %.2f ms", x.Len(), free, took[len(took)/2].Seconds()*1000))
	return nil
}

// fillYear adds 200 series of 100 dates, and returns where communes are.
func fillYear(ctx context.Context, core *app.Core, now time.Time) ([]territory.Point, error) {
	by := identity.TheSystem()
	reason, err := core.Agenda.SaveReason(ctx, by, agenda.Reason{Name: "Faire une démarche", Minutes: 15})
	if err != nil {
		return nil, err
	}
	places := core.Places.Index().Entries()
	random := rand.New(rand.NewPCG(1, 2))
	year, month, day := now.Date()
	today := recur.Date{Year: year, Month: month, Day: day}
	var towns []territory.Point
	for i := range 200 {
		e := places[i%len(places)]
		towns = append(towns, e.Stands)
		starts := today.AddDays(1 + i%7)
		in := agenda.NewSeries{
			Mode: agenda.Appointments, Title: "Rendez-vous", Reasons: []agenda.ReasonID{reason.ID}, Where: agenda.Where{Place: e.ID, Commune: e.CommuneCode},
			Pattern: recur.Pattern{
				Rule: "FREQ=DAILY;INTERVAL=3;COUNT=100", Starts: starts, Until: starts.AddDays(330), Minute: 60 * (8 + random.IntN(6)), Length: 15 * 15, Zone: now.Location(), OnHoliday: recur.HolidayKeep,
			},
		}
		if _, err := core.Agenda.AddSeries(ctx, by, in, agenda.Published); err != nil {
			return nil, err
		}
	}
	_, err = core.Agenda.Refresh(ctx)
	return towns, err
}
