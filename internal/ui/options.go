package ui

import (
	"html/template"
	"strings"
)

// Select is a question with one answer, from a list: what the template "select" says. Ticks is the answers of "checkboxes".
// Like the card of a place they are written in Go: the search of places offers some thirty answers on every page.
func (c Choices) Select() template.HTML {
	var b strings.Builder
	b.Grow(256 + 80*len(c.Options))
	wrong, heading, end := "", "", ""
	if c.Error != "" {
		wrong = " faux"
	}
	if c.Heading {
		heading, end = "<h1>", "</h1>"
	}
	put(&b, `<div class="champ`+wrong+`">`+heading+`<label for="`, c.Key(), `">`, c.Legend)
	if c.Optional != "" {
		put(&b, ` <span class="facultatif">(`, c.Optional, `)</span>`)
	}
	b.WriteString("</label>" + end)
	if c.Hint != "" {
		put(&b, `<p class="aide" id="`, c.Key(), `-aide">`, c.Hint, `</p>`)
	}
	if c.Error != "" {
		put(&b, `<p class="erreur" id="`, c.Key(), `-erreur">`, c.Error, `</p>`)
	}
	put(&b, `<select id="`, c.Key(), `" name="`, c.Name, `"`)
	if ids := c.Described(); ids != "" {
		put(&b, ` aria-describedby="`, ids, `"`)
	}
	if c.Error != "" {
		b.WriteString(` aria-invalid="true"`)
	}
	b.WriteByte('>')
	for _, o := range c.Options {
		put(&b, `<option value="`, o.Value, `"`)
		if o.Checked {
			b.WriteString(" selected")
		}
		writeLang(&b, o)
		put(&b, ">", o.Label, "</option>")
	}
	b.WriteString("</select></div>\n")
	return template.HTML(b.String())
}

// Ticks is the boxes to tick of "checkboxes", each with its label.
func (c Choices) Ticks() template.HTML {
	var b strings.Builder
	b.Grow(180 * len(c.Options))
	for i, o := range c.Options {
		id := c.OptionID(i)
		put(&b, "\n"+`<div><input type="checkbox" id="`, id, `" name="`, c.Name, `" value="`, o.Value, `"`)
		if o.Checked {
			b.WriteString(" checked")
		}
		put(&b, `><label for="`, id, `"><span`)
		writeLang(&b, o)
		put(&b, ">", o.Label, "</span>")
		if o.Hint != "" {
			put(&b, "<small>", o.Hint, "</small>")
		}
		b.WriteString("</label></div>")
	}
	return template.HTML(b.String())
}

func writeLang(b *strings.Builder, o Option) {
	if o.Lang != "" {
		put(b, ` lang="`, o.Lang, `"`)
	}
	if o.Dir != "" {
		put(b, ` dir="`, o.Dir, `"`)
	}
}

// HTML is the numbers of the pages as markup: what the template "pager" says. A list shows some eight of them.
func (g Pager) HTML() template.HTML {
	if len(g.Links) == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(200 + 160*len(g.Links))
	put(&b, `<nav class="pages" aria-label="`, g.Label, `"><p>`, g.Text, `</p><ul>`)
	if g.Prev != nil {
		put(&b, `<li><a rel="prev" href="`, local(g.Prev.Href), `">`, g.Prev.Text, `</a></li>`)
	}
	for _, l := range g.Links {
		if l.Gap {
			b.WriteString(`<li aria-hidden="true">…</li>`)
		}
		put(&b, `<li><a href="`, local(l.Href), `" aria-label="`, l.Label, `"`)
		if l.Current {
			b.WriteString(` aria-current="page"`)
		}
		put(&b, `>`, l.Text, `</a></li>`)
	}
	if g.Next != nil {
		put(&b, `<li><a rel="next" href="`, local(g.Next.Href), `">`, g.Next.Text, `</a></li>`)
	}
	b.WriteString("</ul></nav>\n")
	return template.HTML(b.String())
}
