/* The console's few behaviours; everything else is htmx.
   data-theme-toggle  dark or light            data-print       print this page
   data-keep-query    link keeps the query that htmx has pushed into the address
   HX-Trigger: {"toast": "sentence"}           shows a toast */
const body = document.body;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    const dark = document.documentElement.getAttribute("data-bs-theme") !== "dark";
    document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
    localStorage.setItem("theme", dark ? "dark" : "light");
  }
  if (event.target.closest("[data-print]")) window.print();
  const link = event.target.closest("a[data-keep-query]");
  if (link) {
    const query = new URLSearchParams(location.search);
    new URLSearchParams(link.getAttribute("href").split("?")[1]).forEach((value, key) => {
      if (key === "export" || key === "page") query.set(key, value);
    });
    link.href = "?" + query;
  }
});

/* "/" goes to the search field, wherever one is. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector("[role=search] input[type=search], input[type=search]");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

/* A refusal (4xx) is an answer to show in place, not an error to swallow. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && status < 500) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    if (!event.detail.xhr.responseText.includes("data-refused")) return; // a form that comes back with its errors
    const own = event.detail.requestConfig.elt.closest("[data-refusals]");
    event.detail.target = (own && document.querySelector(own.dataset.refusals)) || document.getElementById("messages");
    event.detail.swapOverride = "innerHTML";
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.target.scrollIntoView({block: "center"});
    event.detail.target.focus({preventScroll: true});
  }
});
document.addEventListener("htmx:sendError", (event) => byPerson(event) && toast(body.dataset.sayOffline, "danger"));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500 && byPerson(event)) toast(body.dataset.sayBroken, "danger");
});

/* The thin bar on top: only for what a person started, not for a page that refreshes itself. */
let waiting = 0;
function byPerson(event) {
  return Boolean(event.detail.requestConfig && event.detail.requestConfig.triggeringEvent
    && event.detail.requestConfig.triggeringEvent.isTrusted);
}
function progress(change) {
  waiting = Math.max(0, waiting + change);
  document.getElementById("progress").hidden = waiting === 0;
}
document.addEventListener("htmx:beforeSend", (event) => byPerson(event) && progress(1));
document.addEventListener("htmx:afterRequest", (event) => byPerson(event) && progress(-1));

function toast(text, colour) {
  const box = document.createElement("div");
  box.className = "toast show align-items-center";
  box.setAttribute("role", "status");
  const inner = document.createElement("div");
  inner.className = "toast-body" + (colour ? " text-" + colour : "");
  inner.textContent = text;
  box.append(inner);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), 6000);
}
document.addEventListener("toast", (event) => toast(event.detail.value));
