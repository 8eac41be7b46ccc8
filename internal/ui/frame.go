package ui

import (
	"html/template"
	"net/url"
	"strings"
)

// The frame of a page is written in Go and not as a template, like the card of a place: every page has it, and its some
// eighty words and addresses, each called and escaped by reflection, were half of the time of a list of places
// (docs/performance.md). Every value goes through put; a test feeds hostile values to each.

// put writes mark-up of ours and values by turns, beginning with ours: put(b, "<b>", name, "</b>"). The values are
// escaped, for a text or for an attribute between double quotes; an address goes through local or tel before.
func put(b *strings.Builder, pieces ...string) {
	for i, s := range pieces {
		if i%2 == 0 {
			b.WriteString(s)
		} else {
			text(b, s)
		}
	}
}

// Top is the page down to its content: what the template "page_top" says.
func (p Page) Top() template.HTML {
	var b strings.Builder
	b.Grow(3 << 10)
	p.writeHead(&b)
	p.writeHeader(&b)
	b.WriteString("<main id=\"contenu\" tabindex=\"-1\">\n")
	if !p.Bare {
		put(&b, `<div class="`, p.ColumnClass(), "\">\n")
		p.writeNotes(&b)
	}
	b.WriteByte('\n')
	return template.HTML(b.String())
}

// Bottom is the page from the end of its content on: what the template "page_bottom" says.
func (p Page) Bottom() template.HTML {
	var b strings.Builder
	b.Grow(2 << 10)
	if !p.Bare {
		b.WriteString("</div>\n")
	}
	if !p.Staff {
		b.WriteString(`<div class="page">`)
		if !p.NoPhone {
			p.PhoneBlock().write(&b)
		}
		put(&b, `<p class="ecran"><button type="button" class="second" hidden data-lecture data-stop="`, p.T("ui.listen.stop"), `">`, p.T("ui.listen"), "</button></p></div>\n")
	}
	put(&b, "</main>\n"+`<footer class="pied"><div class="`, p.ColumnClass(), `"><nav aria-label="`, p.T("ui.footer"), `"><ul class="menu">`)
	for _, l := range p.FooterLinks() {
		put(&b, `<li><a href="`, local(l.Href), `">`, l.Text, `</a></li>`)
	}
	b.WriteString("</ul></nav></div></footer>\n")
	script := "page.js"
	if p.Staff {
		script = "journee.js"
	}
	put(&b, `<script src="`, AssetPath(script), "\" defer></script>\n")
	b.WriteString("</body></html>\n")
	return template.HTML(b.String())
}

// Notes are what a page must say before its content: what the template "page_notes" says. Top has them, but on a Bare page.
func (p Page) Notes() template.HTML {
	var b strings.Builder
	p.writeNotes(&b)
	return template.HTML(b.String())
}

func (p *Page) writeHead(b *strings.Builder) {
	put(b, "<!doctype html>\n"+`<html lang="`, p.Lang.Tag(), `" dir="`, p.Lang.Dir(), `"`)
	writeClass(b, p.Class)
	put(b, ">\n"+`<head><meta charset="utf-8"><title>`, p.HeadTitle(), "</title>\n"+
		`<meta name="viewport" content="width=device-width, initial-scale=1">`+"\n"+
		`<meta name="description" content="`, p.HeadDescription(), "\">\n"+
		`<meta name="color-scheme" content="light dark">`+"\n"+
		`<link rel="icon" href="`, favicon, "\">\n"+
		`<link rel="stylesheet" href="`, p.Stylesheet(), "\">\n")
	if p.Staff {
		put(b, `<link rel="stylesheet" href="`, AssetPath("equipe.css"), "\">\n"+`<link rel="manifest" href="`+ManifestPath+"\">\n")
	}
	b.WriteString("</head>\n<body")
	writeClass(b, p.BodyClass())
	b.WriteString(">\n")
}

func writeClass(b *strings.Builder, class string) {
	if class != "" {
		put(b, ` class="`, class, `"`)
	}
}

// writeHeader writes what stands above the content: the mark, the languages, the menu, the telephone.
func (p *Page) writeHeader(b *strings.Builder) {
	name := p.Site.Title
	if p.Discreet {
		name = p.T("ui.home")
	}
	put(b, `<a class="evitement" href="#contenu">`, p.T("ui.skip"), "</a>\n"+
		`<header class="entete"><div class="`, p.ColumnClass(), "\">\n"+
		`<a class="marque" href="`, local(p.Path("/")), `">`+string(arches())+`<span>`, name, "</span></a>\n"+`<ul class="outils">`)
	if !p.Staff {
		for _, l := range p.Languages {
			put(b, `<li><a href="`, local(l.Href), `" lang="`, l.Tag, `" hreflang="`, l.Tag, `" dir="`, l.Dir, `">`, l.Short, `</a></li>`)
		}
	}
	put(b, `<li><a href="/affichage?retour=`, url.QueryEscape(p.Address()), `">`, p.T("ui.comfort"), "</a></li></ul>\n")
	p.writeMenu(b)
	if p.Site.Phone != "" && !p.Staff && !p.Discreet {
		put(b, `<a class="tel" href="`, string(tel(p.Site.PhoneHref)), `">`+phoneIcon()+`<bdi dir="ltr">`, p.Site.Phone, "</bdi></a>\n")
	}
	b.WriteString("</div></header>\n")
}

func (p *Page) writeMenu(b *strings.Builder) {
	if len(p.Menu) == 0 {
		return
	}
	put(b, `<nav aria-label="`, p.T("ui.menu"), `"><ul class="menu">`)
	for _, m := range p.Menu {
		put(b, `<li><a href="`, local(m.Href), `"`)
		if m.Current {
			b.WriteString(` aria-current="page"`)
		}
		put(b, `>`, m.Text, `</a></li>`)
	}
	b.WriteString("</ul></nav>\n")
}

func (p *Page) writeNotes(b *strings.Builder) {
	if p.Site.Example {
		put(b, `<p class="exemple">`, p.T("ui.example"), `</p>`)
	}
	if p.Banner != "" {
		put(b, `<p class="message m-info">`, p.Banner, `</p>`)
	}
	if p.Unproofread() {
		put(b, `<p class="exemple">`, p.T("ui.unproofread"), `</p>`)
	}
}

// HTML is the block as markup.
func (p PhoneBlock) HTML() template.HTML {
	var b strings.Builder
	p.write(&b)
	return template.HTML(b.String())
}

func (p PhoneBlock) write(b *strings.Builder) {
	put(b, `<aside class="joindre" aria-labelledby="joindre"><h2 id="joindre">`, p.Title, `</h2>`)
	if p.Phone != "" {
		put(b, `<p><a class="tel geant" href="`, string(tel(p.PhoneHref)), `">`+phoneIcon()+`<span class="cache">`, p.CallWord, ` </span><bdi dir="ltr">`, p.Phone, `</bdi></a></p>`)
		if p.Hours != "" {
			french := ""
			if p.FrenchHours {
				french = ` lang="fr" dir="ltr"`
			}
			put(b, `<p`+french+`>`, p.Hours, `</p>`)
		}
	}
	if p.Text != "" {
		put(b, `<p>`, p.Text, `</p>`)
	}
	if p.Callback.Href != "" {
		put(b, `<p><a class="bouton second" href="`, local(p.Callback.Href), `">`, p.Callback.Text, `</a></p>`)
	}
	b.WriteString("</aside>\n")
}
