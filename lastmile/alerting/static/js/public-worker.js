/* The public pages' worker: shows what is pushed, and what was kept when there is no network (the board, a pushed warning).
   It keeps pages that are for everybody and nothing of whoever reads them. */
const CACHE = "lastmile-public", MOST = 30, PATIENCE = 6000, BOARD = "/w/board/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch (error) { /* a browser wants something shown, whatever came */ }
  const url = inside(said.url);
  const shown = self.registration.showNotification(said.title || "预警 Warning", {
    body: said.body || "", tag: said.tag || "warning", renotify: true, lang: said.lang || "zh-CN",
    requireInteraction: Boolean(said.stay), data: { url },
  });
  event.waitUntil(Promise.all([shown, keep(url).catch(() => undefined)]));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil((async () => {
  const old = event.oldSubscription;
  if (!old) return;
  const made = event.newSubscription || await self.registration.pushManager.subscribe(old.options);
  await fetch("/w/my/push/", { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ subscription: made, old: old.endpoint }) });
})()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const opened = event.request.mode === "navigate" && url.pathname.startsWith("/w/") && !url.pathname.startsWith("/w/my/");
  if (opened || url.pathname === BOARD) {
    event.respondWith(page(event.request, url));
  } else if (url.pathname.startsWith("/static/css/") || url.pathname.startsWith("/static/js/")) {
    event.respondWith(file(event.request));
  }
});

function inside(text) {
  try {
    const url = new URL(text, location.origin);
    return url.origin === location.origin ? url.href : location.origin + "/w/";
  } catch (error) {
    return location.origin + "/w/";
  }
}

async function open(url) {
  for (const one of await self.clients.matchAll({ type: "window" })) if (one.url === url) return one.focus();
  return self.clients.openWindow(url);
}

async function keep(url, answer) {
  answer = answer || await fetch(url, { credentials: "omit" });
  if (!answer.ok) return;
  await put(url, answer.clone());
  const files = new Set((await answer.text()).match(/\/static\/(css|js)\/[^"')]+/g) || []);
  await Promise.all([...files].map(async (name) => (await caches.match(name)) || put(name, await fetch(name))));
}

async function put(key, answer) {
  if (!answer.ok) return;
  const cache = await caches.open(CACHE);
  await cache.put(key, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(old);
}

function patience() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE));
}

async function page(request, url) {
  const kept = await caches.match(url.href, { ignoreVary: true });
  try {
    const answer = await Promise.race(kept ? [fetch(request), patience()] : [fetch(request)]);
    if (url.pathname === BOARD) await keep(url.href, answer.clone());
    if (answer.status < 500 || !kept) return answer;
  } catch (error) {
    if (!kept) return Response.error();
  }
  const text = (await kept.text()).replace("<main ", "<main data-kept ");
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function file(request) {
  try {
    const answer = await fetch(request);
    if (await caches.match(request)) await put(request, answer.clone());
    return answer;
  } catch (error) {
    return (await caches.match(request, { ignoreSearch: true })) || Response.error();
  }
}
