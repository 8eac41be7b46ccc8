package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"viaduc/internal/ui"
)

// A table is sorted by its address, either way, and says so to those who do not see it; its pages keep the order.
func TestTableSortsAndPages(t *testing.T) {
	k := newKit(t, func(*ui.Deps) {})
	page := k.Page(httptest.NewRequest(http.MethodGet, "/pro/admin/comptes", http.NoBody), "Les comptes")
	for _, tc := range []struct{ query, want, order string }{
		{"", "élise Émile Zoé", "nom ascending"}, {"tri=nom", "élise Émile Zoé", "nom ascending"}, {"tri=-nom", "Zoé Émile élise", "nom descending"},
		{"tri=depuis", "Zoé élise Émile", "depuis ascending"}, {"tri=secret", "élise Émile Zoé", "nom ascending"}, {"tri=-", "élise Émile Zoé", "nom ascending"},
		{"nom=e&page=2&tri=nom", "élise Émile Zoé", "nom ascending"},
	} {
		table := ui.Table{Columns: []string{"nom", "depuis", "actions"}, Rows: [][]ui.Cell{
			{{Text: "Zoé"}, {Text: "hier", By: "1"}, {}}, {{Text: "élise"}, {Text: "mardi", By: "2"}, {}}, {{Text: "Émile"}, {Text: "avril", By: "3"}, {}},
		}}
		query, err := url.ParseQuery(tc.query)
		if err != nil {
			t.Fatal(err)
		}
		table.Sort(page, query, "nom", "depuis", "")
		var names []string
		for _, r := range table.Rows {
			names = append(names, r[0].Text)
		}
		order := ""
		for _, h := range table.Heads() {
			if h.Order != "" {
				order += h.Text + " " + h.Order
			}
			if h.Text == "actions" && h.Href != "" || h.Text != "actions" && !strings.HasPrefix(h.Href, "/pro/admin/comptes?") || strings.Contains(h.Href, "page=") ||
				strings.Contains(tc.query, "nom=e") && h.Text != "actions" && !strings.Contains(h.Href, "nom=e") {
				t.Errorf("%s: the heading %s leads to %q", tc.query, h.Text, h.Href)
			}
		}
		if got := strings.Join(names, " "); got != tc.want || order != tc.order {
			t.Errorf("%s: %q, %q, want %q, %q", tc.query, got, order, tc.want, tc.order)
		}
	}

	for _, tc := range []struct {
		page string
		want string
	}{{"", "a b"}, {"2", "c d"}, {"3", "e"}, {"9", "e"}, {"-1", "a b"}, {"x", "a b"}} {
		table := ui.Table{Columns: []string{"n"}}
		for _, n := range []string{"a", "b", "c", "d", "e"} {
			table.Rows = append(table.Rows, []ui.Cell{{Text: n}})
		}
		pager := table.Paged(page, url.Values{"page": {tc.page}, "tri": {"nom"}}, 2)
		var rows []string
		for _, r := range table.Rows {
			rows = append(rows, r[0].Text)
		}
		if got := strings.Join(rows, " "); got != tc.want || len(pager.Links) != 3 || !strings.Contains(pager.Links[1].Href, "tri=nom") {
			t.Errorf("page %q: %q, %+v", tc.page, got, pager)
		}
	}
	empty := ui.Table{Columns: []string{"n"}}
	if pager := empty.Paged(page, nil, 2); len(pager.Links) != 0 {
		t.Errorf("an empty table has pages: %+v", pager)
	}
}
