/* What this device keeps of the to-do: the list and the taps not yet sent (sealed-store.js). */
window.TodoDevice = (function () {
  const OLDEST = 3 * 24 * 3600 * 1000; // ms; an older list is not shown any more
  const store = SealedStore.named("lastmile-todo");
  const makeKey = () => crypto.subtle.generateKey({name: "AES-GCM", length: 256}, false, ["encrypt", "decrypt"]);

  async function keepList(items) { await store.keep("list", {at: Date.now(), items}); }
  async function list() {
    const kept = await store.box("list");
    return kept && Date.now() - kept.at < OLDEST ? kept : null;
  }
  return {able: store.able, begin: (user) => store.begin(user, "", makeKey), keepList, list,
    addTap: store.addTap, dropTap: store.dropTap, taps: store.taps};
})();
