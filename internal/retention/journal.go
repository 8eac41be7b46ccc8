package retention

import (
	"context"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
)

// JournalRule is the rule of the journal's own lines. The journal stands below this package and cannot register it.
func JournalRule(j *audit.Journal) Rule {
	return Rule{
		Key:      "audit.lines",
		Activity: "Journal",
		Purpose:  "montrer à chacun qui a consulté ou changé ce qui le concerne, prouver ce qui a été fait, voir les accès anormaux",
		Basis:    Basis{"e", "sécurité du traitement et responsabilité (RGPD, art. 5.1.f, 5.2 et 32) ; recommandation de la CNIL sur la journalisation (délibération 2021-122)"},
		People:   "agents, bénévoles et habitants qui agissent dans Viaduc, ou dont les données y sont consultées ou changées",
		Keeps:    "la date, l'auteur, l'action, l'objet et les personnes concernées, par des numéros et des mots d'une liste ; ni nom, ni texte libre",
		Receives: []string{"la personne concernée", "le délégué à la protection des données", "l'administrateur du territoire"},
		Keep:     KeepJournalLines, Least: Months(6),
		From:       "de l'enregistrement de la ligne",
		Erases:     "le contenu de la ligne et les personnes qu'elle concerne",
		Statistics: "l'empreinte de la ligne et sa place, qui ne nomment personne et prouvent que le journal n'a pas été réécrit",
		Object:     "journal_line",
		Due: func(ctx context.Context, q db.Querier, before time.Time, after Item, limit int) ([]Item, error) {
			lines, err := j.Oldest(ctx, q, before, lineCursor(after), limit)
			items := make([]Item, 0, len(lines))
			for _, l := range lines {
				items = append(items, lineItem(l))
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []Item) (Count, error) {
			return Count{Erased: len(items)}, j.EraseTx(ctx, tx, "retention", ids(items)...)
		},
	}
}

func lineCursor(after Item) audit.Cursor {
	if after.ID == "" {
		return audit.Cursor{}
	}
	return audit.Cursor{At: db.Micros(after.Since), ID: after.ID}
}

// lineItem gives a line all that it names, so that a hold on any of it holds the line: an agent in a dispute is its
// actor.
func lineItem(l audit.Line) Item {
	item := Item{ID: l.ID, Since: db.Time(l.At), Of: append([]audit.Object{l.Object}, l.Subjects...)}
	if l.Actor.Account() {
		item.Of = append(item.Of, audit.Object{Kind: "account", ID: string(l.Actor)})
	}
	return item
}
