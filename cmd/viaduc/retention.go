package main

import (
	"strconv"
	"strings"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/retention"
)

type retentionCmd struct {
	List     retentionListCmd     `cmd:"" help:"Lister les règles : ce qui est gardé, combien de temps, et le dernier passage."`
	Preview  retentionPreviewCmd  `cmd:"" help:"Dire ce qui serait effacé, sans rien effacer ; essayer une autre durée."`
	Set      retentionSetCmd      `cmd:"" help:"Changer une durée, après son essai."`
	Run      retentionRunCmd      `cmd:"" help:"Effacer maintenant ce qui a fait son temps. Le site le fait chaque nuit."`
	Hold     retentionHoldCmd     `cmd:"" help:"Suspendre l'effacement d'un objet ou d'une règle."`
	Holds    retentionHoldsCmd    `cmd:"" help:"Lister les suspensions."`
	Release  retentionReleaseCmd  `cmd:"" help:"Lever une suspension."`
	Register retentionRegisterCmd `cmd:"" help:"Écrire le registre des activités de traitement (RGPD, article 30)."`
}

// kept opens the services, lends them and closes them.
func (r *run) kept(readOnly bool, fn func(core *app.Core) error) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: readOnly})
	if err != nil {
		return err
	}
	defer core.Close()
	return fn(core)
}

type retentionListCmd struct{}

func (c *retentionListCmd) Run(r *run) error {
	return r.kept(true, func(core *app.Core) error {
		states, err := core.Retention.States(r.ctx)
		if err != nil {
			return err
		}
		for _, s := range states {
			r.state(s)
		}
		return nil
	})
}

func (r *run) state(s retention.State) {
	if r.json {
		out := map[string]any{
			"rule": s.Key, "activity": s.Activity, "keeps": s.Keeps, "keep": s.Current.String(), "default": s.Keep.String(),
			"from": s.From, "basis": s.Basis.Letter, "held": s.Held, "version": s.Version,
		}
		if s.Last != nil {
			out["last"] = runFields(*s.Last)
		}
		r.line(out)
		return
	}
	r.say("%s  %s à partir %s", s.Key, s.Current.French(), s.From)
	r.say("    garde    %s", s.Keeps)
	r.say("    efface   %s", s.Erases)
	if s.Held {
		r.say("    suspendu")
	}
	if s.Last == nil {
		r.say("    passage  aucun")
		return
	}
	r.say("    passage  %s : %s", s.Last.StartedAt.In(app.Zone()).Format("2006-01-02 15:04"), r.outcome(*s.Last))
}

// outcome says what a run did of a rule.
func (r *run) outcome(run retention.Run) string {
	if run.EndedAt.IsZero() {
		return "interrompu"
	}
	var parts []string
	count := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, strconv.Itoa(n)+" "+many)
		}
	}
	count(run.Erased, "effacé", "effacés")
	count(run.Anonymised, "rendu sans nom", "rendus sans nom")
	count(run.Held, "suspendu", "suspendus")
	count(run.Warned, "prévenu", "prévenus")
	count(run.Waiting, "en attente d'être prévenu", "en attente d'être prévenus")
	count(run.Failed, "en échec", "en échec")
	if len(parts) == 0 {
		parts = []string{"rien à effacer"}
	}
	if run.Error != "" {
		parts = append(parts, r.words.T(run.Error))
	}
	return strings.Join(parts, ", ")
}

func runFields(run retention.Run) map[string]any {
	return map[string]any{
		"run": run.ID, "rule": run.Rule, "at": run.StartedAt.In(app.Zone()).Format(time.RFC3339), "ended": !run.EndedAt.IsZero(),
		"cutoff": run.Cutoff.In(app.Zone()).Format(time.DateOnly), "erased": run.Erased, "anonymised": run.Anonymised, "held": run.Held,
		"warned": run.Warned, "waiting": run.Waiting, "failed": run.Failed, "error": run.Error,
	}
}

type retentionPreviewCmd struct {
	Rule string `arg:"" name:"règle" help:"La règle, comme audit.lines."`
	Keep string `placeholder:"DURÉE" help:"Essayer cette durée : « 2 ans », « 6 mois », « 30 jours »."`
}

func (c *retentionPreviewCmd) Run(r *run) error {
	if c.Keep == "" {
		return r.kept(true, func(core *app.Core) error {
			p, err := core.Retention.Preview(r.ctx, c.Rule)
			if err != nil {
				return err
			}
			r.preview(p, "")
			return nil
		})
	}
	term, err := retention.ParseTerm(c.Keep)
	if err != nil {
		return err
	}
	return r.kept(false, func(core *app.Core) error { // the dry run itself is kept
		trial, err := core.Retention.DryRun(r.ctx, c.Rule, term)
		if err != nil {
			return err
		}
		r.preview(trial.Preview, trial.Token)
		return nil
	})
}

func (r *run) preview(p retention.Preview, token string) {
	sample := make([]string, 0, len(p.Sample))
	for _, item := range p.Sample {
		sample = append(sample, item.ID)
	}
	if r.json {
		r.line(map[string]any{
			"rule": p.Rule.Key, "keep": p.Term.String(), "cutoff": p.Cutoff.In(app.Zone()).Format(time.DateOnly), "due": p.Due, "held": p.Held,
			"waiting": p.Waiting, "sample": sample, "token": token,
		})
		return
	}
	r.say("%s gardé %s à partir %s : tout ce qui précède le %s a fait son temps.", p.Rule.Key, p.Term.French(), p.Rule.From, p.Cutoff.In(app.Zone()).Format("02/01/2006"))
	r.say("À effacer : %d. Suspendus : %d. À prévenir d'abord : %d.", p.Due, p.Held, p.Waiting)
	for _, one := range sample {
		r.say("    %s %s", p.Rule.Object, one)
	}
	if p.Due > len(sample) {
		r.say("    et %d autres", p.Due-len(sample))
	}
	if token != "" {
		r.say("Pour mettre cette durée en vigueur, avant demain : viaduc retention set %s --keep %q --token %s", p.Rule.Key, p.Term.French(), token)
	}
}

type retentionSetCmd struct {
	Rule  string `arg:"" name:"règle" help:"La règle, comme audit.lines."`
	Keep  string `required:"" placeholder:"DURÉE" help:"La durée essayée."`
	Token string `required:"" placeholder:"ESSAI" help:"Le numéro de l'essai, que donne viaduc retention preview --keep."`
}

func (c *retentionSetCmd) Run(r *run) error {
	term, err := retention.ParseTerm(c.Keep)
	if err != nil {
		return err
	}
	return r.kept(false, func(core *app.Core) error {
		if err := core.Retention.Change(r.ctx, audit.CLI, c.Rule, term, c.Token); err != nil {
			return err
		}
		if r.json {
			r.line(map[string]any{"rule": c.Rule, "keep": term.String()})
			return nil
		}
		r.say("%s est désormais gardé %s. Ce qui dépasse s'effacera au prochain passage.", c.Rule, term.French())
		return nil
	})
}

type retentionRunCmd struct{}

func (c *retentionRunCmd) Run(r *run) error {
	return r.kept(false, func(core *app.Core) error {
		runs, err := core.Retention.Run(r.ctx, audit.CLI)
		if err != nil {
			return err
		}
		failed := false
		for _, run := range runs {
			failed = failed || run.Error != ""
			if r.json {
				r.line(runFields(run))
				continue
			}
			r.say("%s : %s", run.Rule, r.outcome(run))
		}
		if failed {
			return errReported
		}
		return nil
	})
}

type retentionHoldCmd struct {
	Object string `placeholder:"SORTE:NUMÉRO" help:"L'objet à garder, et ce qui lui appartient : person:0192..."`
	Rule   string `placeholder:"RÈGLE" help:"Ou toute une règle."`
	Reason string `required:"" placeholder:"RAISON" help:"litigation (litige), inquiry (demande d'une autorité), rights (exercice d'un droit), accounts (contrôle des comptes), incident (incident de sécurité)."`
	Until  string `required:"" placeholder:"JOUR" help:"Dernier jour de la suspension, comme 2027-05-04."`
}

func (c *retentionHoldCmd) Run(r *run) error {
	return r.kept(false, func(core *app.Core) error {
		h, err := core.Retention.Hold(r.ctx, audit.CLI, retention.NewHold{
			Rule: c.Rule, Object: object(c.Object), Reason: retention.Reason(c.Reason), Until: c.Until,
		})
		if err != nil {
			return err
		}
		r.hold(h, true)
		return nil
	})
}

func (r *run) hold(h retention.Hold, active bool) {
	what := h.Rule
	if what == "" {
		what = h.Object.Kind + ":" + h.Object.ID
	}
	if r.json {
		r.line(map[string]any{"hold": h.ID, "what": what, "reason": h.Reason, "until": h.Until, "active": active})
		return
	}
	state := "en cours"
	if !active {
		state = "terminée"
	}
	r.say("%s  %s, jusqu'au %s (%s), %s", h.ID, what, h.Until, h.Reason.French(), state)
}

type retentionHoldsCmd struct{}

func (c *retentionHoldsCmd) Run(r *run) error {
	return r.kept(true, func(core *app.Core) error {
		holds, err := core.Retention.Holds(r.ctx)
		if err != nil {
			return err
		}
		for _, h := range holds {
			r.hold(h, core.Retention.Active(h))
		}
		if len(holds) == 0 && !r.json {
			r.say("Aucune suspension.")
		}
		return nil
	})
}

type retentionReleaseCmd struct {
	Hold string `arg:"" name:"suspension" help:"Le numéro de la suspension, que donne viaduc retention holds."`
}

func (c *retentionReleaseCmd) Run(r *run) error {
	return r.kept(false, func(core *app.Core) error {
		if err := core.Retention.Release(r.ctx, audit.CLI, c.Hold); err != nil {
			return err
		}
		if r.json {
			r.line(map[string]any{"hold": c.Hold, "active": false})
			return nil
		}
		r.say("La suspension est levée. Ce qui a fait son temps s'effacera au prochain passage.")
		return nil
	})
}

type retentionRegisterCmd struct {
	Host string `placeholder:"NOM" help:"Nom d'hôte du site ; rien pour tous les autres."`
}

func (c *retentionRegisterCmd) Run(r *run) error {
	return r.kept(true, func(core *app.Core) error {
		if _, err := core.Territory.Refresh(r.ctx); err != nil {
			return err
		}
		p, err := core.Retention.Processing(r.ctx, c.Host)
		if err != nil {
			return err
		}
		if !r.json {
			_, err := r.Out.Write([]byte(p.Markdown()))
			return err
		}
		for _, a := range p.Activities {
			for _, k := range a.Rules {
				r.line(map[string]any{
					"activity": a.Name, "rule": k.Key, "purpose": k.Purpose, "basis": k.Basis.French(), "people": k.People, "keeps": k.Keeps,
					"recipients": k.Receives, "abroad": k.Abroad, "keep": k.Term.String(), "from": k.From, "erases": k.Erases,
					"anonymises": k.Anonymises, "statistics": k.Statistics,
				})
			}
		}
		return nil
	})
}
