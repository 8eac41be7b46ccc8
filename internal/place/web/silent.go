package web

import (
	"slices"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/ui"
)

// silentOf says how many places of the whole list do not tell what the chosen answers ask: they are left out, and nobody
// must take them for closed, dear or out of reach. It is "" when nothing that was asked is left unsaid.
func silentOf(p ui.Page, chosen []place.Facet, x *place.Index) string {
	silent := x.SilentAt(p.Now())
	var said []string
	for _, question := range []struct {
		key   string
		n     int
		group place.Group
		words []string // the answers that ask for it; none: every one of the group
	}{
		{"place.silent.hours", silent.Hours, place.GroupWhen, nil},
		{"place.silent.offer", silent.Offer, place.GroupOffer, []string{"mediateur", "libre-service", "wifi"}},
		{"place.silent.fees", silent.Fees, place.GroupWith, []string{"gratuit"}},
		{"place.silent.care", silent.Care, place.GroupWith, []string{"fauteuil", "anglais", "langues"}},
	} {
		asked := slices.ContainsFunc(chosen, func(f place.Facet) bool {
			return f.Group() == question.group && (question.words == nil || slices.Contains(question.words, f.Word()))
		})
		if asked && question.n > 0 {
			said = append(said, p.N(question.key, question.n, "Number", p.Number(question.n), "All", p.Number(x.Len())))
		}
	}
	return strings.Join(said, " ")
}
