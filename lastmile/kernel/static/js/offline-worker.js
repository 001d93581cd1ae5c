/* Shows the pages of its scope (/todo/, /visits/, /shelters/desk/) without a network. Caches the empty page of the scope and the
   console's own files, never anybody's data: that lies sealed in IndexedDB (sealed-store.js). */
const SCOPE = new URL(self.registration.scope).pathname;
const CACHE = "lastmile-" + SCOPE.slice(1, -1);
const SHELL = SCOPE + "offline/";
const PATIENCE = 6000; // ms until a network that says nothing counts as none

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fill() {
  const cache = await caches.open(CACHE);
  const page = await fetch(SHELL, {cache: "reload"});
  if (!page.ok) throw new Error("no page to keep");
  const text = await page.clone().text();
  await cache.put(SHELL, page);
  await cache.addAll([...new Set(text.match(/\/static\/[^"')]+/g) || [])]);
}

self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(fill().catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname.startsWith(SCOPE)) event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});

async function page(request) {
  const kept = await caches.match(SHELL);
  try {
    return await Promise.race([fetch(request), patience(Boolean(kept))]);
  } catch (error) {
    return kept || Response.error();
  }
}

function patience(limited) {
  return new Promise((_, reject) => limited && setTimeout(() => reject(new Error("too slow")), PATIENCE));
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await caches.match(request, {ignoreSearch: true})) || Response.error();
  }
}
