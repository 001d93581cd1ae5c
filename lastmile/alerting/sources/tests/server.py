"""A feed on this machine, as a weather service would serve it: entries, messages, versions, failures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.serving import serving

ENTRY = (
    "<entry><id>{id}</id><title>t</title><updated>{id}</updated>"
    '<link rel="alternate" type="application/cap+xml" href="/{id}.xml"/></entry>'
)
FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>f</title><updated>x</updated>{entries}</feed>'


@dataclass
class Feed:
    """`messages` by id; `asked` notes every request; `status` answers every request; `moved` sends them on."""

    messages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    moved: str = ""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/feed.atom"

    def body(self, path: str) -> bytes | None:
        if path == "/feed.atom":
            return FEED.format(entries="".join(ENTRY.format(id=one) for one in self.messages)).encode()
        return self.messages.get(path.strip("/").removesuffix(".xml"))


@contextmanager
def serve() -> Iterator[Feed]:
    feed = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked.append(self.path)
            feed.headers.append(dict(self.headers.items()))
            body = feed.body(self.path)
            etag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
            status = feed.status if body is not None or feed.status != 200 else 404
            if feed.moved:
                status = 302
            elif status == 200 and self.headers.get("If-None-Match") == etag:
                status = 304
            self.send_response(status)
            self.send_header("ETag", etag)
            if feed.moved:
                self.send_header("Location", feed.moved)
            self.end_headers()
            if status == 200 and body is not None:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with serving(Handler) as feed.port:
        yield feed
