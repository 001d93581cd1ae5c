"""Look at one page: what went wrong in the console and on the wire, what axe says, whether it overflows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

AXE = Path(str(settings.VAR)) / "vendor" / "axe" / "axe.min.js"
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v =>
    `${v.id} (${v.impact}): ${v.help}: ` + v.nodes.slice(0, 60).map(n =>
      n.target.join(" ") + " ⟶ " + n.html.slice(0, 160) + " ⟶ " + (n.any[0]?.message ?? "")).join("; "));
}"""
# The widest offender is named, so that whoever reads the failure knows where to look.
OVERFLOW = """() => {
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over <= 0) return "";
  const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  return `${over} px too wide: ` + wide.slice(-3).map(e => e.outerHTML.slice(0, 160)).join("; ");
}"""


@dataclass
class Seen:
    address: str
    status: int = 0
    kind: str = ""  # content type
    whole: bool = False  # a page with <html>, not a fragment, a file or data
    complaints: list[str] = field(default_factory=list)


def look(context: BrowserContext, url: str, *, picture: Path | None = None) -> Seen:
    """Open `url` in a new tab of the context and judge it. Call it in the browser's thread."""
    answer = context.request.get(url)
    kind = answer.headers.get("content-type", "")
    seen = Seen(url, answer.status, kind, whole=kind.startswith("text/html") and "<html" in answer.text())
    if answer.status != 200:
        seen.complaints.append(f"status {answer.status}: {answer.text()[:300]}")
    if seen.whole:
        page = context.new_page()
        try:
            _judge(page, seen, picture)
        finally:
            page.close()
    return seen


def _judge(page: Page, seen: Seen, picture: Path | None) -> None:
    page.on("console", lambda m: _note(seen, f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: _note(seen, f"script error: {error}"))
    page.on("requestfailed", lambda r: _note(seen, f"request failed: {r.url} {r.failure}") if _matters(r) else None)
    page.on("response", lambda r: _note(seen, f"status {r.status}: {r.url}") if r.status >= 400 else None)
    page.goto(seen.address, wait_until="load", timeout=30_000)
    page.wait_for_timeout(50)  # scripts that start on load
    overflow: str = page.evaluate(OVERFLOW)
    if overflow:
        _note(seen, overflow)
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    violations: list[Any] = page.evaluate(RUN_AXE)
    for violation in violations:
        _note(seen, f"axe: {violation}")
    if picture is not None:
        page.screenshot(path=picture, full_page=True)


def _note(seen: Seen, text: str) -> None:
    seen.complaints.append(text)


def _matters(request: Any) -> bool:
    """A stream that the page's closing cuts off is no failure."""
    return "ERR_ABORTED" not in (request.failure or "")
