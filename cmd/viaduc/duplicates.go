package main

import (
	"fmt"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/place/duplicate"
)

// placeDuplicatesCmd lists the places that may be one.
type placeDuplicatesCmd struct {
	Department string `name:"departement" placeholder:"CODE" help:"Seulement les lieux de ce département, comme 17."`
	Least      int    `placeholder:"SCORE" help:"Montrer aussi les paires qui ressemblent moins, à partir de ce score (60 à 100). Sans cette option : celles que les règles réunissent."`
}

func (c *placeDuplicatesCmd) Run(r *run) error {
	if c.Least != 0 && (c.Least < 60 || c.Least > 100) {
		return usageError("--least va de 60 à 100. En dessous, deux lieux sont seulement voisins.")
	}
	return r.census(true, func(core *app.Core) error {
		list, err := core.Places.Duplicates(r.ctx, identity.AtCLI(), place.DuplicateFilter{Department: c.Department, Least: c.Least})
		if err != nil {
			return err
		}
		pairs := make([]duplicate.Pair, len(list))
		for i := range list {
			pairs[i] = list[i].Pair
		}
		groups := duplicate.Groups(pairs)
		of := map[int64]int{}
		for i, g := range groups {
			for _, n := range g.Numbers {
				of[n] = i
			}
		}
		for i := range list {
			r.pair(&list[i], of[list[i].A], groups[of[list[i].A]])
		}
		switch {
		case r.json:
		case len(list) == 0:
			r.say("Aucun doublon.")
		default:
			r.say("%d paires, en %d groupes. Pour les réunir : /pro/lieux/doublons.", len(list), len(groups))
		}
		return nil
	})
}

func (r *run) pair(p *place.DuplicatePair, at int, g duplicate.Group) {
	if r.json {
		line := map[string]any{
			"numeros": []place.Number{p.First.Number, p.Second.Number}, "ids": []string{p.First.StandardID, p.Second.StandardID}, "noms": []string{p.First.Name, p.Second.Name},
			"commune": p.First.Commune, "score": p.Score, "nom": p.Pair.Name, "adresse": p.Pair.Address, "meme_source": p.Same, "reunir": p.Unite,
			"groupe": at + 1, "groupe_lieux": len(g.Numbers), "lien_faible": g.Weakest,
		}
		if p.Located {
			line["distance"] = p.Distance
		}
		r.line(line)
		return
	}
	distance := "position inconnue"
	if m, ok := p.Metres(); ok {
		distance = fmt.Sprintf("%.0f m", m)
	}
	r.say("%d sur 100 : %d, %s | %d, %s (%s ; nom %d, adresse %d, %s)", p.Score, p.First.Number, p.First.Name, p.Second.Number, p.Second.Name, p.First.Commune, p.Pair.Name, p.Pair.Address, distance)
}
