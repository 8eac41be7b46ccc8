package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"viaduc/internal/alert"
	"viaduc/internal/identity"
	identityweb "viaduc/internal/identity/web"
	"viaduc/internal/place"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/platform/db"
	"viaduc/internal/retention"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// newPlaces are what alerts tell of the census.
type newPlaces struct{ places *place.Service }

// Near lists the places that are new near a point.
func (s newPlaces) Near(ctx context.Context, at territory.Point, metres float64, since, until time.Time) ([]alert.Item, error) {
	born, err := s.places.BornNear(ctx, at, metres, since, until)
	out := make([]alert.Item, 0, len(born))
	for _, b := range born {
		out = append(out, alert.Item{Title: b.Name + ", " + b.Commune, Path: placeweb.Path(b.Entry), At: b.At})
	}
	return out, err
}

// alertRules are what alerts keep of people.
func (c *Core) alertRules() []retention.Rule {
	rule := func(key, from string, confirmed bool, keep retention.Term) retention.Rule {
		return retention.Rule{
			Key: key, Activity: "Alertes", Basis: publicTask, Object: "alert", Keep: keep, From: from,
			Purpose: "prévenir les personnes qui le demandent de ce qui arrive près de chez elles", People: "personnes qui demandent une alerte",
			Keeps: "l'adresse e-mail, ou le compte, et la commune", Erases: "l'alerte et ce qui lui a été écrit", Receives: []string{"personne"},
			Due: func(ctx context.Context, q db.Querier, before time.Time, after retention.Item, limit int) ([]retention.Item, error) {
				found, err := c.Alerts.DueBefore(ctx, q, confirmed, before, alert.Old{ID: alert.ID(after.ID), Since: after.Since}, limit)
				items := make([]retention.Item, 0, len(found))
				for _, o := range found {
					items = append(items, retention.Item{ID: string(o.ID), Since: o.Since})
				}
				return items, err
			},
			Erase: func(ctx context.Context, tx *db.Tx, items []retention.Item) (retention.Count, error) {
				ids := make([]alert.ID, len(items))
				for i := range items {
					ids[i] = alert.ID(items[i].ID)
				}
				n, err := c.Alerts.EraseTx(ctx, tx, ids...)
				return retention.Count{Erased: n}, err
			},
		}
	}
	return []retention.Rule{
		rule("alert.waiting", "de la demande, quand l'adresse n'a pas confirmé", false, retention.KeepUnconfirmedAlert),
		rule("alert.on", "de la confirmation", true, retention.KeepAlert),
	}
}

// ownSections are what modules keep for a resident.
func (a *App) ownSections(r *http.Request, by identity.Actor) ([]identityweb.OwnSection, error) {
	saved, err := a.Places.Saved(r.Context(), by)
	if err != nil {
		return nil, err
	}
	places := identityweb.OwnSection{Title: "Mes lieux", Empty: "Vous ne gardez aucun lieu.", Add: ui.Link{Text: "Chercher un lieu", Href: "/lieux"}}
	for _, e := range saved {
		number := strconv.FormatInt(int64(e.Number), 10)
		places.Items = append(places.Items, identityweb.OwnItem{
			Text: e.Name + ", " + e.Commune, Href: placeweb.Path(e), Action: "/compte/lieux/" + number, Value: number, Button: "Retirer",
		})
	}
	mine, err := a.Alerts.Mine(r.Context(), by)
	if err != nil {
		return nil, err
	}
	alerts := identityweb.OwnSection{
		Title: "Mes alertes", Empty: "Vous n'avez aucune alerte.", Add: ui.Link{Text: "Me prévenir quand quelque chose arrive près de chez moi", Href: "/alertes"},
	}
	for _, one := range mine {
		alerts.Items = append(alerts.Items, identityweb.OwnItem{
			Text: strconv.Itoa(one.Radius) + " km autour de " + one.Commune.Name, Href: alert.LinkPath + one.Token, Action: "/compte/alertes", Value: string(one.ID),
			Button: "Arrêter",
		})
	}
	return []identityweb.OwnSection{places, alerts}, nil
}
