/* Reload the public page when the warnings have changed. Without this script the reader reloads by hand. */
(function () {
  const source = document.currentScript.dataset.source;
  let known = null;
  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(source, { cache: "no-cache" });
      const mark = answer.headers.get("ETag");
      if (known && mark && mark !== known) location.reload();
      known = mark || known;
    } catch (error) {
      return; // no network: what is shown stays shown
    }
  }
  look();
  setInterval(look, 30000);
  document.addEventListener("visibilitychange", look);
})();
