/* The to-do on a phone that loses its network: taps are kept sealed, sent once there is a network again, entered once. */
(async function () {
  const state = document.getElementById("todo-state");
  if (!state || !TodoDevice.able) return;
  const say = JSON.parse(document.getElementById("todo-words").textContent);
  const shell = "shell" in document.body.dataset;
  const user = document.body.dataset.user;
  let sending = false;

  function notice(text, kind, button) {
    const box = document.createElement("div");
    box.className = "alert alert-" + kind;
    box.setAttribute("role", kind === "danger" ? "alert" : "status");
    box.append(text);
    if (button) box.append(" ", button);
    state.append(box);
    return box;
  }
  function element(tag, attributes, ...inside) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...inside);
    return made;
  }
  const cookie = (name) => (document.cookie.split("; ").find((one) => one.startsWith(name + "=")) || "").split("=")[1];

  /* Keep a tap and try to send it. `key` makes it one, however often it is sent; `at` is when it was tapped. */
  async function keep(act, id, key, words) {
    await TodoDevice.addTap({key: key || crypto.randomUUID(), act, id: Number(id), words: words || "",
      at: new Date().toISOString()});
    const line = document.querySelector(`[data-todo="${id}"]`);
    const kept = line && line.querySelector(".todo-kept");
    if (kept) { kept.textContent = say.kept; kept.hidden = false; line.classList.add("todo-closed"); }
    await waiting();
    return send();
  }
  async function waiting() {
    const count = (await TodoDevice.taps()).length;
    let box = state.querySelector(".todo-waiting");
    if (!count) { if (box) box.remove(); return; }
    if (!box) { box = notice("", "warning"); box.classList.add("todo-waiting"); }
    box.textContent = say.waiting.replace("{n}", count);
  }

  async function send() {
    const taps = await TodoDevice.taps();
    if (!taps.length || sending || navigator.onLine === false) return false;
    sending = true;
    try {
      const answer = await fetch(state.dataset.sync, {method: "POST", credentials: "same-origin",
        headers: {"Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") || ""},
        body: JSON.stringify({taps: taps.slice(0, 200)})});
      if (answer.status === 401 || answer.status === 403) { logIn(); return false; }
      if (!answer.ok) return false;
      await settled((await answer.json()).results, taps);
      return true;
    } catch (error) {
      return false; // no network yet: the taps stay
    } finally {
      sending = false;
    }
  }
  async function settled(results, taps) {
    for (const result of results) {
      await TodoDevice.dropTap(result.key);
      if (!result.ok) refused(result, taps.find((tap) => tap.key === result.key));
    }
    const good = results.filter((result) => result.ok).length;
    if (good) notice(say.sent.replace("{n}", good), "success").classList.add("todo-sent");
    await waiting();
    if (good) document.dispatchEvent(new CustomEvent("todo:sent"));
  }
  function refused(result, tap) {
    const read = element("button", {class: "btn btn-sm", type: "button"}, say.dismiss);
    const typed = tap && tap.words ? ` (${tap.words})` : "";
    const box = notice(`${say.refused} ${result.says} ${result.mend}${typed}`, "danger", read);
    box.classList.add("todo-refused");
    read.addEventListener("click", () => box.remove());
  }
  function logIn() {
    if (state.querySelector(".todo-log-in")) return;
    const link = element("a", {class: "btn btn-sm", href: state.dataset.login + "?next=/todo/"}, say.log_in);
    notice("", "warning", link).classList.add("todo-log-in");
  }

  /* The page that the server made. */
  async function fresh() {
    const answer = await fetch(state.dataset.list, {credentials: "same-origin"});
    if (answer.ok) await TodoDevice.keepList((await answer.json()).items);
  }
  function watchForms() {
    document.addEventListener("submit", (event) => {
      const form = event.target.closest("form[data-tap]");
      if (!form || (form.hasAttribute("hx-post") && navigator.onLine !== false)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const words = form.elements.words ? form.elements.words.value : "";
      keep(form.dataset.tap, form.dataset.id, form.elements.key.value, words).then((sent) => {
        if (sent && !state.querySelector(".todo-refused") && form.elements.words) location.href = "/todo/";
      });
    }, true);
    document.addEventListener("htmx:sendError", (event) => {
      const form = event.detail.elt.closest("form[data-tap]");
      if (form) keep(form.dataset.tap, form.dataset.id, form.elements.key.value, "");
    });
  }
  async function onPage() {
    if (!user || !(await TodoDevice.begin(user))) return;
    watchForms();
    await waiting();
    if (await send()) {
      if (!state.querySelector(".todo-refused") && window.htmx && document.getElementById("list")) {
        htmx.ajax("GET", location.pathname + location.search, {target: "#list", source: "#list"});
      }
    }
    await fresh().catch(() => undefined);
    if (navigator.serviceWorker) {
      const made = await navigator.serviceWorker.register(state.dataset.worker, {scope: "/todo/"}).catch(() => null);
      if (!made) return; // forbidden here: the page works, only not without a network
      if (made.active) made.active.postMessage("refresh");
      await navigator.serviceWorker.ready;
      state.dataset.ready = "yes";
    }
  }

  /* The empty page that the worker shows without a network. */
  function clockOf(moment) {
    const options = {month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai"};
    return new Date(moment).toLocaleString(document.documentElement.lang, options);
  }
  function lineOf(item, tap) {
    const late = new Date(item.due_at) < new Date();
    const facts = element("div", {class: "text-secondary todo-facts"},
      element("span", late ? {class: "todo-late"} : {}, `${late ? say.overdue : say.due} ${clockOf(item.due_at)}`),
      element("span", {}, item.place_name), element("span", {}, item.kind_label));
    const kept = element("div", {class: "todo-kept", role: "status"});
    kept.hidden = !tap;
    if (tap) kept.textContent = say.kept + (tap.words ? ` (${tap.words})` : "");
    const acts = element("div", {class: "todo-acts"});
    if (tap) acts.append(button(say.undo, "undo", () => TodoDevice.dropTap(tap.key).then(show)));
    else if (item.tap) {
      acts.append(button(say.done, "done", () => keep("done", item.id).then(show), "btn-primary"));
      acts.append(button(say.problem, "problem", () => ask(item)));
    }
    return element("li", {class: `list-group-item todo-line danger-${item.danger}` + (tap ? " todo-closed" : ""),
      "data-todo": item.id, tabindex: "-1"},
    element("div", {class: "todo-what"}, element("span", {class: "todo-title"}, item.title), facts, kept), acts);
  }
  function button(text, act, press, style) {
    const made = element("button", {class: "btn " + (style || ""), type: "button", "data-act": act}, text);
    made.addEventListener("click", press);
    return made;
  }
  function ask(item) {
    const words = (window.prompt(say.ask) || "").trim();
    if (words) keep("problem", item.id, null, words.slice(0, 200)).then(show);
  }
  async function show() {
    const kept = await TodoDevice.list();
    const list = document.getElementById("todo-kept-list");
    const taps = new Map((await TodoDevice.taps()).map((tap) => [tap.id, tap]));
    list.replaceChildren(...(kept ? kept.items.map((item) => lineOf(item, taps.get(item.id))) : []));
    if (!kept || !kept.items.length) {
      list.append(element("li", {class: "list-group-item"}, kept ? say.empty : say.nothing_kept));
    }
    return kept;
  }
  async function onShell() {
    const kept = await show();
    if (kept) notice(say.offline.replace("{time}", clockOf(kept.at)), "info").classList.add("todo-offline");
    await waiting();
    setInterval(send, 20000);
    document.addEventListener("todo:sent", async () => {
      await fresh().catch(() => undefined);
      await show();
      const link = element("a", {class: "btn btn-sm", href: "/todo/"}, say.again);
      notice("", "info", link);
    });
  }

  window.addEventListener("online", send);
  await (shell ? onShell() : onPage());
  if (shell) await send();
})();
