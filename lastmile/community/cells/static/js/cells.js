/* Numbers beside doors: Enter and the arrow keys go from door to door; a button fills in what the walk suggests. */
(() => {
  const fields = [...document.querySelectorAll("[data-cell-number]")];
  const go = (from, by) => {
    const next = fields[fields.indexOf(from) + by];
    if (next) { next.focus(); next.select(); }
  };
  const count = () => {
    const sizes = new Map();
    for (const field of fields) if (field.value.trim()) sizes.set(field.value.trim(), (sizes.get(field.value.trim()) || 0) + 1);
    const most = Number(document.querySelector("[data-cell-most]").dataset.cellMost);
    for (const field of fields) field.classList.toggle("is-invalid", (sizes.get(field.value.trim()) || 0) > most);
  };
  for (const field of fields) {
    field.addEventListener("keydown", (event) => {
      const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) { event.preventDefault(); go(field, by); }
    });
    field.addEventListener("focus", () => field.select());
    field.addEventListener("input", count);
  }
  const fill = document.querySelector("[data-cell-fill]");
  if (fill) fill.addEventListener("click", () => {
    for (const field of fields) field.value = field.dataset.cellNumber;
    count();
  });
  if (fields.length) count();
})();
