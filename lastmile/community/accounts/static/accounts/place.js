/* A text field for a place: suggests codes with names while somebody types a name. Works as a plain field without it. */
(function () {
  const fields = document.querySelectorAll("[data-place-field]");
  fields.forEach((field) => {
    const options = document.createElement("datalist");
    options.id = field.id + "-options";
    field.after(options);
    field.setAttribute("list", options.id);
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        if (field.value.trim().length < 2) return;
        const answer = await fetch(field.dataset.placeField + "?q=" + encodeURIComponent(field.value.trim()));
        if (!answer.ok) return;
        const found = (await answer.json()).results || [];
        options.replaceChildren(...found.map((place) => {
          const option = document.createElement("option");
          option.value = place.code;
          option.label = place.name + (place.path ? " · " + place.path : "");
          return option;
        }));
      }, 200);
    });
  });
})();
