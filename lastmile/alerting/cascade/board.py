"""What the command post sees: four levels as columns, whoever has not been woken on top, each with its clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Call, CallAttempt, CallState
from lastmile.alerting.models.calls import OVER, SILENT
from lastmile.community.org.models import CODE_LENGTH, Level, ancestors
from lastmile.community.org.queries import in_words
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm, may

SHOWN = 30  # posts in one column; the list has all
UNWOKEN = 12  # on top
COLUMNS = ((Level.CITY,), (Level.COUNTY,), (Level.TOWNSHIP,), (Level.VILLAGE, Level.GRID))
COLOUR = {
    CallState.WAITING: "secondary",
    CallState.CALLING: "azure",
    CallState.DEPUTY: "orange",
    CallState.SUPERIOR: "red",
    CallState.DOOR: "red",
    CallState.CONFIRMED: "lime",
    CallState.ASKED: "yellow",
    CallState.RAISED: "orange",
    CallState.DONE: "green",
    CallState.STOPPED: "secondary",
}
# who needs a person first: the door, the superior, the deputy; then who is being called, then what was not passed on
ORDER = (
    CallState.DOOR, CallState.SUPERIOR, CallState.DEPUTY, CallState.CALLING, CallState.WAITING, CallState.RAISED,
    CallState.ASKED, CallState.CONFIRMED, CallState.STOPPED, CallState.DONE,
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One post. `left` are the seconds until its next deadline, negative when it is over; None when none runs."""

    call: Call
    where: str
    name: str  # masked
    colour: str
    left: int | None
    clock: str
    attempts: int
    mine: bool  # whether the reader may act on it
    open: bool  # whether the reader may look into it: not into those of the places above

    @property
    def late(self) -> bool:
        return self.left is not None and self.left < 0


@dataclass
class Column:
    level: Level
    label: str
    posts: int = 0
    confirmed: int = 0
    relayed: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        return max(0, self.posts - len(self.cards))


@dataclass
class Board:
    columns: list[Column]
    unwoken: list[Card]
    late: int  # of all that are silent beyond their time
    posts: int
    confirmed: int
    relayed: int


def under(event: AlertEvent, place: str) -> QuerySet[Call]:
    """The calls at a place, below it, and of the places above, which share its fate."""
    above = Q(place__in=ancestors(place)) if place == event.place else Q(pk__in=[])
    return Call.objects.filter(Q(place__startswith=place) | above, event=event)


def board(actor: Actor, event: AlertEvent, place: str) -> Board:
    rows = under(event, place)
    counted = _counted(rows)
    columns = [Column(levels[0], _labels()[levels[0]]) for levels in COLUMNS]
    chosen = []
    for column, levels in zip(columns, COLUMNS, strict=True):
        lengths = [CODE_LENGTH[level] for level in levels]
        for length in lengths:
            posts, confirmed, relayed = counted.get(length, (0, 0, 0))
            column.posts += posts
            column.confirmed += confirmed
            column.relayed += relayed
        chosen.append(list(ordered(rows.alias(length=Length("place")).filter(length__in=lengths))[:SHOWN]))
    overdue = late(rows)
    first = list(ordered(overdue)[:UNWOKEN])
    made = cards(actor, [*first, *(call for calls in chosen for call in calls)])
    for column, calls in zip(columns, chosen, strict=True):
        column.cards = [made[call.pk] for call in calls]
    sums = [sum(row[at] for row in counted.values()) for at in range(3)]
    return Board(columns, [made[call.pk] for call in first], overdue.count(), *sums)


def _labels() -> dict[Level, str]:
    return {
        Level.CITY: pgettext("column", "City"),
        Level.COUNTY: pgettext("column", "County"),
        Level.TOWNSHIP: pgettext("column", "Township"),
        Level.VILLAGE: pgettext("column", "Village and grid"),
    }


def _counted(rows: QuerySet[Call]) -> dict[int, tuple[int, int, int]]:
    """(posts, confirmed, passed on) by length of the place's code. Where passing on is not asked, it counts as done."""
    passed = Q(relayed_at__isnull=False) | Q(confirmed_at__isnull=False, relay_due=None)
    found = rows.annotate(length=Length("place")).values("length").order_by("length")
    counts = found.annotate(n=Count("pk"), confirmed=Count("confirmed_at"), relayed=Count("pk", filter=passed))
    return {row["length"]: (row["n"], row["confirmed"], row["relayed"]) for row in counts}


def late(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Silent beyond their time."""
    return rows.filter(state__in=SILENT, confirm_due__lt=clock.now())


def ordered(rows: QuerySet[Call]) -> QuerySet[Call]:
    rank = Case(*(When(state=state, then=Value(at)) for at, state in enumerate(ORDER)), default=Value(len(ORDER)))
    return rows.select_related("post__site").annotate(rank=rank).order_by("rank", "confirm_due", "-priority", "pk")


def cards(actor: Actor, calls: Sequence[Call]) -> dict[int, Card]:
    where = where_of(calls)
    people = Person.objects.in_bulk({call.person for call in calls if call.person})
    made = attempts([call.pk for call in calls])
    return {call.pk: _card(actor, call, where[call.pk], people, made.get(call.pk, 0)) for call in calls}


def where_of(calls: Collection[Call]) -> dict[int, str]:
    """Village, grid and site of each call in words; their posts and sites must have been read with them."""
    places = in_words({call.place for call in calls})
    sites = {call.pk: call.post.site.name for call in calls if call.post.site}
    return {call.pk: f"{places[call.place]} {sites.get(call.pk, '')}".strip() for call in calls}


def _card(actor: Actor, call: Call, where: str, people: dict[int, Person], tried: int) -> Card:
    person = people.get(call.person or 0)
    left, says = countdown(call)
    return Card(
        call=call,
        where=where,
        name=person.name.masked() if person else _("vacant"),
        colour=COLOUR[CallState(call.state)],
        left=left,
        clock=says,
        attempts=tried,
        mine=may(actor, Perm.CALL_ACT, call.place) and call.state not in OVER,
        open=may(actor, Perm.POST_READ, call.place),
    )


def attempts(ids: Sequence[int]) -> dict[int, int]:
    """How often each was called, whoever it was."""
    found: dict[int, int] = dict.fromkeys(ids, 0)
    for calls in CallAttempt.objects.filter(calls__overlap=list(ids)).values_list("calls", flat=True) if ids else ():
        for call in calls:
            if call in found:
                found[call] += 1
    return found


def countdown(call: Call, now: datetime | None = None) -> tuple[int | None, str]:
    """(seconds left, words) of the deadline that runs: to confirm, then to pass on."""
    due = call.confirm_due if call.silent else call.relay_due if call.relayed_at is None else None
    if due is None or call.state in OVER:
        return None, ""
    left = round((due - (now or clock.now())).total_seconds())
    shown = clock_face(abs(left))
    if call.state == CallState.WAITING and call.due_at and call.due_at > clock.now() + timedelta(minutes=1):
        return left, _("quiet hours until %(at)s") % {"at": call.due_at.astimezone(clock.BEIJING).strftime("%H:%M")}
    if call.silent:
        return left, (_("%(time)s left to confirm") if left >= 0 else _("%(time)s overdue")) % {"time": shown}
    words = _("%(time)s left to pass on") if left >= 0 else _("%(time)s overdue to pass on")
    return left, words % {"time": shown}


def clock_face(seconds: int) -> str:
    """4:05, or 1:20:00."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def numbers(event: AlertEvent, place: str) -> dict[str, Any]:
    """The sums of a place, for the API and for other pages."""
    counted = _counted(under(event, place))
    names = {CODE_LENGTH[level]: level.name.lower() for level in Level}
    what = ("posts", "confirmed", "relayed")
    return {names[length]: dict(zip(what, row, strict=True)) for length, row in counted.items()}


def way(name: str) -> str:
    """The word for a way of calling or answering."""
    own = {
        "link": _("personal link"),
        "staff": _("entered by staff"),
        "door": pgettext("call", "at the door"),
        "superior": _("entered by the superior"),
        "below": _("seen by the system"),
        "carried": _("under the earlier message"),
    }
    return own.get(name) or registry.labels().get(name, name)
