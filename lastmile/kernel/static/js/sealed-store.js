/* What this device keeps for work without a network: boxes (lists) and taps (what was tapped and not yet sent), sealed
   by AES-GCM with a key that no script can read out and that belongs to one log-in. All of it goes at log-out. */
window.SealedStore = (function () {
  const able = Boolean(window.indexedDB && window.crypto && crypto.subtle);
  const known = new Map();

  function settle(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  function make(name) {
    let opened = null;
    function base() {
      if (!opened) {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => {
          ["owner", "boxes", "taps"].forEach((store) => request.result.createObjectStore(store));
        };
        opened = settle(request).then((db) => {
          db.onversionchange = () => { db.close(); opened = null; };
          return db;
        });
      }
      return opened;
    }
    async function store(which, mode) {
      return (await base()).transaction(which, mode || "readonly").objectStore(which);
    }
    async function owner() { return able ? settle((await store("owner")).get("me")) : undefined; }

    /* Begin for this log-in; whatever another one left here is destroyed first. A key of the same log-in that has
       changed takes over what was tapped; lists are loaded anew. */
    async function begin(user, keyName, makeKey) {
      if (!able) return false;
      const before = await owner();
      if (before && before.user === user && (before.keyName || "") === keyName) return true;
      const waiting = before && before.user === user ? await taps() : [];
      if (before) await wipe();
      const key = await makeKey();
      await settle((await store("owner", "readwrite")).put({user, keyName, key}, "me"));
      for (const tap of waiting) await addTap(tap);
      return true;
    }
    async function seal(value) {
      const {key} = await owner();
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(JSON.stringify(value));
      return {iv, data: await crypto.subtle.encrypt({name: "AES-GCM", iv}, key, text)};
    }
    async function unseal(box) {
      const {key} = await owner();
      const data = await crypto.subtle.decrypt({name: "AES-GCM", iv: box.iv}, key, box.data);
      return JSON.parse(new TextDecoder().decode(data));
    }

    async function keep(key, value) {
      const box = await seal(value);
      return settle((await store("boxes", "readwrite")).put(box, key));
    }
    async function box(key) {
      if (!able || !(await owner())) return null;
      const found = await settle((await store("boxes")).get(key));
      return found ? unseal(found) : null;
    }
    async function keys() { return able && (await owner()) ? settle((await store("boxes")).getAllKeys()) : []; }
    async function drop(key) { return settle((await store("boxes", "readwrite")).delete(key)); }

    async function addTap(tap) {
      const sealed = await seal(tap);
      return settle((await store("taps", "readwrite")).put(sealed, tap.key));
    }
    async function dropTap(key) { return settle((await store("taps", "readwrite")).delete(key)); }
    async function waiting() { return able && (await owner()) ? settle((await store("taps")).count()) : 0; }
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
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = request.onerror = request.onblocked = resolve;
      });
    }
    async function forget() {
      await wipe();
      if (window.caches) await caches.delete(name);
      if (!navigator.serviceWorker) return;
      const scope = "/" + name.replace("lastmile-", "") + "/";
      const workers = await navigator.serviceWorker.getRegistrations();
      await Promise.all(workers.filter((one) => new URL(one.scope).pathname === scope).map((one) => one.unregister()));
    }
    return {able, begin, owner, keep, box, keys, drop, addTap, dropTap, taps, waiting, wipe, forget};
  }

  function named(name) {
    if (!known.has(name)) known.set(name, make(name));
    return known.get(name);
  }
  async function here() {
    const names = (await indexedDB.databases()).map((one) => one.name).filter((name) => name.startsWith("lastmile-"));
    return names.map(named);
  }

  /* Log-out: nothing stays; who has taps that were not sent is asked first. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!able || !form.action || new URL(form.action).pathname !== "/logout/") return;
    event.preventDefault();
    const stores = await here().catch(() => []);
    const counts = await Promise.all(stores.map((one) => one.waiting().catch(() => 0)));
    const waiting = counts.reduce((sum, one) => sum + one, 0);
    if (waiting && !window.confirm(document.body.dataset.sayLeave.replace("{n}", waiting))) return;
    await Promise.all(stores.map((one) => one.forget().catch(() => undefined)));
    form.submit();
  });
  return {able, named};
})();
