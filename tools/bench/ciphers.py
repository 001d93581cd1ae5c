"""What SM4 costs beside AES: a phone number sealed and opened under either, in turns: a busy machine hits both."""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable
from functools import partial

from lastmile.kernel.ciphers import NAMES, SIZES
from lastmile.kernel.crypto import Keyring
from tools.bench.results import Board

VALUES, ROUNDS = 5_000, 9
LABEL, TEXT = b"people.contact.value", "13812341234"


def measure(board: Board) -> None:
    rings = {
        name: Keyring({1: (name, secrets.token_bytes(size))}, secrets.token_bytes(32)) for name, size in SIZES.items()
    }
    sealed = {name: [ring.encrypt(TEXT, LABEL)] * VALUES for name, ring in rings.items()}
    seals: dict[str, list[float]] = {name: [] for name in rings}
    opens: dict[str, list[float]] = {name: [] for name in rings}
    for _round in range(ROUNDS):
        for name, ring in rings.items():
            seals[name].append(_taken(partial(_seal, ring)))
            opens[name].append(_taken(partial(ring.decrypt_many, sealed[name], LABEL)))
    for name in rings:
        board.add(f"a number sealed, {NAMES[name]}", statistics.median(seals[name]) * 1e6 / VALUES, "µs")
        board.add(f"a number opened, {NAMES[name]}", statistics.median(opens[name]) * 1e6 / VALUES, "µs")
    board.add("sealing: SM4 to AES", _ratio(seals), "times")
    board.add("opening: SM4 to AES", _ratio(opens), "times")


def _seal(ring: Keyring) -> list[bytes]:
    return [ring.encrypt(TEXT, LABEL) for _value in range(VALUES)]


def _ratio(taken: dict[str, list[float]]) -> float:
    return statistics.median(sm4 / aes for sm4, aes in zip(taken["sm4"], taken["aes"], strict=True))


def _taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
