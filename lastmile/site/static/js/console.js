/* The console's few behaviours; everything else is htmx. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    const dark = document.documentElement.getAttribute("data-bs-theme") !== "dark";
    document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
    localStorage.setItem("theme", dark ? "dark" : "light");
  }
  const print = event.target.closest("[data-print]");
  if (print) window.print();
});
/* A refusal (4xx) is an answer to show, not an error to swallow. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && status < 500) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    event.detail.target = document.getElementById("messages") || event.detail.target;
  }
});
