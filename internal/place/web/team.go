package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fold"
	"viaduc/internal/ui"
)

// The pages of the team: the census that one answers for, what there is to do about it, one place with its history, its
// edit. They are made from the database, but for the list, which reads what the node holds in memory.

// teamPath is the list; the other pages stand below it.
const teamPath = "/pro/lieux"

// declarationPath is the page of one declaration, before its reference.
const declarationPath = "/pro/declarations"

// teamRoutes mounts the pages of the team.
func (h *Handlers) teamRoutes(mux ui.Mux) {
	staff := func(pattern string, action identity.Action, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(action, f)))
	}
	staff("GET "+teamPath, identity.PlaceEdit, h.listTeam)
	staff("GET "+teamPath+"/verifier", identity.PlaceEdit, h.askVerify)
	staff("POST "+teamPath+"/verifier", identity.PlaceEdit, h.verify)
	staff("GET "+teamPath+"/signalements", identity.PlaceEdit, h.listReports)
	staff("POST "+teamPath+"/signalements", identity.PlaceEdit, h.closeReport)
	staff("GET "+teamPath+"/differences", identity.PlaceEdit, h.listDifferences)
	staff("POST "+teamPath+"/differences", identity.PlaceEdit, h.settleDifference)
	staff("GET "+teamPath+"/declarations", identity.PlaceModerate, h.listDeclarations)
	staff("GET "+declarationPath, identity.PlaceModerate, h.askAccept)
	staff("POST "+declarationPath, identity.PlaceModerate, h.acceptAll)
	staff("GET "+declarationPath+"/{reference}", identity.PlaceModerate, h.showDeclared)
	staff("POST "+declarationPath+"/{reference}", identity.PlaceModerate, h.decide)
	staff("GET "+teamPath+"/{numero}", identity.PlaceEdit, h.showManaged)
	staff("GET "+teamPath+"/{numero}/modifier", identity.PlaceEdit, h.editPlace)
	staff("POST "+teamPath+"/{numero}/modifier", identity.PlaceEdit, h.savePlace)
	staff("GET "+teamPath+"/{numero}"+photosEnd, identity.PlaceEdit, h.managePhotos)
	staff("POST "+teamPath+"/{numero}"+photosEnd, identity.PlaceEdit, h.changePhotos)
	staff("GET "+teamPath+"/{numero}/historique", identity.PlaceEdit, h.showHistory)
	staff("GET "+teamPath+"/{numero}/revenir", identity.PlaceEdit, h.askRestore)
	staff("POST "+teamPath+"/{numero}/revenir", identity.PlaceEdit, h.restore)
	mux.Handle("GET "+place.ConfirmPath+"{jeton}", h.Kit.Handle(h.askConfirm))
	mux.Handle("POST "+place.ConfirmPath+"{jeton}", h.Kit.Handle(h.confirm))
}

// managedNumber reads the number of an address; what is none is an unknown place.
func managedNumber(r *http.Request) (place.Number, error) {
	n, err := strconv.ParseInt(r.PathValue("numero"), 10, 64)
	if err != nil || n < 1 {
		return 0, identity.NotFound()
	}
	return place.Number(n), nil
}

// managedPath is the team's page of a place.
func managedPath(n place.Number) string { return teamPath + "/" + strconv.FormatInt(int64(n), 10) }

// maxTeamBody bounds the forms of the team in bytes: a whole place, twice.
const maxTeamBody = 256 << 10

// teamForm reads a form of the team.
func teamForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxTeamBody)
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "place.team.unreadable")
	}
	return r.PostForm, nil
}

// did is where a POST leads once it is done, with the key of what to say there. Only keys of didWords are said.
func did(w http.ResponseWriter, r *http.Request, path, key string) error {
	http.Redirect(w, r, path+"?fait="+key, http.StatusSeeOther)
	return nil
}

// didWords are what pages say after a redirect.
var didWords = map[string]string{
	"modifie": "C'est enregistré. Les habitants le voient dans un instant.", "verifie": "C'est noté : tout est juste aujourd'hui.",
	"revenu": "La fiche est revenue à cet état. L'historique garde les deux.", "corrige": "Le signalement est clos : corrigé.",
	"sanssuite": "Le signalement est clos, sans suite.", "pris": "La valeur de la source est prise.", "garde": "La valeur d'ici est gardée. La même ne sera plus proposée.",
	"accepte": "La fiche est acceptée. La personne est prévenue par e-mail.", "refuse": "La fiche est refusée. La personne reçoit votre raison par e-mail.",
	"rien": "Rien n'était à changer.",
}

func didSay(r *http.Request) ui.Message {
	text, ok := didWords[r.URL.Query().Get("fait")]
	if !ok {
		return ui.Message{}
	}
	return ui.Message{Kind: ui.Success, Text: text}
}

// teamSize is how many rows a page of a table has.
const teamSize = 25

// teamRow is a place in the list.
type teamRow struct {
	Number  string
	Box     string // id of its box
	Name    string
	Href    string
	Commune string
	Owner   string
	States  []ui.Tag
	Fresh   string
	Old     bool
}

// teamList is the view of /pro/lieux.
type teamList struct {
	ui.Page
	Said    ui.Message
	Todo    ui.Tiles
	Quiet   string    // said where there is nothing to do
	Lists   []ui.Link // of what waits, and of what is done
	Filters ui.Filters
	Heads   []ui.TableHead
	Rows    []teamRow
	Caption string
	Pager   ui.Pager
}

// The filters of the list, by the words of addresses.
var (
	teamStates = []ui.Option{
		{Value: "", Label: "Tous les états"}, {Value: "completer", Label: "À compléter"}, {Value: "localiser", Label: "À localiser"}, {Value: "verifier", Label: "À vérifier"},
	}
	teamFresh = []ui.Option{
		{Value: "", Label: "Peu importe"}, {Value: "6", Label: "Moins de 6 mois"}, {Value: "12", Label: "6 à 12 mois"}, {Value: "18", Label: "12 à 18 mois"},
		{Value: "vieux", Label: "Plus de 18 mois"}, {Value: "inconnu", Label: "Jour inconnu"},
	}
	freshWords = map[string]place.Freshness{
		"6": place.FreshHalfYear, "12": place.FreshYear, "18": place.FreshFading, "vieux": place.FreshOld, "inconnu": place.FreshUnknown,
	}
)

func choose(name, legend string, options []ui.Option, chosen string) ui.Choices {
	c := ui.Choices{Name: name, Legend: legend, Options: slices.Clone(options)}
	for i := range c.Options {
		c.Options[i].Checked = c.Options[i].Value == chosen
	}
	return c
}

func (h *Handlers) listTeam(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	q := r.URL.Query()
	v := teamList{Page: h.Kit.Page(r, "Les lieux"), Said: didSay(r)}
	v.Wide = true
	if err := h.todo(r, by, &v); err != nil {
		return err
	}
	scopes := []ui.Option{{Value: "", Label: "Tout ce que je peux modifier"}, {Value: "nous", Label: "Ceux de ma structure"}}
	v.Filters = ui.Filters{
		Action: teamPath, Label: "Chercher un lieu du recensement", Button: "Chercher",
		Fields: []ui.Field{{Name: "mots", Label: "Nom, commune ou numéro", Value: q.Get("mots"), Type: "search"}},
	}
	v.Filters.More = ui.MoreFilters{
		Label: "Choisir par état, par date, par structure", Open: q.Get("etat")+q.Get("age")+q.Get("pour") != "",
		Selects: []ui.Choices{
			choose("etat", "État", teamStates, q.Get("etat")), choose("age", "Dernières nouvelles", teamFresh, q.Get("age")), choose("pour", "Lesquels", scopes, q.Get("pour")),
		},
	}
	if len(q) > 0 {
		v.Filters.Reset = &ui.Link{Text: "Tout afficher", Href: teamPath}
	}
	found := h.teamFound(v.Page, by, q)
	v.Caption = v.N("place.team.count", len(found))
	h.teamTable(r, &v, found, q)
	return h.Kit.Render(w, r, http.StatusOK, "team_list", v)
}

// todo is what there is to do, each with its number.
func (h *Handlers) todo(r *http.Request, by identity.Actor, v *teamList) error {
	waits, err := h.Places.Waits(r.Context(), by)
	if err != nil {
		return err
	}
	add := func(n int, icon, key, path, hint string) {
		if n > 0 {
			v.Todo.Items = append(v.Todo.Items, ui.Tile{Icon: icon, Text: v.N(key, n), Href: path, Hint: hint})
		}
	}
	add(waits.Declarations, "document", "place.team.todo.declarations", teamPath+"/declarations", "Des structures décrivent leur lieu : à relire.")
	add(waits.Reports, "question", "place.team.todo.reports", teamPath+"/signalements", "Des habitants disent ce qui est faux.")
	add(waits.Differences, "search", "place.team.todo.differences", teamPath+"/differences", "Un fichier dit autre chose que ce qui a été confirmé ici.")
	v.Lists = []ui.Link{{Text: "Signalements", Href: teamPath + "/signalements"}, {Text: "Différences", Href: teamPath + "/differences"}}
	if identity.Reaches(by, identity.PlaceModerate) != identity.None {
		v.Lists = append(v.Lists, ui.Link{Text: "Fiches déclarées", Href: teamPath + "/declarations"}, ui.Link{Text: "Doublons", Href: duplicatesPath})
		pairs, err := h.Places.Duplicates(r.Context(), by, place.DuplicateFilter{})
		if err != nil {
			return err
		}
		add(len(pairs), "search", "place.team.todo.duplicates", duplicatesPath, "Deux fiches décrivent sans doute le même lieu.")
	}
	if len(v.Todo.Items) == 0 {
		v.Quiet = "Rien n'attend : aucune fiche à relire, aucun signalement, aucune différence."
	}
	return nil
}

// teamFound are the places that the address asks for.
func (h *Handlers) teamFound(p ui.Page, by identity.Actor, q url.Values) []place.Place {
	words := fold.Words(q.Get("mots"))
	fresh, aged := freshWords[q.Get("age")]
	return slices.DeleteFunc(h.Places.Team(by), func(one place.Place) bool {
		switch {
		case q.Get("pour") == "nous" && (one.OwnerID == "" || one.OwnerID != string(by.Organisation)),
			q.Get("etat") == "completer" && one.Status != place.ToComplete,
			q.Get("etat") == "localiser" && one.Status != place.ToLocate,
			q.Get("etat") == "verifier" && !one.ToCheck,
			aged && one.Freshness(p.Now()) != fresh:
			return true
		}
		return !hasWords(&one, words)
	})
}

// hasWords reports whether a place has every word at the beginning of one of its own.
func hasWords(p *place.Place, words []string) bool {
	if len(words) == 0 {
		return true
	}
	own := fold.Words(p.Name + " " + p.Commune + " " + p.Postcode + " " + strconv.FormatInt(int64(p.Number), 10))
	return !slices.ContainsFunc(words, func(w string) bool {
		return !slices.ContainsFunc(own, func(o string) bool { return strings.HasPrefix(o, w) })
	})
}

// teamTable sorts the places as the address asks and fills in the rows of its page.
func (h *Handlers) teamTable(r *http.Request, v *teamList, found []place.Place, q url.Values) {
	t := ui.Table{Columns: []string{"Lieu", "Commune", "Structure", "État", "Dernières nouvelles"}}
	order := strings.TrimPrefix(q.Get("tri"), "-")
	owners := map[string]string{}
	for i := range found {
		p := &found[i]
		row := make([]ui.Cell, len(t.Columns))
		row[0].Text = strconv.Itoa(i)
		// Sorting looks at each key many times: only the one asked for is made, once.
		switch order {
		case "commune":
			row[1].By = fold.Key(p.Commune) + " " + fold.Key(p.Name)
		case "structure":
			if _, known := owners[p.OwnerID]; !known {
				owners[p.OwnerID] = fold.Key(h.ownerName(r, p.OwnerID))
			}
			row[2].By = owners[p.OwnerID] + " " + fold.Key(p.Name)
		case "etat":
			row[3].By = string(p.Status) + yes(p.ToCheck)
		case "age":
			row[4].By = "0"
			if on, _, ok := place.FreshOn(p.UpdatedOn, p.VerifiedOn); ok {
				row[4].By = on.Format("2006-01-02")
			}
		default:
			row[0].By = fold.Key(p.Name)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Sort(v.Page, q, "nom", "commune", "structure", "etat", "age")
	v.Pager = t.Paged(v.Page, q, teamSize)
	v.Heads = t.Heads()
	for _, row := range t.Rows {
		i, _ := strconv.Atoi(row[0].Text) // written above
		v.Rows = append(v.Rows, h.teamRow(r, v.Page, &found[i]))
	}
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (h *Handlers) teamRow(r *http.Request, p ui.Page, one *place.Place) teamRow {
	number := strconv.FormatInt(int64(one.Number), 10)
	row := teamRow{
		Number: number, Box: "lieu-" + number, Name: calm(one.Name), Href: managedPath(one.Number), Commune: calm(one.Commune), Owner: h.ownerName(r, one.OwnerID),
		States: statesOf(one), Fresh: newsOf(p, one), Old: one.Freshness(p.Now()) >= place.FreshFading,
	}
	if row.Name == "" {
		row.Name = "Lieu " + number
	}
	return row
}

// ownerName is the name of the organisation that answers for a place, "" for none.
func (h *Handlers) ownerName(r *http.Request, id string) string {
	if id == "" || h.Organisation == nil {
		return ""
	}
	return h.Organisation(r.Context(), identity.OrganisationID(id))
}

// statesOf are the states that somebody should do something about; a published place has none.
func statesOf(p *place.Place) []ui.Tag {
	var out []ui.Tag
	switch p.Status {
	case place.ToComplete:
		out = append(out, ui.Tag{Text: "À compléter", Kind: ui.Warning})
	case place.ToLocate:
		out = append(out, ui.Tag{Text: "À localiser", Kind: ui.Failure})
	}
	if p.ToCheck {
		out = append(out, ui.Tag{Text: "À vérifier", Kind: ui.Warning})
	}
	return out
}

// newsOf says how long ago somebody looked at a place: "il y a 3 mois".
func newsOf(p ui.Page, one *place.Place) string {
	on, _, ok := place.FreshOn(one.UpdatedOn, one.VerifiedOn)
	if !ok {
		return "jour inconnu"
	}
	return ago(p, on)
}
