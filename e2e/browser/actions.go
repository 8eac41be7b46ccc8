package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Key is a key for [Tab.Press].
type Key struct {
	name string
	code int64 // Windows virtual key code, which Chromium acts upon
	text string
	mod  int64
}

// Keys of the keyboard-only scenarios.
var (
	KeyTab      = Key{name: "Tab", code: 9}
	KeyShiftTab = Key{name: "Tab", code: 9, mod: 8}
	KeyEnter    = Key{name: "Enter", code: 13, text: "\r"}
	KeySpace    = Key{name: " ", code: 32, text: " "}
	KeyEscape   = Key{name: "Escape", code: 27}
	KeyUp       = Key{name: "ArrowUp", code: 38}
	KeyDown     = Key{name: "ArrowDown", code: 40}
	KeyLeft     = Key{name: "ArrowLeft", code: 37}
	KeyRight    = Key{name: "ArrowRight", code: 39}
	KeyPlus     = Key{name: "+", code: 187, text: "+"}
	KeyMinus    = Key{name: "-", code: 189, text: "-"}
)

// Press presses keys one after the other on the focused element, and waits for
// the page that the last one may ask for.
func (tab *Tab) Press(keys ...Key) {
	tab.t.Helper()
	for _, k := range keys {
		before := tab.navigations()
		likely := k.name == "Enter" && Eval[bool](tab, `!!document.activeElement && document.activeElement.matches('a[href],button,input')`)
		tab.key(k)
		if k.name == "Enter" || k.name == " " {
			tab.settle(before, likely)
		}
	}
}

// key sends one key, without waiting for anything.
func (tab *Tab) key(k Key) {
	tab.t.Helper()
	p := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: k.name, Code: strings.Replace(k.name, " ", "Space", 1),
		WindowsVirtualKeyCode: k.code, NativeVirtualKeyCode: k.code, Modifiers: k.mod,
	}
	if k.text != "" {
		p.Type, p.Text, p.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, k.text, k.text
	}
	call(tab, input.DispatchKeyEvent, p)
	p.Type, p.Text, p.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	call(tab, input.DispatchKeyEvent, p)
}

// TabTo presses Tab until the element of selector has the focus, at most 200
// times, and returns how many it took. A person without a mouse pays for each.
func (tab *Tab) TabTo(selector string) int {
	tab.t.Helper()
	expr := fmt.Sprintf(`!!document.activeElement && document.activeElement.matches(%s)`, quote(selector))
	for n := 1; n <= 200; n++ {
		tab.key(KeyTab)
		if Eval[bool](tab, expr) {
			return n
		}
	}
	tab.t.Fatalf("browser: %s is not reached with 200 presses of Tab", selector)
	return 0
}

// Focused returns the CSS-like name and the text of the focused element, such
// as `a.bouton "Trouver un lieu"`, or "" for the page itself.
func (tab *Tab) Focused() string {
	tab.t.Helper()
	return Eval[string](tab, `(() => { const e = document.activeElement;
		if (!e || e === document.body || e === document.documentElement) return '';
		const name = e.tagName.toLowerCase() + (e.id ? '#' + e.id : [...e.classList].map((c) => '.' + c).join(''));
		const text = (e.innerText || e.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ');
		return text ? name + ' "' + text + '"' : name; })()`)
}

// point is a place on screen to press, or why there is none.
type point struct {
	Err    string
	X, Y   float64
	Likely bool // the press should lead to another page
}

// target scrolls to the first visible element of list, a JavaScript array, and
// finds where to press it. An element that another one covers is an error: a
// person could not press it either.
func (tab *Tab) target(list, what string) point {
	tab.t.Helper()
	p := Eval[point](tab, `((all) => {
		if (!all.length) return { Err: 'is not in the page' };
		const el = all.find((e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 0);
		if (!el) return { Err: 'is not visible' };
		if (el.matches(':disabled')) return { Err: 'is disabled' };
		el.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
		const link = el.closest('a[href]'), button = el.closest('button,input');
		const href = link && link.getAttribute('href');
		const likely = !!(href && !href.startsWith('#') && link.target !== '_blank') || !!(button && button.form && /^(submit|image)$/.test(button.type));
		let over = null;
		for (const r of el.getClientRects()) {
			if (r.width < 1 || r.height < 1) continue;
			const x = r.left + r.width / 2, y = r.top + r.height / 2, hit = document.elementFromPoint(x, y);
			if (hit && (el.contains(hit) || hit.contains(el) || (el.labels && [...el.labels].some((l) => l.contains(hit))))) return { X: x, Y: y, Likely: likely };
			over = hit;
		}
		return { Err: 'is covered by ' + (over ? over.tagName.toLowerCase() + '.' + over.className : 'nothing that can be pressed') };
	})([...`+list+`])`)
	if p.Err != "" {
		tab.t.Fatalf("browser: %s %s (page %s)", what, p.Err, tab.URL())
	}
	return p
}

// Click presses the first visible element of selector with the mouse, then
// waits for the page it leads to, if any.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.press(tab.target("document.querySelectorAll("+quote(selector)+")", selector), false)
}

// ClickText presses the link, button or summary whose visible text is text or,
// failing that, contains it.
func (tab *Tab) ClickText(text string) {
	tab.t.Helper()
	list := `((t) => { const norm = (s) => (s || '').replace(/\s+/g, ' ').trim(), name = (e) => norm(e.innerText || e.value || e.getAttribute('aria-label'));
		const all = [...document.querySelectorAll('a[href],button,input[type=submit],summary,label')];
		const same = all.filter((e) => name(e) === norm(t));
		return same.length ? same : all.filter((e) => name(e).includes(norm(t))); })(` + quote(text) + `)`
	tab.press(tab.target(list, fmt.Sprintf("link or button %q", text)), false)
}

// Tap presses the first visible element of selector with a finger; the tab must
// be opened with [Touch].
func (tab *Tab) Tap(selector string) {
	tab.t.Helper()
	tab.press(tab.target("document.querySelectorAll("+quote(selector)+")", selector), true)
}

func (tab *Tab) press(p point, finger bool) {
	tab.t.Helper()
	before := tab.navigations()
	if finger {
		call(tab, input.DispatchTouchEvent, input.DispatchTouchEventParams{
			Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: p.X, Y: p.Y}},
		})
		call(tab, input.DispatchTouchEvent, input.DispatchTouchEventParams{
			Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{},
		})
	} else {
		m := input.DispatchMouseEventParams{X: p.X, Y: p.Y, Type: input.DispatchMouseEventTypeMouseMoved}
		call(tab, input.DispatchMouseEvent, m)
		m.Button, m.ClickCount = input.MouseButtonLeft, 1
		m.Type = input.DispatchMouseEventTypeMousePressed
		call(tab, input.DispatchMouseEvent, m)
		m.Type = input.DispatchMouseEventTypeMouseReleased
		call(tab, input.DispatchMouseEvent, m)
	}
	tab.settle(before, p.Likely)
}

// Drag presses the first visible element of selector in its middle, and moves the mouse by dx and dy pixels in steps before
// it lets go, one every frame or so.
func (tab *Tab) Drag(selector string, dx, dy float64, steps int) {
	tab.t.Helper()
	p := tab.target("document.querySelectorAll("+quote(selector)+")", selector)
	m := input.DispatchMouseEventParams{X: p.X, Y: p.Y, Type: input.DispatchMouseEventTypeMouseMoved}
	call(tab, input.DispatchMouseEvent, m)
	m.Button, m.ClickCount, m.Type = input.MouseButtonLeft, 1, input.DispatchMouseEventTypeMousePressed
	call(tab, input.DispatchMouseEvent, m)
	m.Type, m.Buttons = input.DispatchMouseEventTypeMouseMoved, 1
	for i := range steps {
		m.X, m.Y = p.X+dx*float64(i+1)/float64(steps), p.Y+dy*float64(i+1)/float64(steps)
		call(tab, input.DispatchMouseEvent, m)
	}
	m.Type = input.DispatchMouseEventTypeMouseReleased
	call(tab, input.DispatchMouseEvent, m)
}

// Type gives the field of selector the focus and replaces what it holds by
// text, as paste does. Use selector ":focus" after [Tab.TabTo] to stay on the
// keyboard. Dates, times, colours and ranges, which have no text of their own,
// get their value in the form that HTML sends.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	how := Eval[string](tab, `((el, v) => {
		if (!el) return 'is not in the page';
		if (el.disabled || el.readOnly) return 'cannot be written to';
		el.focus();
		if (document.activeElement !== el) return 'takes no focus';
		if (el.type && /^(date|time|datetime-local|month|week|color|range)$/.test(el.type)) {
			el.value = v;
			for (const n of ['input', 'change']) el.dispatchEvent(new Event(n, { bubbles: true }));
			return 'set';
		}
		if (el.select) el.select(); else getSelection().selectAllChildren(el);
		return '';
	})(document.querySelector(`+quote(selector)+`), `+quote(text)+`)`)
	switch {
	case how == "set":
	case how != "":
		tab.t.Fatalf("browser: field %s %s (page %s)", selector, how, tab.URL())
	case text == "":
		tab.key(Key{name: "Delete", code: 46})
	default:
		call(tab, input.InsertText, input.InsertTextParams{Text: text})
	}
}

// Select chooses the option of a select by its value or its visible text.
func (tab *Tab) Select(selector, option string) {
	tab.t.Helper()
	ok := Eval[bool](tab, `((el, v) => {
		const o = el && [...el.options].find((o) => o.value === v || o.text.trim() === v);
		if (!o) return false;
		el.focus(); el.value = o.value;
		for (const n of ['input', 'change']) el.dispatchEvent(new Event(n, { bubbles: true }));
		return true;
	})(document.querySelector(`+quote(selector)+`), `+quote(option)+`)`)
	if !ok {
		tab.t.Fatalf("browser: no option %q in %s (page %s)", option, selector, tab.URL())
	}
}

// Upload gives files to the file field of selector.
func (tab *Tab) Upload(selector string, files ...string) {
	tab.t.Helper()
	files = append([]string(nil), files...)
	for i, f := range files {
		abs, err := filepath.Abs(f) // Chromium kills a page that is given a relative path
		if err != nil {
			tab.t.Fatalf("browser: upload %s: %v", f, err)
		}
		files[i] = abs
	}
	res := call(tab, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.querySelector(" + quote(selector) + ")"})
	if res.Result == nil || res.Result.ObjectID == "" {
		tab.t.Fatalf("browser: field %s is not in the page", selector)
	}
	call(tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: res.Result.ObjectID})
}

// Text returns the visible text of the first element of selector, with single
// spaces. A missing element fails the test.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	all := tab.Texts(selector)
	if len(all) == 0 {
		tab.t.Fatalf("browser: %s is not in the page %s", selector, tab.URL())
	}
	return all[0]
}

// Texts returns the visible text of every element of selector. No-break spaces
// become ordinary ones, so that tests can be typed.
func (tab *Tab) Texts(selector string) []string {
	tab.t.Helper()
	return Eval[[]string](tab, `[...document.querySelectorAll(`+quote(selector)+`)].map((e) => (e.innerText === undefined ? e.textContent : e.innerText).replace(/\s+/g, ' ').trim())`)
}

// Count returns how many elements match selector, visible or not.
func (tab *Tab) Count(selector string) int {
	tab.t.Helper()
	return Eval[int](tab, `document.querySelectorAll(`+quote(selector)+`).length`)
}

// Attr returns an attribute of the first element of selector, "" when the
// attribute is absent. A missing element fails the test.
func (tab *Tab) Attr(selector, name string) string {
	tab.t.Helper()
	v := Eval[*string](tab, `((e) => e && (e.getAttribute(`+quote(name)+`) || ''))(document.querySelector(`+quote(selector)+`))`)
	if v == nil {
		tab.t.Fatalf("browser: %s is not in the page %s", selector, tab.URL())
	}
	return *v
}

// Value returns what the first field of selector holds now.
func (tab *Tab) Value(selector string) string {
	tab.t.Helper()
	v := Eval[*string](tab, `((e) => e && String(e.value))(document.querySelector(`+quote(selector)+`))`)
	if v == nil {
		tab.t.Fatalf("browser: %s is not in the page %s", selector, tab.URL())
	}
	return *v
}

// Visible reports whether an element of selector can be seen.
func (tab *Tab) Visible(selector string) bool {
	tab.t.Helper()
	return Eval[bool](tab, `[...document.querySelectorAll(`+quote(selector)+`)].some((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getBoundingClientRect().height > 0)`)
}

// WaitVisible waits until an element of selector can be seen, for the few pages
// whose scripts add something.
func (tab *Tab) WaitVisible(selector string) {
	tab.t.Helper()
	for deadline := time.Now().Add(actionTimeout); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if tab.Visible(selector) {
			return
		}
	}
	tab.t.Fatalf("browser: %s never shows (page %s)", selector, tab.URL())
}

// URL returns the address of the page shown.
func (tab *Tab) URL() string {
	tab.t.Helper()
	return Eval[string](tab, "location.href")
}

// Title returns the title of the page shown.
func (tab *Tab) Title() string {
	tab.t.Helper()
	return Eval[string](tab, "document.title")
}

// Screenshot writes the whole page, not only what fits the screen, to a PNG
// file.
func (tab *Tab) Screenshot(file string) {
	tab.t.Helper()
	res := call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true), FromSurface: new(true),
		Clip: tab.wholePage(),
	})
	if err := os.WriteFile(file, res.Data, 0o644); err != nil {
		tab.t.Fatalf("browser: screenshot: %v", err)
	}
}

func (tab *Tab) wholePage() *page.Viewport {
	tab.t.Helper()
	size := Eval[[2]float64](tab, `[Math.max(document.documentElement.scrollWidth, innerWidth), Math.max(document.documentElement.scrollHeight, innerHeight)]`)
	return &page.Viewport{Width: size[0], Height: size[1], Scale: 1}
}

// PDF returns the page printed on A4, or on the size that its style sheet asks
// for.
func (tab *Tab) PDF() []byte {
	tab.t.Helper()
	return call(tab, page.PrintToPDF, page.PrintToPDFParams{
		PaperWidth: 8.27, PaperHeight: 11.69, PreferCSSPageSize: new(true), PrintBackground: new(true),
		GenerateTaggedPDF: new(true),
	}).Data
}

// quote writes s as a JavaScript string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
