"""Tabler's classes as pages use them, in both themes: what axe finds there is mended once, in console.css."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import House
from tests.browser.look import AXE, RUN_AXE

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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_class_is_too_pale(house: House, theme: str) -> None:
    def judge(context: BrowserContext) -> Any:
        page = context.new_page()
        page.goto(house.server.url + "/")
        page.evaluate(
            "([theme, html]) => { document.documentElement.setAttribute('data-bs-theme', theme);"
            " document.querySelector('#content .container-xl').innerHTML = html; }",
            [theme, palette()],
        )
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        page.wait_for_timeout(300)  # colours fade over
        found = page.evaluate(RUN_AXE)
        page.close()
        return found

    found = house.see("officer", 1440, judge)
    if found:
        pytest.fail("\n".join(found).replace("; ", "\n"))
