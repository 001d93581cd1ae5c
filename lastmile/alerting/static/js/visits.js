/* The doors of a grid on a phone: one door at a time, one tap an outcome, with or without a network. */
(async function () {
  const state = document.getElementById("visits-state");
  if (!state || !VisitsDevice.able) return;
  const say = JSON.parse(document.getElementById("visits-words").textContent);
  const [, , code, place] = location.pathname.split("/");
  const shell = "shell" in document.body.dataset;
  const at = (id) => document.getElementById(id);
  const ABSENT = 9, REFUSED = 8, HELP = 7, UNDONE = 11;
  const drawn = new Map();
  let box = null, taps = [], chosen = null, last = null, online = true, map = null;

  /* What shows the same as before stays as it is: a button made anew under a thumb loses the press. */
  function same(part, ...shown) {
    const key = JSON.stringify(shown);
    if (drawn.get(part) === key) return true;
    drawn.set(part, key);
    return false;
  }

  function element(tag, attributes, ...inside) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...inside.filter((one) => one !== null && one !== undefined));
    return made;
  }
  function button(text, style, press, more) {
    const made = element("button", {type: "button", class: "btn " + style, ...(more || {})}, text);
    made.addEventListener("click", press);
    return made;
  }
  function fill(text, values) { return text.replace(/{(\w+)}/g, (_all, name) => values[name]); }
  function clockOf(moment) {
    return new Date(moment).toLocaleString(document.documentElement.lang,
      {month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai"});
  }

  /* How a door stands: as the server said, and what was tapped here since. */
  function standing(door) {
    const mine = taps.filter((tap) => tap.household === door.id && tap.code === code).pop();
    if (!mine) return {open: door.open, fact: door.fact, mine: null};
    if (mine.fact === UNDONE) return {open: true, fact: null, mine};
    return {open: mine.fact === ABSENT, fact: mine.fact, mine};
  }
  function left() {
    const open = box.doors.filter((door) => standing(door).open);
    return [...open.filter((door) => standing(door).fact !== ABSENT), ...open.filter((door) => standing(door).fact === ABSENT)];
  }

  /* ---- one door ---- */
  function showDoor() {
    const open = left();
    const door = box.doors.find((one) => one.id === chosen) || open[0];
    const card = at("visits-door");
    if (!door) { card.replaceChildren(element("p", {class: "fs-3 mb-0"}, say.all_done)); drawn.delete(card); return; }
    chosen = door.id;
    const now = standing(door), inside = box.inside[door.id];
    if (same(card, door, now.open, now.fact, inside, open.map((one) => one.id))) return;
    card.replaceChildren(
      element("h2", {class: "visits-number", id: "visits-number", "data-number": door.number}, door.number,
        door.code ? element("span", {class: "badge bg-blue-lt ms-2", id: "visits-code"}, fill(say.code, {code: door.code})) : null,
        door.vulnerable ? element("span", {class: "badge bg-red-lt ms-2"}, say.vulnerable) : null,
        now.fact ? element("span", {class: "badge bg-secondary-lt ms-2"}, say.facts[now.fact]) : null),
      element("p", {class: "mb-2"}, inside ? inside.address : say.no_names,
        door.knocks ? ` · ${fill(say.knocks, {n: door.knocks})}` : ""),
      element("ul", {class: "list-unstyled visits-people"}, ...(inside ? inside.residents.map(person) : [])),
      outcomes(door, now));
  }
  function person(one) {
    const facts = [...one.needs, ...(one.minor ? [say.minor] : [])];
    return element("li", {class: "d-flex align-items-center gap-2 py-1"},
      element("span", {class: "flex-fill"}, element("strong", {}, one.name), facts.length ? ` ${facts.join(" ")}` : ""),
      ...one.phones.slice(0, 2).map((number) => element("a", {class: "btn btn-outline-primary visits-call", href: `tel:${number}`,
        "aria-label": fill(say.call_name, {name: one.name})}, say.call)));
  }
  function outcomes(door, now) {
    const made = element("div", {class: "visits-outcomes", role: "group", "aria-label": say.outcome});
    say.buttons.forEach(([fact, words, colour]) => {
      made.append(button(words, `btn-${colour}`, () => tap(door, fact), {"data-fact": fact}));
    });
    const open = left();
    if (now.open && open.length > 1) {
      const next = open[(open.findIndex((one) => one.id === door.id) + 1) % open.length];
      made.append(button(say.next, "btn-outline-secondary", () => choose(next.id), {"data-next": ""}));
    }
    if (!now.open) made.append(button(say.undo, "btn-outline-secondary", () => undo(door), {"data-undo": ""}));
    return made;
  }
  function choose(id) {
    chosen = id;
    show();
    at("visits-door").scrollIntoView({block: "start"});
    at("visits-door").focus({preventScroll: true});
  }

  /* ---- a tap ---- */
  async function keep(door, fact, more) {
    const made = {key: crypto.randomUUID(), code, place, household: door.id, number: door.number, fact, reason: "", note: "",
      at: new Date().toISOString(), seen: box.at, ...(more || {})};
    await VisitsDevice.addTap(made);
    taps = await VisitsDevice.taps();
    return made;
  }
  async function tap(door, fact) {
    const open = left(), here = open.findIndex((one) => one.id === door.id);
    last = {door, tap: await keep(door, fact)};
    const after = [...open.slice(here + 1), ...open.slice(0, Math.max(0, here))].find((one) => one.id !== door.id);
    chosen = after ? after.id : null;
    show();
    send();
  }
  /* A tap that has not been sent is simply dropped; one that has is taken back by another. */
  async function withdraw(door, fact) {
    await VisitsDevice.idle();
    const mine = (await VisitsDevice.taps()).filter((one) => one.household === door.id && one.code === code && one.fact === fact);
    for (const one of mine) await VisitsDevice.dropTap(one.key);
    return mine.length > 0;
  }
  async function undo(door) {
    const {fact} = standing(door), here = last;
    if (!(await withdraw(door, fact))) await keep(door, UNDONE);
    if (last === here) last = null;
    chosen = door.id;
    await again();
    send();
  }
  /* Why they stay, or what they need: a word more about the door that was just left. */
  async function add(more) {
    const here = last; // the next door may be tapped before this is kept
    here.told = true;
    showLast();
    await withdraw(here.door, here.tap.fact);
    here.tap = await keep(here.door, here.tap.fact, {...more, at: here.tap.at});
    show();
    send();
  }
  function showLast() {
    const strip = at("visits-last");
    if (same(strip, last && [last.door.number, last.tap.fact, last.told])) return;
    strip.replaceChildren();
    if (!last) return;
    strip.append(element("span", {}, `${last.door.number}: ${say.facts[last.tap.fact]} `),
      button(say.undo, "btn-sm", () => undo(last.door)));
    const more = last.told ? [] : last.tap.fact === REFUSED ? say.reasons : last.tap.fact === HELP ? say.help : [];
    if (more.length) {
      strip.append(element("div", {class: "visits-more", role: "group", "aria-label": say.why},
        element("span", {class: "w-100"}, last.tap.fact === REFUSED ? say.why : say.what),
        ...more.map(([value, words]) => button(words, "btn-outline-secondary", () =>
          add(last.tap.fact === REFUSED ? {reason: value} : {note: words})))));
    }
  }

  /* ---- the list and the map ---- */
  function lineOf(door) {
    const now = standing(door);
    const marks = [door.vulnerable ? say.vulnerable : "", now.fact ? say.facts[now.fact] : "", now.mine ? say.kept : ""];
    const made = button("", "visits-line w-100", () => choose(door.id),
      {"data-door": door.id, ...(door.id === chosen ? {"aria-current": "true"} : {})});
    made.append(element("strong", {}, door.number), element("span", {class: "text-secondary ms-2"}, door.code || ""), element("span", {class: "ms-auto"}, marks.filter(Boolean).join(" · ")));
    return element("li", {}, made);
  }
  function showLists() {
    const open = left(), done = box.doors.filter((door) => !standing(door).open);
    const shown = (door) => [door, standing(door).fact, Boolean(standing(door).mine)];
    if (!same(at("visits-list"), open.map(shown), done.map(shown), chosen)) {
      at("visits-list").replaceChildren(...open.map(lineOf));
      at("visits-done").replaceChildren(...done.map(lineOf));
    }
    at("visits-done-count").textContent = fill(say.done, {n: done.length});
    at("visits-done-part").hidden = !done.length;
    at("visits-progress").textContent = fill(say.left, {left: open.length, all: box.doors.length});
    at("visits-title").textContent = box.names.place;
    at("visits-headline").textContent = box.names.headline;
  }
  function showMap() {
    if (at("visits-map-part").hidden || !window.L) return;
    if (!map) map = L.map("visits-map", {attributionControl: false, zoomSnap: 0.5});
    const placed = box.doors.filter((door) => door.latitude !== null && door.longitude !== null);
    if (map.doors) map.doors.remove();
    map.doors = L.featureGroup(placed.map(marker)).addTo(map);
    if (placed.length && !map.placed) { map.fitBounds(map.doors.getBounds(), {padding: [24, 24], maxZoom: 18}); map.placed = true; }
    const without = box.doors.length - placed.length;
    at("visits-map-note").textContent = without ? fill(say.unplaced, {n: without}) : "";
  }
  function marker(door) {
    const now = standing(door);
    const style = `visits-mark ${now.open ? "visits-open" : "visits-closed"}${door.id === chosen ? " visits-here" : ""}`;
    return L.circleMarker([door.latitude, door.longitude], {radius: door.id === chosen ? 12 : 9, className: style})
      .bindTooltip(`${door.number}${now.open ? "" : " ✓"}`, {permanent: true, direction: "top", className: "lm-label"})
      .on("click", () => choose(door.id));
  }
  document.querySelectorAll("[data-view]").forEach((one) => one.addEventListener("click", () => {
    document.querySelectorAll("[data-view]").forEach((other) => other.setAttribute("aria-pressed", String(other === one)));
    at("visits-list-part").hidden = one.dataset.view !== "list";
    at("visits-map-part").hidden = one.dataset.view !== "map";
    if (box) showMap();
  }));

  /* ---- with and without a network ---- */
  async function showState() {
    const kind = taps.length ? "warning" : online ? "" : "info";
    const words = [online ? "" : fill(say.offline, {time: clockOf(box.at)}), taps.length ? fill(say.waiting, {n: taps.length}) : ""];
    state.textContent = words.filter(Boolean).join(" ");
    state.className = kind ? `alert alert-${kind}` : "";
    state.dataset.waiting = taps.length;
    const said = await VisitsDevice.sentences();
    at("visits-said").replaceChildren(...said.map((one) => element("p", {class: "mb-2"},
      element("strong", {}, `${one.number} ${say.facts[one.fact]}: `), one.says)));
    if (said.length) at("visits-said").append(button(say.dismiss, "btn-sm", () => VisitsDevice.read().then(showState)));
    at("visits-said").hidden = !said.length;
  }
  function message(text, link) {
    at("visits-work").hidden = true;
    state.className = "alert alert-info";
    state.replaceChildren(text, " ", link || "");
  }
  function show() {
    if (!box) return;
    at("visits-work").hidden = false;
    showDoor();
    showLast();
    showLists();
    showMap();
    showState();
  }
  async function send() {
    const done = await VisitsDevice.send(state.dataset.outcomes);
    online = done !== null;
    await again();
    if (done && done.out) logIn();
    else if (done && done.sent && taps.length) send(); // tapped while the others were on their way
  }
  /* Read anew what is kept here, and show it. */
  async function again() {
    box = await VisitsDevice.kept(code, place);
    taps = await VisitsDevice.taps();
    show();
  }
  function logIn() {
    const link = element("a", {class: "btn btn-sm", href: `${state.dataset.login}?next=${location.pathname}`}, say.log_in);
    message(taps.length ? fill(say.waiting, {n: taps.length}) : say.out, link);
  }
  async function refresh() {
    const names = box ? box.names : {place: document.body.dataset.placeName, headline: document.body.dataset.headline};
    const found = await VisitsDevice.refresh(`/api/v1/visits/${code}/${place}/doors`, code, place, names);
    online = found.state !== "offline";
    box = await VisitsDevice.kept(code, place);
    taps = await VisitsDevice.taps();
    if (found.state === "out") return logIn();
    if (found.state === "over") return over(found.newer);
    if (found.state === "gone") return message(say.gone);
    if (!box) return message(say.nothing_kept);
    return show();
  }
  function over(newer) {
    const link = newer ? element("a", {class: "btn btn-sm", href: `/visits/${newer}/${place}/`}, say.newer) : null;
    message(say.over, link);
  }
  async function home() {
    const found = await VisitsDevice.rounds();
    message(found.length ? say.offline_home : say.nothing_kept);
    at("visits-rounds").replaceChildren(...found.map((one) => element("li", {}, element("a",
      {class: "btn w-100 mb-2", href: `/visits/${one.code}/${one.place}/`}, `${one.names.place} · ${one.names.headline}`))));
  }
  async function register() {
    if (shell || !navigator.serviceWorker) return;
    const made = await navigator.serviceWorker.register(state.dataset.worker, {scope: "/visits/"}).catch(() => null);
    if (!made) return; // forbidden here: the page works, only not from nothing without a network
    if (made.active) made.active.postMessage("refresh");
    await navigator.serviceWorker.ready;
    state.dataset.ready = "yes";
  }

  if (!place) { await home(); return; }
  box = await VisitsDevice.kept(code, place).catch(() => null);
  taps = await VisitsDevice.taps().catch(() => []);
  show();
  await refresh();
  await send();
  window.addEventListener("online", send);
  setInterval(() => (taps.length ? send() : document.hidden || refresh()), 20000);
  await register();
})();
