/* data-fill: "still so" puts the last known value into its input. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const named = document.getElementsByName(button.dataset.into);
  named.forEach((input) => {
    if (input.type === "radio") input.checked = input.value === button.dataset.fill;
    else input.value = button.dataset.fill;
  });
  if (named.length) named[0].dispatchEvent(new Event("change", {bubbles: true}));
});
