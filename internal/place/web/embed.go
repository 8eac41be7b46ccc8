package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"viaduc/internal/place"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// embedPath is the page that another site shows in a frame.
const embedPath = "/integre/lieux"

// embeddable is the policy of the pages that any site may frame: everything else stays refused.
var embeddable = strings.Replace(ui.ContentSecurityPolicy, "frame-ancestors 'none'", "frame-ancestors *", 1)

// embedPage is the view of /integre/lieux: the places of an area, without menus, for a narrow frame.
type embedPage struct {
	ui.Page
	Heading string
	Status  string
	Cards   ui.PlaceCards
	Pager   ui.Pager
	More    ui.Link // the same on the site itself
}

// embedShown is how many places a page of the frame lists.
const embedShown = 10

func (h *Handlers) showEmbed(w http.ResponseWriter, r *http.Request) error {
	a, err := h.areaAsked(r)
	if err != nil {
		return err
	}
	q, values := h.query(r)
	values.Del("ou")
	q.Where, q.At, q.Area, q.Size = "", territory.Point{}, a, embedShown
	v := embedPage{Page: h.Kit.Page(r, "")}
	q.Now = v.Now()
	res := h.Places.Index().Search(q)
	list := "/lieux"
	v.Heading = v.T("place.list.title")
	if a.Known() {
		list, v.Heading = AreaPath(a), v.T("place.area.title", "Name", areaName(a))
		values.Set(string(a.Kind), a.Code)
	}
	v.Title = v.Heading
	v.Status = found(v.Page, q, res)
	for _, f := range res.Places {
		v.Cards = append(v.Cards, card(v.Page, f))
	}
	v.Pager = v.Page.Pager(embedPath, values, res.Page, res.Pages)
	v.More = ui.Link{Text: v.T("place.embed.whole"), Href: v.Path(withFacets(list, q.Facets))}
	w.Header().Set("Content-Security-Policy", embeddable)
	return h.Kit.Render(w, r, http.StatusOK, "place_embed", v)
}

// embedHelp is the view of /lieux/integrer: what to paste, for the area that is chosen.
type embedHelp struct {
	ui.Page
	Choose ui.Filters
	Code   string
	See    ui.Link
	Name   string
}

func (h *Handlers) showEmbedHelp(w http.ResponseWriter, r *http.Request) error {
	v := embedHelp{Page: h.Kit.Page(r, "Mettre la liste sur votre site")}
	text := clip(strings.TrimSpace(r.URL.Query().Get("ou")))
	need := r.URL.Query().Get("besoin")
	v.Choose = ui.Filters{Action: "/lieux/integrer", Label: "Choisir ce que montre la liste", Button: "Voir le code"}
	where := ui.Field{Name: "ou", Label: "De quelle commune ?", Hint: "Son nom ou son code postal. Sans rien : tous les lieux.", Value: text}
	query := url.Values{}
	if text != "" {
		m := h.Territory.Gazetteer().Find(text, h.Home(r.Host).Department)
		if len(m.Communes) == 0 {
			where.Error = "Nous ne trouvons pas cette commune. Vérifiez le nom, ou écrivez le code postal."
			v.Problem = true
		} else {
			query.Set(string(territory.CommuneArea), m.Communes[0].Code)
			v.Name = m.Communes[0].Name
		}
	}
	needs := ui.Choices{Name: "besoin", Legend: "Pour quel besoin ?", Options: []ui.Option{{Label: v.T("place.need.any"), Checked: need == ""}}}
	for _, f := range place.Facets(place.GroupNeed) {
		chosen := f.Word() == need
		needs.Options = append(needs.Options, ui.Option{Value: f.Word(), Label: facetName(v.Page, f), Checked: chosen})
		if chosen {
			query.Set("besoin", need)
		}
	}
	v.Choose.Fields, v.Choose.Selects = []ui.Field{where}, []ui.Choices{needs}
	src := embedPath
	if len(query) > 0 {
		src += "?" + query.Encode()
	}
	title := "Lieux d'aide numérique"
	if v.Name != "" {
		title += " : " + v.Name
	}
	v.Code = fmt.Sprintf(`<iframe src="%s" title="%s" width="100%%" height="600" loading="lazy"></iframe>`, attribute(h.base(r)+src), attribute(title))
	v.See = ui.Link{Text: "Voir ce que la liste montre", Href: src, Icon: "globe"}
	return h.Kit.Render(w, r, http.StatusOK, "place_embed_help", v)
}

// attribute writes a value between the quotes of an attribute that somebody pastes elsewhere.
func attribute(s string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(s)
}
