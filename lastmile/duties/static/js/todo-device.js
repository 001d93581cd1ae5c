/* What this device keeps of the to-do: the list and the taps not yet sent, sealed by AES-GCM with a key that no script
   can read out and that belongs to one log-in. All of it goes at log-out, and when somebody else logs in. */
window.TodoDevice = (function () {
  const NAME = "lastmile-todo";
  const OLDEST = 3 * 24 * 3600 * 1000; // ms; an older list is not shown any more
  const able = Boolean(window.indexedDB && window.crypto && crypto.subtle);
  let opened = null;

  function settle(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
  function base() {
    if (!opened) {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        ["owner", "boxes", "taps"].forEach((name) => request.result.createObjectStore(name));
      };
      opened = settle(request).then((db) => {
        db.onversionchange = () => { db.close(); opened = null; };
        return db;
      });
    }
    return opened;
  }
  async function store(name, mode) {
    return (await base()).transaction(name, mode || "readonly").objectStore(name);
  }
  async function put(name, key, value) { return settle((await store(name, "readwrite")).put(value, key)); }
  async function get(name, key) { return settle((await store(name)).get(key)); }

  async function owner() { return able ? get("owner", "me") : undefined; }

  /* Begin for this log-in; whatever another one left here is destroyed first. */
  async function begin(user) {
    if (!able) return false;
    const before = await owner();
    if (before && before.user === user) return true;
    if (before) await wipe();
    const key = await crypto.subtle.generateKey({name: "AES-GCM", length: 256}, false, ["encrypt", "decrypt"]);
    await put("owner", "me", {user, key});
    return true;
  }
  async function seal(value) {
    const {key} = await owner();
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({name: "AES-GCM", iv}, key, new TextEncoder().encode(JSON.stringify(value)));
    return {iv, data};
  }
  async function unseal(box) {
    const {key} = await owner();
    const data = await crypto.subtle.decrypt({name: "AES-GCM", iv: box.iv}, key, box.data);
    return JSON.parse(new TextDecoder().decode(data));
  }

  async function keepList(items) { await put("boxes", "list", await seal({at: Date.now(), items})); }
  async function list() {
    const box = able && (await owner()) && (await get("boxes", "list"));
    const kept = box ? await unseal(box) : null;
    return kept && Date.now() - kept.at < OLDEST ? kept : null;
  }
  async function addTap(tap) { await put("taps", tap.key, await seal(tap)); }
  async function dropTap(key) { return settle((await store("taps", "readwrite")).delete(key)); }
  async function taps() {
    if (!able || !(await owner())) return [];
    const boxes = await settle((await store("taps")).getAll());
    const found = await Promise.all(boxes.map(unseal));
    return found.sort((one, other) => one.at.localeCompare(other.at));
  }

  async function wipe() {
    if (opened) (await opened).close();
    opened = null;
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
    if (window.caches) await caches.delete(NAME);
    if (navigator.serviceWorker) {
      const workers = await navigator.serviceWorker.getRegistrations();
      await Promise.all(workers.filter((one) => new URL(one.scope).pathname === "/todo/").map((one) => one.unregister()));
    }
  }

  /* Log-out: nothing stays; who has taps that were not sent is asked first. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!able || !form.action || new URL(form.action).pathname !== "/logout/") return;
    event.preventDefault();
    const waiting = (await taps().catch(() => [])).length;
    if (waiting && !window.confirm(document.body.dataset.sayLeave.replace("{n}", waiting))) return;
    await wipe().catch(() => undefined);
    form.submit();
  });
  return {able, begin, owner, keepList, list, addTap, dropTap, taps, wipe};
})();
