"""Every named URL of ours, and the log-in that opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RegexPattern

from lastmile.community.accounts.roles import MAY
from lastmile.kernel.permissions import Perm
from tests.world import LOGINS

NOTHING: dict[type, object] = {IntConverter: 999_999, UUIDConverter: UUID(int=0)}
FRAMEWORK = ("admin/", "i18n/", "static/", "api/")


class Route(NamedTuple):
    name: str
    address: str  # as written in urls.py
    entry: URLPattern
    above: dict[str, object]  # the blanks of the part that leads to its room

    @property
    def blanks(self) -> dict[str, object]:
        """The blanks in the address, each with something to put in that finds nothing."""
        return {**self.above, **blanks(self.entry)}

    @property
    def door(self) -> tuple[Perm, ...] | str:
        found: tuple[Perm, ...] | str = getattr(self.entry.callback, "door", "")
        return found


def blanks(entry: URLPattern | URLResolver) -> dict[str, object]:
    pattern = entry.pattern
    if isinstance(pattern, RegexPattern):
        return dict.fromkeys(pattern.regex.groupindex, "999999")
    return {name: NOTHING.get(type(converter), "999999") for name, converter in pattern.converters.items()}


def walk(
    patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = "", above: dict[str, object] | None = None
) -> Iterator[Route]:
    above = above or {}
    for entry in patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from walk(entry.url_patterns, where, inner, above | blanks(entry))
        elif entry.name:
            yield Route(space + entry.name, where, entry, above)


def routes() -> list[Route]:
    found = walk(get_resolver().url_patterns)
    return [route for route in found if not route.address.startswith(FRAMEWORK)]


def login_for(route: Route) -> str:
    """The first log-in of the small city whose role passes the door; "" where no log-in is needed."""
    if isinstance(route.door, str):
        return "" if route.door.startswith("public") else "officer"
    order = ["officer", *LOGINS]
    return next(name for name in order if MAY[LOGINS[name][0]] & set(route.door))
