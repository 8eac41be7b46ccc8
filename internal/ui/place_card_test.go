package ui

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// parsed reads a card as a browser does.
func parsed(t *testing.T, c PlaceCard) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader("<ul>" + string(c.HTML()) + "</ul>"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func walk(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func TestPlaceCardSaysEverythingInOrder(t *testing.T) {
	c := PlaceCard{Number: 3, MarkLabel: "Numéro 3", Shape: Square, ID: "lieu-3", Name: "L'île & Cie", Href: "/lieux/3-x?a=1&b=2", State: OpenNow,
		StateText: "Ouvert maintenant", StateMore: "jusqu'à 17 h", Distance: "1,2 km", Town: "Saintes", Offer: "Une personne vous aide", Phone: "05 36 49 00 17", PhoneHref: "tel:+33536490017"}
	var words []string
	hrefs := []string{}
	walk(parsed(t, c), func(n *html.Node) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			words = append(words, strings.TrimSpace(n.Data))
		}
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" {
				hrefs = append(hrefs, a.Val)
			}
		}
	})
	if got, want := strings.Join(words, "|"), "3|L'île & Cie|Ouvert maintenant|jusqu'à 17 h|1,2 km|Saintes|Une personne vous aide|05 36 49 00 17"; got != want {
		t.Errorf("words %q, want %q", got, want)
	}
	if got := strings.Join(hrefs, " "); got != "/lieux/3-x?a=1&b=2 tel:+33536490017" {
		t.Errorf("addresses %q", got)
	}
	plain := strings.Count(string(c.HTML()), "<")
	c.Warning = "À vérifier"
	if got := string(c.HTML()); !strings.Contains(got, ">À vérifier<") || strings.Contains(got, c.Offer) || strings.Count(got, "<") != plain {
		t.Errorf("a warning takes the place of the offer, and no more: %s", got)
	}
	if got := string(PlaceCard{Name: "x", Href: "/x"}.HTML()); strings.Contains(got, "<svg") || strings.Contains(got, "loin") || strings.Contains(got, "offre") || strings.Contains(got, "appel") {
		t.Errorf("an empty card says too much: %s", got)
	}
}

// hostile are values that would break out of a text, an attribute or an address.
var hostile = []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `" onfocus="alert(1)`, "javascript:alert(1)", "JaVaScRiPt:alert(1)",
	"//autre.example", `/\autre.example`, "data:text/html,x", "&lt;b&gt;", "\x00<b>", "</li></ul><h1>x</h1>", "tel:1;phone-context=x", "tel:\"><b>"}

func TestPlaceCardHoldsHostileValues(t *testing.T) {
	for _, h := range hostile {
		c := PlaceCard{Number: 1, MarkLabel: h, Shape: h, ID: h, Name: h, Href: h, State: h, StateText: h, StateMore: h, Distance: h, Town: h, Offer: h, Warning: h, Phone: h, PhoneHref: h}
		walk(parsed(t, c), func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			switch n.Data {
			case "script", "img", "h1", "i":
				t.Errorf("%q becomes <%s>", h, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%q becomes the handler %s", h, a.Key)
				}
				if a.Key == "href" && n.Data == "a" && a.Val != "#" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "tel:+") {
					t.Errorf("%q becomes the address %q", h, a.Val)
				}
				if a.Key == "href" && (strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, `/\`)) {
					t.Errorf("%q leads to another host: %q", h, a.Val)
				}
			}
		})
	}
}

func TestOptionsHoldHostileValues(t *testing.T) {
	for _, h := range hostile {
		c := Choices{ID: h, Name: h, Legend: h, Hint: h, Error: h, Optional: h, Options: []Option{{Value: h, Label: h, Hint: h, Lang: h, Dir: h, Checked: true}, {Value: "x", Label: "Y"}}}
		n, err := html.Parse(strings.NewReader(string(c.Select()) + string(c.Boxes())))
		if err != nil {
			t.Fatal(err)
		}
		options, boxes := 0, 0
		walk(n, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			switch n.Data {
			case "option":
				options++
			case "input":
				boxes++
			case "script", "img", "h1", "i", "b":
				t.Errorf("%q becomes <%s>", h, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%q becomes the handler %s", h, a.Key)
				}
			}
		})
		if options != 2 || boxes != 2 {
			t.Errorf("%q: %d options and %d boxes, want 2 and 2", h, options, boxes)
		}
	}
}

func TestSearchFormHoldsHostileValues(t *testing.T) {
	for _, h := range hostile {
		field := Field{ID: h, Name: h, Label: h, Hint: h, Error: h, Value: h, Type: h, Autocomplete: h, InputMode: h, Accept: h, Optional: h}
		lines := field
		lines.Rows = 3
		choices := []Choices{{Name: h, Legend: h, Options: []Option{{Value: h, Label: h}}}}
		form := Filters{
			Action: h, Label: h, Button: h, Fields: []Field{field, lines}, Selects: choices, Boxes: choices, Hidden: []Hidden{{h, h}}, Reset: &Link{Text: h, Href: h},
			Around: Around{Label: h, Busy: h, Refused: h, Failed: h}, More: MoreFilters{Label: h, Selects: choices, Boxes: choices},
		}
		n, err := html.Parse(strings.NewReader(string(form.HTML())))
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]int{}
		walk(n, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			parts[n.Data]++
			switch n.Data {
			case "script", "img", "h1", "i", "b":
				t.Errorf("%q becomes <%s>", h, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "autofocus" || (a.Key == "href" || a.Key == "action") && a.Val != "#" {
					t.Errorf("%q becomes %s=%q", h, a.Key, a.Val)
				}
			}
		})
		if parts["input"] != 4 || parts["textarea"] != 1 || parts["select"] != 2 || parts["option"] != 2 || parts["button"] != 2 || parts["a"] != 1 {
			t.Errorf("%q makes %v", h, parts)
		}
	}
}

func TestPagerHoldsHostileValues(t *testing.T) {
	for _, h := range hostile {
		link := &Link{Text: h, Href: h}
		g := Pager{Label: h, Text: h, Prev: link, Next: link, Links: []PagerLink{{Text: h, Href: h, Label: h, Current: true, Gap: true}, {Text: "2", Href: "/x?page=2"}}}
		n, err := html.Parse(strings.NewReader(string(g.HTML())))
		if err != nil {
			t.Fatal(err)
		}
		links := 0
		walk(n, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			switch n.Data {
			case "a":
				links++
			case "script", "img", "h1", "i", "b":
				t.Errorf("%q becomes <%s>", h, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" && a.Val != "#" && a.Val != "/x?page=2" {
					t.Errorf("%q becomes %s=%q", h, a.Key, a.Val)
				}
			}
		})
		if links != 4 {
			t.Errorf("%q: %d links, want 4", h, links)
		}
	}
}

func FuzzPlaceCard(f *testing.F) {
	for _, h := range hostile {
		f.Add(h, h)
	}
	f.Fuzz(func(t *testing.T, name, href string) {
		links := 0
		walk(parsed(t, PlaceCard{Name: name, Href: href, State: Closed, StateText: name, Town: name}), func(n *html.Node) {
			if n.Type == html.ElementNode && n.Data == "a" {
				links++
			}
			if n.Type == html.ElementNode && slices.Contains([]string{"script", "style", "iframe", "img", "object"}, n.Data) {
				t.Fatalf("%q, %q become <%s>", name, href, n.Data)
			}
		})
		if links != 1 {
			t.Fatalf("%q, %q make %d links", name, href, links)
		}
	})
}
