package main

import (
	"strings"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
)

// placeShowCmd reads a place, with where each value comes from.
type placeShowCmd struct {
	Number  int64 `arg:"" name:"numéro" help:"Le nombre au début de l'adresse du lieu."`
	History bool  `help:"Montrer aussi chaque changement, le dernier en premier."`
}

func (c *placeShowCmd) Run(r *run) error {
	return r.census(true, func(core *app.Core) error {
		p, err := core.Places.Stored(r.ctx, place.Number(c.Number))
		if err != nil {
			return err
		}
		var history []place.Change
		if c.History {
			if history, err = core.Places.History(r.ctx, p.Number); err != nil {
				return err
			}
		}
		r.place(&p)
		for _, h := range history {
			r.change(h)
		}
		return nil
	})
}

// census runs fn on the services of the data folder.
func (r *run) census(readOnly bool, fn func(*app.Core) error) error {
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: readOnly})
	if err != nil {
		return err
	}
	defer core.Close()
	return fn(core)
}

func (r *run) place(p *place.Place) {
	fields, origins := map[string]string{}, map[string]string{}
	if !r.json {
		r.say("%d, %s", p.Number, statusWords[p.Status])
	}
	for _, c := range append(place.Columns(), place.Local()...) {
		v := c.Value(p)
		if v == "" {
			continue
		}
		fields[c.Name], origins[c.Name] = v, p.Origin(c)
		if !r.json {
			r.say("%s : %s%s", c.Name, v, fromWhere(p, c))
		}
	}
	if r.json {
		r.line(map[string]any{"numero": p.Number, "etat": p.Status, "a_verifier": p.ToCheck, "champs": fields, "origines": origins})
	} else if p.ToCheck {
		r.say("À vérifier : un fichier complet de sa source ne l'a plus.")
	}
}

var statusWords = map[place.Status]string{place.Published: "publié", place.ToComplete: "à compléter", place.ToLocate: "à localiser"}

// fromWhere says where a value comes from when that is not the place's own source.
func fromWhere(p *place.Place, c place.Column) string {
	switch o := p.Origin(c); o {
	case p.Source:
		return ""
	case place.Here:
		return " (confirmé ici)"
	default:
		return " (source : " + o + ")"
	}
}

func (r *run) change(c place.Change) {
	if r.json {
		r.line(map[string]any{"at": c.At, "par": c.By, "source": c.Source, "champs": c.Fields})
		return
	}
	at := c.At.Local().Format("2006-01-02 15:04")
	if c.Fields == nil {
		r.say("%s, première fois, source : %s", at, orNone(c.Source))
		return
	}
	for _, f := range c.Fields {
		r.say("%s, %s : « %s » devient « %s », source : %s", at, f.Name, f.Before, f.After, orNone(c.Source))
	}
}

func orNone(text string) string {
	if text == "" {
		return "non dite"
	}
	return text
}

// placeSetCmd confirms values here.
type placeSetCmd struct {
	Number int64    `arg:"" name:"numéro" help:"Le nombre au début de l'adresse du lieu."`
	Fields []string `arg:"" name:"champ=valeur" help:"Les champs à changer, comme telephone=0546000000 ou viaduc_salles=\"Salle informatique\". position=\"latitude longitude\". Les imports n'y touchent plus."`
}

func (c *placeSetCmd) Run(r *run) error {
	values := map[string]string{}
	for _, one := range c.Fields {
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			return usageError("« " + one + " » ne se lit pas. Écrivez champ=valeur.")
		}
		values[name] = value
	}
	return r.census(false, func(core *app.Core) error {
		p, err := core.Places.Edit(r.ctx, identity.AtCLI(), place.Number(c.Number), values)
		if err != nil {
			return err
		}
		r.place(&p)
		return nil
	})
}

// placeVerifyCmd says that all of a place is right today.
type placeVerifyCmd struct {
	Numbers []int64 `arg:"" name:"numéro" help:"Les nombres au début des adresses des lieux vérifiés aujourd'hui."`
}

func (c *placeVerifyCmd) Run(r *run) error {
	return r.census(false, func(core *app.Core) error {
		for _, n := range c.Numbers {
			p, err := core.Places.Verify(r.ctx, identity.AtCLI(), place.Number(n))
			if fault.Is(err, fault.NotFound) {
				return failf("il n'y a pas de lieu %d. Ceux d'avant, dans la commande, sont vérifiés.", n)
			}
			if err != nil {
				return err
			}
			if r.json {
				r.line(map[string]any{"numero": p.Number, "verifie_le": p.VerifiedOn})
			} else {
				r.say("%d, %s : vérifié le %s.", p.Number, p.Name, p.VerifiedOn)
			}
		}
		return nil
	})
}

// placeDifferencesCmd lists what files say otherwise than what was confirmed here.
type placeDifferencesCmd struct{}

func (c *placeDifferencesCmd) Run(r *run) error {
	return r.census(true, func(core *app.Core) error {
		list, err := core.Places.Differences(r.ctx)
		if err != nil {
			return err
		}
		for _, d := range list {
			if r.json {
				r.line(map[string]any{"numero": d.Number, "nom": d.PlaceName, "champ": d.Field, "source": d.Source, "valeur": d.Value, "confirme": d.Held, "vu": d.SeenAt})
				continue
			}
			r.say("%d, %s, %s : confirmé ici « %s », mais %s dit « %s ».", d.Number, d.PlaceName, d.Field, d.Held, orNone(d.Source), d.Value)
		}
		if len(list) == 0 && !r.json {
			r.say("Aucun fichier ne contredit ce qui a été confirmé ici.")
		}
		return nil
	})
}
