// Where no network answers, the pages of the team give way to one that shows the day kept on the device. Nothing that names
// anybody is kept here: the day is in the device's own store, encrypted (journee.js).
const page = '%PAGE%', kept = [%KEPT%], name = 'viaduc ' + kept.join(' ');

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(name).then((c) => c.addAll([page].concat(kept))).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (e) => {
  e.waitUntil(caches.keys().then((all) => Promise.all(all.filter((n) => n !== name).map((n) => caches.delete(n)))).then(() => self.clients.claim()));
});

const standIn = () => caches.match(page, {ignoreVary: true});
// A network that is there but does not answer is none: three seconds, then the copy, unless the address asks for the network.
const patience = 3000;

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== location.origin) return;
  if (kept.indexOf(url.pathname) >= 0) {
    e.respondWith(caches.match(url.pathname, {ignoreVary: true}).then((r) => r || fetch(e.request)));
    return;
  }
  if (e.request.mode !== 'navigate' || (url.pathname !== '%HOME%' && url.pathname.indexOf('%HOME%/') !== 0)) return;
  e.respondWith(new Promise((answer) => {
    const late = url.pathname === '%HOME%' && !url.search ? setTimeout(() => standIn().then((r) => r && answer(r)), patience) : 0;
    fetch(e.request).then((r) => { clearTimeout(late); answer(r); }, () => standIn().then((r) => answer(r || Response.error())));
  }));
});
