/* data-confirm="question" on a form, a submit button, a link or an htmx element: asked in a dialog before it happens.
   data-confirm-yes="verb" names the button that goes on; hx-confirm is asked the same way. */
(function () {
  const dialog = document.getElementById("confirm");
  const yes = dialog.querySelector("[data-yes]");
  const usual = yes.textContent;
  let allowed = null; // the element that may pass once

  function ask(question, verb, then) {
    document.getElementById("confirm-question").textContent = question;
    yes.textContent = verb || usual;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && then(), {once: true});
    dialog.showModal();
  }

  function stop(event, asked, again) {
    if (allowed === asked) {
      allowed = null;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asked.dataset.confirm, asked.dataset.confirmYes, () => {
      allowed = asked;
      again();
    });
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const asked = button && button.dataset.confirm ? button : event.target;
    if (asked.dataset.confirm) stop(event, asked, () => event.target.requestSubmit(button));
  }, true);

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-confirm]");
    if (!asked || asked.tagName === "FORM") return;
    const submits = asked.form && (asked.type === "submit" || asked.type === "image");
    if (!submits) stop(event, asked, () => asked.click());
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, "", () => event.detail.issueRequest(true));
  });
})();
