/* Nothing typed is lost: a form with data-keep="name" is kept in this browser, per log-in, until the server took it.
   Kept for a day; forgotten at log-out. Passwords, files and hidden fields are never kept. */
(function () {
  const DAY = 24 * 3600 * 1000;
  const user = document.body.dataset.user;
  const prefix = "keep:" + user + ":";

  function keyOf(form) {
    return prefix + (form.dataset.keep || location.pathname);
  }
  function fields(form) {
    return [...form.elements].filter((field) => field.name && !field.disabled
      && !["hidden", "password", "file", "submit", "button"].includes(field.type));
  }
  function read(form) {
    return fields(form).map((field) => {
      if (field.type === "checkbox" || field.type === "radio") return [field.name, field.value, field.checked];
      if (field.multiple) return [field.name, [...field.selectedOptions].map((option) => option.value)];
      return [field.name, field.value];
    });
  }
  function write(form, kept) {
    const left = [...kept];
    fields(form).forEach((field) => {
      const box = field.type === "checkbox" || field.type === "radio";
      const at = left.findIndex((entry) => entry[0] === field.name && (!box || entry[1] === field.value));
      if (at < 0) return;
      const [entry] = left.splice(at, 1);
      if (box) field.checked = entry[2];
      else if (field.multiple) [...field.options].forEach((o) => { o.selected = entry[1].includes(o.value); });
      else field.value = entry[1];
      field.dispatchEvent(new Event("change", {bubbles: true}));
    });
  }
  function store(form) {
    try {
      localStorage.setItem(keyOf(form), JSON.stringify({at: Date.now(), fields: read(form)}));
    } catch (error) { /* storage is full or forbidden: the form still works */ }
  }
  function forget(form) {
    localStorage.removeItem(keyOf(form));
    localStorage.removeItem(keyOf(form) + ":sent");
  }
  function restore(form) {
    const key = keyOf(form);
    const rejected = form.querySelector(".is-invalid, [aria-invalid=true]");
    if (localStorage.getItem(key + ":sent") && !rejected) return forget(form); // the server took it
    localStorage.removeItem(key + ":sent");
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    if (!kept || rejected || Date.now() - kept.at > DAY) return undefined;
    const before = JSON.stringify(read(form));
    if (before === JSON.stringify(kept.fields)) return undefined;
    write(form, kept.fields);
    const notice = document.getElementById("kept-notice").content.firstElementChild.cloneNode(true);
    notice.querySelector("[data-forget]").addEventListener("click", () => {
      write(form, JSON.parse(before));
      forget(form);
      notice.remove();
    });
    form.prepend(notice);
    return undefined;
  }

  /* Forms that were sent and are not on this page: taken, unless this page is a refusal. */
  const refused = document.querySelector("[data-refused]");
  const here = [...document.querySelectorAll("form[data-keep]")];
  Object.keys(localStorage).filter((key) => key.startsWith("keep:") && key.endsWith(":sent")).forEach((mark) => {
    if (refused) localStorage.removeItem(mark);
    else if (!here.some((form) => keyOf(form) + ":sent" === mark)) {
      localStorage.removeItem(mark);
      localStorage.removeItem(mark.slice(0, -5));
    }
  });
  here.forEach(restore);

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (form) store(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.isTrusted && event.target.closest("form[data-keep]");
    if (form) store(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.action && new URL(form.action).pathname === "/logout/") {
      Object.keys(localStorage).filter((key) => key.startsWith("keep:")).forEach((key) => localStorage.removeItem(key));
    } else if (form.matches("form[data-keep]") && !event.defaultPrevented) {
      store(form);
      localStorage.setItem(keyOf(form) + ":sent", "1");
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form[data-keep]");
    if (form && event.detail.elt === form && event.detail.requestConfig.verb !== "get") {
      if (event.detail.successful) forget(form);
      else localStorage.removeItem(keyOf(form) + ":sent");
    }
  });
})();
