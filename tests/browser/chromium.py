"""Chromium by Playwright in a thread of its own, so that its event loop meets neither Django nor pytest-asyncio."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

T = TypeVar("T")
Theme = Literal["dark", "light"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=zh-CN",
]
WIDTHS = {390: 844, 1440: 900}


def program() -> str:
    """The browser to start: LASTMILE_CHROMIUM, or the system's. Without one: a loud skip, a failure under CI."""
    asked = os.environ.get("LASTMILE_CHROMIUM", "")
    found = asked or next((path for name in NAMES if (path := shutil.which(name))), "")
    if found and Path(found).exists():
        return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium: install it, or name it in LASTMILE_CHROMIUM")
    pytest.skip("SKIPPED LOUDLY: no Chromium on this machine, the pages were not looked at")


def theme(width: int) -> Theme:
    """Narrow pages are looked at in light, wide ones in dark: both themes without doubling the time."""
    asked = os.environ.get("LASTMILE_SCREENS_THEME", "")
    if asked or os.environ.get("LASTMILE_SCREENS"):
        return "dark" if asked == "dark" else "light"
    return "dark" if width == max(WIDTHS) else "light"


class Chromium:
    """`run(f)` calls `f(browser)` in the browser's thread and hands back its result or its exception."""

    def __init__(self) -> None:
        path = program()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chromium")
        self._tabs: dict[tuple[str, str], Page] = {}
        self._playwright, self._browser = self._thread.submit(_start, path).result()

    def run(self, work: Callable[[Browser], T]) -> T:
        return self._thread.submit(work, self._browser).result(timeout=120)

    def tab(self, login: str, cookies: Sequence[SetCookieParam] = (), *, language: str = "zh-CN") -> Page:
        """One kept tab for each log-in and language, with what it has cached; call it inside `run`."""
        known = self._tabs.get((login, language))
        if known is None or known.is_closed():
            context = self._browser.new_context(
                viewport={"width": 390, "height": WIDTHS[390]},
                locale=language,
                timezone_id="Asia/Shanghai",
                bypass_csp=True,  # to add axe; the pages' own scripts are looked at by an architecture test
                reduced_motion="reduce",
                service_workers="block",
            )
            context.add_cookies(list(cookies))
            # asked for by the browser for answers that are no page of ours, at a moment of its own
            context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
            known = self._tabs[login, language] = context.new_page()
        return known

    def phone(self, cookies: Sequence[SetCookieParam], url: str) -> BrowserContext:
        """A fresh browser in somebody's hand, with service workers and the pages' own policy; call it inside `run`."""
        context = self._browser.new_context(
            viewport={"width": 390, "height": WIDTHS[390]}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=url
        )
        context.add_cookies(list(cookies))
        return context

    def close(self) -> None:
        self._thread.submit(_stop, self._playwright, self._browser).result()
        self._thread.shutdown()


def _start(path: str) -> tuple[Playwright, Browser]:
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=path, args=FLAGS)


def _stop(playwright: Playwright, browser: Browser) -> None:
    browser.close()
    playwright.stop()
