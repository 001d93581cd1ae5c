/* j and k walk the list, d is done, u undo, Enter opens; never while somebody types. */
(function () {
  const lines = () => [...document.querySelectorAll(".todo-list .todo-line")];
  let here = -1;

  function go(to) {
    const all = lines();
    if (!all.length) return;
    here = Math.max(0, Math.min(all.length - 1, to));
    all.forEach((line, at) => line.classList.toggle("todo-here", at === here));
    all[here].focus({preventScroll: true});
    all[here].scrollIntoView({block: "nearest"});
  }
  function press(act) {
    const line = lines()[here];
    const button = line && line.querySelector(`[data-act="${act}"]`);
    if (button) button.click();
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(here + 1);
    else if (event.key === "k") go(here - 1);
    else if (event.key === "d") press("done");
    else if (event.key === "u") press("undo");
    else if (event.key === "Enter" && event.target.classList.contains("todo-line")) {
      event.target.querySelector(".todo-title").click();
    }
  });
})();
