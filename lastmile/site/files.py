"""Static files under ASGI, by WhiteNoise: compressed variants, far-future caching, ranges, no Django on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

CHUNK = 256 * 1024


class Files:
    """Answers a request for a static file; says False where there is none, so that Django makes the 404."""

    def __init__(self) -> None:
        middleware: Any = WhiteNoiseMiddleware  # it has no types
        self.known = middleware(get_response=lambda request: None)
        self.prefix = settings.STATIC_URL

    async def __call__(
        self,
        scope: dict[str, Any],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> bool:
        path = scope["path"]
        found = self.known.find_file(path) if self.known.autorefresh else self.known.files.get(path)
        if found is None:
            return False
        answer = found.get_response(scope["method"], environ(scope))
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status.value, "headers": headers})
        if answer.file is not None:
            with answer.file as content:
                while chunk := content.read(CHUNK):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return True


def environ(scope: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers under the names WhiteNoise looks for."""
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }
