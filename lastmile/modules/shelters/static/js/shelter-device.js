/* What a keeper's device keeps: the list of each shelter and the taps not yet sent, sealed by AES-GCM with a key that no
   script can read out and that belongs to one log-in. All of it goes at log-out and when somebody else logs in; a list goes
   when its shelter closes, or after three days. */
window.ShelterDevice = (function () {
  const NAME = "lastmile-shelter";
  const OLDEST = 3 * 24 * 3600 * 1000; // ms
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
        ["owner", "rolls", "taps"].forEach((name) => request.result.createObjectStore(name));
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
  async function drop(name, key) { return settle((await store(name, "readwrite")).delete(key)); }
  async function get(name, key) { return settle((await store(name)).get(key)); }

  async function exists() {
    if (!able) return false;
    if (!indexedDB.databases) return true;
    return (await indexedDB.databases()).some((one) => one.name === NAME);
  }
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

  /* The roll of an opening, with when it was read and how far this device's clock is off. */
  async function keepRoll(opening, roll) {
    await put("rolls", String(opening), await seal({at: Date.now(), off: Date.parse(roll.now) - Date.now(), roll}));
    await put("owner", "last", String(opening));
  }
  async function roll(opening) {
    const box = able && (await owner()) && (await get("rolls", String(opening)));
    const kept = box ? await unseal(box) : null;
    if (kept && Date.now() - kept.at > OLDEST) { await dropRoll(opening); return null; }
    return kept;
  }
  async function dropRoll(opening) { if (able) await drop("rolls", String(opening)); }
  async function last() { return able ? get("owner", "last") : undefined; }
  async function addTap(tap) { await put("taps", tap.key, await seal(tap)); }
  async function dropTap(key) { return drop("taps", key); }
  async function taps() {
    if (!able || !(await owner())) return [];
    const boxes = await settle((await store("taps")).getAll());
    const found = await Promise.all(boxes.map(unseal));
    return found.sort((one, other) => one.number - other.number);
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
      const ours = workers.filter((one) => new URL(one.scope).pathname === "/shelters/desk/");
      await Promise.all(ours.map((one) => one.unregister()));
    }
  }

  /* Log-out: nothing stays; who has taps that were not sent is asked first. Others who listen go on afterwards. */
  let gone = false;
  window.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!able || gone || !form.action || new URL(form.action).pathname !== "/logout/") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await exists().catch(() => true)) {
      const waiting = (await taps().catch(() => [])).length;
      if (waiting && !window.confirm((document.body.dataset.sayLeave || "{n}").replace("{n}", waiting))) return;
      await wipe().catch(() => undefined);
    }
    gone = true;
    form.requestSubmit();
  }, true);
  return {able, begin, owner, keepRoll, roll, dropRoll, last, addTap, dropTap, taps, wipe};
})();
