package main

import (
	"viaduc/internal/app"
	"viaduc/internal/place"
)

// placeAskCmd shows what the round of each morning does, or does it.
type placeAskCmd struct {
	Send bool `help:"Le faire maintenant, au lieu de le dire seulement. Le site le fait chaque matin."`
}

// Run lists the places without news for a year that are asked by mail whether all is still right.
func (c *placeAskCmd) Run(r *run) error {
	return r.census(!c.Send, func(core *app.Core) error {
		round := core.Places.WouldAsk
		if c.Send {
			round = core.Places.AskAll
		}
		list, err := round(r.ctx)
		if err != nil {
			return err
		}
		for _, one := range list {
			r.asked(one)
		}
		if len(list) == 0 && !r.json {
			r.say("Aucun lieu n'est à interroger.")
		}
		return nil
	})
}

func (r *run) asked(one place.Asked) {
	if r.json {
		r.line(map[string]any{"numero": one.Number, "nom": one.Name, "commune": one.Commune, "nouvelles": one.FreshOn, "fois": one.Round})
		return
	}
	what := "premier e-mail"
	switch one.Round {
	case 0:
		what = "marqué « à vérifier », personne n'a répondu"
	case 2:
		what = "second e-mail"
	}
	r.say("%d, %s, %s : %s ; dernières nouvelles : %s.", one.Number, one.Name, one.Commune, what, orNone(one.FreshOn))
}
