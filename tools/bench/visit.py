"""`python -m tools.bench.visit LOGIN PATH…`: seconds each page takes in a process that does nothing else, as JSON.

A page is served by a web process, not by the one that has just sent a million messages: measured inside the bench,
after everything else it had done, the same page of the same event took twice as long.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 11
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # needs no collected files


def seconds(login: str, paths: Sequence[str]) -> list[float]:
    """The median of each page, on the database this process uses. Raises CalledProcessError."""
    command = [sys.executable, "-m", "tools.bench.visit", login, *paths]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    taken: list[float] = json.loads(done.stdout)
    return taken


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")
    django.setup()
    from django.conf import settings
    from django.test import override_settings

    from lastmile.kernel import embedded

    embedded.ensure(settings.VAR / "pg")
    login, *paths = sys.argv[1:]
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        print(json.dumps([_median(login, path) for path in paths]))
    return 0


def _median(login: str, path: str) -> float:
    """Session, permissions, queries and template, without the network."""
    from django.test import Client

    from lastmile.community.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=login))
    taken = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - start)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
    return statistics.median(taken)


if __name__ == "__main__":
    raise SystemExit(main())
