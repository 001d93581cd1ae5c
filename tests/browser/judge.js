/* Judges the page in the width and theme that it has: judge(again) -> sentences.
   The first time with every rule, and what is not to be seen is remembered; `again` with what can differ. */
(() => {
  const BAD = ["serious", "critical"];
  // a rule whose violations are minor or moderate has nothing to say here; leaving it out saves half of the time
  const NOT_ASKED = ["experimental", "wcag2aaa", "deprecated"]; // axe leaves them out by itself
  const serious = axe._audit.rules.filter(rule => rule.enabled && BAD.includes(rule.impact) && !rule.tags.some(tag => NOT_ASKED.includes(tag))).map(rule => rule.id);
  const follows = !!document.querySelector("script[src*='js/theme']"); // the big screen is always dark
  let hidden = [];

  const twoFrames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const still = document.createElement("style");
  still.textContent = "*, ::before, ::after { transition: none !important; animation-duration: 0s !important; }";
  document.head.append(still);

  window.tooWide = () => {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over <= 0) return [];
    // the widest offenders are named, so that whoever reads the failure knows where to look
    const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
    return [`${over} px too wide: ` + wide.slice(-3).map(e => e.outerHTML.slice(0, 160)).join("; ")];
  };

  async function violations(where, values) {
    const found = await axe.run(where, {resultTypes: ["violations"], runOnly: {type: "rule", values}});
    return found.violations.filter(v => BAD.includes(v.impact)).map(v => `axe: ${v.id} (${v.impact}): ${v.help}: ` + v.nodes.slice(0, 60).map(n =>
      n.target.join(" ") + " ⟶ " + n.html.slice(0, 160) + " ⟶ " + (n.any[0]?.message ?? "")).join("; "));
  }

  const visible = e => e.checkVisibility({visibilityProperty: true});

  window.judge = async again => {
    const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    if (follows) document.documentElement.setAttribute("data-bs-theme", theme);
    await twoFrames();
    const said = tooWide();
    if (!again) {
      hidden = [...document.querySelectorAll("body *")].filter(e => !visible(e) && (!e.parentElement || visible(e.parentElement)));
      return said.concat(await violations(document, serious));
    }
    const shown = hidden.filter(e => e.isConnected && visible(e));
    if (shown.length) said.push(...await violations({include: shown}, serious.filter(id => id !== "color-contrast")));
    return said.concat(await violations(document, ["color-contrast"]));
  };
})();
