/* The door on the schematic map of its grid. */
document.addEventListener("DOMContentLoaded", async () => {
  const element = document.querySelector("[data-household-map]");
  if (!element || !window.lastmileMap) return;
  const door = [Number(element.dataset.latitude), Number(element.dataset.longitude)];
  const map = window.lastmileMap(element, { outlinesUrl: element.dataset.outlinesUrl });
  await map.ready;
  const leaflet = map.leaflet;
  if (!leaflet) return;
  L.circleMarker(door, { radius: 8, weight: 2, color: "#c92a2a", fillOpacity: 0.6 }).addTo(leaflet);
  if (!leaflet.getBounds().contains(door) || leaflet.getZoom() < 10) leaflet.setView(door, 15);
});
