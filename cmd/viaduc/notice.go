package main

import (
	"slices"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
)

type noticeCmd struct {
	List  noticeListCmd  `cmd:"" help:"Lister les derniers messages, sans nom, sans adresse et sans texte."`
	Retry noticeRetryCmd `cmd:"" help:"Envoyer tout de suite un message qui a échoué, une fois la cause réparée."`
	Cap   noticeCapCmd   `cmd:"" help:"Dire ce que coûtent les SMS du mois, ou fixer leur plafond."`
}

type noticeListCmd struct {
	State string `placeholder:"ÉTAT" help:"Seulement ceux-là : waiting, by_hand, told, diverted, failed, expired ou cancelled."`
	Limit int    `default:"50" placeholder:"NOMBRE" help:"Combien, au plus."`
}

func (c *noticeListCmd) Run(r *run) error {
	if c.State != "" && !slices.Contains(notice.States(), notice.State(c.State)) {
		return usageError("état inconnu : " + c.State + ". Choisissez waiting, by_hand, told, diverted, failed, expired ou cancelled.")
	}
	if c.Limit < 1 || c.Limit > 10_000 {
		return usageError("donnez un nombre entre 1 et 10000 après --limit.")
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	lines, err := core.Notices.Lines(r.ctx, identity.AtCLI(), notice.Filter{State: notice.State(c.State), Limit: c.Limit})
	if err != nil {
		return err
	}
	for _, l := range lines {
		_, receipts, err := core.Notices.Message(r.ctx, identity.AtCLI(), l.ID)
		if err != nil {
			return err
		}
		r.message(l, receipts)
	}
	if len(lines) == 0 && !r.json {
		r.say("Aucun message.")
	}
	return nil
}

// message writes a line, with the last thing that happened to it.
func (r *run) message(l notice.Line, receipts []notice.Receipt) {
	var last notice.Receipt
	if len(receipts) > 0 {
		last = receipts[len(receipts)-1]
	}
	if r.json {
		r.line(map[string]any{
			"id": l.ID, "event": l.Event, "channel": l.Channel, "state": l.State, "failures": l.Failures, "result": last.Result, "error": last.Error,
			"created_at": l.CreatedAt.Format(time.RFC3339), "useful_until": l.Until.Format(time.RFC3339),
		})
		return
	}
	why := ""
	if last.Error != "" {
		why = " (" + last.Error + ")"
	}
	r.say("%s  %s  %-22s %-7s %s%s", l.ID, l.CreatedAt.Local().Format("2006-01-02 15:04"), l.Event, l.Channel.French(), l.State.French(), why)
}

type noticeRetryCmd struct {
	ID  string `arg:"" optional:"" name:"numéro" help:"Le numéro que donne viaduc notice list."`
	All bool   `help:"Tous ceux qui ont échoué et servent encore."`
}

func (c *noticeRetryCmd) Run(r *run) error {
	if c.All == (c.ID != "") {
		return usageError("donnez le numéro d'un message, ou --all.")
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	n := 1
	if c.All {
		n, err = core.Notices.RetryAll(r.ctx, identity.AtCLI())
	} else {
		err = core.Notices.Retry(r.ctx, identity.AtCLI(), notice.ID(c.ID))
	}
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"retried": n})
		return nil
	}
	r.say("%d à renvoyer : le site s'en charge, dans la seconde s'il sert.", n)
	return nil
}

type noticeCapCmd struct {
	Euros string `arg:"" optional:"" name:"euros" help:"Le plafond de chaque mois à partir de celui-ci, comme 150 ou 99,90. Rien pour le lire."`
}

func (c *noticeCapCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: c.Euros == ""})
	if err != nil {
		return err
	}
	defer core.Close()
	if _, err := core.Territory.Refresh(r.ctx); err != nil { // the month is the one of its clocks
		return err
	}
	if c.Euros != "" {
		cents, err := notice.ParseEuros(c.Euros)
		if err != nil {
			return err
		}
		if err := core.Notices.SetCap(r.ctx, identity.AtCLI(), cents); err != nil {
			return err
		}
	}
	m, err := core.Notices.Meter(r.ctx)
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"month": m.Month, "cap_cents": m.Cap, "spent_cents": m.Spent.Cents(), "segments": m.Segments, "messages": m.Messages})
		return nil
	}
	r.say("SMS de %s : %s dépensés, plafond %s, %d messages, %d segments.", m.Month, notice.Euros(m.Spent.Cents()), notice.Euros(m.Cap), m.Messages, m.Segments)
	return nil
}
