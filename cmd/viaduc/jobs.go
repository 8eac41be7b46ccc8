package main

import (
	"context"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/jobs"
)

type jobsCmd struct {
	List  jobsListCmd  `cmd:"" help:"Lister les travaux abandonnés, et ce qui revient à heure fixe."`
	Retry jobsRetryCmd `cmd:"" help:"Reprendre un travail abandonné, une fois sa cause réparée."`
}

type jobsListCmd struct{}

// deadShown bounds the list: beyond it the cause is one and the same.
const deadShown = 200

func (c *jobsListCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	counts, err := core.Jobs.Counts(r.ctx)
	if err != nil {
		return err
	}
	dead, err := core.Jobs.Dead(r.ctx, deadShown)
	if err != nil {
		return err
	}
	schedules, err := core.Jobs.Schedules(r.ctx)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"ready": counts[jobs.Ready], "running": counts[jobs.Running], "done": counts[jobs.Done], "dead": counts[jobs.Dead]})
	} else {
		r.say("%d en attente, %d en cours, %d faits, %d abandonnés.", counts[jobs.Ready], counts[jobs.Running], counts[jobs.Done], counts[jobs.Dead])
	}
	for _, j := range dead {
		if r.json {
			r.line(map[string]any{"id": j.ID, "kind": j.Kind, "attempts": j.Attempts, "error": j.Error, "ended_at": j.EndedAt.Format(time.RFC3339)})
			continue
		}
		r.say("%s  %-20s %d essais, le %s : %s", j.ID, j.Kind, j.Attempts, j.EndedAt.Local().Format("2006-01-02 15:04"), j.Error)
	}
	for _, s := range schedules {
		if r.json {
			r.line(map[string]any{"schedule": s.Name, "rule": s.Rule, "next": s.Next.Format(time.RFC3339)})
			continue
		}
		r.say("%-36s  %-28s prochaine fois le %s", s.Name, s.Rule, s.Next.Local().Format("2006-01-02 15:04"))
	}
	return nil
}

type jobsRetryCmd struct {
	ID string `arg:"" name:"numéro" help:"Le numéro que donne viaduc jobs list."`
}

func (c *jobsRetryCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	err = core.DB.Write(r.ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := core.Jobs.RetryTx(ctx, tx, c.ID); err != nil {
			return err
		}
		return core.Journal.RecordTx(ctx, tx, audit.Entry{Actor: audit.CLI, Action: "jobs.retry", Object: audit.Object{Kind: "job", ID: c.ID}})
	})
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"id": c.ID, "state": jobs.Ready})
		return nil
	}
	r.say("Le travail sera repris par le site, dans la seconde s'il sert.")
	return nil
}
