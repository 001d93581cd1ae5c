/* Renew the marked parts of the page in place; what somebody is typing is left alone. */
setInterval(async () => {
  if (document.hidden) return;
  try {
    const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML) part.innerHTML = next.innerHTML;
    }
  } catch (error) {
    return; // the phones have stopped; what is shown stays shown
  }
}, 2000);
