// Walk the minutes of a scenario: one moment at a time, clocks counted on. Without this script, and on paper, all stand.
(() => {
  const root = document.querySelector("[data-scenario]");
  const stops = [...root.querySelectorAll("[data-minute]")];
  const walk = root.querySelector("[data-walk]");
  const slider = walk.querySelector("input");
  const said = walk.querySelector("output");
  const from = Number(root.dataset.from);
  const minutes = stops.map((stop) => Number(stop.dataset.minute));

  const face = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const rest = `${Math.floor((seconds % 3600) / 60)}`;
    return hours ? `${hours}:${two(rest)}:${two(seconds % 60)}` : `${rest}:${two(seconds % 60)}`;
  };

  const at = (minute) => Math.max(0, minutes.findLastIndex((one) => one <= minute));

  const show = () => {
    const minute = Number(slider.value);
    const now = from + minute * 60;
    const here = at(minute);
    stops.forEach((stop, index) => {
      stop.classList.toggle("d-none", index !== here);
      stop.classList.add("d-print-block");
    });
    said.value = new Date((now + 8 * 3600) * 1000).toISOString().slice(5, 16).replace("T", " ");
    slider.setAttribute("aria-valuetext", said.value);
    for (const clock of stops[here].querySelectorAll("[data-due]")) {
      const left = Math.round(Number(clock.dataset.due) - now);
      const words = left >= 0 ? clock.dataset.ahead : clock.dataset.over;
      clock.textContent = words.replace("%(time)s", face(Math.abs(left)));
    }
  };

  for (const button of walk.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      const next = at(Number(slider.value)) + Number(button.dataset.step);
      slider.value = minutes[Math.min(Math.max(next, 0), minutes.length - 1)];
      show();
    });
  }
  slider.max = minutes[minutes.length - 1];
  slider.value = minutes[0];
  slider.addEventListener("input", show);
  walk.hidden = false;
  show();
})();
