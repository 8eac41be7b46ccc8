package ui

import (
	"html/template"
	"strings"
)

// EventDays are the days of a list of dates, in its order.
type EventDays []EventDay

// HTML is the days as markup. As the cards of places (PlaceCard.HTML), they are written in Go: a list has fifteen of them.
func (days EventDays) HTML() template.HTML {
	var b strings.Builder
	for i := range days {
		days[i].write(&b)
	}
	return template.HTML(b.String())
}

// HTML is one day as markup.
func (d EventDay) HTML() template.HTML { return EventDays{d}.HTML() }

// HTML is one date as markup, inside <ul class="dates">.
func (c EventCard) HTML() template.HTML {
	var b strings.Builder
	c.write(&b)
	return template.HTML(b.String())
}

func (d *EventDay) write(b *strings.Builder) {
	b.WriteString(`<section class="jours"><h2`)
	if d.ID != "" {
		b.WriteString(` id="`)
		attr(b, d.ID)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	text(b, d.Title)
	b.WriteString(`</h2><ul class="dates">`)
	for i := range d.Events {
		d.Events[i].write(b)
	}
	b.WriteString("</ul></section>\n")
}

func (c *EventCard) write(b *strings.Builder) {
	b.WriteString(`<li class="rdv"><p class="heure"><strong>`)
	text(b, c.Time)
	b.WriteString(`</strong>`)
	if c.Until != "" {
		b.WriteByte(' ')
		text(b, c.Until)
	}
	b.WriteString(`</p><div><h3><a href="`)
	attr(b, local(c.Href))
	b.WriteString(`">`)
	text(b, c.Title)
	b.WriteString(`</a></h3>`)
	if c.State.Text != "" {
		b.WriteString(`<span class="tag `)
		attr(b, c.State.Class())
		b.WriteString(`">`)
		text(b, c.State.Text)
		b.WriteString(`</span>`)
	}
	if c.Place != "" {
		b.WriteString(`<p>`)
		text(b, c.Place)
		if c.Distance != "" {
			b.WriteString(", ")
			text(b, c.Distance)
		}
		b.WriteString(`</p>`)
	}
	if c.Seats != "" {
		b.WriteString(`<p class="aide">`)
		text(b, c.Seats)
		b.WriteString(`</p>`)
	}
	b.WriteString("</div></li>\n")
}
