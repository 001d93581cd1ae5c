/* Find a place by name or code, and pick places in a tree. Markup: org/search.html and org/picker.html. */
(function () {
  const CHINESE = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (CHINESE ? chinese : english);

  async function fetchJson(url) {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* An input with a list of places found; `choose(place)` is called with the one taken. */
  function combobox(root, choose) {
    const input = root.querySelector("input[role=combobox]");
    const list = root.querySelector("[role=listbox]");
    let timer, asked = 0, at = -1, found = [];
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
    function mark(index) {
      at = index;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
      const item = list.children[at];
      if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    }
    function take(place) { close(); input.value = ""; choose(place); }
    function show(results) {
      found = results;
      list.replaceChildren();
      results.forEach((place, index) => {
        const item = element("li", "list-group-item list-group-item-action");
        item.id = list.id + "-" + index;
        item.setAttribute("role", "option");
        item.append(element("span", "", place.name + " "), element("small", "text-secondary", [place.level_label, place.path, place.code].filter(Boolean).join(" · ")));
        item.addEventListener("mousedown", (event) => { event.preventDefault(); take(place); });
        list.append(item);
      });
      if (!results.length) list.append(element("li", "list-group-item", say("没有找到，换个名称或代码试试。", "Nothing found. Try another name or code.")));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(results.length ? 0 : -1);
    }
    async function ask() {
      const words = input.value.trim();
      const mine = ++asked;
      if (!words) return close();
      try {
        const url = new URL(root.dataset.placeSearch, location.href);
        url.searchParams.set("q", words);
        const answer = await fetchJson(url);
        if (mine === asked) show(answer.results);
      } catch (error) { close(); }
    }
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && found.length) { event.preventDefault(); mark((at + 1) % found.length); }
      else if (event.key === "ArrowUp" && found.length) { event.preventDefault(); mark((at + found.length - 1) % found.length); }
      else if (event.key === "Enter" && !list.hidden) { event.preventDefault(); if (found[at]) take(found[at]); }
      else if (event.key === "Escape") close();
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
  }

  /* A tree with check boxes and a search; the chosen codes are hidden inputs of the form. */
  function picker(root) {
    const name = root.dataset.name;
    const chips = root.querySelector("[data-chosen]");
    const tree = root.querySelector("[data-tree]");
    const chosen = new Map();
    const boxes = () => tree.querySelectorAll("input[type=checkbox]");

    function changed() {
      chips.replaceChildren();
      chosen.forEach((place) => {
        const chip = element("span", "lm-chip", place.name);
        const hidden = element("input");
        hidden.type = "hidden"; hidden.name = name; hidden.value = place.code;
        const drop = element("button", "", "×");
        drop.type = "button";
        drop.setAttribute("aria-label", say("去掉 ", "Remove ") + place.name);
        drop.addEventListener("click", () => { chosen.delete(place.code); changed(); });
        chip.append(hidden, drop);
        chips.append(chip);
      });
      if (!chosen.size) chips.append(element("span", "text-secondary", say("还没有选地方。", "No place chosen yet.")));
      boxes().forEach((box) => {
        const above = [...chosen.keys()].some((code) => box.value !== code && box.value.startsWith(code));
        box.checked = above || chosen.has(box.value);
        box.disabled = above;
      });
      root.dispatchEvent(new CustomEvent("places:change", { bubbles: true, detail: { codes: [...chosen.keys()] } }));
    }
    function add(place) {
      for (const code of [...chosen.keys()]) {
        if (place.code.startsWith(code)) return changed();
        if (code.startsWith(place.code)) chosen.delete(code);
      }
      chosen.set(place.code, place);
      changed();
    }
    function node(place) {
      const item = element("li");
      const line = element("div", "d-flex align-items-center");
      const open = element("button", "lm-open", place.children ? "▸" : "");
      open.type = "button";
      open.disabled = !place.children;
      open.setAttribute("aria-expanded", "false");
      open.setAttribute("aria-label", say("展开 ", "Open ") + place.name);
      if (!place.children) open.setAttribute("aria-hidden", "true");
      const label = element("label", "form-check mb-0");
      const box = element("input", "form-check-input");
      box.type = "checkbox"; box.value = place.code;
      box.addEventListener("change", () => { if (box.checked) add(place); else { chosen.delete(place.code); changed(); } });
      label.append(box, element("span", "form-check-label", place.name + (place.children ? " (" + place.children + ")" : "")));
      line.append(open, label);
      item.append(line);
      open.addEventListener("click", async () => {
        const inner = item.querySelector("ul");
        const opened = open.getAttribute("aria-expanded") === "true";
        open.setAttribute("aria-expanded", String(!opened));
        open.textContent = opened ? "▸" : "▾";
        if (inner) { inner.hidden = opened; return; }
        const answer = await fetchJson(root.dataset.childrenUrl.replace("000000", place.code));
        item.append(branch(answer.children));
        changed();
      });
      return item;
    }
    function branch(places) {
      const list = element("ul");
      list.append(...places.map(node));
      return list;
    }
    root.lastmilePicker = { add, codes: () => [...chosen.keys()], clear: () => { chosen.clear(); changed(); } };
    combobox(root.querySelector("[data-place-search]"), add);
    const first = root.querySelector("script[type='application/json']");
    if (first) [].concat(JSON.parse(first.textContent) || []).forEach((place) => chosen.set(place.code, place));
    changed();
    fetchJson(root.dataset.treeUrl).then((answer) => { tree.replaceChildren(branch(answer.children)); changed(); })
      .catch(() => tree.replaceChildren(element("p", "text-secondary", say("没有加载出来，请刷新页面。", "This did not load. Reload the page."))));
  }

  function start(root) {
    root.querySelectorAll("[data-place-picker]:not([data-ready])").forEach((found) => { found.dataset.ready = "1"; picker(found); });
    root.querySelectorAll("[data-place-search]:not([data-ready])").forEach((found) => {
      found.dataset.ready = "1";
      if (!found.closest("[data-place-picker]")) combobox(found, (place) => { location.href = "/places/" + place.code + "/"; });
    });
  }
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:afterSettle", (event) => start(event.target));
})();
