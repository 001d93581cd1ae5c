/* The board reads itself again. Without a network it stays, and says of when it is; nobody has to touch it. */
(function () {
  const EVERY = 30000, SOON = 5000, OLD = 90000;
  let sooner = 0;
  let good = document.getElementById("board").dataset.kept === undefined ? Date.now() : 0; // kept by the worker: no network
  function age() {
    const board = document.getElementById("board");
    let note = document.getElementById("old");
    if (Date.now() - good < OLD) { if (note) note.remove(); return; }
    if (!note) {
      note = document.createElement("p");
      note.id = "old"; note.className = "old"; note.setAttribute("role", "status");
      board.prepend(note);
    }
    const at = new Date(board.dataset.at);
    const minutes = Math.max(1, Math.round((Date.now() - (good || at.getTime())) / 60000));
    note.textContent = board.dataset.old + " " + at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" }) + " (" + minutes + " min)";
  }
  async function again() {
    clearTimeout(sooner);
    try {
      const answer = await fetch(location.href, { cache: "no-cache", credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("board");
      if (!fresh || fresh.dataset.kept !== undefined) throw new Error("no network");
      document.body.replaceChildren(...page.body.childNodes);
      document.title = page.title;
      good = Date.now();
    } catch (error) {
      age(); // what is shown stays shown
      sooner = setTimeout(again, SOON); // a network that comes back is often not there at the first call
    }
  }
  setInterval(again, EVERY);
  setInterval(age, 10000);
  window.addEventListener("online", again);
  age();
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.addEventListener("controllerchange", again); // the first time: so that the worker keeps it
    navigator.serviceWorker.register("/w/worker.js", { scope: "/w/" }).catch(() => undefined);
  }
})();
