// Passkeys: asks the options of a ceremony, lets the browser answer, hands the answer back. Buttons stay hidden where the
// browser has no passkeys. ES2017, no dependency.
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (t) => Uint8Array.from(atob(t.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const post = async (path, body) => {
    const res = await fetch(path, { method: 'POST', body, credentials: 'same-origin' });
    const said = await res.json();
    if (!res.ok) throw new Error(said.message);
    return said;
  };
  const ids = (list) => (list || []).map((c) => Object.assign({}, c, { id: bytes(c.id) }));
  const answer = async (options) => {
    const k = options.publicKey;
    k.challenge = bytes(k.challenge);
    if (k.user) {
      k.user.id = bytes(k.user.id);
      k.excludeCredentials = ids(k.excludeCredentials);
      return navigator.credentials.create({ publicKey: k });
    }
    k.allowCredentials = ids(k.allowCredentials);
    return navigator.credentials.get({ publicKey: k });
  };
  const plain = (c) => {
    const r = c.response, out = { clientDataJSON: text(r.clientDataJSON) };
    for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (r[part]) out[part] = text(r[part]);
    if (r.getTransports) out.transports = r.getTransports();
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response: out, clientExtensionResults: c.getClientExtensionResults() });
  };
  for (const button of document.querySelectorAll('[data-cle]')) {
    const said = document.getElementById(button.getAttribute('aria-describedby'));
    button.closest('[data-cle-bloc]').hidden = false;
    button.addEventListener('click', async () => {
      said.textContent = '';
      button.disabled = true;
      try {
        const path = button.dataset.cle;
        const done = await post(path + '/reponse' + location.search, plain(await answer(await post(path, ''))));
        if (!done.codes) { location.assign(done.vers); return; }
        const list = document.getElementById('codes-secours');
        for (const code of done.codes) list.appendChild(document.createElement('li')).textContent = code;
        for (const el of document.querySelectorAll('[data-avant]')) el.hidden = true;
        for (const el of document.querySelectorAll('[data-apres]')) el.hidden = false;
        document.querySelector('[data-apres] h2').focus();
      } catch (e) {
        said.textContent = e.name === 'NotAllowedError' ? said.dataset.refus : e.message || said.dataset.refus;
        button.disabled = false;
      }
    });
  }
})();
