/* What this phone keeps of a round of doors, and how it speaks to the server. Everything personal is sealed with a key
   that the server gives only to a session (sealed-store.js); what the server no longer gives is destroyed here. */
window.VisitsDevice = (function () {
  const store = SealedStore.named("lastmile-visits");
  const GRACE = 3600 * 1000; // ms after its end until a round is destroyed, also without a network
  const ABSENT = 9, UNDONE = 11;
  const SAID = "said"; // sentences that have not been read yet
  const name = (code, place) => `${code}/${place}`;
  const cookie = (key) => (document.cookie.split("; ").find((one) => one.startsWith(key + "=")) || "").split("=")[1];

  async function post(url, body) {
    return fetch(url, {method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: {"Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") || ""}});
  }
  function importKey(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  /* Nobody's names stay: what was tapped and not sent does, sealed, until this log-in comes back. */
  async function destroyLists() {
    for (const key of await store.keys()) if (key !== SAID) await store.drop(key);
  }
  async function rounds() {
    const found = [];
    for (const key of await store.keys()) {
      if (key === SAID) continue;
      const box = await store.box(key);
      if (new Date(box.ends).getTime() + GRACE < Date.now()) await store.drop(key);
      else found.push(box);
    }
    return found;
  }
  async function kept(code, place) { return (await rounds()).find((box) => box.code === code && box.place === place); }

  /* Ask the server how the doors stand. "fresh", "over", "gone", "out" (nobody is logged in) or "offline". */
  async function refresh(url, code, place, names) {
    let answer, sheet;
    const before = await kept(code, place).catch(() => null);
    try {
      answer = await post(url, {known: Object.keys((before && before.inside) || {}).map(Number)});
      if (answer.ok) sheet = await answer.json();
    } catch (error) {
      return {state: "offline"};
    }
    if (answer.status === 401 || answer.status === 403) { await destroyLists(); return {state: "out"}; }
    if (answer.status === 404) { await store.drop(name(code, place)); return {state: "gone"}; }
    if (!sheet) return {state: "offline"};
    await store.begin(sheet.user, sheet.key_name, () => importKey(sheet.key));
    if (sheet.over) { await store.drop(name(code, place)); return {state: "over", newer: sheet.newer}; }
    await keepSheet(code, place, names, before, sheet);
    return {state: "fresh"};
  }
  async function keepSheet(code, place, names, before, sheet) {
    const inside = {};
    const left = new Set(sheet.doors.filter((door) => door.open).map((door) => door.id));
    const known = {...((before && before.inside) || {})};
    sheet.inside.forEach((one) => { known[one.id] = one; });
    Object.keys(known).forEach((id) => { if (left.has(Number(id))) inside[id] = known[id]; });
    await store.keep(name(code, place), {code, place, names, at: sheet.at, ends: sheet.ends, doors: sheet.doors, inside});
  }

  /* Send what was tapped. Each tap has a key, so that sending it again changes nothing. Null: no network yet. */
  let current = null;
  function send(url) {
    if (!current) current = sendNow(url).catch(() => null).finally(() => { current = null; });
    return current;
  }
  async function idle() { if (current) await current; }
  async function sendNow(url) {
    const taps = (await store.taps()).slice(0, 200);
    if (!taps.length) return {sent: 0};
    const answer = await post(url, {outcomes: taps, sent_at: new Date().toISOString()});
    if (answer.status === 401 || answer.status === 403) { await destroyLists(); return {out: true}; }
    return answer.ok ? settled((await answer.json()).results, taps) : null;
  }
  async function settled(results, taps) {
    const said = await sentences();
    for (const result of results) {
      const tap = taps.find((one) => one.key === result.key);
      if (result.says) said.push({ok: result.ok, number: tap.number, fact: tap.fact, says: `${result.says} ${result.mend}`});
    }
    if (said.length) await store.keep(SAID, said);
    const entered = taps.filter((tap) => results.some((result) => result.ok && result.key === tap.key));
    for (const tap of entered) await remember(tap);
    for (const result of results) await store.dropTap(result.key);
    return {sent: results.filter((one) => one.ok).length};
  }
  /* What the server has entered, until it says itself how the door stands. */
  async function remember(tap) {
    const box = await kept(tap.code, tap.place);
    const door = box && box.doors.find((one) => one.id === tap.household);
    if (!door) return;
    door.open = tap.fact === ABSENT || tap.fact === UNDONE;
    door.fact = tap.fact === UNDONE ? null : tap.fact;
    await store.keep(name(tap.code, tap.place), box);
  }
  async function sentences() { return (await store.box(SAID)) || []; }
  async function read() { return store.drop(SAID); }

  return {able: store.able, kept, rounds, refresh, send, idle, sentences, read,
    addTap: store.addTap, dropTap: store.dropTap, taps: store.taps};
})();
