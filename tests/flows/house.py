"""One whole deployment as a process of its own, for tests of several: `python -m tests.flows.house`.

Its database is that of DATABASE_URL, its pages and doors are served by granian on a loopback port, its clock stands
still until it is told to go on. It is told what to do by lines of JSON, {"do": verb, …}, and answers each with one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings


class House:
    """The test's end: `house("answers", number=3)` does it there and gives back what it says."""

    def __init__(self, database: str, **environment: str) -> None:
        told = {"DATABASE_URL": database, "LASTMILE_FEED_PRIVATE": "1", "LASTMILE_CHANNELS": "fake,web"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.house"],
            env={**os.environ, "LASTMILE_VAR": str(settings.VAR), **told, **environment},
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self._heard()["port"])

    def _heard(self) -> Any:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("> "):  # the rest is its log
                return json.loads(line[2:])
        raise RuntimeError("the deployment has died; its reason stands above")

    def __call__(self, verb: str, **given: Any) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": verb, **given}) + "\n")
        self.process.stdin.flush()
        said = self._heard()
        assert "error" not in said, said["error"]
        return said["said"]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")
    import django

    django.setup()
    from lastmile.kernel import clock
    from tests.browser.server import LiveServer
    from tests.flows.inside import Inside

    with clock.frozen():
        server = LiveServer()
        say({"port": server.port})
        inside = Inside()
        for line in sys.stdin:
            wish = json.loads(line)
            try:
                say({"said": getattr(inside, wish.pop("do"))(**wish)})
            except Exception as error:
                say({"error": f"{type(error).__name__}: {error}"})
                raise


def say(what: dict[str, Any]) -> None:
    print("> " + json.dumps(what, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
