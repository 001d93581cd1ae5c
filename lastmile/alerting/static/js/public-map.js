/* Areas of the warnings in force. Colour is never alone: each has its name, and a line of its own. */
(function () {
  const source = document.currentScript.dataset.source;
  const FILL = { 1: "#b42318", 2: "#b8450a", 3: "#ffd43b", 4: "#1558b0" };
  const DASH = { 1: null, 2: "10 4", 3: "6 4", 4: "2 4" };
  function style(feature) {
    const colour = feature.properties.colour;
    if (!colour) return { color: "#8a94a3", weight: 1, fill: false, interactive: false };
    return { color: colour === 3 ? "#6b5600" : FILL[colour], weight: 2, dashArray: DASH[colour], fillColor: FILL[colour], fillOpacity: 0.45 };
  }
  async function draw() {
    const box = document.getElementById("map");
    const data = await (await fetch(source, { credentials: "omit" })).json();
    box.hidden = false;
    const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, minZoom: 3 });
    L.control.zoom({ zoomInTitle: box.dataset.in, zoomOutTitle: box.dataset.out }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const dot = (feature, at) => L.circleMarker(at, { radius: 8, ...style(feature) });
    const told = (feature, layer) => {
      if (!feature.properties.colour) return;
      const link = document.createElement("a");
      link.href = feature.properties.url;
      link.textContent = feature.properties.name;
      layer.bindTooltip(feature.properties.name, { sticky: true });
      layer.bindPopup(link);
    };
    const all = L.geoJSON(data, { style, pointToLayer: dot, onEachFeature: told }).addTo(map);
    const warned = L.featureGroup(all.getLayers().filter((layer) => layer.feature.properties.colour));
    const bounds = (warned.getLayers().length ? warned : all).getBounds();
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.2)); else map.setView([34.75, 113.6], 8);
  }
  draw().catch(() => { document.getElementById("map").hidden = true; });
})();
