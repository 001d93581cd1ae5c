"""A change of keys over a city whose worker is killed twice: values a second, what a reader waits meanwhile, what is
done again, and whether every value is what it was.

The city stays under the new key, which is kept in its folder: a way back would take as long again.
"""

from __future__ import annotations

import os
import random
import secrets
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

from lastmile.kernel import keys, rotation
from lastmile.kernel.crypto import keyring
from lastmile.kernel.models import KeyRotation
from tools.bench import city
from tools.bench.results import Board, timed

# what the job of the worker does
SCRIPT = """import django, sys; django.setup()
from lastmile.kernel import rotation
rotation.go_on(int(sys.argv[1]))"""
KILLED_AT = (1 / 3, 2 / 3)  # of all values
SAMPLE = 2_000  # values of each column that are compared
READ = 10  # values a reader asks for at once: the numbers of a household
Values = dict[int, str]


class Reader(threading.Thread):
    """Reads on all the time, and looks whether each value is what it was."""

    def __init__(self, column: keys.Column, known: Values) -> None:
        super().__init__(daemon=True)
        self.column, self.known, self.done = column, known, threading.Event()
        self.taken: list[float] = []
        self.wrong = 0
        self.failed = ""

    def run(self) -> None:
        try:
            while not self.done.is_set():
                self.once()
                time.sleep(0.05)
        except Exception as error:  # whatever stops it is what is asked for here
            self.failed = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    def once(self) -> None:
        chosen = random.sample(sorted(self.known), min(READ, len(self.known)))
        start = time.perf_counter()
        found = values(self.column, chosen)
        self.taken.append(time.perf_counter() - start)
        self.wrong += sum(found[pk] != self.known[pk] for pk in chosen)


def measure(board: Board) -> None:
    number = max(keyring().numbers) + 1
    both = f"{settings.FIELD_KEYS},{number}:{secrets.token_hex(32)}"
    kept = Path(settings.VAR) / city.KEYS
    kept.write_text(both)  # before anything lies under the new one
    with override_settings(FIELD_KEYS=both, INDEX_KEY_OLD=settings.INDEX_KEY):
        for pk in rotation.unfinished():
            rotation.go_on(pk)  # of a measurement that was broken off: it ends, since its key is not the newest
        _change(board)
    kept.write_text(both.rpartition(",")[2])


def _change(board: Board) -> None:
    before = {column: sampled(column) for column in keys.columns()}
    column = next(one for one in before if str(one) == "people_contact.value")
    reader = Reader(column, before[column])
    for _time in range(20):
        reader.once()
    idle, reader.taken = reader.taken, []
    run = rotation.start("bench", lambda pk: None)
    reader.start()
    with timed() as taken:
        found = [_until_killed(run, part) for part in KILLED_AT]
        _worker(run).wait()
    reader.done.set()
    reader.join()
    run.refresh_from_db()
    if run.ended_at is None or run.trouble or reader.failed:
        raise RuntimeError(run.trouble or reader.failed or f"it ended at {run.done} of {run.total}")
    board.add("values sealed under another key, and indexes computed anew", run.done / taken.seconds, "values/s")
    board.add("all of them, with the starts of three workers", taken.seconds, "s")
    board.add("times its worker was killed (SIGKILL) meanwhile", len(found), "")
    board.add("values written but not counted, or counted but not written, when it was killed", max(found), "", "<= 0")
    board.add("values done again after the kills", run.done - (run.total or 0), "", "<= 0")
    _afterwards(board, before)
    _reads(board, reader, idle)


def _afterwards(board: Board, before: dict[keys.Column, Values]) -> None:
    now = {column: values(column, list(known)) for column, known in before.items()}
    lost = sum(now[column].get(pk) != text for column, known in before.items() for pk, text in known.items())
    board.add("values under an older key afterwards", sum(keys.stale(column) for column in before), "", "<= 0")
    board.add("values compared with before, in all columns", sum(map(len, before.values())), "")
    board.add("of these changed or lost", lost, "", "<= 0")


def _reads(board: Board, reader: Reader, idle: list[float]) -> None:
    board.add("reads of ten numbers meanwhile", len(reader.taken), "")
    board.add("values among them that were wrong", reader.wrong, "", "<= 0")
    board.add("such a read, median", statistics.median(reader.taken) * 1_000, "ms")
    board.add("such a read, the longest", max(reader.taken) * 1_000, "ms")
    board.add("such a read while nothing runs, median", statistics.median(idle) * 1_000, "ms")


def _worker(run: KeyRotation) -> subprocess.Popen[bytes]:
    """A process of its own that goes on with the run."""
    given = {
        "LASTMILE_FIELD_KEYS": settings.FIELD_KEYS,
        "LASTMILE_INDEX_KEY": settings.INDEX_KEY,
        "LASTMILE_INDEX_KEY_OLD": settings.INDEX_KEY_OLD,
    }
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(run.pk)], env={**os.environ, **given})


def _until_killed(run: KeyRotation, part: float) -> int:
    """Kill a worker when so much is done. By how many values its count differs from what lies under the new key."""
    victim = _worker(run)
    while run.total is None or run.done < run.total * part:
        if victim.poll() is not None:
            raise RuntimeError(f"the worker ended by itself at {run.done} of {run.total}")
        time.sleep(0.02)
        run.refresh_from_db()
    victim.kill()
    victim.wait()
    run.refresh_from_db()
    columns = keys.columns()
    if run.step >= len(columns):
        raise RuntimeError("killed at the indexes, which do not show their key: kill earlier")
    indexes = sum(keys.waiting(index) for index in keys.indexes())
    return abs((run.total or 0) - indexes - run.done - sum(keys.stale(one) for one in columns))


def sampled(column: keys.Column) -> Values:
    """Some values of a column in clear, by primary key."""
    sql = f"SELECT {column.key} FROM {column.table} WHERE {column.name} IS NOT NULL ORDER BY random() LIMIT %s"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [SAMPLE])
        chosen = [pk for (pk,) in cursor.fetchall()]
    return values(column, chosen)


def values(column: keys.Column, chosen: list[int]) -> Values:
    sql = f"SELECT {column.key}, {column.name} FROM {column.table} WHERE {column.key} = ANY(%s)"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [chosen])
        return {pk: keyring().decrypt(bytes(data), column.label) for pk, data in cursor.fetchall()}
