// Measures of one page, run inside it by the package audit. Nothing here changes
// the page for good: what a probe adds (a style sheet, the record of the
// keyboard) it takes away or keeps out of the document.
(() => {
  if (globalThis.viaducAudit) return;

  const list = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const style = (el, pseudo) => getComputedStyle(el, pseudo);
  const squeeze = (s) => (s || '').replace(/\s+/g, ' ').trim();
  const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
  const wordCount = (s) => (s.match(WORD) || []).length;

  // How an offender is named in a message: enough to find it in the template.
  const name = (el) => {
    let s = el.tagName.toLowerCase();
    if (el.id) s += '#' + el.id;
    else if (el.getAttribute('name')) s += '[name=' + el.getAttribute('name') + ']';
    else if (el.classList.length) s += '.' + el.classList[0];
    const text = squeeze(el.getAttribute('aria-label') || el.innerText || el.getAttribute('alt')).slice(0, 40);
    return text ? s + ' "' + text + '"' : s;
  };

  // shown: takes part in the layout. seen: a sighted person can find it, so the
  // usual ways to keep a text for screen readers only do not count.
  const shown = (el) => {
    if (!el.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) || el.closest('[inert]')) return false;
    const box = el.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const seen = (el) => {
    if (!shown(el)) return false;
    const box = el.getBoundingClientRect();
    if (box.right <= 0 || box.bottom + scrollY <= 0) return false;
    for (let e = el; e && e !== document.body; e = e.parentElement) {
      const s = style(e);
      if (s.opacity === '0' || /inset\((50|100)%/.test(s.clipPath)) return false;
      if (/^rect\((0|1)px/.test(s.clip) && s.position !== 'static') return false;
      if (s.overflowX !== 'visible') {
        const b = e.getBoundingClientRect();
        if (b.width <= 2 || b.height <= 2) return false;
      }
    }
    return true;
  };

  const CONTROL = 'a[href],area[href],button,input:not([type=hidden]),select,textarea,summary,iframe,audio[controls],video[controls],[contenteditable=""],[contenteditable=true],[tabindex]';
  const controls = () => list(CONTROL).filter((el) => !el.matches(':disabled') && shown(el));
  // Groups where one Tab stop serves all members and arrows do the rest.
  const COMPOSITE = '[role=tablist],[role=menu],[role=menubar],[role=listbox],[role=radiogroup],[role=toolbar],[role=grid],[role=tree]';

  // Every run of text on screen: its element and its boxes in page coordinates.
  const texts = () => {
    const out = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const known = new Map();
    while (walker.nextNode()) {
      const node = walker.currentNode, el = node.parentElement;
      if (!node.data.trim() || el.closest('script,style,noscript,template,option,svg')) continue;
      if (!known.has(el)) known.set(el, seen(el));
      if (!known.get(el)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = Array.from(range.getClientRects(), (r) => ({ left: r.left + scrollX, right: r.right + scrollX, top: r.top + scrollY, bottom: r.bottom + scrollY })).filter((b) => b.right - b.left > 1 && b.bottom - b.top > 1);
      if (boxes.length) out.push({ el, text: squeeze(node.data), length: node.data.trim().length, boxes });
    }
    return out;
  };

  const metaContent = (n) => (document.querySelector(`meta[name="${n}" i]`) || { content: '' }).content;
  const main = () => document.querySelector('main,[role=main]') || document.body;

  const rgba = (s) => { const m = (s || '').match(/rgba?\(([^)]*)\)/); if (!m) return null; const v = m[1].split(/[\s,/]+/).map(Number); return { c: v.slice(0, 3), a: v[3] === undefined ? 1 : v[3] }; };
  const luminance = (c) => { const [r, g, b] = c.map((x) => (x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (a, b) => { const l = [luminance(a), luminance(b)].sort(); return (Math.max(...l) + 0.05) / (Math.min(...l) + 0.05); };
  const backdrop = (el) => { for (; el; el = el.parentElement) { const c = rgba(style(el).backgroundColor); if (c && c.a > 0.99) return c.c; } return [255, 255, 255]; };

  // Rules of every readable style sheet, media conditions included.
  const conditions = () => {
    const out = [];
    const visit = (rules) => { for (const r of rules) { if (r.media) out.push(r.media.mediaText); if (r.cssRules) visit(r.cssRules); } };
    for (const sheet of document.styleSheets) { out.push(sheet.media.mediaText); try { visit(sheet.cssRules); } catch { /* of another origin */ } }
    return out;
  };

  const spacing = new CSSStyleSheet();
  spacing.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}');
  // A ring that fades in is still a ring, and a smooth scroll still arrives.
  const still = new CSSStyleSheet();
  still.replaceSync('*,::before,::after{transition:none!important;animation:none!important}html{scroll-behavior:auto!important}');
  const toggle = (sheet, on) => { document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((s) => s !== sheet), ...(on ? [sheet] : [])]; };

  // What the eye can see change when an element takes the focus. A line without
  // width, style or colour is no line.
  const line = (kind, width, color) => { const c = rgba(color); return kind === 'none' || kind === 'hidden' || parseFloat(width) === 0 || (c && c.a === 0) ? '' : [kind, width, color].join(); };
  const look = (el) => ['', '::before', '::after'].map((pseudo) => {
    const s = style(el, pseudo || undefined);
    if (pseudo && (s.content === 'none' || s.content === 'normal')) return '';
    return [line(s.outlineStyle, s.outlineWidth, s.outlineColor), ...['top', 'right', 'bottom', 'left'].map((side) => line(s.getPropertyValue(`border-${side}-style`), s.getPropertyValue(`border-${side}-width`), s.getPropertyValue(`border-${side}-color`))),
      s.boxShadow, s.backgroundColor, s.backgroundImage, s.color, s.opacity, s.transform, s.clip, s.clipPath, s.textDecorationLine, s.textDecorationLine === 'none' ? '' : s.textDecorationThickness, s.filter,
      s.position === 'static' ? '' : s.top + ' ' + s.left].join('|');
  }).join('^');
  const around = (el) => [el, el.parentElement, el.parentElement && el.parentElement.parentElement, el.nextElementSibling, el.firstElementChild, ...(el.labels || [])].filter(Boolean);
  const looks = (el) => { const b = el.getBoundingClientRect(); return around(el).map(look).join('\n') + Math.round(b.width) + 'x' + Math.round(b.height); };

  let keys = null;

  globalThis.viaducAudit = {
    // EcoIndex counts elements, the drawings inside svg left out.
    dom: () => list('*').length - list('svg *').length,
    stored: () => { const out = []; for (const [label, s] of [['localStorage', () => localStorage], ['sessionStorage', () => sessionStorage]]) { try { for (const k of Object.keys(s())) out.push(label + ' ' + k); } catch { /* forbidden here */ } } return out; },
    scripts: () => list('script:not([src])').filter((s) => /^$|javascript|module/i.test(s.type)).map((s) => s.textContent),
    hasDark: () => conditions().some((m) => /prefers-color-scheme:\s*dark/.test(m)),
    scrollToEnd: () => scrollTo(0, document.body.scrollHeight),
    scrollToTop: () => scrollTo(0, 0),

    structure() {
      const html = document.documentElement, out = {};
      out.lang = html.getAttribute('lang') || '';
      out.dir = (html.getAttribute('dir') || '').toLowerCase();
      out.title = document.title;
      const heads = list('h1,h2,h3,h4,h5,h6').filter(shown).map((h) => Number(h.tagName[1]));
      out.h1 = heads.filter((n) => n === 1).length;
      out.headingSkips = heads.flatMap((n, i) => (i && n > heads[i - 1] + 1 ? [`h${heads[i - 1]} then h${n}`] : []));
      out.main = list('main,[role=main]').length;
      out.viewport = metaContent('viewport');
      const first = controls().filter((e) => e.tabIndex >= 0)[0];
      const to = first && first.matches('a[href^="#"]') && first.getAttribute('href').slice(1);
      out.skipLink = !!to && !!document.getElementById(to);
      out.firstStop = first ? name(first) : '';
      out.positiveTabindex = list('[tabindex]').filter((e) => e.tabIndex > 0).map(name);
      out.autoplay = list('video[autoplay],audio[autoplay]').map(name);

      const personal = /(^|[^a-z])(nom|prenom|prénom|name|firstname|lastname|given|family)|mail|courriel|tel|phone|mobile|portable|adresse|address|rue|street|postal|zip|cp$|naissance|birth/i;
      out.missingAutocomplete = list('input').filter((i) => !/^(hidden|checkbox|radio|submit|search|button|image|reset|file)$/.test(i.type) && !i.getAttribute('autocomplete') && shown(i) && (/^(email|tel)$/.test(i.type) || personal.test(i.name + ' ' + i.id))).map(name);

      const groups = new Map();
      for (const i of list('input[type=radio],input[type=checkbox]')) if (i.name) { const k = i.type + ' ' + i.name; groups.set(k, [...(groups.get(k) || []), i]); }
      const titled = (i) => { const f = i.closest('fieldset,[role=group],[role=radiogroup]'); return !!f && !!(f.matches('[aria-label],[aria-labelledby]') || squeeze((f.querySelector('legend') || {}).textContent)); };
      out.groupsNoLegend = [...groups].filter(([, of]) => of.length > 1 && !of.every(titled)).map(([k]) => k);

      out.tables = list('table:not([role=presentation],[role=none])').filter(shown).flatMap((t) => {
        const th = list('th', t);
        if (!th.length) return [name(t) + ' has no th'];
        if (th.some((h) => !h.hasAttribute('scope') && !h.id)) return [name(t) + ' has a th without scope'];
        return t.caption || t.matches('[aria-label],[aria-labelledby]') ? [] : [name(t) + ' has no caption'];
      });
      const said = (a) => [a.textContent, a.title, a.getAttribute('aria-label')].join(' ');
      out.newWindow = list('a[target=_blank]').filter((a) => !/nouve(l|lle) (fenêtre|onglet)|nouvelle|onglet|externe|new (window|tab)/i.test(said(a))).map(name);
      out.filesNoSize = list('a[href]').filter((a) => /\.(pdf|odt|ods|docx?|xlsx?|csv|zip)([?#]|$)/i.test(a.getAttribute('href')) && !/\d\s?(ko|mo|go|kb|mb|octets)\b/i.test(a.textContent)).map(name);

      const foot = list('footer,[role=contentinfo]').map((f) => f.innerText).join(' ');
      const legal = { 'accessibilité : … conforme': /accessibilité\s*:\s*(totalement|partiellement|non)\s+conforme/i, 'mentions légales': /mentions légales/i, 'données personnelles': /données personnelles|confidentialité/i, 'plan du site': /plan du site/i };
      out.legalMissing = Object.keys(legal).filter((k) => !legal[k].test(foot));
      const nav = document.querySelector('header nav, nav');
      out.menu = nav ? list('a[href]', nav).map((a) => a.getAttribute('href').replace(/[?#].*/, '')) : [];
      // Something that acts on a press but that the keyboard cannot reach.
      out.pseudo = list('[onclick],[role=button],[role=link],[role=checkbox],[role=switch],[role=tab],[role=menuitem],[role=option]').filter((e) => shown(e) && !e.matches('a[href],button,input,select,textarea,summary,label,body') && e.tabIndex < 0 && !e.closest(COMPOSITE + ',[aria-activedescendant]')).map(name);

      out.weakFields = list('input,select,textarea').filter((e) => seen(e) && !/^(hidden|range|submit|button|image|reset|checkbox|radio|file|color)$/.test(e.type)).flatMap((e) => {
        const s = style(e), behind = backdrop(e.parentElement);
        const colors = ['top', 'right', 'bottom', 'left'].filter((k) => line(s.getPropertyValue(`border-${k}-style`), s.getPropertyValue(`border-${k}-width`), s.getPropertyValue(`border-${k}-color`))).map((k) => s.getPropertyValue(`border-${k}-color`));
        const best = Math.max(1, ...[...colors, s.backgroundColor, s.boxShadow].map(rgba).filter((c) => c && c.a > 0.5).map((c) => contrast(c.c, behind)));
        return best < 3 ? [`${name(e)} ${best.toFixed(1)}:1`] : [];
      });
      return out;
    },

    words: () => ({ words: wordCount(main().innerText), h1: squeeze((document.querySelector('h1') || {}).innerText), asksForScripts: /(activer|enable|nécessite|requires)\s+javascript/i.test(document.body.innerText) }),

    language() {
      const blocks = list('p,li,dd,label,legend,td,h1,h2,h3', main()).filter((b) => shown(b) && !b.querySelector('p,li,dd,td'));
      const sentences = blocks.flatMap((b) => b.innerText.split(/(?<=[.!?…؟])\s+|\n+/)).map((s) => ({ s: squeeze(s), n: wordCount(s) })).filter((x) => x.n);
      const words = sentences.reduce((sum, x) => sum + x.n, 0);
      return { sentences: sentences.length, words, mean: sentences.length ? words / sentences.length : 0, long: sentences.filter((x) => x.n > 20).map((x) => `${x.n} words: ${x.s.slice(0, 70)}`) };
    },

    type() {
      const bySize = new Map();
      let smallest = null;
      for (const t of texts()) {
        const px = parseFloat(style(t.el).fontSize);
        bySize.set(px, (bySize.get(px) || 0) + t.length);
        if (!smallest || px < smallest.px) smallest = { px, at: name(t.el) };
      }
      const body = [...bySize].sort((a, b) => b[1] - a[1])[0];
      // Half an em a character: the same answer whatever fonts the machine has.
      const wide = list('main p').filter((p) => shown(p) && p.innerText.length > 120).map((p) => p.clientWidth / parseFloat(style(p).fontSize) * 2);
      return { body: body ? body[0] : 0, min: smallest ? smallest.px : 0, minAt: smallest ? smallest.at : '', lineChars: Math.round(Math.max(0, ...wide)), justified: list('p,li,dd,td,blockquote').filter((e) => shown(e) && style(e).textAlign === 'justify').map(name) };
    },

    // Pixels of the page past the right edge (left edge in Arabic), and who.
    overflow() {
      const root = document.documentElement, extra = Math.max(root.scrollWidth, document.body.scrollWidth) - innerWidth;
      if (extra <= 1) return { px: 0, who: [] };
      const who = list('body *').filter((e) => {
        const b = e.getBoundingClientRect();
        if (!b.width || (b.right + scrollX <= innerWidth + 1 && b.left + scrollX >= -1)) return false;
        for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (style(p).overflowX !== 'visible') return false;
        return seen(e);
      });
      return { px: extra, who: who.slice(0, 5).map(name) };
    },

    // Texts cut by a box that hides what comes out of it. A box that scrolls
    // cuts nothing.
    cut() {
      const out = new Set();
      for (const t of texts()) {
        for (let e = t.el; e && e !== document.body; e = e.parentElement) {
          const s = style(e);
          if (/auto|scroll/.test(s.overflowX + s.overflowY)) break;
          const hx = s.overflowX !== 'visible', hy = s.overflowY !== 'visible';
          if (!hx && !hy) continue;
          const b = e.getBoundingClientRect(), left = b.left + scrollX, top = b.top + scrollY;
          if (t.boxes.some((r) => (hx && (r.right > left + b.width + 2 || r.left < left - 2)) || (hy && (r.bottom > top + b.height + 3 || r.top < top - 3)))) { out.add(name(t.el)); break; }
        }
      }
      return [...out];
    },
    spaceText: (on) => { toggle(spacing, on); return document.body.offsetHeight; },

    // WCAG 2.5.8: 24 pixels, or alone enough that a circle of 24 around the
    // centre meets no other target; links inside a sentence are exempt.
    targets() {
      const all = controls().filter((e) => seen(e) && e.tagName !== 'IFRAME').map((el) => {
        let { left, top, right, bottom } = el.getBoundingClientRect();
        if (/^(checkbox|radio)$/.test(el.type)) for (const l of el.labels || []) { const b = l.getBoundingClientRect(); left = Math.min(left, b.left); top = Math.min(top, b.top); right = Math.max(right, b.right); bottom = Math.max(bottom, b.bottom); }
        const p = el.parentElement;
        const inText = style(el).display === 'inline' && Array.from(p.childNodes).some((n) => n !== el && n.nodeType === 3 && n.data.trim().length > 2);
        return { el, left, top, right, bottom, w: right - left, h: bottom - top, inText };
      });
      const tested = all.filter((t) => !t.inText);
      const small = tested.filter((t) => (t.w < 23.5 || t.h < 23.5) && all.some((o) => {
        if (o === t || o.el.contains(t.el) || t.el.contains(o.el)) return false;
        const x = (t.left + t.right) / 2, y = (t.top + t.bottom) / 2;
        return Math.hypot(Math.max(o.left - x, 0, x - o.right), Math.max(o.top - y, 0, y - o.bottom)) < 12;
      }));
      const say = (t) => `${name(t.el)} ${Math.round(t.w)}x${Math.round(t.h)}`;
      return { count: tested.length, under24: small.map(say), under44: tested.filter((t) => t.w < 43.5 || t.h < 43.5).map(say) };
    },

    printedMenus: () => list('nav,[role=navigation]').filter(shown).map(name),

    // Keyboard: begin notes how everything looks at rest, step reads where the
    // focus went after a press of Tab, end says what was never reached.
    keysBegin() {
      toggle(still, true);
      getSelection().removeAllRanges();
      if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
      // The next Tab starts where the last focus was: put it before everything.
      const start = document.createElement('span');
      start.tabIndex = -1;
      document.body.prepend(start);
      start.focus({ preventScroll: true });
      start.remove();
      scrollTo(0, 0);
      const all = controls();
      const native = 'a[href],button,input,select,textarea,summary';
      keys = { rest: new Map(all.map((e) => [e, looks(e)])), met: new Set(), last: null, unseen: [], hidden: [], removed: all.filter((e) => e.tabIndex < 0 && e.matches(native) && seen(e) && !e.closest(COMPOSITE)), expected: all.filter((e) => e.tabIndex >= 0) };
      return keys.expected.length;
    },
    keysStep() {
      const el = document.activeElement;
      if (!el || el === document.body || el === document.documentElement) return { state: 'out' };
      if (el === keys.last) return { state: 'same', frame: el.tagName === 'IFRAME', at: name(el) };
      keys.last = el;
      if (keys.met.has(el)) return { state: 'again', at: name(el) };
      keys.met.add(el);
      if (el.tagName !== 'IFRAME' && keys.rest.has(el) && (keys.rest.get(el) === looks(el) || ![el, ...(el.labels || [])].some(seen))) keys.unseen.push(name(el));
      // Hidden: at every point tried, something else lies over it.
      const spots = Array.from(el.getClientRects()).flatMap((b) => [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) => [b.left + b.width * x, b.top + b.height * y])).filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
      const mine = (hit) => !hit || el.contains(hit) || hit.contains(el) || Array.from(el.labels || []).some((l) => l.contains(hit));
      if (spots.length && !spots.some(([x, y]) => mine(document.elementFromPoint(x, y)))) keys.hidden.push(name(el));
      return { state: 'new', at: name(el) };
    },
    keysEnd() {
      toggle(still, false);
      // One member of a group of radio buttons stands for all.
      const met = (e) => keys.met.has(e) || (e.type === 'radio' && [...keys.met].some((m) => m.type === 'radio' && m.name === e.name && m.form === e.form));
      const due = keys.expected.filter((e) => e.isConnected && shown(e));
      return { expected: due.length, missing: due.filter((e) => !met(e)).map(name), removed: keys.removed.map(name), unseen: keys.unseen, hidden: keys.hidden };
    },

    // Rules of axe: WCAG 2.0 to 2.2 A and AA, good practice, and AAA contrast
    // told apart by its name.
    async axe() {
      const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const res = await axe.run(document, { runOnly: { type: 'tag', values: [...wcag, 'best-practice'] }, rules: { 'target-size': { enabled: true }, 'color-contrast-enhanced': { enabled: true } }, resultTypes: ['violations'], elementRef: false });
      return res.violations.map((v) => ({ rule: v.id, impact: v.impact || 'minor', help: v.help, wcag: v.tags.some((t) => wcag.includes(t)), nodes: v.nodes.map((n) => n.target.flat().join(' ')) }));
    },
  };
})();
