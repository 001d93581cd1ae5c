"""Where the people of a plan area go: the register of shelters is a room above, and tells what it has."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple


class Destination(NamedTuple):
    key: int
    name: str
    place: str
    beds: int
    url: str


class Register(NamedTuple):
    """`near` are those in service that people of a place may be sent to, `known` those of some keys."""

    near: Callable[[str], list[Destination]]
    known: Callable[[Collection[int]], list[Destination]]


def _nowhere(_what: object) -> list[Destination]:
    return []


_register: list[Register] = [Register(_nowhere, _nowhere)]


def register(found: Register) -> None:
    """The room that has them, when it starts."""
    _register[:] = [found]


def near(place: str) -> list[Destination]:
    return _register[0].near(place)


def known(keys: Collection[int]) -> list[Destination]:
    return _register[0].known(keys) if keys else []


def beds(keys: Collection[int]) -> dict[int, int]:
    return {one.key: one.beds for one in known(keys)}
