/* A plan area: its outline drawn into the text box of the form, or shown on its page. */
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-plan-draw]").forEach((element) => {
    const box = element.closest("form").elements.geojson;
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
        },
      });
      show();
    });
    box.addEventListener("change", show);
  });
  document.querySelectorAll("[data-plan-area]").forEach((element) => {
    const shape = JSON.parse(document.getElementById(element.dataset.planArea).textContent);
    const map = lastmileMap(element, { outlinesUrl: element.dataset.outlines });
    map.ready.then(() => L.geoJSON(shape, { style: { color: "#d63939", weight: 2, fillOpacity: 0.15 }, interactive: false }).addTo(map.leaflet));
  });
});
