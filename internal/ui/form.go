package ui

import (
	"html/template"
	"strconv"
	"strings"
)

// What a search form is made of is written in Go and not as templates, like the card of a place: each list of places has
// one, with some thirty answers, and it was half of the time of a page (docs/performance.md). Every value goes through
// put; tests feed hostile values to each.

// HTML is the question as markup: what the template "field" says.
func (f Field) HTML() template.HTML {
	var b strings.Builder
	f.write(&b)
	return template.HTML(b.String())
}

func (f *Field) write(b *strings.Builder) {
	b.WriteString(`<div class="champ` + wrong(f.Error) + "\">\n")
	writeLabel(b, f.Key(), f.Label, f.Optional, f.Heading)
	writeHints(b, f.Key(), f.Hint, f.Error)
	if f.Rows > 0 {
		put(b, `<textarea id="`, f.Key(), `" name="`, f.Name, `" rows="`, strconv.Itoa(f.Rows), `"`)
	} else {
		put(b, `<input id="`, f.Key(), `" name="`, f.Name, `" type="`, f.Kind(), `" value="`, f.Value, `"`)
		if f.Short {
			b.WriteString(` class="court"`)
		}
		writeAttribute(b, "inputmode", f.InputMode)
		writeAttribute(b, "accept", f.Accept)
	}
	writeDescribed(b, f.Described(), f.Error)
	writeAttribute(b, "autocomplete", f.Autocomplete)
	if f.MaxLength > 0 {
		writeAttribute(b, "maxlength", strconv.Itoa(f.MaxLength))
	}
	if f.Autofocus {
		b.WriteString(" autofocus")
	}
	b.WriteByte('>')
	if f.Rows > 0 {
		put(b, "", f.Value, "</textarea>")
	}
	b.WriteString("\n</div>\n")
}

// Select is a question with one answer, from a list: what the template "select" says.
func (c Choices) Select() template.HTML {
	var b strings.Builder
	b.Grow(256 + 80*len(c.Options))
	c.writeSelect(&b)
	return template.HTML(b.String())
}

func (c *Choices) writeSelect(b *strings.Builder) {
	b.WriteString(`<div class="champ` + wrong(c.Error) + `">`)
	writeLabel(b, c.Key(), c.Legend, c.Optional, c.Heading)
	writeHints(b, c.Key(), c.Hint, c.Error)
	put(b, `<select id="`, c.Key(), `" name="`, c.Name, `"`)
	writeDescribed(b, c.Described(), c.Error)
	b.WriteByte('>')
	for i := range c.Options {
		o := &c.Options[i]
		put(b, `<option value="`, o.Value, `"`)
		if o.Checked {
			b.WriteString(" selected")
		}
		o.writeLang(b)
		put(b, ">", o.Label, "</option>")
	}
	b.WriteString("</select></div>\n")
}

// Boxes is a question with several answers, to be ticked: what the template "checkboxes" says.
func (c Choices) Boxes() template.HTML {
	var b strings.Builder
	b.Grow(256 + 180*len(c.Options))
	c.writeBoxes(&b)
	return template.HTML(b.String())
}

func (c *Choices) writeBoxes(b *strings.Builder) {
	b.WriteString(`<fieldset class="champ` + wrong(c.Error) + `"`)
	writeDescribed(b, c.Described(), "")
	b.WriteString("><legend>")
	writeHeading(b, c.Heading, func() { put(b, "", c.Legend) })
	writeOptional(b, c.Optional)
	b.WriteString("</legend>")
	writeHints(b, c.Key(), c.Hint, c.Error)
	b.WriteString("\n" + `<div class="choix coches`)
	if c.Inline {
		b.WriteString(" ligne")
	}
	b.WriteString(`">`)
	for i := range c.Options {
		o, id := &c.Options[i], c.OptionID(i)
		put(b, "\n"+`<div><input type="checkbox" id="`, id, `" name="`, c.Name, `" value="`, o.Value, `"`)
		if o.Checked {
			b.WriteString(" checked")
		}
		put(b, `><label for="`, id, `"><span`)
		o.writeLang(b)
		put(b, ">", o.Label, "</span>")
		if o.Hint != "" {
			put(b, "<small>", o.Hint, "</small>")
		}
		b.WriteString("</label></div>")
	}
	b.WriteString("\n</div></fieldset>\n")
}

func (o *Option) writeLang(b *strings.Builder) {
	writeAttribute(b, "lang", o.Lang)
	writeAttribute(b, "dir", o.Dir)
}

// HTML is the form as markup: what the template "filters" says.
func (f Filters) HTML() template.HTML {
	var b strings.Builder
	b.Grow(6 << 10)
	put(&b, `<form class="filtres" action="`, local(f.Action), `" method="get" role="search"`)
	writeAttribute(&b, "aria-label", f.Label)
	b.WriteByte('>')
	for _, h := range f.Hidden {
		put(&b, `<input type="hidden" name="`, h.Name, `" value="`, h.Value, `">`)
	}
	for i := range f.Fields {
		f.Fields[i].write(&b)
	}
	writeQuestions(&b, f.Selects, f.Boxes)
	if f.More.Label != "" {
		b.WriteString("<details")
		if f.More.Open {
			b.WriteString(" open")
		}
		put(&b, "><summary>", f.More.Label, "</summary>")
		writeQuestions(&b, f.More.Selects, f.More.Boxes)
		b.WriteString("</details>")
	}
	put(&b, "\n"+`<p class="actions"><button>`, f.Button, "</button>")
	if f.Around.Label != "" {
		b.WriteByte(' ')
		f.Around.write(&b)
	}
	if f.Reset != nil {
		put(&b, ` <a href="`, local(f.Reset.Href), `">`, f.Reset.Text, "</a>")
	}
	b.WriteString("</p></form>\n")
	return template.HTML(b.String())
}

func writeQuestions(b *strings.Builder, selects, boxes []Choices) {
	for i := range selects {
		selects[i].writeSelect(b)
	}
	for i := range boxes {
		boxes[i].writeBoxes(b)
	}
}

// HTML is the button as markup: what the template "around" says.
func (a Around) HTML() template.HTML {
	var b strings.Builder
	a.write(&b)
	return template.HTML(b.String())
}

func (a Around) write(b *strings.Builder) {
	put(b, `<button type="button" class="second" hidden data-autour data-attente="`, a.Busy, `" data-refus="`, a.Refused, `" data-echec="`, a.Failed, `">`, a.Label, "</button>\n")
}

// wrong is the class of a question whose answer must be put right.
func wrong(err string) string {
	if err == "" {
		return ""
	}
	return " faux"
}

// writeAttribute writes an attribute that says something, and none that is empty.
func writeAttribute(b *strings.Builder, name, value string) {
	if value != "" {
		put(b, " "+name+`="`, value, `"`)
	}
}

// writeDescribed links an answer to its hint and to its error.
func writeDescribed(b *strings.Builder, ids, err string) {
	writeAttribute(b, "aria-describedby", ids)
	if err != "" {
		b.WriteString(` aria-invalid="true"`)
	}
}

// writeHeading puts words into the h1 of a question page.
func writeHeading(b *strings.Builder, heading bool, words func()) {
	if !heading {
		words()
		return
	}
	b.WriteString("<h1>")
	words()
	b.WriteString("</h1>")
}

func writeLabel(b *strings.Builder, key, label, optional string, heading bool) {
	writeHeading(b, heading, func() {
		put(b, `<label for="`, key, `">`, label)
		writeOptional(b, optional)
		b.WriteString("</label>")
	})
}

func writeOptional(b *strings.Builder, word string) {
	if word != "" {
		put(b, ` <span class="facultatif">(`, word, `)</span>`)
	}
}

func writeHints(b *strings.Builder, key, hint, err string) {
	if hint != "" {
		put(b, `<p class="aide" id="`, key, `-aide">`, hint, `</p>`)
	}
	if err != "" {
		put(b, `<p class="erreur" id="`, key, `-erreur">`, err, `</p>`)
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
