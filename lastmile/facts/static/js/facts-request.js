/* The search above the boxes of fields hides what does not match; what is ticked stays. */
document.addEventListener("input", (event) => {
  if (event.target.id !== "field-filter") return;
  const words = event.target.value.trim().toLowerCase();
  document.querySelectorAll("[data-fields] label").forEach((label) => {
    const box = label.querySelector("input");
    label.hidden = Boolean(words) && !box.checked && !label.textContent.toLowerCase().includes(words);
  });
});
