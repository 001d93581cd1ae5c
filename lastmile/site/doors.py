"""The table of who may open what, read from the code: permissions by role, and the door of every address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from lastmile.community.accounts import second
from lastmile.community.accounts.roles import HELD_AT, MAY, Role
from lastmile.community.org.models import LEVEL_OF_LENGTH
from lastmile.kernel.permissions import Perm
from lastmile.site import reasons
from lastmile.site.api import api
from lastmile.site.api_doors import DOORS as API

ROOT = "/api/v1"
FRAMEWORK = ("admin/", "i18n/", "static/", "api/")  # each keeps its own door

INTRODUCTION = """# Who may do what

Written by `lastmile permissions` from the code; a test compares the two. A role is held at a place and reaches what
lies below it. A page opens for a log-in that holds one of its permissions somewhere; what it then shows or changes is
asked again by place, and what lies elsewhere answers 404 as if it did not exist. The API asks for the same permissions.
The walk (`tests/permissions`) asks every page and every operation as every role and fails where a reason and the answer
contradict.
"""


API_INTRODUCTION = (
    "## API",
    "",
    "Each operation below `/api/v1`, and the permission without which it answers nobody; letters as for pages. A",
    "list is refused to whoever lacks it, or empty.",
    "",
)


class Door(NamedTuple):
    address: str
    name: str
    door: tuple[Perm, ...] | str

    @property
    def words(self) -> str:
        return self.door if isinstance(self.door, str) else " or ".join(f"`{perm}`" for perm in self.door)


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = "") -> Iterator[Door]:
    for entry in patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, where, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif not where.startswith(FRAMEWORK):
            yield Door("/" + where, space + (entry.name or ""), getattr(entry.callback, "door", "nobody has said"))


def doors() -> list[Door]:
    return sorted(walk(get_resolver().url_patterns))


def document() -> str:
    """docs/permissions.md."""
    return "\n".join([INTRODUCTION, *_roles(), "", *_pages(), "", *_operations()]) + "\n"


def _roles() -> list[str]:
    head = ["permission", *Role.values]
    rows = [[f"`{perm}`", *("yes" if perm in MAY[role] else "" for role in Role)] for perm in Perm]
    held = ["held at", *(" or ".join(_level(n) for n in sorted(HELD_AT[role])) for role in Role)]
    asked = [
        "second factor, wherever others reach the system",
        *("yes" if second.asked_of(role) else "" for role in Role),
    ]
    return ["## Roles", "", *_table([head, held, asked, *rows])]


def _level(length: int) -> str:
    return LEVEL_OF_LENGTH[length].name.lower()


def _pages() -> list[str]:
    head = ["address", "opens for", *Role.values]
    rows = [[f"`{d.address}`", d.words, *(reasons.cell(d.address, d.door, role) for role in Role)] for d in doors()]
    return ["## Pages", "", *reasons.legend(), *_table([head, *rows])]


def operations() -> set[str]:
    """METHOD /path of everything that the API describes."""
    paths = api.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path.removeprefix(ROOT)}" for path, each in paths.items() for method in each}


def _operations() -> list[str]:
    head = ["operation", "asks for", *Role.values]
    rows = []
    for name, door in sorted(API.items(), key=lambda item: item[0].split(" ")[::-1]):
        path, asked = name.partition(" ")[2], (door,) if isinstance(door, Perm) else door
        words = asked if isinstance(asked, str) else " or ".join(f"`{perm}`" for perm in asked)
        rows.append([f"`{name}`", words, *(reasons.cell_of_operation(path, door, role) for role in Role)])
    return [*API_INTRODUCTION, *_table([head, *rows])]


def _table(rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "--|" * len(rows[0]), *lines[1:]]
