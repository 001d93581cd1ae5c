"""How many would be told again: sets of a million people counted as bitmaps, in a fraction of a second.

The same count in SQL (three hashes of a million keys) takes 2.8 s for 700,000 people and this 0.5. The wave
itself is written by one statement and reads nothing of this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.sql import statement

HEADER = 20  # bytes before the elements of an array of one dimension, as array_send writes it
FEW = 20_000  # so many are looked up one by one; for more, everybody's contacts are read
Keys = npt.NDArray[np.int32]

CONTACTS = "SELECT kind, array_send(array_agg(person_id)) FROM people_contact WHERE usable GROUP BY kind"
THEIRS = """
SELECT kind, array_send(array_agg(person_id)) FROM people_contact
 WHERE usable AND person_id = ANY (%(persons)s::int[]) GROUP BY kind
"""


def count(event: AlertEvent, prefix: str, *, silent: bool) -> tuple[int, dict[str, int]]:
    """(people who would be told again, how many of them have a usable contact, by its kind)."""
    found = _sets(statement("again_sets"), {"event": event.pk, "prefix": prefix, "silent": silent})
    none: Keys = np.zeros(0, dtype=np.int32)
    wanted = _bits(found.get("listed", none))
    settled = found.get("settled", none)
    wanted[settled[settled < wanted.size]] = False
    people = int(wanted.sum())
    if not people:
        return 0, {}
    few = {"persons": np.flatnonzero(wanted).tolist()} if people <= FEW else None
    contacts = _sets(THEIRS if few else CONTACTS, few)
    return people, {kind: _inside(wanted, keys) for kind, keys in contacts.items()}


def _sets(query: str, values: dict[str, Any] | None) -> dict[str, Keys]:
    found: dict[str, list[bytes]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        for name, sent in cursor.fetchall():
            found[name].append(bytes(sent or b""))
    return {name: _keys(arrays) for name, arrays in found.items()}


def _keys(arrays: Sequence[bytes]) -> Keys:
    """The elements of int4 arrays in binary form: after the header four bytes of length and four of value each."""
    both = np.frombuffer(b"".join(sent[HEADER:] for sent in arrays), dtype=">i4").reshape(-1, 2)
    return both[:, 1].astype(np.int32)


def _bits(keys: Keys) -> npt.NDArray[np.bool_]:
    bits = np.zeros(int(keys.max(initial=-1)) + 1, dtype=np.bool_)
    bits[keys] = True
    return bits


def _inside(wanted: npt.NDArray[np.bool_], keys: Keys) -> int:
    """How many of the wanted are among the keys, each once."""
    found = np.zeros_like(wanted)
    found[keys[keys < wanted.size]] = True
    return int((found & wanted).sum())
