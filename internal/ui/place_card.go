package ui

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
)

// PlaceCards are the places of a list, in its order.
type PlaceCards []PlaceCard

// HTML is the cards as markup: {{.Cards.HTML}} inside <ul class="lieux"> or <ol class="lieux">.
func (cards PlaceCards) HTML() template.HTML {
	var b strings.Builder
	b.Grow(800 * len(cards))
	for i := range cards {
		cards[i].write(&b)
	}
	return template.HTML(b.String())
}

// HTML is one card as markup, inside <ul class="lieux"> or <ol class="lieux">.
//
// The card is the one component written in Go and not as a template: a list has fifteen of them, and the escapers of
// html/template, called by reflection for each value, were three quarters of the time of a page (docs/performance.md).
// Every value goes through text or attr; a test feeds hostile values to each.
func (c PlaceCard) HTML() template.HTML {
	var b strings.Builder
	c.write(&b)
	return template.HTML(b.String())
}

func (c *PlaceCard) write(b *strings.Builder) {
	b.WriteString(`<li class="lieu`)
	if c.Number == 0 {
		b.WriteString(` libre`)
	}
	b.WriteByte('"')
	if c.ID != "" {
		b.WriteString(` id="`)
		attr(b, c.ID)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	heading := "h2"
	if c.Deep {
		heading = "h3"
	}
	b.WriteString("<" + heading + ">")
	if c.Number != 0 {
		c.Mark().write(b)
	}
	b.WriteString(`<a href="`)
	attr(b, local(c.Href))
	b.WriteString(`">`)
	text(b, c.Name)
	b.WriteString("</a></" + heading + ">\n" + `<p class="etat `)
	attr(b, c.State)
	b.WriteString(`"><b>`)
	text(b, c.StateText)
	b.WriteString("</b> ")
	text(b, c.StateMore)
	b.WriteString("</p>\n")
	c.writeFacts(b)
	b.WriteString("</li>\n")
}

// writeFacts writes what stands under the state; what is not said takes no room.
func (c *PlaceCard) writeFacts(b *strings.Builder) {
	if c.Distance != "" || c.Town != "" {
		b.WriteString(`<p class="loin">`)
		if c.Distance != "" {
			b.WriteString("<strong>")
			text(b, c.Distance)
			b.WriteString("</strong> ")
		}
		text(b, c.Town)
		b.WriteString("</p>\n")
	}
	switch {
	case c.Warning != "": // the same element: a page of fifteen of them stays in its budget
		b.WriteString(`<p class="offre prudence">`)
		text(b, c.Warning)
		b.WriteString("</p>\n")
	case c.Offer != "":
		b.WriteString(`<p class="offre">`)
		text(b, c.Offer)
		b.WriteString("</p>\n")
	}
	if c.Phone != "" {
		b.WriteString(`<p class="appel"><a class="tel" dir="ltr" href="`)
		attr(b, string(tel(c.PhoneHref)))
		b.WriteString(`">` + phoneIcon())
		text(b, c.Phone)
		b.WriteString("</a></p>\n")
	}
}

var phoneIcon = sync.OnceValue(func() string { return string(icon("phone")) })

// write draws the mark; the template "mark" draws the same.
func (m Mark) write(b *strings.Builder) {
	b.WriteString(`<svg class="num" viewBox="0 0 32 32"`)
	if m.Label != "" {
		b.WriteString(` role="img" aria-label="`)
		attr(b, m.Label)
		b.WriteString(`">`)
	} else {
		b.WriteString(` aria-hidden="true" focusable="false">`)
	}
	m.writeShape(b)
	b.WriteString("</svg>")
}

// writeShape draws what is inside a mark, in a box of 32 by 32.
func (m Mark) writeShape(b *strings.Builder) {
	y := "22"
	switch m.Shape {
	case Square:
		b.WriteString(`<rect x="2" y="2" width="28" height="28" rx="2"/>`)
	case Triangle:
		b.WriteString(`<path d="M16 0l16 30H0z"/>`)
		y = "26"
	case Diamond:
		b.WriteString(`<path d="M16 0l16 16-16 16L0 16z"/>`)
		y = "21"
	default:
		b.WriteString(`<circle cx="16" cy="16" r="14.5"/>`)
	}
	if m.Number != 0 {
		b.WriteString(`<text x="16" y="` + y + `">` + strconv.Itoa(m.Number) + `</text>`)
	}
}

// text writes a value between tags, attr between double quotes: both escape the five signs of HTML.
func text(b *strings.Builder, s string) { _, _ = escaper.WriteString(b, s) } // a Builder takes everything

func attr(b *strings.Builder, s string) { text(b, s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\x00", "\uFFFD")

// local lets an address of this site through ("/lieux/1-x", "#lieu-3", "?page=2") and nothing that could name a scheme
// or another host.
func local(href string) string {
	if strings.HasPrefix(href, "//") || strings.HasPrefix(href, `/\`) {
		return "#"
	}
	if strings.HasPrefix(href, "/") || strings.HasPrefix(href, "#") || strings.HasPrefix(href, "?") {
		return href
	}
	return "#"
}
