/* Follow with this browser: asks its owner, gives the site its push address. Without this script there is mail and feed. */
(function () {
  const part = document.getElementById("push");
  if (!part || !("serviceWorker" in navigator) || !("PushManager" in window) || !window.isSecureContext) return;
  const says = part.querySelector("[role=status]"), list = part.querySelector("ul"), KEY = "lastmile-follows";
  part.hidden = false;

  function bytes(text) {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  }
  function known() {
    try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch (error) { return {}; }
  }
  function show() {
    const all = Object.values(known());
    list.hidden = !all.length;
    list.replaceChildren(...all.map((one) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = one.link; link.textContent = one.where;
      item.append(link);
      return item;
    }));
  }
  async function follow(form) {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") throw new Error(part.dataset.denied);
    await navigator.serviceWorker.register(part.dataset.worker, { scope: "/w/" });
    const ready = await navigator.serviceWorker.ready;
    const wish = { userVisibleOnly: true, applicationServerKey: bytes(part.dataset.key) };
    let subscription = await ready.pushManager.getSubscription();
    if (!subscription) subscription = await ready.pushManager.subscribe(wish);
    const answer = await fetch(form.action, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ subscription, place: form.elements.place.value, colour: form.elements.colour.value }) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.title + " " + said.detail);
    localStorage.setItem(KEY, JSON.stringify({ ...known(), [said.place]: said }));
    return part.dataset.done;
  }
  part.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try { says.textContent = await follow(event.target); } catch (error) { says.textContent = error.name === "Error" ? error.message : part.dataset.failed; }
    says.hidden = false;
    button.disabled = false;
    show();
  });
  async function tidy() {  // what was ended on its own page is listed no longer
    const all = known();
    for (const [place, one] of Object.entries(all)) {
      const answer = await fetch(one.link, { method: "HEAD", credentials: "omit" }).catch(() => null);
      if (answer && answer.status === 404) delete all[place];
    }
    localStorage.setItem(KEY, JSON.stringify(all));
    show();
  }
  show();
  tidy();
})();
