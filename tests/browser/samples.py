"""What to put into an address's blanks, and who opens it: every named URL that answers GET has an entry or needs none.

A URL without blanks needs no entry: the door says which log-in opens it. For the others a room writes
`tests/browser/samples_<room>.py`; it is found by its name:

    from tests.browser.samples import sample

    @sample("place_detail", login="officer")
    def place_detail(world: World) -> dict[str, Any]:
        return {"code": "410182"}

The function may make what it needs; it is called once, after World.build(). `query` is appended to the address,
`skip` gives the reason why a browser can't open it (an endless stream).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world import World

Kwargs = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    kwargs: Kwargs = lambda world: {}
    login: str | None = None  # a name of tests.world.LOGINS; "" is a stranger; None: the door decides
    query: str = ""
    skip: str = ""


REGISTRY: dict[str, Sample] = {}


def sample(name: str, *, login: str | None = None, query: str = "", skip: str = "") -> Callable[[Kwargs], Kwargs]:
    """Say how the URL named `name` is opened."""

    def register(kwargs: Kwargs) -> Kwargs:
        REGISTRY[name] = Sample(kwargs, login, query, skip)
        return kwargs

    return register


def load() -> dict[str, Sample]:
    """Every room's samples."""
    for path in sorted(Path(__file__).parent.glob("samples_*.py")):
        importlib.import_module(f"tests.browser.{path.stem}")
    return REGISTRY
