// The day of a mediator without network. Nothing here is needed where there is one: each tap is a form that the server takes.
// On a device that keeps the day, taps wait in the device's own store under an id of their own and are sent until they are
// answered; the day itself is kept encrypted, by a key that no script can read, until the next morning. ES2017 at most.
(() => {
  const subtle = window.crypto && crypto.subtle;
  if (!subtle || !navigator.serviceWorker || !window.indexedDB || !window.fetch) return;
  const base = '/pro', $ = (s, in_) => (in_ || document).querySelector(s), all = (s, in_) => Array.from((in_ || document).querySelectorAll(s));
  const make = (tag, text, attributes) => Object.assign(document.createElement(tag), {textContent: text || ''}, attributes);

  // The store: "etat" holds who keeps the day, its key and the day; "envoi" what is not answered yet.
  const store = new Promise((ok, no) => {
    const r = indexedDB.open('viaduc', 1);
    r.onupgradeneeded = () => { r.result.createObjectStore('etat'); r.result.createObjectStore('envoi', {keyPath: 'id'}); };
    r.onsuccess = () => ok(r.result);
    r.onerror = () => no(r.error);
  });
  const run = (name, mode, f) => store.then((db) => new Promise((ok, no) => {
    const t = db.transaction(name, mode), r = f(t.objectStore(name));
    t.oncomplete = () => ok(r && r.result);
    t.onabort = t.onerror = () => no(t.error);
  }));
  const get = (key) => run('etat', 'readonly', (s) => s.get(key));
  const set = (key, value) => run('etat', 'readwrite', (s) => { s.put(value, key); });
  const waiting = () => run('envoi', 'readonly', (s) => s.getAll()).then((l) => l.sort((a, b) => a.rang - b.rang));
  const forget = () => run('etat', 'readwrite', (s) => { s.delete('jour'); s.delete('cle'); });
  // An id as the server makes them (RFC 9562, version 7): the instant, then chance.
  const uuid = () => {
    const b = crypto.getRandomValues(new Uint8Array(16)), now = Date.now();
    for (let i = 0; i < 6; i++) b[i] = Math.floor(now / Math.pow(256, 5 - i)) % 256;
    b[6] = b[6] & 15 | 112;
    b[8] = b[8] & 63 | 128;
    return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };

  // The day, encrypted. Its key is new each day and cannot be read out of the browser; both go at the hour that the server said.
  const keep = async (day) => {
    const key = await subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']), iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await subtle.encrypt({name: 'AES-GCM', iv}, key, new TextEncoder().encode(day.html));
    await run('etat', 'readwrite', (s) => { s.put(key, 'cle'); s.put({iv, data, fin: Date.now() + day.reste, jour: day.jour, pris: Date.now()}, 'jour'); });
  };
  const kept = async () => {
    const [key, day] = await Promise.all([get('cle'), get('jour')]);
    if (!key || !day) return null;
    if (Date.now() >= day.fin) { await forget(); return null; }
    return Object.assign(day, {html: new TextDecoder().decode(await subtle.decrypt({name: 'AES-GCM', iv: day.iv}, key, day.data))});
  };

  const hour = (ms) => { const d = new Date(ms); return d.getHours() + '\u00a0h\u00a0' + String(d.getMinutes()).padStart(2, '0'); };
  const several = (n, one, more) => n + '\u00a0' + (n > 1 ? more : one);

  // What the page says of the network and of what waits; nothing where all is well.
  const state = make('div', '', {className: 'message m-info reseau', hidden: true});
  state.setAttribute('role', 'status');
  const say = (text, warn, ...more) => {
    if (state.dataset.dit === text && state.parentNode) return; // said already: nothing is announced twice, and the focus stays
    state.dataset.dit = text;
    state.className = 'message reseau ' + (warn ? 'm-alerte' : 'm-info');
    state.textContent = '';
    if (text) state.append(make('p', text), ...more);
    state.hidden = !text;
    const h1 = $('main h1');
    if (!state.parentNode && h1) h1.insertAdjacentElement('afterend', state);
  };
  const button = (text, act) => { const b = make('button', text, {type: 'button', className: 'second'}); b.addEventListener('click', act); return b; };

  let me = null, refusal = '', asked = false; // asked: a question waits for its answer, and nothing covers it
  const account = () => { const day = $('#jour'); return day ? day.dataset.compte : me && me.compte; };
  const told = async () => {
    const list = await waiting(), mine = list.filter((a) => a.compte === account()), offline = $('#garde');
    if (asked) return;
    if (refusal) return say(refusal, true);
    if (!mine.length && list.length) return say(several(list.length, 'note d\'un autre compte attend', 'notes d\'un autre compte attendent') + ' sur cet appareil. Elles partiront à sa prochaine connexion.', true);
    if (!mine.length) return offline && me ? say('Vous êtes hors connexion.' + (me.pris ? ' Copie de ' + hour(me.pris) + '.' : ''), false, link('Essayer de nouveau', base + '?direct')) : say('');
    say((offline ? 'Hors connexion. ' : '') + several(mine.length, 'note à envoyer.', 'notes à envoyer.') + ' Rien n\'est perdu.', true, button('Envoyer maintenant', () => send(true)));
  };
  const link = (text, href) => make('a', text, {href, className: 'lien'});

  // A tap shows at once, then waits to be sent.
  const mark = (li, as, text, tone) => {
    li.dataset.etat = as;
    const tag = $('.tag', li);
    tag.textContent = text;
    tag.className = 'tag m-' + (tone || 'neutre');
  };
  const replay = async () => {
    (await waiting()).filter((a) => a.compte === account()).forEach((a) => {
      if (a.geste === 'terminer') all('form[data-geste=terminer]').filter((f) => f.dataset.date === a.date).forEach((f) => f.parentNode.replaceWith(make('p', 'Séance terminée.')));
      else if (a.geste === 'compter') all('form[data-geste=compter]').filter((f) => f.dataset.date === a.date).forEach((f) => add($('output', f), a.combien));
      else all('#jour [data-inscription]').filter((li) => li.dataset.inscription === a.inscription).forEach((li) => {
        const b = $('button[value="' + a.comme + '"]', li);
        if (b) mark(li, a.comme, b.dataset.dit, b.dataset.ton);
      });
    });
  };
  const add = (output, n) => { output.textContent = Number(output.textContent) + n; };
  const put = (action) => run('etat', 'readwrite', (s) => s.get('rang')).then(async (last) => {
    const rang = (last || 0) + 1;
    await set('rang', rang);
    await run('envoi', 'readwrite', (s) => { s.put(Object.assign({id: uuid(), rang, compte: account(), quand: Date.now()}, action)); });
  });
  let turn = Promise.resolve(); // one tap after the other: each has its rank
  document.addEventListener('submit', (e) => {
    const form = e.target, kind = form.dataset.geste, by = e.submitter || document.activeElement;
    if (!kind || !me || me.compte !== account() || e.defaultPrevented) return;
    e.preventDefault();
    if (kind === 'terminer') { turn = turn.then(() => end(form)); } else if (kind === 'compter') {
      const n = Number(by.value), output = $('output', form);
      if (n < 0 && Number(output.textContent) < 1) return;
      add(output, n);
      turn = turn.then(() => put({geste: kind, date: form.dataset.date, combien: n}));
    } else {
      const li = form.closest('[data-inscription]');
      mark(li, by.value, by.dataset.dit, by.dataset.ton);
      turn = turn.then(() => put({geste: kind, inscription: li.dataset.inscription, comme: by.value, version: Number(li.dataset.version)}));
    }
    turn = turn.then(told).then(() => send()).catch(broken);
  });
  // The end of a date: whoever arrived came, whoever did not is absent, and the numbers.
  const end = async (form) => {
    const box = form.closest('.seance'), n = (name) => Number(form.elements[name].value) || 0;
    for (const li of all('[data-inscription]', box)) {
      const as = {booked: 'no_show', arrived: 'attended'}[li.dataset.etat], b = as && $('button[value=' + as + ']', li);
      if (b) {
        mark(li, as, b.dataset.dit, b.dataset.ton);
        await put({geste: 'marquer', inscription: li.dataset.inscription, comme: as, version: Number(li.dataset.version)});
      }
    }
    await put({geste: 'terminer', date: form.dataset.date, personnes: Math.max(0, Number($('output', box).textContent)), premiere: n('premiere'), jeunes: n('jeunes'), aines: n('aines'), note: form.elements.note.value});
    form.parentNode.replaceWith(make('p', 'Séance terminée.'));
  };
  const broken = () => say('Cet appareil n\'a plus de place pour noter. Notez sur papier, et libérez de la place.', true);

  // Sends what waits, by pieces, until nothing does. What is answered goes; what is not stays.
  let sending = null;
  const ask = (path, init) => fetch(base + path + '?appareil=' + me.id, Object.assign({credentials: 'same-origin', headers: {'Content-Type': 'application/json'}}, init));
  const send = (aloud) => sending || (sending = flush(aloud).then(() => { sending = null; }, () => { sending = null; return told(); }));
  const flush = async (aloud) => {
    let gaps = 0, done = 0, refused = [];
    for (;;) {
      const list = me ? (await waiting()).filter((a) => a.compte === account()).slice(0, 100) : [];
      if (!list.length) break;
      const r = await ask('/journee/envoi', {method: 'POST', body: JSON.stringify({gestes: list})}), answer = await r.json();
      if (!r.ok) { await refusedBy(r.status, answer); return; }
      refusal = '';
      const issues = answer.issues || [];
      await run('envoi', 'readwrite', (s) => issues.forEach((i) => s.delete(i.id)));
      done += issues.length;
      gaps += issues.filter((i) => i.issue === 'conflict').length;
      refused = refused.concat(issues.filter((i) => i.issue === 'refused').map((i) => i.pourquoi));
      if (!issues.length) break;
    }
    await told();
    if (!done || asked) return;
    if (refused.length) say(several(refused.length, 'note n\'a pas pu être prise', 'notes n\'ont pas pu être prises') + '\u00a0: ' + refused[0], true, link('Voir l\'agenda', base + '/agenda'));
    else if (gaps) say('Un collègue a noté autre chose que vous. Décidez.', true, link('Voir', base + '?direct#ecarts'));
    else if ($('#garde')) say('Le réseau est revenu. Tout est envoyé.', false, link('Ouvrir ma journée à jour', base + '?direct'));
    else if (aloud) say('Tout est envoyé.');
  };
  // A refusal keeps what waits. A device that is lost forgets the day, and takes another name.
  const refusedBy = async (status, answer) => {
    if (answer.perdu) {
      await forget();
      await run('etat', 'readwrite', (s) => s.delete('appareil'));
      const day = $('#garde #jour');
      if (day) day.remove();
      refusal = 'Cet appareil a été déclaré perdu\u00a0: la journée n\'y est plus. Ce qui n\'était pas envoyé attend votre connexion.';
    } else if (status === 401) refusal = 'Votre connexion est finie. Rien n\'est perdu\u00a0: reconnectez-vous, ce qui attend partira.';
    else refusal = answer.pourquoi || 'Le site ne prend pas ce qui attend. Rien n\'est perdu.';
    await told();
    if (status === 401) state.append(link('Se connecter', '/connexion?retour=' + encodeURIComponent(base)));
  };

  // Fetches the day anew, for the next time without network.
  const renew = async () => {
    const r = await ask('/journee/copie', {});
    const answer = await r.json();
    if (!r.ok) return refusedBy(r.status, answer);
    if (answer.compte === me.compte) await keep(answer);
  };

  // Whoever wants it keeps the day on this device.
  const begin = async (compte) => {
    await navigator.serviceWorker.register(base + '/hors-ligne.js', {scope: base});
    await navigator.serviceWorker.ready;
    me = {id: uuid(), compte};
    await set('appareil', me);
    await renew();
  };
  const offer = () => {
    const box = $('#garder'), here = $('#garder-ici');
    if (!box || !box.dataset.compte) return;
    box.hidden = !!me;
    here.addEventListener('click', () => begin(box.dataset.compte).then(() => location.reload(), () => say('Ce navigateur ne garde rien. Essayez sans navigation privée.', true)));
  };

  // Logging out asks what becomes of what is not sent; the names go in any case.
  const leave = () => all('form[action="/deconnexion"]').forEach((form) => form.addEventListener('submit', (e) => {
    if (form.dataset.su) return;
    e.preventDefault();
    const go = (garder) => forget().then(() => {
      if (garder) form.append(make('input', '', {type: 'hidden', name: 'garder', value: 'oui'}));
      form.dataset.su = '1';
      form.submit();
    });
    waiting().then((list) => {
      if (!list.length) return go(false);
      asked = true;
      const answered = (then) => () => { asked = false; then(); };
      say(several(list.length, 'note n\'est pas encore envoyée.', 'notes ne sont pas encore envoyées.') + ' Vous déconnecter quand même\u00a0?', true,
        button('Envoyer d\'abord', answered(() => send(true))), button('Me déconnecter, et les garder ici pour ma prochaine connexion', answered(() => go(true))), button('Rester', answered(told)));
      state.scrollIntoView();
    }, () => go(false));
  }));

  const start = async () => {
    leave();
    if ($('#garde')) all('a[href="/deconnexion"]').forEach((a) => a.addEventListener('click', (e) => {
      if (!navigator.onLine) { e.preventDefault(); say('Vous déconnecter demande le réseau. Pour vider cet appareil, attendez demain matin, ou le réseau.', true); }
    }));
    me = await get('appareil') || null;
    const day = $('#jour'), shell = $('#garde');
    if (day && me && me.compte !== day.dataset.compte) { await forget(); me = null; } // somebody else's device now
    offer();
    if (shell) {
      const copy = me && await kept();
      if (copy) {
        me.pris = copy.pris;
        await told(); // before the day, so that nothing moves under the finger
        shell.innerHTML = copy.html;
        if (location.pathname !== base) shell.insertAdjacentElement('afterbegin', make('p', 'La page que vous demandez a besoin du réseau. Voici votre journée.'));
      } else shell.textContent = 'Cet appareil ne garde pas de journée. La page reviendra avec le réseau.';
    }
    const compte = day && day.dataset.compte;
    if (compte && !me && (await waiting()).some((a) => a.compte === compte)) await begin(compte); // found again, or taken back
    await replay();
    await told();
    if (!me) return;
    navigator.serviceWorker.register(base + '/hors-ligne.js', {scope: base}).catch(() => {});
    await send();
    if (!shell && day) await renew().catch(() => {});
  };
  setInterval(() => { if (!document.hidden) send(); }, 20000); // browsers do not always say that the network is back
  window.addEventListener('online', () => send());
  document.addEventListener('visibilitychange', () => { if (!document.hidden) send(); });
  setInterval(() => kept().catch(() => {}), 600000); // the next morning comes to a page that stays open, too
  start().catch(() => {});
})();
