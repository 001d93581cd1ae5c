"""The rig itself can fail: a page with everything wrong is told so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.browser.chromium import Chromium
from tests.browser.look import look

pytestmark = pytest.mark.browser

BAD = b"""<!doctype html><html lang="zh-CN"><title>x</title><body style="margin:0">
<div style="width:2000px;color:#bbb;background:#fff">pale and wide</div><input type="text">
<script src="/missing.js"></script><script>undefined_thing()</script></body></html>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(BAD)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def bad_page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


def test_it_names_what_is_wrong_with_a_page(bad_page: str, chromium: Chromium) -> None:
    seen = chromium.run(lambda _browser: look(chromium.tab(""), bad_page))
    told = "\n".join(seen.complaints)
    for wrong in ("too wide", "color-contrast", "label", "missing.js", "script error"):
        assert wrong in told, told
