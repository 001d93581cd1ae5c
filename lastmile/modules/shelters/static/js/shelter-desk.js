/* Check-in at a shelter: one list for online and offline. What is tapped is kept sealed, shown at once, sent when there
   is a network, and entered once. */
(async function () {
  const desk = document.getElementById("desk");
  const state = document.getElementById("desk-state");
  if (!desk) return;
  const say = JSON.parse(document.getElementById("desk-words").textContent);
  const leaving = JSON.parse(document.getElementById("desk-leaving").textContent);
  const shell = "shell" in document.body.dataset;
  const byId = (id) => document.getElementById(id);
  const cookie = (name) => (document.cookie.split("; ").find((one) => one.startsWith(name + "=")) || "").split("=")[1];
  let opening = desk.dataset.opening;
  let kept = null; // {at, off, roll}
  let found = null; // a household looked up by its number that is not on the list
  let chosen = new Set(); // keys of what was looked for by its code
  let sending = false;
  const address = (name) => desk.dataset[name].replace("/0", "/" + opening);

  function element(tag, attributes, ...inside) {
    const made = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...inside.filter((part) => part !== null));
    return made;
  }
  function button(text, style, press) {
    const made = element("button", {class: "btn " + style, type: "button"}, text);
    made.addEventListener("click", press);
    return made;
  }
  function notice(text, kind, name, dismissed) {
    const box = element("div", {class: `alert alert-${kind} ${name}`, role: kind === "danger" ? "alert" : "status"}, text);
    if (dismissed) box.append(" ", button(say.dismiss, "btn-sm", () => box.remove()));
    state.append(box);
    return box;
  }
  function clear(name) { state.querySelectorAll("." + name).forEach((box) => box.remove()); }
  function clockOf(moment) {
    return new Date(moment).toLocaleString(document.documentElement.lang, {month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai"});
  }

  /* What the list shows: the server's roll with the taps that wait laid over it. */
  const lineKey = (line) => line.stay ? "s" + line.stay : "p" + line.person;
  function over(groups, taps) {
    const lines = new Map();
    groups.forEach((group) => group.people.forEach((line) => lines.set(lineKey(line), line)));
    taps.forEach((tap) => {
      [...tap.stays.map((pk) => "s" + pk), ...tap.persons.map((pk) => "p" + pk)].forEach((key) => {
        const line = lines.get(key);
        if (!line) return;
        line.kept = true;
        if (tap.act === "in") { line.state = "in"; line.came = tap.heads || line.heads; line.other = false; }
        else { line.state = tap.act === "back" ? "expected" : tap.act === "out" && ["home", "unknown"].includes(tap.where) ? "left" : "elsewhere"; line.came = 0; }
      });
      if (tap.act === "walk-in") groups.push({key: "w" + tap.key, kind: "stranger", door: "", code: tap.code, place: "", people: [{stay: null, person: null, name: tap.name || tap.code, age: null, needs: [], vulnerable: false, heads: tap.heads, came: tap.heads, state: "in", kept: true}]});
    });
    return groups;
  }
  async function shown() {
    const taps = (await ShelterDevice.taps()).filter((tap) => tap.opening === opening);
    const groups = structuredClone(kept ? kept.roll.groups : []);
    if (found && !groups.some((group) => group.key === found.key && group.people.length >= found.people.length)) {
      const at = groups.findIndex((group) => group.key === found.key);
      if (at >= 0) groups.splice(at, 1);
      groups.unshift(structuredClone(found));
    }
    return over(groups, taps);
  }
  async function draw() {
    const groups = await shown();
    grids();
    figures(groups);
    const words = byId("desk-search").value.trim().toLowerCase();
    const cut = byId("desk-cut").value;
    const wanted = groups.filter((group) => chosen.has(group.key) || (fits(group, words) && (words || cuts(group, cut))));
    wanted.sort((one, other) => chosen.has(other.key) - chosen.has(one.key));
    const list = byId("desk-list");
    list.replaceChildren(...wanted.slice(0, 300).map(card));
    if (!wanted.length) list.append(element("li", {class: "text-secondary"}, groups.length && words ? say.no_match : kept ? say.empty : say.nothing_kept));
  }
  function fits(group, words) {
    if (!words) return true;
    const plain = words.replace(/[\s-]/g, "");
    return [group.door, group.place, group.code, ...group.people.map((line) => line.name)]
      .some((text) => text.toLowerCase().replace(/[\s-]/g, "").includes(plain));
  }
  const isHere = (line) => line.state === "in" && !line.other;
  const away = (line) => ["expected", "left"].includes(line.state) || (line.state === "in" && line.came < line.heads);
  function cuts(group, cut) {
    if (cut === "all") return true;
    return group.people.some((line) => cut === "here" ? line.state === "in" : away(line));
  }
  function figures(groups) {
    const lines = groups.filter((group) => !found || group.key !== found.key || kept.roll.groups.some((one) => one.key === group.key)).flatMap((group) => group.people);
    const sum = (of) => lines.reduce((total, line) => total + of(line), 0);
    const inside = sum((line) => line.state === "in" ? line.came : 0);
    const missing = sum((line) => away(line) ? line.heads - line.came : 0);
    const free = kept ? kept.roll.places - sum((line) => line.state === "in" || line.state === "expected" ? line.heads : 0) : 0;
    const labels = [say.tile_here, say.tile_missing, say.tile_elsewhere, say.tile_free];
    const values = [inside, missing, sum((line) => line.state === "elsewhere" ? line.heads : 0), free];
    byId("desk-tiles").replaceChildren(...labels.map((label, at) => element("div", {class: "desk-tile"}, element("b", at === 1 && values[at] ? {class: "text-red"} : {}, String(values[at])), label)));
    byId("desk-head").textContent = kept ? kept.roll.shelter + " · " + kept.roll.headline : "";
  }

  function card(group) {
    const here = group.people.every(isHere);
    const head = element("div", {class: "desk-head"}, element("strong", {}, group.kind === "household" ? `${say.door} ${group.door}` : group.people[0].name));
    if (group.place) head.append(element("span", {class: "text-secondary"}, group.place));
    if (group.code) head.append(element("span", {class: "text-secondary ms-auto"}, group.code));
    if (group.kind === "stranger") head.append(element("span", {class: "badge bg-secondary-lt"}, say.stranger));
    const made = element("li", {class: "desk-group" + (here ? " desk-here" : "") + (chosen.has(group.key) ? " desk-chosen" : ""), "data-group": group.key, tabindex: "-1"}, head);
    if (group.kind === "household") {
      made.append(element("div", {class: "desk-people"}, ...group.people.map((line) => person(group, line))));
      const rest = group.people.filter((line) => !isHere(line) && !["elsewhere", "home"].includes(line.state));
      if (rest.length) made.append(button(say.all_here + (rest.length > 1 ? ` (${rest.length})` : ""), "btn-primary desk-all", () => tap("in", group, rest)));
    } else if (group.kind === "site") made.append(site(group));
    else made.append(element("div", {}, say.of.replace("{came}", group.people[0].came).replace("{heads}", group.people[0].heads)));
    if (group.people.some((line) => line.kept)) made.append(element("div", {class: "desk-kept small"}, say.kept));
    made.append(more(group));
    return made;
  }
  function person(group, line) {
    const inside = isHere(line);
    const facts = [line.age ? say.years.replace("{n}", line.age) : "", ...line.needs, line.vulnerable && !line.needs.length ? say.helps : "", line.other ? say.other : "", line.state === "in" || line.state === "expected" ? "" : say["state_" + line.state]].filter(Boolean);
    const made = button("", "desk-person" + (line.vulnerable ? " border-purple" : ""), () => tap(inside ? "back" : "in", group, [line]));
    made.setAttribute("aria-pressed", String(inside));
    made.append(element("span", {class: "desk-mark", "aria-hidden": "true"}, inside ? "✓" : "○"), element("span", {class: "desk-name"}, line.name));
    if (facts.length) made.append(element("small", {}, facts.join(" · ")));
    return made;
  }
  function site(group) {
    const line = group.people[0];
    const field = element("input", {class: "form-control", type: "number", inputmode: "numeric", min: "1", max: "10000", id: "site-" + line.stay, value: String(line.came || line.heads)});
    const row = element("div", {class: "d-flex gap-2 align-items-end"}, element("div", {class: "flex-fill"}, element("label", {class: "form-label", for: "site-" + line.stay}, `${say.count} ${say.of.replace("{came}", line.came).replace("{heads}", line.heads)}`), field));
    row.append(button(say.here, "btn-primary", () => tap("in", group, [line], {heads: Math.max(1, Number(field.value) || line.heads)})));
    return row;
  }
  function more(group) {
    const inside = group.people.filter(isHere);
    const rest = group.people.filter((line) => away(line) && line.state !== "in" && !line.other);
    const lines = inside.length ? inside : rest;
    if (!lines.length || !lines.every((line) => line.stay)) return null;
    const choices = leaving.filter(([value]) => inside.length || !["home", "unknown"].includes(value));
    const id = "where-" + group.key;
    const select = element("select", {class: "form-select", id}, ...choices.map(([value, label]) => element("option", {value}, label)));
    const label = inside.length ? say.leave : say.elsewhere;
    const go = button(label, "", () => tap(inside.length ? "out" : "elsewhere", group, lines, {where: select.value}));
    return element("details", {class: "desk-more"}, element("summary", {class: "text-secondary"}, label), element("div", {class: "d-flex gap-2"}, element("div", {class: "flex-fill"}, element("label", {class: "visually-hidden", for: id}, label), select), go));
  }

  /* Keep a tap, show it, try to send it. A tap on what has not been sent yet takes that back on the device. */
  async function tap(act, group, lines, extra) {
    const pending = await ShelterDevice.taps();
    if (act === "back" && lines.length === 1 && await untap(pending, lines[0])) { await draw(); return; }
    await keep(Object.assign({act, stays: lines.filter((line) => line.stay).map((line) => line.stay), persons: lines.filter((line) => !line.stay && line.person).map((line) => line.person), code: lines.some((line) => !line.stay) || (found && found.key === group.key) ? group.whole : ""}, extra));
  }
  async function untap(pending, line) {
    const mine = pending.reverse().find((one) => one.act === "in" && !one.sent && (line.stay ? one.stays.includes(line.stay) : one.persons.includes(line.person)));
    if (!mine || sending) return false;
    mine.stays = mine.stays.filter((pk) => pk !== line.stay);
    mine.persons = mine.persons.filter((pk) => pk !== line.person);
    if (mine.stays.length || mine.persons.length) await ShelterDevice.addTap(mine); else await ShelterDevice.dropTap(mine.key);
    await waiting();
    return true;
  }
  /* Now by the server's clock, or the time on paper, in Beijing. */
  function when(off) {
    const typed = byId("desk-at").value;
    return (typed ? new Date(typed.slice(0, 16) + ":00+08:00") : new Date(Date.now() + off)).toISOString();
  }
  async function keep(values) {
    const off = kept ? kept.off : 0;
    const made = {key: crypto.randomUUID(), opening, number: Date.now(), act: "", stays: [], persons: [], code: "", place: "", where: "", name: "", phone: "", heads: null, at: when(off)};
    await ShelterDevice.addTap(Object.assign(made, values));
    await waiting();
    await draw();
    await send();
  }
  async function waiting() {
    const count = (await ShelterDevice.taps()).length;
    clear("desk-waiting");
    if (count) notice(say.waiting.replace("{n}", count), "warning", "desk-waiting");
  }

  async function send() {
    if (sending || navigator.onLine === false) return;
    const taps = (await ShelterDevice.taps()).filter((one) => one.opening === opening).slice(0, 100);
    if (!taps.length) return;
    sending = true;
    try {
      for (const one of taps) { one.sent = true; await ShelterDevice.addTap(one); } // from now on it may have arrived
      const body = {taps: taps.map(({key, act, stays, persons, code, place, where, name, phone, heads, at}) => ({key, act, stays, persons, code, place: place || "", where, name, phone, heads, at}))};
      const answer = await fetch(address("sync"), {method: "POST", credentials: "same-origin", headers: {"Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") || ""}, body: JSON.stringify(body)});
      if (answer.status === 401 || answer.status === 403) { logIn(); return; }
      if (!answer.ok) return;
      await settled((await answer.json()).results, taps);
    } catch (error) {
      return; // no network yet: the taps stay
    } finally {
      sending = false;
    }
    await fresh();
    if ((await ShelterDevice.taps()).length) setTimeout(send, 200);
  }
  async function settled(results, taps) {
    for (const result of results) {
      await ShelterDevice.dropTap(result.key);
      const one = taps.find((entry) => entry.key === result.key);
      const typed = one && one.name ? ` (${one.name})` : "";
      if (!result.ok) notice(`${say.refused} ${result.says} ${result.mend}${typed}`, "danger", "desk-refused", true);
      else if (result.says) notice(`${say.note} ${result.says}`, "warning", "desk-note", true);
    }
    clear("desk-sent");
    const good = results.filter((result) => result.ok).length;
    if (good) notice(say.sent.replace("{n}", good), "success", "desk-sent");
    await waiting();
  }
  function logIn() {
    if (state.querySelector(".desk-log-in")) return;
    notice("", "warning", "desk-log-in").append(element("a", {class: "btn btn-sm", href: desk.dataset.login + "?next=/shelters/desk/"}, say.log_in));
  }

  async function fresh() {
    let answer = null;
    try { answer = await fetch(address("roll"), {credentials: "same-origin"}); } catch (error) { return false; }
    if (answer.status === 403 || answer.status === 404) { await ShelterDevice.dropRoll(opening); kept = null; notice(say.closed, "warning", "desk-closed"); }
    if (answer.status === 401) logIn();
    if (!answer.ok) return false;
    const roll = await answer.json();
    if (roll.closed) { await ShelterDevice.dropRoll(opening); kept = null; notice(say.closed, "warning", "desk-closed"); await draw(); return true; }
    await ShelterDevice.keepRoll(opening, roll);
    kept = await ShelterDevice.roll(opening);
    clear("desk-offline"); clear("desk-over");
    if (roll.over) notice(say.over, "success", "desk-over");
    await draw();
    return true;
  }

  /* A code typed or scanned: on the list, else looked up, else kept as people whose code will be sorted out later. On the
     list the number before the dash is enough; nobody else's names open without the digits behind it. */
  function listed(text, grid) {
    const [, place, number, proof] = text.match(/^(?:(\d{9,15})-)?(\d+)(?:-(\d{3}))?$/) || [];
    const means = (code) => proof ? code === `${number}-${proof}` : code.split("-")[0] === number || code.replace("-", "") === number;
    const groups = kept ? kept.roll.groups : [];
    return groups.filter((group) => group.code && means(group.code) && (!(place || grid) || group.whole.startsWith((place || grid) + "-")));
  }
  async function find(text) {
    const typed = text.trim().replace(/[\s\-–—－·]+/g, "-");
    const grid = byId("desk-grid").value;
    if (!/\d/.test(typed)) return;
    found = null;
    const here = listed(typed, grid);
    clear("desk-code-wrong");
    chosen = new Set(here.filter((group) => group.people.every((line) => line.stay)).map((group) => group.key));
    if (!here.length && typed.replace(/\D/g, "").length < 4) { notice(say.whole_code, "warning", "desk-code-wrong", true); return; }
    if (here.length < 2) { // also of a door on the list: somebody of it may have been ordered nowhere
      const asked = new URLSearchParams(here.length ? {code: here[0].whole} : {code: typed, place: grid});
      const answer = navigator.onLine === false ? null : await fetch(`${address("door")}?${asked}`, {credentials: "same-origin"}).catch(() => null);
      if (answer && answer.ok) { found = await answer.json(); chosen = new Set([found.key]); }
      else if (!here.length && !answer) return later(typed, grid);
      else if (!here.length) {
        const said = await answer.json().catch(() => ({title: "", detail: ""}));
        notice(`${said.title} ${said.detail}`, "danger", "desk-code-wrong", true);
        return;
      }
    }
    await draw();
    const group = document.querySelector(".desk-chosen");
    if (group) { group.scrollIntoView({block: "center"}); group.focus({preventScroll: true}); }
  }
  function later(code, grid) {
    const form = byId("desk-walk-in");
    byId("desk-stranger").open = true;
    form.elements.code.value = code;
    form.elements.place.value = grid;
    byId("desk-walk-note").textContent = say.unknown_code;
    form.elements.heads.focus();
    form.scrollIntoView({block: "center"});
  }
  function grids() {
    const select = byId("desk-grid"), before = select.value;
    const made = (kept ? kept.roll.grids || [] : []).map((one) => element("option", {value: one.code}, one.name));
    select.replaceChildren(select.options[0], ...made);
    select.value = made.some((one) => one.value === before) ? before : "";
  }

  /* A QR read by this page, where the browser can; elsewhere the phone's own camera opens its address. */
  async function scan() {
    const box = byId("desk-camera");
    const video = box.querySelector("video");
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: "environment"}, audio: false});
    } catch (error) { clear("desk-no-camera"); notice(say.no_camera, "warning", "desk-no-camera", true); return; }
    const reader = new window.BarcodeDetector({formats: ["qr_code"]});
    box.hidden = false;
    video.srcObject = stream;
    video.play().catch(() => undefined);
    let text = "";
    while (!box.hidden && !text) {
      const codes = await reader.detect(video).catch(() => []);
      const ours = codes.map((code) => (code.rawValue.match(/\/c\/(\d{9,15}-\d{1,5}-\d{3})\/?$/) || [])[1]).find(Boolean);
      text = ours || "";
      if (!text) await new Promise((resolve) => setTimeout(resolve, 200));
    }
    stream.getTracks().forEach((track) => track.stop());
    box.hidden = true;
    if (text) await find(text);
  }
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    byId("desk-scan").hidden = false;
    byId("desk-scan").addEventListener("click", scan);
    byId("desk-scan-stop").addEventListener("click", () => { byId("desk-camera").hidden = true; });
  }

  byId("desk-code").addEventListener("submit", (event) => { event.preventDefault(); find(byId("desk-number").value).then(() => { byId("desk-number").value = ""; }); });
  byId("desk-search").addEventListener("input", draw);
  byId("desk-cut").addEventListener("change", draw);
  byId("desk-walk-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const {name, phone, heads, code, place} = event.target.elements;
    if (!name.value.trim() && !code.value) { name.focus(); return; }
    const typed = {act: "walk-in", name: name.value.trim(), phone: phone.value.trim(), heads: Math.max(1, Number(heads.value) || 1), code: code.value, place: place.value};
    event.target.reset(); // at once: whoever types the next family at once must not lose it
    code.value = place.value = "";
    try { await keep(typed); } catch (error) {
      Object.assign(name, {value: typed.name}); Object.assign(phone, {value: typed.phone});
      Object.assign(heads, {value: typed.heads}); Object.assign(code, {value: typed.code}); Object.assign(place, {value: typed.place});
    }
  });

  async function start() {
    const user = document.body.dataset.user;
    if (!ShelterDevice.able) return;
    if (shell) {
      const at = location.pathname.match(/\/desk\/(\d+)\//);
      opening = at ? at[1] : await ShelterDevice.last();
    } else if (!user || !(await ShelterDevice.begin(user))) return;
    kept = opening ? await ShelterDevice.roll(opening) : null;
    await draw();
    await waiting();
    if (shell && kept) notice(say.offline.replace("{time}", clockOf(kept.at + kept.off)), "info", "desk-offline");
    if (opening) { await send(); if (!(await fresh()) && !shell && kept) notice(say.offline.replace("{time}", clockOf(kept.at + kept.off)), "info", "desk-offline"); }
    const code = new URLSearchParams(location.search).get("code") || (location.pathname.match(/\/c\/([\d-]+)\//) || [])[1];
    if (code) await find(code);
    window.addEventListener("online", send);
    setInterval(send, 15000);
    setInterval(() => { if (opening && !sending) fresh(); }, 30000);
    if (!shell && navigator.serviceWorker) {
      const made = await navigator.serviceWorker.register(desk.dataset.worker, {scope: "/shelters/desk/"}).catch(() => null);
      if (!made) return;
      if (made.active) made.active.postMessage("refresh");
      await navigator.serviceWorker.ready;
      desk.dataset.ready = "yes";
    }
  }
  await start();
})();
