package ui

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"viaduc/internal/platform/i18n"
)

// framed is a whole page without content, as a kit whose site says h everywhere makes it, and as a browser reads it.
func framed(t *testing.T, h string, change func(p *Page)) *html.Node {
	t.Helper()
	c, err := i18n.New(Locale())
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(Deps{
		Catalog: c, Now: time.Now, Log: slog.New(slog.DiscardHandler), Callback: "/rappel",
		Menu: []MenuItem{{Key: "ui.home", Path: "/"}, {Key: "ui.menu", Path: "/lieux"}},
		Site: func(string) Site {
			return Site{Name: h, Title: h, Phone: h, PhoneHref: h, PhoneHours: h, Accessibility: h, Action: h, Example: true}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Path, r.URL.RawQuery = "/lieux/"+h, url.Values{"ou": {h}}.Encode()
	p := k.Page(withState(r, requestState{lang: i18n.English, translated: true}), h)
	change(&p)
	n, err := html.Parse(strings.NewReader(string(p.Top()) + "<h1>x</h1>" + string(p.Bottom()) + string(p.Notes())))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFrameHoldsHostileValues(t *testing.T) {
	count := func(n *html.Node) map[string]int {
		out := map[string]int{}
		walk(n, func(n *html.Node) {
			if n.Type == html.ElementNode {
				out[n.Data]++
			}
		})
		return out
	}
	fill := func(h string) func(p *Page) {
		return func(p *Page) {
			p.Description, p.Banner, p.Class = h, h, h
			p.Menu = append(p.Menu, MenuLink{Text: h, Href: h, Icon: h, Current: true})
			p.Languages = append(p.Languages, LanguageLink{Name: h, Short: h, Href: h, Tag: h, Dir: h})
			p.callback = h
		}
	}
	want := count(framed(t, "calme", fill("calme")))
	for _, h := range hostile {
		n := framed(t, h, fill(h))
		got := count(n)
		for name := range got {
			if got[name] != want[name] {
				t.Errorf("%q makes %d <%s>, want %d", h, got[name], name, want[name])
			}
		}
		walk(n, func(n *html.Node) {
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"):
					t.Errorf("%q becomes the handler %s", h, a.Key)
				case a.Key != "href", a.Val == favicon:
				case strings.HasPrefix(a.Val, "//"), strings.HasPrefix(a.Val, `/\`):
					t.Errorf("%q leads to another host: %q", h, a.Val)
				case !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "tel:+"):
					t.Errorf("%q becomes the address %q", h, a.Val)
				}
			}
		})
	}
}

// The way back of the comfort settings is the page itself, whatever its address holds.
func TestFrameKeepsTheAddress(t *testing.T) {
	const ou = `L'île & "Ré" #1+2%`
	found := false
	walk(framed(t, "x", func(p *Page) { p.Current, p.query = "/lieux", url.Values{"ou": {ou}}.Encode() }), func(n *html.Node) {
		for _, a := range n.Attr {
			u, err := url.Parse(a.Val)
			if a.Key != "href" || err != nil || u.Path != "/affichage" {
				continue
			}
			found = true
			back, err := url.Parse(u.Query().Get("retour"))
			if err != nil || back.Path != "/lieux" || back.Query().Get("ou") != ou {
				t.Errorf("comfort settings lead back to %v (%v)", back, err)
			}
		}
	})
	if !found {
		t.Error("no link to the comfort settings")
	}
}
