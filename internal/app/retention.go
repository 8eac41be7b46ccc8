package app

import (
	"context"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/retention"
)

// retentionRules are what accounts, messages and places keep of people. Accounts stand below retention and messages above
// it: the rules of all are plugged here, in the words of the register of processing.
func (c *Core) retentionRules() []retention.Rule {
	return []retention.Rule{c.staffRule(), c.residentRule(), c.messageRule(), c.reporterRule(), c.draftRule(), c.declarerRule()}
}

// publicTask is the basis of what a territory does for its residents.
var publicTask = retention.Basis{Letter: "e", Text: "mission d'intérêt public d'inclusion numérique du territoire (CGCT, art. L1111-2)"}

func (c *Core) staffRule() retention.Rule {
	r := c.accountRule(identity.Staff)
	r.Key, r.People = "identity.staff", "agents, bénévoles et partenaires qui ont un compte"
	r.Purpose = "ouvrir le site à celles et ceux qui y travaillent, et à eux seuls"
	r.Keep, r.Receives = retention.KeepInactiveStaff, []string{"les responsables de leurs structures", "l'administrateur du territoire"}
	r.Warn = &retention.Warning{Ahead: retention.WarnInactiveStaff, Send: c.warnStaff}
	return r
}

func (c *Core) residentRule() retention.Rule {
	r := c.accountRule(identity.Resident)
	r.Key, r.People, r.Keep = "identity.residents", "habitants qui ont voulu un compte", retention.KeepResidentAccounts
	r.Purpose = "garder les rendez-vous et les choix de celles et ceux qui le demandent"
	return r
}

// accountRule is what the two rules of accounts have in common.
func (c *Core) accountRule(kind identity.Kind) retention.Rule {
	return retention.Rule{
		Activity: "Comptes", Basis: publicTask, Keeps: "le nom, l'adresse ou le téléphone, les moyens de connexion", From: "de la dernière connexion",
		Erases: "le compte, sauf son numéro, auteur de ce qui a été fait", Object: "account",
		Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
			found, err := c.Identity.Inactive(ctx, q, kind, before, after.Since, identity.AccountID(after.ID), limit)
			items := make([]retention.Item, 0, len(found))
			for _, a := range found {
				items = append(items, retention.Item{ID: string(a.ID), Since: a.UsedAt(), Of: []audit.Object{{Kind: "account", ID: string(a.ID)}}})
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
			for _, i := range items {
				if err := c.Identity.EraseInactiveTx(ctx, tx, identity.AccountID(i.ID)); err != nil {
					return retention.Count{}, err
				}
			}
			return retention.Count{Erased: len(items)}, nil
		},
	}
}

// warnStaff tells people that their account goes, in the transaction of the warning.
func (c *Core) warnStaff(ctx context.Context, tx *db.Tx, warned []retention.Warned) error {
	for _, w := range warned {
		to, _, err := c.Identity.ContactOf(ctx, tx, identity.AccountID(w.ID))
		if err != nil {
			return err
		}
		err = c.Notices.SendTx(ctx, tx, notice.NewMessage{
			Event: "identity.inactive", Key: w.ID + " " + w.EraseOn.Format(time.DateOnly), Until: w.EraseOn, To: notice.Recipient{Ref: "account:" + w.ID, Email: to},
			Fields: map[string]string{"day": w.EraseOn.Format("02/01/2006")},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) messageRule() retention.Rule {
	return retention.Rule{
		Key: "notice.contents", Activity: "Messages", Basis: publicTask, Object: "message", Keep: retention.KeepReceipts,
		Purpose: "prévenir les personnes de ce qui les concerne, et répondre à « je n'ai rien reçu »",
		People:  "personnes à qui le site a écrit", Keeps: "ce que le message disait, et à quelle adresse ou quel numéro", From: "de l'envoi",
		Receives: []string{"l'équipe qui appelle, quand rien d'autre n'a marché"}, Erases: "le texte et les coordonnées",
		Anonymises: "qu'un message est parti, par quel moyen, quand et avec quel résultat", Statistics: "le nombre de messages et leur prix",
		Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
			found, err := c.Notices.EndedBefore(ctx, q, before, notice.Ended{ID: notice.ID(after.ID), Since: after.Since}, limit)
			items := make([]retention.Item, 0, len(found))
			for _, m := range found {
				items = append(items, retention.Item{ID: string(m.ID), Since: m.Since})
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
			ids := make([]notice.ID, len(items))
			for i := range items {
				ids[i] = notice.ID(items[i].ID)
			}
			n, err := c.Notices.EraseTx(ctx, tx, ids...)
			return retention.Count{Anonymised: n}, err
		},
	}
}

func (c *Core) reporterRule() retention.Rule {
	return retention.Rule{
		Key: "place.reporters", Activity: "Recensement des lieux", Basis: publicTask, Object: "report", Keep: retention.KeepReporterContact,
		Purpose: "demander une précision à la personne qui signale une erreur", People: "personnes qui signalent une erreur et laissent un contact",
		Keeps: "leur téléphone ou leur e-mail", From: "du signalement", Erases: "le contact", Anonymises: "ce qui a été signalé du lieu",
		Receives: []string{"l'équipe du recensement"},
		Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
			found, err := c.Places.ReachableReports(ctx, q, before, after.Since, after.ID, limit)
			items := make([]retention.Item, 0, len(found))
			for _, r := range found {
				items = append(items, retention.Item{ID: r.ID, Since: r.At})
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
			n, err := c.Places.ForgetReportersTx(ctx, tx, idsOf(items)...)
			return retention.Count{Anonymised: n}, err
		},
	}
}

func (c *Core) draftRule() retention.Rule {
	return retention.Rule{
		Key: "place.drafts", Activity: "Recensement des lieux", Basis: publicTask, Object: "declaration", Keep: retention.KeepDraftDeclaration,
		Purpose: "laisser le temps de finir une fiche de lieu", People: "personnes qui commencent une fiche de lieu sans l'envoyer",
		Keeps: "leur e-mail, et ce qu'elles ont écrit de leur lieu", From: "de la dernière réponse", Erases: "la fiche, l'e-mail et ce qui lui a été écrit",
		Receives: []string{"personne"},
		Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
			found, err := c.Places.DueDrafts(ctx, q, before, place.Declaration{ID: after.ID, ChangedAt: after.Since}, limit)
			items := make([]retention.Item, 0, len(found))
			for _, d := range found {
				items = append(items, retention.Item{ID: d.ID, Since: d.ChangedAt})
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
			whole, changes, err := c.Places.EraseDraftsTx(ctx, tx, idsOf(items)...)
			return retention.Count{Erased: whole, Anonymised: changes}, err
		},
	}
}

func (c *Core) declarerRule() retention.Rule {
	return retention.Rule{
		Key: "place.declarers", Activity: "Recensement des lieux", Basis: publicTask, Object: "declaration", Keep: retention.KeepReporterContact,
		Purpose: "répondre à l'organisation qui décrit son lieu", People: "personnes qui décrivent ou corrigent un lieu",
		Keeps: "leur e-mail", From: "de la réponse de l'équipe", Erases: "l'e-mail, ce qui lui a été écrit, et la fiche d'un lieu refusé",
		Anonymises: "ce qui a été dit du lieu", Receives: []string{"l'équipe du recensement"},
		Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
			found, err := c.Places.DueDeclarers(ctx, q, before, place.Declaration{ID: after.ID, DecidedAt: after.Since}, limit)
			items := make([]retention.Item, 0, len(found))
			for _, d := range found {
				items = append(items, retention.Item{ID: d.ID, Since: d.DecidedAt})
			}
			return items, err
		},
		Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
			whole, addresses, err := c.Places.ForgetDeclarersTx(ctx, tx, idsOf(items)...)
			return retention.Count{Erased: whole, Anonymised: addresses}, err
		},
	}
}

func idsOf(items []retention.Item) []string {
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	return ids
}
