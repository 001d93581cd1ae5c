"""Tabler's classes as pages use them, in both themes: what axe finds there is mended once, in console.css."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House
from tests.browser.look import Seen, View, judge

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

COLOURS = (
    "primary secondary success warning danger info red orange yellow lime green teal cyan azure blue indigo purple pink"
).split()


def palette() -> str:
    """The lines of palette.html; one that names a COLOUR is repeated for each."""
    lines = (Path(__file__).parent / "palette.html").read_text().splitlines()
    return "\n".join(
        line.replace("COLOUR", colour) for line in lines for colour in (COLOURS if "COLOUR" in line else [""])
    )


def test_no_class_is_too_pale(house: House) -> None:
    seen = Seen("palette")

    def colours(page: Page) -> None:
        page.goto(house.server.url + "/")
        page.evaluate("html => { document.querySelector('#content .container-xl').innerHTML = html; }", palette())
        judge(page, seen, (View(1440, "light"), View(1440, "dark")))

    house.see("officer", colours)
    if seen.complaints:
        pytest.fail("\n".join(seen.complaints).replace("; ", "\n"), pytrace=False)
