/* The form of a warning: steps, the order of channels, and the area drawn on the map kept in step with its text box. */
(function () {
  function changed() {
    document.getElementById("draft").dispatchEvent(new Event("draft-changed"));
  }
  document.addEventListener("click", (event) => {
    const next = event.target.closest("[data-next]");
    if (next) {
      const tab = document.querySelector(next.dataset.next);
      tab.click();
      tab.focus({ preventScroll: true }); // the button just pressed is hidden now: the keyboard goes on from here
      document.getElementById("content").scrollIntoView();
    }
    const up = event.target.closest("[data-up]");
    if (up) {
      const item = up.closest("li");
      if (item.previousElementSibling) item.parentNode.insertBefore(item, item.previousElementSibling);
      up.focus();
      changed();
    }
  });
  /* The form is handed in after what is being saved by itself, never beside it: else it would meet itself as somebody
     else who has changed the draft meanwhile. */
  function handIn(form) {
    let saving = false, handing = false, button;
    const ours = (event) => event.detail.elt === form;
    form.addEventListener("htmx:beforeRequest", (event) => {
      if (ours(event) && handing) event.preventDefault();
      else if (ours(event)) saving = true;
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (!ours(event)) return;
      saving = false;
      if (handing) form.requestSubmit(button);
    });
    form.addEventListener("submit", (event) => {
      handing = true;
      button = event.submitter; // null is whoever pressed Enter in a field
      if (saving) event.preventDefault();
    });
    addEventListener("pageshow", () => { handing = false; });
  }
  document.addEventListener("places:change", () => document.readyState === "complete" && changed());

  function startMap() {
    const element = document.getElementById("draft-map");
    if (!element) return;
    const box = document.getElementById("id_geojson");
    let mine = false; // the box is being written by the map, or the map by the box
    const map = lastmileMap(element, { outlinesUrl: element.dataset.outlines });
    function show() {
      if (mine) return;
      mine = true;
      try { map.setDrawn(box.value.trim() ? JSON.parse(box.value) : null); } catch (error) { /* the server says what is wrong */ }
      mine = false;
    }
    map.ready.then(() => {
      map.draw({
        onChange(geometry) {
          if (mine) return;
          mine = true;
          box.value = geometry ? JSON.stringify(geometry) : "";
          mine = false;
          changed();
        },
      });
      show();
    });
    box.addEventListener("change", show);
    document.getElementById("tab-where").addEventListener("shown.bs.tab", () => { map.leaflet.invalidateSize(); map.fit(); });
  }
  document.addEventListener("DOMContentLoaded", () => {
    startMap();
    const form = document.getElementById("draft");
    if (form) handIn(form);
  });
})();
