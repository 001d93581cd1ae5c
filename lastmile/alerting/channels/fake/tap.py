"""Find on a resident's page what a finger would tap, as a browser without JavaScript sends it."""

from __future__ import annotations

from html.parser import HTMLParser

# The answer a person means: the values a page may give its buttons.
VALUES = {
    "confirm": {"confirm", "confirmed", "ok"},
    "safe": {"safe"},
    "moved": {"moved"},
    "needs_help": {"needs_help", "help"},
    "refuse": {"refuse", "refused"},
}
Tap = tuple[str, dict[str, str]]  # where to, with which fields


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.taps: list[Tap] = []
        self._action: str | None = None
        self._fields: dict[str, str] = {}
        self._buttons: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("method", "").lower() == "post":
            self._action, self._fields, self._buttons = found.get("action", ""), {}, []
        elif self._action is None:
            return
        elif tag == "button" or found.get("type") == "submit":
            self._buttons.append({found["name"]: found.get("value", "")} if found.get("name") else {})
        elif tag == "input" and found.get("type", "") in ("hidden", "text", "") and found.get("name"):
            self._fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._action is not None:
            self.taps += [(self._action, self._fields | button) for button in self._buttons or [{}]]
            self._action = None


def find(html: str, answer: str) -> Tap | None:
    """The form to send for an answer; None when the page does not offer it."""
    forms = _Forms()
    forms.feed(html)
    for tap in forms.taps:
        if VALUES.get(answer, set()) & {value.lower() for value in tap[1].values()}:
            return tap
    return None
