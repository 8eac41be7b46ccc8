package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/secret"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Vérifier que le journal n'a pas été réécrit. Sort avec 1 et la première ligne fautive sinon."`
	Search auditSearchCmd `cmd:"" help:"Chercher dans le journal : qui a fait quoi, à quoi, quand."`
	Head   auditHeadCmd   `cmd:"" help:"Écrire la dernière tête signée : gardez-la ailleurs, elle prouve le journal d'aujourd'hui."`
	Heads  auditHeadsCmd  `cmd:"" help:"Lister les dernières têtes signées, et celles qui ont été envoyées."`
	Key    auditKeyCmd    `cmd:"" help:"Écrire la clé publique : avec elle, chacun peut vérifier une tête signée."`
	NewKey auditNewKeyCmd `cmd:"" name:"new-key" help:"Faire une clé de journal, pour VIADUC_JOURNAL_KEY."`
}

type auditVerifyCmd struct {
	Head []string `placeholder:"FICHIER" help:"Têtes signées gardées ailleurs, à retrouver dans ce journal."`
}

func (c *auditVerifyCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	var known []string
	for _, file := range c.Head {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		head, err := core.Journal.ReadHead(string(raw))
		if errors.Is(err, audit.ErrNoKey) {
			return err
		}
		if err != nil {
			return failf("le fichier %s ne se lit pas comme une tête signée par ce territoire. Reprenez l'original, sans rien y ajouter.", file)
		}
		known = append(known, head)
	}
	rep, err := core.Journal.Verify(r.ctx, known...)
	if err != nil {
		return err
	}
	r.verified(rep)
	if rep.Bad != nil {
		return errReported
	}
	return nil
}

func (r *run) verified(rep audit.Report) {
	if r.json {
		out := map[string]any{"ok": rep.Bad == nil, "leaves": rep.Leaves, "erased": rep.Erased, "heads": rep.Heads, "pending": rep.Pending}
		if rep.Bad != nil {
			out["kind"], out["table"], out["id"], out["reason"] = rep.Bad.Kind, rep.Bad.Table, rep.Bad.ID, rep.Bad.Reason
		}
		r.line(out)
		return
	}
	if rep.Bad != nil {
		r.say("Le journal ne tient pas : %s.", tamperings[rep.Bad.Kind])
		r.say("Première ligne fautive : %s %s (%s).", rep.Bad.Table, rep.Bad.ID, rep.Bad.Reason)
		r.say("Ne changez rien, gardez une copie de la base, prévenez la personne chargée de la sécurité.")
		return
	}
	r.say("Le journal est intact : %d lignes en ordre, %d effacées par la durée de conservation, %d têtes signées, %d lignes en attente.", rep.Leaves, rep.Erased, rep.Heads, rep.Pending)
}

// tamperings says each way in which a journal does not hold.
var tamperings = map[audit.Tampering]string{
	audit.BodyChanged:  "le contenu d'une ligne a été changé",
	audit.BodyGone:     "le contenu d'une ligne a disparu sans avoir été effacé par la durée de conservation",
	audit.LeafGone:     "une ligne a été supprimée",
	audit.LeafChanged:  "une ligne a été remplacée par une autre",
	audit.LeafAdded:    "une ligne a été ajoutée en dehors de l'ordre",
	audit.PositionGone: "l'ordre des lignes a un trou",
	audit.OrderChanged: "l'ordre des lignes a été changé",
	audit.HashChanged:  "une empreinte gardée a été changée ou supprimée ; les lignes, elles, sont celles qui ont été signées",
	audit.HeadForged:   "une tête n'est pas signée par la clé de ce journal",
	audit.HeadGone:     "une tête signée a été supprimée",
	audit.TailCut:      "la fin du journal a été coupée",
	audit.Rewritten:    "le journal a été réécrit : ses lignes ne sont pas celles d'une tête signée",
}

type auditHeadCmd struct{}

func (c *auditHeadCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	if _, err := core.Journal.Sequence(r.ctx); err != nil {
		return err
	}
	head, err := core.Journal.LastHead(r.ctx)
	if fault.Is(err, fault.NotFound) {
		return failf("le journal est encore vide.")
	}
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"size": head.Size, "note": head.Note})
		return nil
	}
	_, err = r.Out.Write([]byte(head.Note))
	return err
}

type auditKeyCmd struct{}

func (c *auditKeyCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	switch {
	case core.Signer.Public == "":
		return audit.ErrNoKey
	case r.json:
		r.line(map[string]any{"key": core.Signer.Public})
	default:
		r.say("%s", core.Signer.Public)
	}
	return nil
}

type auditNewKeyCmd struct{}

func (c *auditNewKeyCmd) Run(r *run) error {
	key, err := secret.NewSignerKey()
	if err != nil {
		return err
	}
	if r.json {
		r.line(map[string]any{"key": key})
		return nil
	}
	r.say("%s", key)
	return nil
}

type auditSearchCmd struct {
	Actor      string `placeholder:"QUI" help:"cli, system, anonymous, ou le numéro d'un compte."`
	Action     string `placeholder:"DÉBUT" help:"Début de l'action : place. pour tout ce qui touche aux lieux."`
	Object     string `placeholder:"SORTE[:NUMÉRO]" help:"À quoi : place, ou place:0192..."`
	Concerning string `placeholder:"SORTE:NUMÉRO" help:"Tout ce qui concerne une personne ou un compte, comme account:0192..."`
	From       string `placeholder:"JOUR" help:"À partir de ce jour, comme 2026-05-04."`
	To         string `placeholder:"JOUR" help:"Jusqu'à la fin de ce jour."`
	After      string `placeholder:"SUITE" help:"Continuer après la page d'avant, avec le mot qu'elle a donné."`
	Limit      int    `default:"50" placeholder:"NOMBRE" help:"Combien de lignes, 500 au plus."`
}

func (c *auditSearchCmd) Run(r *run) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	p, err := core.Journal.Search(r.ctx, f, c.Limit)
	if err != nil {
		return err
	}
	lines, err := core.Lines.Say(r.ctx, "", p.Lines)
	if err != nil {
		return err
	}
	for _, l := range lines {
		r.told(l)
	}
	switch next := p.Next.String(); {
	case next != "" && r.json:
		r.line(map[string]any{"next": next})
	case next != "":
		r.say("La suite : la même commande, avec --after %s", next)
	case len(lines) == 0 && !r.json:
		r.say("Aucune ligne ne répond à cette recherche.")
	}
	return nil
}

// told writes a line of the journal.
func (r *run) told(l audit.Told) {
	at := db.Time(l.At).In(app.Zone())
	if !r.json {
		r.say("%s  %s  [%s %s]", at.Format("2006-01-02 15:04:05"), l.Said, l.Object.Kind, l.Object.ID)
		return
	}
	subjects := make([]string, 0, len(l.Subjects))
	for _, o := range l.Subjects {
		subjects = append(subjects, o.Kind+":"+o.ID)
	}
	r.line(map[string]any{
		"id": l.ID, "at": at.Format(time.RFC3339Nano), "actor": l.Actor, "action": l.Action, "object": l.Object.Kind + ":" + l.Object.ID,
		"subjects": subjects, "detail": json.RawMessage(l.DetailJSON), "said": l.Said,
	})
}

func (c *auditSearchCmd) filter() (audit.Filter, error) {
	f := audit.Filter{Actor: audit.Actor(c.Actor), Action: c.Action, Object: object(c.Object), Concerning: object(c.Concerning)}
	var err error
	if f.From, err = day("--from", c.From); err != nil {
		return f, err
	}
	if f.To, err = day("--to", c.To); err != nil {
		return f, err
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1)
	}
	f.After, err = audit.ParseCursor(c.After)
	return f, err
}

// object reads "place:0192..." or "place".
func object(text string) audit.Object {
	kind, id, _ := strings.Cut(text, ":")
	return audit.Object{Kind: kind, ID: id}
}

// day reads the civil day of an option: its beginning, the zero time when nothing is given.
func day(option, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, app.Zone())
	if err != nil {
		return t, usageError(option + " attend un jour comme 2026-05-04.")
	}
	return t, nil
}

type auditHeadsCmd struct {
	Limit  int  `default:"10" placeholder:"NOMBRE" help:"Combien de têtes."`
	Mailed bool `help:"Seulement celles qui ont été envoyées à qui les garde."`
}

func (c *auditHeadsCmd) Run(r *run) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer core.Close()
	list := core.Journal.Heads
	if c.Mailed {
		list = core.Journal.MailedHeads
	}
	heads, err := list(r.ctx, max(1, c.Limit))
	if err != nil {
		return err
	}
	for _, h := range heads {
		r.head(h)
	}
	if len(heads) == 0 && !r.json {
		r.say("Aucune tête signée. Le journal se signe pendant que le site sert, ou avec : viaduc audit head.")
	}
	return nil
}

func (r *run) head(h audit.Head) {
	at := db.Time(h.At).In(app.Zone())
	mailed := ""
	if h.MailedAt != 0 {
		mailed = db.Time(h.MailedAt).In(app.Zone()).Format(time.RFC3339)
	}
	switch {
	case r.json:
		r.line(map[string]any{"size": h.Size, "at": at.Format(time.RFC3339), "mailed_at": mailed, "note": h.Note})
	case mailed != "":
		r.say("%s  %d lignes, envoyée", at.Format("2006-01-02 15:04:05"), h.Size)
	default:
		r.say("%s  %d lignes", at.Format("2006-01-02 15:04:05"), h.Size)
	}
}
