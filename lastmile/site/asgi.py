"""The one ASGI callable: files from WhiteNoise, the receipt door beside Django, public pages from memory, or Django."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

inner: App = get_asgi_application()  # sets Django up; what follows needs it

from lastmile.alerting import published  # noqa: E402
from lastmile.alerting.door import application as door  # noqa: E402
from lastmile.site.files import Files  # noqa: E402
from lastmile.site.gate import Gate  # noqa: E402
from lastmile.site.kept import Kept  # noqa: E402

DOOR_PATHS = ("/r/", "/gateway/")
files = Files()
gate: App = Gate(inner)
django: App = Kept(gate, published.epoch)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route one request by its path."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    path = scope["path"]
    if path.startswith(files.prefix) and await files(scope, send):
        return
    await (door if path.startswith(DOOR_PATHS) else django)(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Say yes to starting and stopping: nothing here needs more."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
