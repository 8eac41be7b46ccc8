package audit_test

import (
	"strings"
	"testing"

	"viaduc/e2e/audit"
)

const htmlFrame = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Un < titre</title></head><body>%</body></html>`

func TestCheckHTML(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		`<p>Un<p>deux<ul><li>a<li>b</ul>`,
		`<table><caption>t</caption><thead><tr><th>a<th>b<tbody><tr><td>1<td><ul><li>x</ul></table>`,
		`<dl><dt>a<dd>b<dt>c<dd>d</dl><select><option>1<option>2</select>`,
		`<svg viewBox="0 0 1 1"><linearGradient id="g"/><path d="M0 0"/></svg><p>après</p>`,
		`<svg><g><path d=""/></g></svg><div>x</div>`,
		`<noscript><p>sans <b>script</b></p></noscript><input required value=""><br>`,
		`<textarea>a < b & c</textarea><script>if (a<b) {}</script><ul><li>a<ul><li>b</li></ul></li></ul>`,
		`<p>a <button>b</button></p><p>&eacute; &amp;</p><label>x <input alt="" name=""></label>`,
	} {
		if faults, ids := audit.CheckHTML(strings.Replace(htmlFrame, "%", good, 1)); len(faults)+len(ids) > 0 {
			t.Errorf("%s: got %v %v, want no fault", good, faults, ids)
		}
	}
	for bad, want := range map[string]string{
		`<div><p>x</div></p>`:                  "closes nothing",
		`<p>a<div>b</div></p>`:                 "closes nothing",
		`<b><i>x</b></i>`:                      "still open",
		`<div>x`:                               "still open",
		`<section/>`:                           "slash",
		`<a href="/">a <a href="/">b</a></a>`:  "inside",
		`<form><form></form></form>`:           "inside",
		`<p id="a" id="b">x</p>`:               "twice",
		`<p id="a b">x</p>`:                    "id",
		`<p class="a"id="b">x</p>`:             "space",
		`<center>x</center>`:                   "obsolete",
		`<p>a < b</p>`:                         "bare <",
		`<br></br>`:                            "without content",
		`<table><tr><td>x</td></tr>y</table>`:  "between the cells",
		`<table><div>x</div><tr><td>y</table>`: "parser puts",
		`<! pas un commentaire>`:               "comment",
		`<h1>x</h2>`:                           "closes nothing",
		"<p>\xff</p>":                          "UTF-8",
	} {
		faults, _ := audit.CheckHTML(strings.Replace(htmlFrame, "%", bad, 1))
		if !strings.Contains(strings.Join(faults, "\n"), want) {
			t.Errorf("%s: got %q, want a fault with %q", bad, faults, want)
		}
	}
	if faults, _ := audit.CheckHTML("<html><body></body></html>"); len(faults) != 1 || !strings.Contains(faults[0], "doctype") {
		t.Errorf("no doctype: got %v", faults)
	}
	_, ids := audit.CheckHTML(strings.Replace(htmlFrame, "%", `<p id="a">x</p><p id="a">y</p><p id="a">z</p>`, 1))
	if len(ids) != 1 || ids[0] != "a" {
		t.Errorf("duplicate ids: got %v, want [a]", ids)
	}
}
