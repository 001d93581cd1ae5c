"""Look at one page: what went wrong in the console and on the wire, what axe says, whether it overflows.

A page is loaded once and judged narrow and light first: every rule of axe that can end in a serious violation. Then it
is made wide and dark, and judged again for what can differ there: whether it fits, every colour, and every rule on the
parts that the narrow page hid. What stood there already has the same roles, names and labels at any width.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from playwright.sync_api import Error, Page, Response

from tests.browser.chromium import WIDTHS, Theme, theme

AXE = Path(str(settings.VAR)) / "vendor" / "axe" / "axe.min.js"
JUDGE = Path(__file__).parent / "judge.js"


class View(NamedTuple):
    width: int
    theme: Theme


VIEWS = tuple(View(width, theme(width)) for width in WIDTHS)


@dataclass
class Seen:
    address: str
    status: int = 0
    kind: str = ""  # content type
    whole: bool = False  # a page with <html>, not a fragment, a file or data
    size: int = 0  # bytes of the document and all that came with it, as sent
    complaints: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.complaints:
            self.complaints.append(text)


def look(page: Page, url: str, *, views: tuple[View, ...] = VIEWS, picture: Path | None = None) -> Seen:
    """Open `url` in this tab and judge it in each view. Call it in the browser's thread."""
    seen = Seen(url)
    listeners = listen(page, seen)
    try:
        show(page, views[0] if views else VIEWS[0])
        answer = open_page(page, seen)
        if answer is not None and answer.status == 200:
            text = answer.text()
            seen.whole = seen.kind.startswith("text/html") and "<html" in text
            if seen.whole:
                judge(page, seen, views, picture)
        elif answer is not None:
            seen.complaints.insert(0, f"status {answer.status}: {answer.text()[:300]}")
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
    return seen


def listen(page: Page, seen: Seen) -> dict[Any, Any]:
    """Whatever goes wrong from now on is noted; what to take off the page afterwards."""
    listeners: dict[Any, Any] = {
        "console": lambda m: seen.note(f"console: {m.text}") if m.type == "error" else None,
        "pageerror": lambda error: seen.note(f"script error: {error}"),
        # a stream that the next page cuts off is no failure
        "requestfailed": lambda r: (
            seen.note(f"request failed: {r.url} {r.failure}") if "ERR_ABORTED" not in (r.failure or "") else None
        ),
        "response": lambda r: seen.note(f"status {r.status}: {r.url}") if r.status >= 400 else None,
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    return listeners


def open_page(page: Page, seen: Seen) -> Response | None:
    """The answer with a page in it; what Chromium shows no page for is asked for beside the tab."""
    try:
        answer = page.goto(seen.address, wait_until="load", timeout=30_000)
    except Error as problem:
        if not any(words in problem.message for words in ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE")):
            raise
        bare = page.context.request.get(seen.address)
        seen.status, seen.kind = bare.status, bare.headers.get("content-type", "")
        page.context.close()  # the browser's own error page comes late and would cut off the tab's next address
        return None
    if answer is not None:
        seen.status, seen.kind = answer.status, answer.headers.get("content-type", "")
    return answer


def judge(page: Page, seen: Seen, views: tuple[View, ...] = VIEWS, picture: Path | None = None) -> None:
    """The page as it stands: everything in the first view, what can differ in the others."""
    page.wait_for_timeout(50)  # scripts that start on load
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
        page.evaluate(JUDGE.read_text(encoding="utf-8"))
    for number, view in enumerate(views):
        show(page, view)
        for complaint in page.evaluate("again => judge(again)", number > 0):
            seen.note(f"{view.width} px, {view.theme}: {complaint}")
        if picture is not None:
            page.screenshot(path=named(picture, view), full_page=True)


def named(picture: Path, view: View) -> Path:
    return picture.with_name(picture.name.replace("WIDTH", str(view.width)).replace("THEME", view.theme))


def show(page: Page, view: View) -> None:
    page.set_viewport_size({"width": view.width, "height": WIDTHS[view.width]})
    page.emulate_media(color_scheme=view.theme, reduced_motion="reduce")
