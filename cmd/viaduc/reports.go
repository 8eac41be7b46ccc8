package main

import (
	"strings"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/id"
	"viaduc/internal/ui"
)

type placeReportsCmd struct {
	List  placeReportsListCmd  `cmd:"" default:"withargs" help:"Lister les erreurs signalées qui attendent, la plus ancienne d'abord."`
	Close placeReportsCloseCmd `cmd:"" help:"Dire qu'une erreur signalée est corrigée."`
}

type placeReportsListCmd struct {
	All bool `help:"Aussi celles qui sont closes."`
}

// Run lists what residents reported about the places.
func (c *placeReportsListCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	list, err := core.Places.Reports(r.ctx, c.All)
	if err != nil {
		return err
	}
	for _, report := range list {
		r.reported(report)
	}
	if len(list) == 0 && !r.json {
		r.say("Aucune erreur signalée n'attend.")
	}
	return nil
}

// reportStates say in French what became of a report.
var reportStates = map[place.ReportState]string{place.ReportDone: "corrigé", place.ReportDismissed: "sans suite"}

func (r *run) reported(p place.Report) {
	if r.json {
		out := map[string]any{
			"reference": p.Reference, "at": p.At.Format(time.RFC3339), "place": int64(p.Number), "name": p.Name, "commune": p.Commune,
			"topics": p.Topics, "text": p.Text, "contact": p.Contact, "state": string(p.State),
		}
		if !p.ClosedAt.IsZero() {
			out["closed_at"] = p.ClosedAt.Format(time.RFC3339)
		}
		r.line(out)
		return
	}
	r.say("%s  %s  lieu %d, %s, %s", p.Reference, instant(p.At), p.Number, p.Name, p.Commune)
	var topics []string
	for _, t := range p.Topics {
		topics = append(topics, r.words.T("place.report.topic."+string(t)))
	}
	r.say("  %s", strings.Join(topics, ", "))
	if p.Text != "" {
		r.say("  « %s »", strings.ReplaceAll(p.Text, "\n", "\n    "))
	}
	if p.Contact != "" {
		r.say("  Pour répondre : %s", ui.Phone(p.Contact))
	}
	if p.State != place.ReportOpen {
		r.say("  %s, %s", reportStates[p.State], instant(p.ClosedAt))
	}
}

// instant says when a thing happened, in the zone of the pages.
func instant(t time.Time) string {
	if paris, err := time.LoadLocation("Europe/Paris"); err == nil {
		t = t.In(paris)
	}
	return ui.DateLong(t) + " à " + ui.Hour(t.Hour(), t.Minute())
}

type placeReportsCloseCmd struct {
	Reference string `arg:"" name:"numéro" help:"Le numéro du signalement, comme KTB-94M."`
	Dismiss   bool   `help:"Il n'y avait rien à corriger."`
}

// Run closes one report.
func (c *placeReportsCloseCmd) Run(r *run) error {
	reference, ok := id.ParseReference(c.Reference)
	if !ok {
		return usageError("un numéro de signalement a trois signes, un tiret et trois signes, comme KTB-94M.")
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	state := place.ReportDone
	if c.Dismiss {
		state = place.ReportDismissed
	}
	closed, err := core.Places.CloseReport(r.ctx, identity.AtCLI(), reference, state)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"reference": reference, "state": string(closed.State)})
		return nil
	}
	r.say("%s : %s.", reference, reportStates[closed.State])
	return nil
}
