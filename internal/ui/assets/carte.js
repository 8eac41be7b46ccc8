// The detailed map: Leaflet moves it, the server counts. The marks of what is in view come from /api/v1/lieux/carte, and
// the same stands in the list below. Without this script the page has that list, with links that zoom. ES2017 at most.
(() => {
  const L = window.L, box = document.querySelector('[data-carte]'), frame = document.getElementById('carte');
  if (!L || !box || !window.fetch) return;
  const list = document.getElementById('en-vue'), status = document.getElementById('combien');
  const words = box.dataset, still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const bounds = (text) => { const [w, s, e, n] = text.split(',').map(Number); return [[s, w], [n, e]]; };
  const start = bounds(words.bbox), middle = (start[0][0] + start[1][0]) / 2;

  // Outlines are drawn in degrees, tiles in Mercator. Degrees are shrunk at the latitude of the territory, so that a
  // kilometre is as long both ways, and a zoom means what it means elsewhere.
  const shrunk = 1 / (360 * Math.cos(middle * Math.PI / 180));
  const degrees = L.extend({}, L.CRS.Earth, {projection: L.Projection.LonLat, transformation: L.transformation(1 / 360, 0.5, -shrunk, 0.5)});
  frame.hidden = false;
  const map = L.map(frame, {
    crs: words.tuiles ? L.CRS.EPSG3857 : degrees, zoomSnap: words.tuiles ? 1 : 0.25, minZoom: 4, maxZoom: words.tuiles ? 18 : 16, zoomControl: false, attributionControl: false,
    scrollWheelZoom: false, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
  });
  const size = document.getElementById('taille'), [closer, wider] = size.children;
  closer.addEventListener('click', () => map.zoomIn());
  wider.addEventListener('click', () => map.zoomOut());
  map.on('zoomend', () => {
    closer.setAttribute('aria-disabled', map.getZoom() >= map.getMaxZoom());
    wider.setAttribute('aria-disabled', map.getZoom() <= map.getMinZoom());
  });
  size.hidden = false;
  L.control.scale({imperial: false}).addTo(map);
  if (words.tuiles) {
    const credit = document.createElement('i');
    credit.textContent = words.source;
    L.control.attribution({prefix: false}).addAttribution(credit.innerHTML).addTo(map);
    L.tileLayer(words.tuiles, {maxZoom: 18}).addTo(map);
  }
  // The wheel turns the page until one is on the map.
  frame.addEventListener('focusin', () => map.scrollWheelZoom.enable());
  frame.addEventListener('focusout', () => map.scrollWheelZoom.disable());

  const draw = (name, attributes) => {
    const el = document.createElementNS('http://www.w3.org/2000/svg', name);
    Object.keys(attributes).forEach((k) => el.setAttribute(k, attributes[k]));
    return el;
  };
  // The shape says the offer, as everywhere on the site; a ring is a group.
  const picture = (m) => {
    const svg = draw('svg', {class: m.lieux ? 'num amas' : 'num', viewBox: '0 0 32 32', 'aria-hidden': 'true', focusable: 'false'});
    const text = draw('text', {x: 16, y: m.offre === 'wifi' ? 26 : m.offre === 'non_dit' ? 21 : 21.5});
    if (m.offre === 'non_dit') svg.appendChild(draw('path', {d: 'M16 0l16 16-16 16L0 16z'}));
    else if (m.offre === 'wifi') svg.appendChild(draw('path', {d: 'M16 0l16 30H0z'}));
    else if (m.offre === 'libre_service') svg.appendChild(draw('rect', {x: 2, y: 2, width: 28, height: 28, rx: 2}));
    else svg.appendChild(draw('circle', {cx: 16, cy: 16, r: 14.5}));
    text.textContent = m.lieux || m.rang;
    if (m.lieux > 999) text.setAttribute('class', 'petit');
    svg.appendChild(text);
    return svg;
  };

  // The ground: the outlines of the départements in view, in the colours of the page. Of a whole country they would be too
  // many, and too small to be told apart.
  const grounds = words.tuiles ? [] : JSON.parse(words.fonds || '[]'), most = 4;
  const layer = (f, ids) => {
    const svg = draw('svg', {viewBox: '0 0 ' + f.largeur + ' ' + f.hauteur, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false', class: 'fond'});
    ids.forEach((id) => svg.appendChild(draw('use', {href: f.adresse + '#' + id, class: 't-' + id})));
    return L.svgOverlay(svg, bounds(f.bbox));
  };
  grounds.forEach((f) => {
    f.under = layer(f, ['eau', 'autour']).setZIndex(1);
    f.over = layer(f, ['sol', 'communes', 'epci']).setZIndex(2);
  });
  const ground = () => {
    const seen = grounds.filter((f) => map.getBounds().intersects(bounds(f.bbox)));
    grounds.forEach((f) => [f.under, f.over].forEach((l) => {
      if (seen.length <= most && seen.indexOf(f) >= 0) l.addTo(map); else l.remove();
    }));
  };
  map.on('moveend', ground);

  const fill = (text, m) => text.replace('{n}', m.lieux).replace('{commune}', m.commune || '');
  const offers = {mediateur: words.mediateur, libre_service: words.libre, wifi: words.wifi, non_dit: words.nondit};

  // Where a group leads: nearer, or, where its places cannot be told apart, to the list of its commune.
  const target = (m) => {
    const [w, s, e, n] = m.emprise, area = L.latLngBounds([[s, w], [n, e]]);
    const zoom = Math.min(map.getMaxZoom(), Math.max(map.getZoom() + 1, Math.min(map.getBoundsZoom(area, false, L.point(80, 80)), 16)));
    return {at: area.getCenter(), zoom, more: map.getZoom() < map.getMaxZoom() && e - w + n - s > 0.0004};
  };
  const address = (view) => {
    const q = new URLSearchParams(location.search);
    q.delete('bbox');
    const text = q.toString();
    return location.pathname + '?' + (text ? text + '&' : '') + 'bbox=' + view;
  };
  // A link or a button, with its name; groups move the map.
  const press = (m, bare) => {
    const go = target(m.lieux ? m : {emprise: [m.lon, m.lat, m.lon, m.lat]});
    const closer = m.lieux && go.more, el = document.createElement(closer && bare ? 'button' : 'a');
    if (!m.lieux) el.href = words.prefixe + m.page;
    else if (!closer) el.href = words.liste + encodeURIComponent(m.code_insee || m.commune || '');
    else if (!bare) el.href = address(m.emprise.join(','));
    else el.type = 'button';
    m.dit = !m.lieux ? m.nom : fill(closer ? (m.commune ? words.groupe : words.amas) : words.ensemble, m);
    el.addEventListener('click', (e) => {
      if (e.detail && map.dragging && map.dragging.moved() && bare) { e.preventDefault(); return; } // the map was dragged by its mark
      if (!closer) return;
      e.preventDefault();
      frame.focus({preventScroll: bare});
      map.setView(go.at, go.zoom);
    });
    return el;
  };
  const Mark = L.Icon.extend({
    createIcon() {
      const m = this.options.mark, el = press(m, true);
      this._setIconStyles(el, 'icon');
      el.setAttribute('aria-label', m.lieux ? m.dit : m.rang + ' : ' + m.dit + ', ' + offers[m.offre].toLowerCase());
      el.appendChild(picture(m));
      return el;
    },
    createShadow() { return null; },
  });

  const marks = L.layerGroup().addTo(map), towns = L.layerGroup().addTo(map);
  const line = (m) => {
    const li = document.createElement('li'), a = press(m, false), text = document.createElement('span');
    li.dataset.clef = m.clef;
    li.appendChild(picture(m));
    a.textContent = m.dit;
    text.appendChild(a);
    if (!m.lieux) text.appendChild(document.createTextNode(' ' + (m.commune ? m.commune + '. ' : '') + offers[m.offre] + '.' + (m.centre_commune ? ' ' + words.approche : '')));
    li.appendChild(text);
    return li;
  };
  // A line that says the same stays; another takes its place, and the focus if it was there.
  const write = (m, i) => {
    const old = list.children[i];
    if (!old) list.appendChild(line(m));
    else if (old.dataset.clef !== m.clef) {
      const on = old.contains(document.activeElement), next = line(m);
      list.replaceChild(next, old);
      if (on) next.querySelector('a').focus({preventScroll: true});
    }
  };
  // The ground's words, like its outlines, are drawn and not read: the list says where places are.
  const town = (v) => {
    const layer = L.marker([v.lat, v.lon], {keyboard: false, interactive: false, zIndexOffset: -9999, icon: L.divIcon({className: 'bourg', iconSize: null})}).addTo(towns);
    layer.getElement().dataset.nom = v.nom;
    layer.getElement().setAttribute('aria-hidden', 'true');
    return layer;
  };
  const pin = (m) => L.marker([m.lat, m.lon], {keyboard: false, icon: new Mark({mark: m, iconSize: [44, 44], className: 'repere'})}).addTo(marks);
  const onMark = () => document.activeElement.classList.contains('repere');
  // What stays in view stays as it is, and keeps the focus; the rest goes, and what is new comes.
  const held = {reperes: {}, villes: {}};
  const renew = (kind, group, next) => {
    const now = {};
    next.forEach((m) => { now[m.clef] = m; });
    Object.keys(held[kind]).filter((k) => !now[k]).forEach((k) => { group.removeLayer(held[kind][k]); delete held[kind][k]; });
    return next.filter((m) => !held[kind][m.clef]);
  };
  // Work in small pieces, a few a frame: an old phone keeps moving meanwhile.
  const pieces = (mine, list) => {
    const next = () => {
      if (mine !== turn) return;
      for (const end = performance.now() + 3; list.length && performance.now() < end;) list.shift()();
      if (list.length) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  };
  const show = (answer, mine) => {
    answer.lieux.forEach((m, i) => { m.rang = i + 1; m.clef = 'l' + m.numero + '.' + m.rang; });
    answer.groupes.forEach((m) => { m.clef = 'g' + m.emprise + ',' + m.lieux + '.' + map.getZoom(); });
    answer.villes.forEach((v) => { v.clef = v.nom + v.lat; });
    const alone = answer.lieux.filter((m) => m.groupe === undefined), all = answer.groupes.concat(alone).sort((a, b) => b.lat - a.lat);
    const lines = answer.lieux.length === answer.total ? answer.lieux : answer.groupes.concat(alone);
    const focused = onMark(), reading = list.contains(document.activeElement);
    pieces(mine, [
      ...renew('reperes', marks, all).map((m) => () => { held.reperes[m.clef] = pin(m); }),
      () => {
        if (onMark()) return;
        if (focused) frame.focus({preventScroll: true});
        else all.map((m) => held.reperes[m.clef]).filter(Boolean).forEach((r) => r.getElement().parentNode.appendChild(r.getElement())); // from north to south for the keyboard
      },
      ...(words.tuiles ? [] : renew('villes', towns, answer.villes).map((v) => () => { held.villes[v.clef] = town(v); })),
      ...lines.map((m, i) => () => write(m, i)),
      () => {
        while (list.children.length > lines.length) list.removeChild(list.lastElementChild);
        if (reading && document.activeElement === document.body && list.lastElementChild) list.lastElementChild.querySelector('a').focus({preventScroll: true});
        const said = answer.total === 0 ? words.aucun : answer.total === 1 ? words.un : words.plusieurs.replace('{n}', answer.total.toLocaleString(document.documentElement.lang));
        if (status.textContent !== said) status.textContent = said;
        frame.dataset.etat = 'pret';
      },
    ]);
  };

  // A mark at the very edge would be cut: the view ends half a mark before.
  const inner = () => {
    const pixels = map.getSize(), at = (x, y) => map.containerPointToLatLng([x, y]);
    return L.latLngBounds(at(20, pixels.y - 20), at(pixels.x - 20, 20));
  };
  map.on('resize', () => {
    const view = inner(), focused = onMark();
    Object.keys(held.reperes).forEach((k) => { if (!view.contains(held.reperes[k].getLatLng())) { marks.removeLayer(held.reperes[k]); delete held.reperes[k]; } });
    if (focused && !onMark()) frame.focus({preventScroll: true});
  });
  let turn = 0, wait = 0;
  const load = () => {
    if (!map.getSize().x) return; // on paper
    const view = inner();
    const mine = ++turn, cut = (v, most) => Math.max(-most, Math.min(most, v)).toFixed(4);
    const bbox = [cut(view.getWest(), 180), cut(view.getSouth(), 90), cut(view.getEast(), 180), cut(view.getNorth(), 90)].join(',');
    history.replaceState(null, '', address(bbox));
    if (kept) kept.value = bbox;
    fetch(words.carte + (words.carte.indexOf('?') < 0 ? '?' : '&') + 'bbox=' + bbox + '&zoom=' + Math.floor(map.getZoom()))
      .then((r) => { if (!r.ok) throw r.status; return r.json(); })
      .then((answer) => { if (mine === turn) show(answer, mine); })
      .catch(() => { if (mine === turn) { status.textContent = words.panne; frame.dataset.etat = 'panne'; } });
  };

  // A change of the choices keeps the view; another place, or the reader's own, leaves it.
  const form = document.querySelector('form.filtres,form.chercher'), kept = form && document.createElement('input');
  if (form) {
    kept.type = 'hidden';
    kept.name = 'bbox';
    form.appendChild(kept);
    const where = form.elements.ou;
    form.addEventListener('submit', () => { kept.disabled = where && where.value !== where.defaultValue; });
    const around = form.querySelector('[data-autour]');
    if (around) around.addEventListener('click', () => { kept.disabled = true; });
  }
  map.on('movestart', () => { clearTimeout(wait); frame.dataset.etat = 'attend'; });
  map.on('moveend', () => { clearTimeout(wait); wait = setTimeout(load, 120); });
  map.fitBounds(L.latLngBounds(start).pad(-0.02), {animate: false}); // less than the view: rounding never zooms out
  document.querySelectorAll('[data-sans]').forEach((el) => { el.hidden = true; });
})();
