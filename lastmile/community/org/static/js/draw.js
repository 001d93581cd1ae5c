/* Map forms: draw an outline into a text field, pick a position into two number fields, show what a file holds. */
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-draw-outline]").forEach((element) => {
    const field = element.closest("form").elements.geometry;
    const map = lastmileMap(element, { outlinesUrl: element.dataset.drawOutline });
    map.ready.then(() => {
      const own = map.layers()[element.dataset.code];
      if (own) own.remove();
      map.draw({ onChange: (geometry) => { field.value = geometry ? JSON.stringify(geometry) : ""; } });
      const typed = () => {
        try { return JSON.parse(field.value); } catch (error) { return null; }
      };
      if (typed()) map.setDrawn(typed());
      field.addEventListener("change", () => { const found = typed(); if (found) { const text = field.value; map.setDrawn(found); field.value = text; } });
    });
  });

  document.querySelectorAll("[data-pick-position]").forEach((element) => {
    const form = element.closest("form");
    const { longitude, latitude } = form.elements;
    const map = lastmileMap(element, { outlinesUrl: element.dataset.pickPosition });
    let marker = null;
    function show() {
      if (marker) marker.remove();
      marker = null;
      const at = [Number(latitude.value), Number(longitude.value)];
      if (latitude.value && longitude.value && at.every(Number.isFinite)) {
        marker = L.marker(at, { icon: L.divIcon({ className: "lm-site", iconSize: [14, 14] }), keyboard: false }).addTo(map.leaflet);
      }
    }
    function take(at) {
      longitude.value = at.lng.toFixed(6);
      latitude.value = at.lat.toFixed(6);
      show();
    }
    map.leaflet.on("click", (event) => take(event.latlng));
    map.ready.then(() => { Object.values(map.layers()).forEach((layer) => layer.on("click", (event) => take(event.latlng))); show(); });
    [longitude, latitude].forEach((input) => input.addEventListener("change", show));
  });

  document.querySelectorAll("[data-show-outlines]").forEach((element) => {
    const found = JSON.parse(document.getElementById(element.dataset.showOutlines).textContent);
    const map = lastmileMap(element);
    map.show(found);
    const chinese = document.documentElement.lang.startsWith("zh");
    const values = {};
    found.features.forEach((feature) => {
      const { code, wrong } = feature.properties;
      values[code] = { step: wrong ? 1 : 4, label: wrong ? (chinese ? "有误" : "wrong") : "" };
    });
    map.paint(values, [{ step: 4, label: chinese ? "可以导入" : "can be imported" }, { step: 1, label: chinese ? "有误" : "wrong" }]);
  });
});
