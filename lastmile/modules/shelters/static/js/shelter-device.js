/* What a keeper's device keeps: the list of each shelter and the taps not yet sent (sealed-store.js). A list goes when its
   shelter closes, or after three days. */
window.ShelterDevice = (function () {
  const OLDEST = 3 * 24 * 3600 * 1000; // ms
  const store = SealedStore.named("lastmile-shelters/desk"); // also the cache's name and the worker's scope
  const makeKey = () => crypto.subtle.generateKey({name: "AES-GCM", length: 256}, false, ["encrypt", "decrypt"]);

  /* The roll of an opening, with when it was read and how far this device's clock is off. */
  async function keepRoll(opening, roll) {
    await store.keep(String(opening), {at: Date.now(), off: Date.parse(roll.now) - Date.now(), roll});
    await store.keep("last", String(opening));
  }
  async function roll(opening) {
    const kept = await store.box(String(opening));
    if (kept && Date.now() - kept.at > OLDEST) { await store.drop(String(opening)); return null; }
    return kept;
  }
  async function taps() { return (await store.taps()).sort((one, other) => one.number - other.number); }
  return {able: store.able, begin: (user) => store.begin(user, "", makeKey), keepRoll, roll, taps,
    dropRoll: (opening) => store.drop(String(opening)).catch(() => undefined), last: () => store.box("last"),
    addTap: store.addTap, dropTap: store.dropTap};
})();
