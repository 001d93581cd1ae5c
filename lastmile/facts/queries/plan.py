"""What a request would cost before anybody is asked: what is known, what was asked, what is left, and of whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post, ancestors
from lastmile.facts import dictionary
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Cell
from lastmile.facts.queries import standing
from lastmile.facts.queries.rows import Row
from lastmile.kernel import clock

NOT_TWICE_WITHIN = timedelta(days=90)
PUT = (Cell.State.ASKED, Cell.State.ANSWERED, Cell.State.UNKNOWN)


@dataclass(slots=True)
class Planned:
    """One cell of the table and why it is as it is."""

    field: Field
    row: Row
    state: str
    value: str = ""
    as_of: date | None = None
    entry: int | None = None
    words: str = ""
    ask: int | None = None  # the open ask of another request that will answer this too

    @property
    def days(self) -> int:
        return max(0, (clock.today() - self.as_of).days) if self.as_of else 0


class Put(NamedTuple):
    """A question that somebody was asked within 90 days."""

    state: str
    ask: int | None
    words: str


@dataclass
class Plan:
    fields: Sequence[Field]
    rows: Sequence[Row]
    cells: list[Planned] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(cell.state == state for cell in self.cells)

    @property
    def asked(self) -> list[Planned]:
        return [cell for cell in self.cells if cell.state == Cell.State.ASKED]

    @property
    def minutes(self) -> float:
        posts = {(cell.row.place, cell.field.owner, cell.field.department) for cell in self.asked}
        return sum(cell.field.minutes for cell in self.asked) + dictionary.MINUTES_TO_OPEN * len(posts)

    def by_place(self) -> dict[str, Counter[str]]:
        """For each place how many cells stand in each state."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for cell in self.cells:
            found[cell.row.place][cell.state] += 1
        return dict(found)


def plan(fields: Sequence[Field], rows: Sequence[Row]) -> Plan:
    """Decide every cell. Reads only."""
    known = standing.known(fields, rows)
    columns = ("field", "place", "site", "home", "state", "ask", "words")
    told = put_lately(fields, rows).values_list(*columns)
    put = {(name, place, site, home): Put(state, ask, words) for name, place, site, home, state, ask, words in told}
    made = Plan(fields, rows)
    for row in rows:
        for one in fields:
            key = (one.name, *row.key)
            made.cells.append(_decide(one, row, known.get(key), put.get(key)))
    return made


def put_lately(fields: Sequence[Field], rows: Sequence[Row]) -> QuerySet[Cell]:
    """The questions put to somebody within 90 days, the latest last."""
    names = [one.name for one in fields if not one.is_derived]
    places = sorted({row.place for row in rows})
    asked = Cell.objects.filter(field__in=names, place__in=places, was_asked=True, state__in=PUT)
    return asked.filter(at__gt=clock.now() - NOT_TWICE_WITHIN).order_by("at", "pk")


def _decide(one: Field, row: Row, known: standing.Known | None, put: Put | None) -> Planned:
    cell = Planned(one, row, Cell.State.ASKED)
    if known is not None:
        cell.value, cell.as_of, cell.entry = known.value, known.as_of, known.entry
    if (known is not None and known.fresh) or one.is_derived:
        cell.state = Cell.State.KNOWN
        cell.words = "" if known is not None else _("not entered")
        if one.is_sealed:
            cell.value = ""  # personal: read from where it is kept, never copied
    elif put is not None and put.state == Cell.State.ASKED:
        cell.state, cell.ask = Cell.State.JOINED, put.ask
    elif put is not None:
        cell.state, cell.words = Cell.State.REPEATED, put.words
    return cell


def owners(asked: Sequence[Planned]) -> dict[tuple[str, str, str], Post | None]:
    """(place, kind, department) → the post that has to answer: the right one there, else who leads there or above."""
    wanted = {(cell.row.place, cell.field.owner, cell.field.department) for cell in asked}
    codes = {code for place, _k, _d in wanted for code in (place, *ancestors(place))}
    posts: dict[str, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(place__in=codes, closed_on=None, site=None).order_by("pk"):
        posts[post.place_id].append(post)
    return {key: _owner(key, posts) for key in wanted}


def _owner(key: tuple[str, str, str], posts: dict[str, list[Post]]) -> Post | None:
    place, kind, department = key
    here = posts.get(place, [])

    def rank(post: Post) -> tuple[bool, bool, bool, int]:
        right = bool(department) and post.department == department
        return not right, post.kind != kind, post.kind != Post.Kind.LEADER, post.pk

    if here:
        return min(here, key=rank)
    above = [post for code in reversed(ancestors(place)) for post in posts.get(code, []) if post.kind == "leader"]
    return above[0] if above else None
