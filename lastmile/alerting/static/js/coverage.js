/* Draws the map and the curve of the coverage pages from the JSON in the live fragment, anew after every poll. */
(function () {
  let map = null;
  let chart = null;

  function read() {
    const element = document.getElementById("coverage-data");
    return element ? JSON.parse(element.textContent) : null;
  }
  function ink() {
    return getComputedStyle(document.body).color;
  }
  function paint(data) {
    const element = document.getElementById("coverage-map");
    if (!element || !window.lastmileMap) return;
    if (!map) {
      map = window.lastmileMap(element, {
        outlinesUrl: element.dataset.outlinesUrl,
        onClick: (place) => { const entry = read().map[place.code]; if (entry) location.href = entry.url; },
      });
      map.ready.then(() => map.paint(read().map, read().legend));
      return;
    }
    map.paint(data.map, data.legend);
  }
  function draw(data) {
    const element = document.getElementById("coverage-curve");
    if (!element || !window.echarts) return;
    if (!chart) {
      chart = window.echarts.init(element);
      window.addEventListener("resize", () => chart.resize());
    }
    const percent = (n) => (data.people ? Math.round((1000 * n) / data.people) / 10 : 0);
    const line = (name, at, colour, dashed) => ({
      name, type: "line", showSymbol: false, step: false, areaStyle: dashed ? undefined : { opacity: 0.15 },
      lineStyle: { width: 3, type: dashed ? "dashed" : "solid", color: colour }, itemStyle: { color: colour },
      data: [[0, 0], ...data.curve.map((point) => [point[0] / 60, percent(point[at])])],
    });
    chart.setOption({
      animation: false,
      textStyle: { color: ink(), fontSize: 14 },
      legend: { top: 0, textStyle: { color: ink(), fontSize: 14 } },
      tooltip: { trigger: "axis", valueFormatter: (value) => value + " %" },
      grid: { left: 52, right: 18, top: 36, bottom: 44 },
      xAxis: { type: "value", name: data.words.minutes, nameLocation: "middle", nameGap: 28, min: 0, splitLine: { show: false }, axisLabel: { color: ink() }, nameTextStyle: { color: ink() } },
      yAxis: { type: "value", min: 0, max: 100, splitLine: { lineStyle: { opacity: 0.25 } }, axisLabel: { formatter: "{value} %", color: ink() } },
      series: [line(data.words.reached, 1, "#4c8fd0", true), line(data.words.confirmed, 2, "#2f9e44", false)],
    }, true);
  }
  function renew() {
    const data = read();
    if (!data) return;
    paint(data);
    draw(data);
  }
  document.addEventListener("DOMContentLoaded", renew);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "live") renew(); });
})();
