package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/place"
)

const twinsFile = `id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,source,date_maj,services
J1,00000000000000,Maison des Saules (exemple),Rochefort,17300,17299,1 rue du Port,45.93,-0.95,+33546000001,Annuaire,2026-02-01,Aide aux démarches administratives
J2,00000000000000,Maison des Saules (exemple),Rochefort,17300,17299,1 rue du Port,45.93,-0.95,+33546000002,Réseau,2026-03-01,Aide aux démarches administratives
J3,00000000000000,Maison des Saules (exemple),Rochefort,17300,17299,1 rue du Port,45.93,-0.95,+33546000003,Tiers,2026-01-01,Aide aux démarches administratives
`

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// hidden are the hidden fields of a page.
func hidden(body string) url.Values {
	out := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

// From the list to the merge, on both engines: what is chosen is what is shown before and kept after, old addresses lead to
// the kept place, and the merge is undone.
func TestUnitingTwoPlaces(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		n.ImportText(twinsFile)
		cookie := n.Login(identity.Officer)
		as := func(r *http.Request) { r.AddCookie(cookie) }
		get := func(path string) (int, string) {
			t.Helper()
			res, body := n.Do(http.MethodGet, path, nil, as)
			return res.StatusCode, body
		}
		list, err := n.Places.Duplicates(t.Context(), identity.AtCLI(), place.DuplicateFilter{Department: "17"})
		if err != nil || len(list) != 3 {
			t.Fatalf("%d pairs, %v", len(list), err)
		}
		first, second := list[0].First, list[0].Second
		old := n.PlacePath(int64(second.Number))
		pair := "/pro/doublons/" + numbered(first.Number) + "-" + numbered(second.Number)
		if code, body := get("/pro/lieux/doublons"); code != http.StatusOK || !strings.Contains(body, pair) || !strings.Contains(body, "lien le plus faible : 100") {
			t.Errorf("the list: %d\n%s", code, body)
		}
		code, body := get(pair)
		for _, want := range []string{"Est-ce le même lieu", "Paire 1 sur 3", "Différent", "au même endroit (100 sur 100)", "05 46 00 00 01", "05 46 00 00 02", "Ce n'est pas le même lieu"} {
			if code != http.StatusOK || !strings.Contains(strings.ReplaceAll(body, "&#39;", "'"), want) && !strings.Contains(strings.ReplaceAll(body, "\u00a0", " "), want) {
				t.Errorf("the pair: %d, without %q\n%s", code, want, body)
			}
		}
		_, check := get(pair + "/verifier?telephone=garde")
		form := hidden(check)
		if form.Get("telephone") != "garde" || form.Get("vu") == "" {
			t.Fatalf("what is to be sent: %v", form)
		}
		stale := url.Values{"vu": {"else"}}
		if res, body := post(n, pair+"/verifier", stale, as); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Comparez-les de nouveau") {
			t.Errorf("after a change: %d\n%s", res.StatusCode, body)
		}
		if res, _ := post(n, pair+"/verifier", form, as); res.Header.Get("Location") != "/pro/lieux/doublons?fait=reunis" {
			t.Fatalf("status %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
		n.Reload()
		if p, err := n.Places.Stored(t.Context(), first.Number); err != nil || p.Phone != first.Phone {
			t.Errorf("%+v, %v: the telephone was chosen", p, err)
		}
		kept := n.PlacePath(int64(first.Number))
		for from, to := range map[string]string{
			old: kept, old + "/contact.vcf": kept + "/contact.vcf", old + "/signaler": kept + "/signaler",
			"/lieux/" + numbered(second.Number): kept, "/api/v1/lieux/" + numbered(second.Number): "/api/v1/lieux/" + numbered(first.Number), "/en" + old: "/en" + kept,
		} {
			if res, _ := n.Get(from); res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != to {
				t.Errorf("%s: %d to %q, want %q", from, res.StatusCode, res.Header.Get("Location"), to)
			}
		}
		if code, body := get(pair); code != http.StatusConflict || !strings.Contains(body, "déjà été réuni") {
			t.Errorf("the pair afterwards: %d\n%s", code, body)
		}
		split := "/pro/doublons/" + numbered(second.Number) + "/separer"
		if code, body := get(split); code != http.StatusOK || !strings.Contains(body, "Séparer ces deux lieux") {
			t.Errorf("to be undone: %d\n%s", code, body)
		}
		if res, _ := post(n, split, url.Values{}, as); res.Header.Get("Location") != "/pro/lieux/doublons?fait=separe" {
			t.Errorf("undone: %d", res.StatusCode)
		}
		n.Reload()
		if res, _ := n.Get(old); res.StatusCode != http.StatusOK {
			t.Errorf("the old address, undone: %d", res.StatusCode)
		}
		_, body = get(pair)
		if res, _ := post(n, pair, hidden(body), as); res.Header.Get("Location") != "/pro/lieux/doublons?fait=deux" {
			t.Errorf("not the same place: %d", res.StatusCode)
		}
		if _, body := get("/pro/lieux/doublons"); strings.Contains(body, pair) {
			t.Error("proposed again")
		}
		for _, path := range []string{"/pro/doublons/x", "/pro/doublons/1-1", "/pro/doublons/1-999999", "/pro/doublons/999999/separer"} {
			if code, _ := get(path); code != http.StatusNotFound {
				t.Errorf("%s: %d", path, code)
			}
		}
		mediator := n.Login(identity.Mediator)
		if res, _ := n.Do(http.MethodGet, pair, nil, func(r *http.Request) { r.AddCookie(mediator) }); res.StatusCode != http.StatusForbidden {
			t.Errorf("a mediator: %d", res.StatusCode)
		}
	})
}

func numbered(n place.Number) string { return strconv.FormatInt(int64(n), 10) }
