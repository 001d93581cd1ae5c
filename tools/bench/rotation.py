"""A change of keys over a city: values a second, and what a reader waits meanwhile."""

from __future__ import annotations

import secrets
import statistics
import threading
import time

from django.db import connection, transaction
from django.test.utils import override_settings

from lastmile.community.people.models import Contact
from lastmile.kernel import keys, rotation
from lastmile.kernel.crypto import keyring
from tools.bench.results import Board, timed


def measure(board: Board) -> None:
    """Away and back again, so that the city can still be read with the keys of its folder."""
    idle = _reads(0.5)
    fresh = f"{keyring().current + 1}:{secrets.token_hex(32)}"
    from django.conf import settings

    with override_settings(FIELD_KEYS=f"{settings.FIELD_KEYS},{fresh}", INDEX_KEY_OLD=settings.INDEX_KEY):
        total = sum(keys.waiting(step) for step in rotation.steps())
        busy: list[float] = []
        done = threading.Event()
        reader = threading.Thread(target=_read_on, args=(busy, done))
        with transaction.atomic():
            run = rotation.start("bench", lambda pk: None)
            reader.start()
            with timed() as taken:
                rotation.go_on(run.pk)
            done.set()
            reader.join()
            run.refresh_from_db()
            if run.trouble or run.done < total:
                raise RuntimeError(run.trouble or f"{run.done} of {total}")
            transaction.set_rollback(True)
    board.add("values sealed under another key, and indexes computed anew", total / taken.seconds, "values/s")
    board.add("all of them", taken.seconds, "s")
    board.add("a household's numbers read meanwhile, median", statistics.median(busy) * 1_000, "ms")
    board.add("the same while nothing runs", statistics.median(idle) * 1_000, "ms")


def _reads(seconds: float) -> list[float]:
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        for contact in Contact.objects.order_by("id")[:10]:
            contact.value.reveal()
        taken.append(time.perf_counter() - start)
    return taken


def _read_on(taken: list[float], done: threading.Event) -> None:
    while not done.is_set():
        taken += _reads(0.1)
        time.sleep(0.2)
    connection.close()
