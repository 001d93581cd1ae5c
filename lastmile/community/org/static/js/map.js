/* Schematic maps without tiles: outlines of places, values on them, an area to draw. Needs Leaflet (and geoman to draw).

   const map = lastmileMap(element, { outlinesUrl, onClick(properties) {…} });
   await map.ready;
   map.paint({ "410182109": { step: 2, label: "43 %" } }, [{ step: 2, label: "< 60 %" }, …]);   // choropleth
   map.choose(["410182109"]);                                                               // marked areas
   map.draw({ onChange(geometry) {…} }); map.setDrawn(geometry);                            // geometry: GeoJSON or null
   await map.load(otherOutlinesUrl);

   Steps 1 (worst) to 5 (best), 0 = nothing known; the label is always written beside, so colour is never alone. */
(function () {
  const LABELLED = 60; // beyond this only the area under the pointer is named
  const IN_TAB_ORDER = 60;
  const CHINESE = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (CHINESE ? chinese : english);
  const MARKER = { radius: 6, weight: 1 };

  /* 王宗店村委会 → 王宗店村: the full name is in the list beside and in the accessible name. */
  const short = (name) => name.replace(/村?(村民委员会|村委会)$/, "村").replace(/(社区)?(居民委员会|居委会)$/, "社区");

  /* Labels that would lie on another one are hidden until there is room; earlier and bigger areas come first. */
  function thin(element) {
    const kept = [];
    const labels = [...element.querySelectorAll(".leaflet-tooltip.lm-label")];
    labels.forEach((label) => { label.style.visibility = ""; });
    labels.forEach((label) => {
      const box = label.getBoundingClientRect();
      const covered = kept.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top);
      if (covered) label.style.visibility = "hidden"; else kept.push(box);
    });
  }

  function lastmileMap(element, options = {}) {
    element.classList.add("lm-map");
    const leaflet = L.map(element, { zoomSnap: 0.25, zoomControl: true, attributionControl: false, minZoom: 3 });
    leaflet.zoomControl.setPosition("topright");
    leaflet.zoomControl._zoomInButton.title = say("放大", "Zoom in");
    leaflet.zoomControl._zoomOutButton.title = say("缩小", "Zoom out");
    leaflet.zoomControl._zoomInButton.setAttribute("aria-label", say("放大", "Zoom in"));
    leaflet.zoomControl._zoomOutButton.setAttribute("aria-label", say("缩小", "Zoom out"));
    L.control.scale({ imperial: false }).addTo(leaflet);
    leaflet.setView([34.75, 113.6], 8);
    const state = { layers: {}, values: {}, chosen: new Set(), legend: null, group: null, own: null, drawn: null };

    function className(code) {
      const value = state.values[code];
      return ["lm-area", value ? "lm-step lm-step-" + value.step : "", state.chosen.has(code) ? "lm-chosen" : ""].join(" ").trim();
    }
    function text(properties) {
      const value = state.values[properties.code];
      const box = document.createElement("div");
      box.textContent = short(properties.name);
      if (value && value.label) { const bold = document.createElement("b"); bold.textContent = value.label; box.append(bold); }
      return box;
    }
    function dress(layer) {
      const properties = layer.feature.properties;
      const path = layer.getElement();
      if (!path) return;
      path.setAttribute("class", className(properties.code) + " leaflet-interactive");
      const value = state.values[properties.code];
      path.setAttribute("aria-label", properties.name + (value && value.label ? " " + value.label : ""));
      if (!path.hasAttribute("role")) path.setAttribute("role", "img");
      if (properties.label) layer.getCenter = () => L.latLng(properties.label[1], properties.label[0]);
      layer.unbindTooltip();
      const many = Object.keys(state.layers).length > LABELLED;
      layer.bindTooltip(text(properties), { permanent: !many, direction: "center", className: "lm-label", interactive: false });
    }
    function wire(layer, count) {
      const path = layer.getElement();
      const go = () => options.onClick && options.onClick(layer.feature.properties, api);
      layer.on("click", go);
      if (path && options.onClick && count <= IN_TAB_ORDER) {
        path.setAttribute("tabindex", "0");
        path.setAttribute("role", "button");
        path.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } });
      }
    }
    function note(message) {
      const old = element.querySelector(".lm-empty");
      if (old) old.remove();
      if (message) { const box = document.createElement("div"); box.className = "lm-empty"; box.textContent = message; element.append(box); }
    }
    function show(collection) {
      if (state.group) state.group.remove();
      if (state.own) state.own.remove();
      state.layers = {};
      state.group = L.geoJSON(collection, {
        style: (feature) => ({ className: className(feature.properties.code) }),
        pointToLayer: (feature, at) => L.circleMarker(at, { ...MARKER, className: className(feature.properties.code) }),
        onEachFeature: (feature, layer) => { state.layers[feature.properties.code] = layer; if (layer.pm) layer.options.pmIgnore = true; },
        pmIgnore: true,
      }).addTo(leaflet);
      if (collection.own) state.own = L.geoJSON(collection.own, { style: { className: "lm-own" }, interactive: false, pmIgnore: true }).addTo(leaflet);
      const layers = Object.values(state.layers);
      layers.forEach((layer) => { dress(layer); wire(layer, layers.length); });
      fit();
      note(layers.length || collection.own ? "" : options.empty || say("这里还没有边界，地图上暂时画不出来。", "No outlines here yet, so there is nothing to draw."));
    }
    function fit() {
      const box = L.latLngBounds([]);
      if (state.group) box.extend(state.group.getBounds());
      if (state.own) box.extend(state.own.getBounds());
      if (state.drawn && state.drawn.getBounds) box.extend(state.drawn.getBounds());
      if (box.isValid()) leaflet.fitBounds(box, { padding: [12, 12], animate: false, maxZoom: 17 });
    }
    async function load(url) {
      element.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        show(await answer.json());
      } catch (error) {
        note(say("地图没有加载出来，请刷新页面再试。", "The map did not load. Reload the page."));
      } finally {
        element.removeAttribute("aria-busy");
      }
    }
    function paint(values, legend) {
      state.values = values || {};
      Object.values(state.layers).forEach(dress);
      if (state.legend) state.legend.remove();
      state.legend = null;
      if (!legend || !legend.length) return;
      state.legend = L.control({ position: "bottomright" });
      state.legend.onAdd = () => {
        const box = L.DomUtil.create("div", "lm-legend");
        legend.forEach((entry) => {
          const line = document.createElement("div");
          const patch = document.createElement("i");
          patch.className = "lm-step-" + entry.step;
          line.append(patch, entry.label);
          box.append(line);
        });
        return box;
      };
      state.legend.addTo(leaflet);
    }
    function choose(codes) {
      state.chosen = new Set(codes);
      Object.values(state.layers).forEach(dress);
    }
    function geometry() {
      return state.drawn ? state.drawn.toGeoJSON().geometry : null;
    }
    function keep(layer, onChange) {
      if (state.drawn && state.drawn !== layer) state.drawn.remove();
      state.drawn = layer;
      const tell = () => onChange && onChange(geometry());
      layer.on("pm:edit pm:dragend pm:cut", tell);
      layer.on("pm:remove", () => { state.drawn = null; if (onChange) onChange(null); });
      if (layer.getElement && layer.getElement()) layer.getElement().classList.add("lm-drawn");
      tell();
    }
    function draw({ onChange } = {}) {
      state.onChange = onChange;
      leaflet.pm.setLang(CHINESE ? "zh" : "en");
      leaflet.pm.addControls({ position: "topleft", drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawText: false, drawCircle: false, cutPolygon: false, rotateMode: false, dragMode: false });
      leaflet.pm.setPathOptions({ className: "lm-drawn" });
      leaflet.pm.setGlobalOptions({ allowSelfIntersection: false });
      leaflet.on("pm:create", (event) => keep(event.layer, onChange));
      element.querySelectorAll(".leaflet-pm-toolbar .button-container[title] > a").forEach((button) => button.setAttribute("aria-label", button.parentElement.title));
    }
    function setDrawn(found) {
      if (state.drawn) { state.drawn.remove(); state.drawn = null; }
      if (!found) { if (state.onChange) state.onChange(null); return; }
      const layer = L.geoJSON(found, { style: { className: "lm-drawn" } }).getLayers()[0];
      layer.addTo(leaflet);
      keep(layer, state.onChange);
      fit();
    }
    function sites(collection) {
      L.geoJSON(collection, {
        pmIgnore: true,
        pointToLayer: (feature, at) => L.marker(at, { title: feature.properties.name, alt: feature.properties.name, pmIgnore: true, icon: L.divIcon({ className: "lm-site", iconSize: [14, 14] }) }),
        onEachFeature: (feature, layer) => {
          const box = document.createElement("div");
          const link = document.createElement(feature.properties.url ? "a" : "span");
          if (feature.properties.url) link.href = feature.properties.url;
          link.textContent = feature.properties.name;
          const kind = document.createElement("div");
          kind.textContent = feature.properties.kind || "";
          box.append(link, kind);
          layer.bindPopup(box);
        },
      }).addTo(leaflet);
    }

    let thinning = 0; // once labels that are leaving have faded out (200 ms), or they would hide the new ones
    const later = () => { clearTimeout(thinning); thinning = setTimeout(() => thin(element), 260); };
    leaflet.on("zoomend moveend layeradd resize tooltipopen", later);
    const api = { leaflet, load, show, paint, choose, fit, draw, setDrawn, geometry, sites, layers: () => state.layers };
    api.ready = options.outlinesUrl ? load(options.outlinesUrl) : Promise.resolve();
    new ResizeObserver(() => leaflet.invalidateSize()).observe(element);
    return api;
  }

  /* value between 0 and 1 → step 1 (worst) … 5 (best); null → 0 */
  lastmileMap.step = (share, bounds = [0.4, 0.6, 0.8, 0.95]) =>
    share === null || share === undefined ? 0 : 1 + bounds.filter((bound) => share >= bound).length;

  /* <div data-lastmile-map data-outlines-url="…" data-sites-url="…" data-point="a GeoJSON point" data-click="open"></div> */
  function start(root) {
    root.querySelectorAll("[data-lastmile-map]:not(.lm-map)").forEach((element) => {
      const open = element.dataset.click === "open";
      const map = lastmileMap(element, { outlinesUrl: element.dataset.outlinesUrl, onClick: open ? (p) => { location.href = p.url; } : null });
      element.lastmileMap = map;
      if (element.dataset.sitesUrl) map.ready.then(() => fetch(element.dataset.sitesUrl)).then((r) => r.json()).then(map.sites).catch(() => {});
      if (element.dataset.point) map.ready.then(() => map.sites(JSON.parse(element.dataset.point)));
    });
  }
  window.lastmileMap = lastmileMap;
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:afterSettle", (event) => start(event.target));
})();
