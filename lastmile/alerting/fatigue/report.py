"""Messages per person and month, read from the counted sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from lastmile.alerting.codes import Colour
from lastmile.alerting.coverage import child_length
from lastmile.alerting.fatigue.counting import MOST, month_of
from lastmile.alerting.models import MessageMonth, MessageShare, MessageSource
from lastmile.community.org.models import Place
from lastmile.kernel import clock

MANY = 5  # messages in a month from which somebody may stop reading


@dataclass(frozen=True)
class Row:
    """People of a place who got at least one message. `many` got MANY or more, `most` is the largest number."""

    code: str
    name: str
    people: int
    messages: int
    many: int
    most: int

    @property
    def mean(self) -> float:
        return round(self.messages / self.people, 1) if self.people else 0.0


@dataclass(frozen=True)
class Source:
    """`colour` and `status` are those of the frozen messages: 1 to 4; Actual, Exercise or Test."""

    sender: str
    colour: int
    status: str
    messages: int

    @property
    def colour_label(self) -> str:
        return str(Colour(self.colour).label)

    @property
    def sort(self) -> str:
        sorts = {"Actual": _("real"), "Exercise": _("exercise"), "Test": _("reachability test")}
        return sorts.get(self.status, self.status)


def months() -> list[date]:
    """Those counted, newest first; the current one always."""
    known = set(MessageMonth.objects.values_list("month", flat=True)) | {month_of(clock.today())}
    return sorted(known, reverse=True)[:24]


def chosen(text: str) -> date:
    """The month that was asked for, as 2021-07; the current one where it is none."""
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return month_of(clock.today())


def by_place(month: date, prefix: str) -> list[Row]:
    """The places one level below, those with the most messages per person first."""
    length = child_length(prefix) if len(prefix) < 15 else 15
    rows = MessageShare.objects.filter(month=month, place__startswith=prefix).order_by()
    sums: dict[str, list[int]] = {}
    for code, messages, people, total in (
        rows.annotate(code=Left("place", length)).values("code", "messages")
        .annotate(sum_people=Sum("people"), sum_total=Sum("total"))
        .values_list("code", "messages", "sum_people", "sum_total")
    ):  # fmt: skip
        row = sums.setdefault(code, [0, 0, 0, 0])
        row[0] += people
        row[1] += total
        row[2] += people if messages >= MANY else 0
        row[3] = max(row[3], messages)
    names = dict(Place.objects.filter(pk__in=sums).values_list("pk", "name"))
    found = [Row(code, names.get(code, code), *row) for code, row in sums.items()]
    return sorted(found, key=lambda row: (-row.mean, row.code))


def total(rows: Iterable[Row]) -> Row:
    rows = list(rows)
    most = max((row.most for row in rows), default=0)
    people, messages, many = (sum(getattr(row, name) for row in rows) for name in ("people", "messages", "many"))
    return Row("", "", people, messages, many, most)


def distribution(month: date, prefix: str) -> list[tuple[int, int]]:
    """(how many messages, people who got so many); the last are those who got MOST or more."""
    rows = MessageShare.objects.filter(month=month, place__startswith=prefix).order_by("messages").values("messages")
    found = dict(rows.annotate(n=Sum("people")).values_list("messages", "n"))
    last = max(found, default=0)
    return [(n, found.get(n, 0)) for n in range(1, last + 1)]


def label(n: int) -> str:
    return _("%(n)d or more") % {"n": n} if n == MOST else str(n)


def sources(month: date, prefix: str) -> list[Source]:
    """Who sent them, the most first."""
    rows = MessageSource.objects.filter(month=month, place__startswith=prefix).order_by()
    grouped = rows.values("sender", "colour", "status").annotate(n=Sum(F("messages"))).order_by("-n")
    names = dict(Place.objects.filter(pk__in=[row["sender"] for row in grouped]).values_list("pk", "name"))
    return [Source(names.get(row["sender"], row["sender"]), row["colour"], row["status"], row["n"]) for row in grouped]
