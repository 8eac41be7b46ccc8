package ui

import (
	"html/template"
	"strings"
)

// List is the answers of a "select", and Ticks those of "checkboxes", as markup. Like the card of a place they are written
// in Go: the search of places offers some thirty of them on every page.
func (c Choices) List() template.HTML {
	var b strings.Builder
	for _, o := range c.Options {
		b.WriteString(`<option value="`)
		attr(&b, o.Value)
		b.WriteByte('"')
		if o.Checked {
			b.WriteString(" selected")
		}
		writeLang(&b, o)
		b.WriteByte('>')
		text(&b, o.Label)
		b.WriteString("</option>")
	}
	return template.HTML(b.String())
}

// Ticks is the boxes to tick of "checkboxes", each with its label.
func (c Choices) Ticks() template.HTML {
	var b strings.Builder
	for i, o := range c.Options {
		id := c.OptionID(i)
		b.WriteString("\n" + `<div><input type="checkbox" id="`)
		attr(&b, id)
		b.WriteString(`" name="`)
		attr(&b, c.Name)
		b.WriteString(`" value="`)
		attr(&b, o.Value)
		b.WriteByte('"')
		if o.Checked {
			b.WriteString(" checked")
		}
		b.WriteString(`><label for="`)
		attr(&b, id)
		b.WriteString(`"><span`)
		writeLang(&b, o)
		b.WriteByte('>')
		text(&b, o.Label)
		b.WriteString("</span>")
		if o.Hint != "" {
			b.WriteString("<small>")
			text(&b, o.Hint)
			b.WriteString("</small>")
		}
		b.WriteString("</label></div>")
	}
	return template.HTML(b.String())
}

func writeLang(b *strings.Builder, o Option) {
	if o.Lang != "" {
		b.WriteString(` lang="`)
		attr(b, o.Lang)
		b.WriteByte('"')
	}
	if o.Dir != "" {
		b.WriteString(` dir="`)
		attr(b, o.Dir)
		b.WriteByte('"')
	}
}
