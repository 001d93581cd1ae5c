/* Minutes asked for, a stacked bar a week, one colour a requester. */
document.addEventListener("DOMContentLoaded", () => {
  const element = document.getElementById("burden-chart");
  if (!element || !window.echarts) return;
  const data = JSON.parse(document.getElementById("burden-data").textContent);
  const ink = getComputedStyle(document.body).color;
  element.style.height = "20rem";
  const chart = window.echarts.init(element);
  window.addEventListener("resize", () => chart.resize());
  chart.setOption({
    animation: false,
    textStyle: {color: ink, fontSize: 14},
    legend: {top: 0, type: "scroll", textStyle: {color: ink, fontSize: 14}},
    tooltip: {trigger: "axis"},
    grid: {left: 52, right: 18, top: 40, bottom: 32},
    xAxis: {type: "category", data: data.weeks, axisLabel: {color: ink}},
    yAxis: {type: "value", splitLine: {lineStyle: {opacity: 0.25}}, axisLabel: {color: ink}},
    series: data.series.map((one) => ({name: one.name, type: "bar", stack: "minutes", barMaxWidth: 48, data: one.data})),
  });
});
