// The one script of the pages; everything works without it. ES2015, no dependency.

// Reads the page aloud. The button stays hidden unless the device has its own voice of the page's language, so that no
// word leaves it.
(() => {
  const synth = window.speechSynthesis, button = document.querySelector('[data-lecture]');
  if (!synth || !button || !window.SpeechSynthesisUtterance) return;
  const lang = document.documentElement.lang.slice(0, 2), start = button.textContent;
  let voice, on = false;
  const find = () => {
    voice = synth.getVoices().find((v) => v.localService && v.lang.slice(0, 2).toLowerCase() === lang);
    button.hidden = !voice;
  };
  const show = (state) => {
    on = state;
    button.textContent = on ? button.dataset.stop : start;
    button.setAttribute('aria-pressed', on);
  };
  const stop = () => { show(false); synth.cancel(); };
  const read = (list, i) => {
    if (!on) return;
    if (i >= list.length) { stop(); return; }
    const text = list[i].closest('[lang]').lang.slice(0, 2) === lang ? list[i].innerText.trim() : '';
    if (!text) { read(list, i + 1); return; }
    const u = new SpeechSynthesisUtterance(text);
    u.voice = voice; u.lang = voice.lang; u.rate = 0.9;
    u.onend = () => read(list, i + 1); u.onerror = stop;
    synth.speak(u);
  };
  button.addEventListener('click', () => {
    if (on) { stop(); return; }
    show(true);
    read(document.querySelectorAll('main h1,main h2,main h3,main p,main li:not(.lieu):not(.rdv),main label,main legend,main dt,main dd'), 0);
  });
  find();
  synth.onvoiceschanged = find;
  window.addEventListener('pagehide', () => synth.cancel());
})();

// Looks around the reader. Only her click asks the device for its position; three decimals of it, a hundred metres, go
// into the address with the choices of the form. The button stays hidden where no device would answer.
(() => {
  const geo = navigator.geolocation;
  if (!geo || !window.isSecureContext) return;
  document.querySelectorAll('[data-autour]').forEach((button) => {
    const form = button.form, note = document.createElement('p');
    let asking = false;
    note.className = 'message m-info';
    note.setAttribute('role', 'status');
    const say = (text) => {
      note.textContent = text;
      note.hidden = !text;
      if (!note.parentNode) button.parentNode.insertAdjacentElement('afterend', note);
    };
    const set = (name, value) => {
      const input = form.elements[name] || form.appendChild(document.createElement('input'));
      if (!input.name) { input.type = 'hidden'; input.name = name; }
      input.value = value;
    };
    const found = (at) => {
      asking = false;
      say('');
      set('ou', '');
      set('lat', at.coords.latitude.toFixed(3));
      set('lon', at.coords.longitude.toFixed(3));
      form.submit();
    };
    const lost = (e) => {
      asking = false;
      say(e.code === 1 ? button.dataset.refus : button.dataset.echec);
    };
    button.addEventListener('click', () => {
      if (asking) return;
      asking = true;
      say(button.dataset.attente);
      geo.getCurrentPosition(found, lost, {timeout: 10000, maximumAge: 60000});
    });
    button.hidden = false;
  });
})();
