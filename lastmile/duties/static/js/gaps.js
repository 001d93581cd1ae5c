/* Draws the trend of the gap radar from the JSON on the page. */
(function () {
  function draw() {
    const element = document.getElementById("gap-trend");
    const data = document.getElementById("gap-trend-data");
    if (!element || !data || !window.echarts) return;
    const points = JSON.parse(data.textContent);
    const ink = getComputedStyle(document.body).color;
    const chart = window.echarts.init(element);
    window.addEventListener("resize", () => chart.resize());
    chart.setOption({
      animation: false,
      textStyle: { color: ink, fontSize: 14 },
      tooltip: { trigger: "axis" },
      grid: { left: 60, right: 18, top: 16, bottom: 30 },
      xAxis: { type: "category", data: points.map((point) => point[0].slice(5)), axisLabel: { color: ink } },
      yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { opacity: 0.25 } }, axisLabel: { color: ink } },
      series: [{ type: "line", step: "end", showSymbol: points.length < 15, areaStyle: { opacity: 0.15 },
        lineStyle: { width: 3, color: "#d9480f" }, itemStyle: { color: "#d9480f" }, data: points.map((point) => point[1]) }],
    });
  }
  document.addEventListener("DOMContentLoaded", draw);
})();
