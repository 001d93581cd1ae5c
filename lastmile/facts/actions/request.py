"""Register what a superior wants to know; ask only for what nobody has told yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import LEVEL_OF_LENGTH, Level, Place
from lastmile.facts.actions import owed
from lastmile.facts.actions.settle import close
from lastmile.facts.dictionary import MINUTES_TO_OPEN, Field
from lastmile.facts.models import Ask, Burden, Cell, Request, Subject
from lastmile.facts.queries import rows as tables
from lastmile.facts.queries.plan import Plan, Planned, owners, plan
from lastmile.facts.values import clean
from lastmile.kernel import audit, bulk, clock, locks
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

MOST_FIELDS = 30
MOST_CELLS = 150_000
CELL = (
    *("request_id", "ask_id", "field", "place", "site_id", "home_id", "state", "was_asked"),
    *("value", "as_of", "words", "entry_id", "at"),
)
SHORTEST_TIME = timedelta(hours=1)
LONGEST_TIME = timedelta(days=366)


@dataclass(frozen=True)
class Wish:
    """A request as it is written, before it is registered."""

    place: Place
    title: str
    basis: str
    reason: str
    fields: Sequence[Field]
    under: Sequence[str]
    subject: str
    level: int
    due_at: datetime
    department: str = ""


def planned(by: Actor, wish: Wish) -> Plan:
    """What would be known, refused and asked. Raises Refusal when the request can't be registered like this."""
    require(by, Perm.FACT_REQUEST, wish.place.code)
    if wish.subject == Subject.HOME:
        require(by, Perm.HOUSEHOLD_READ, wish.place.code)
    _refuse_fields(wish)
    outside = [code for code in wish.under if not code.startswith(wish.place.code)]
    if outside or not wish.under:
        raise Refusal(
            _("A unit asks only below itself."), _("Choose places under %(place)s.") % {"place": wish.place.name}
        )
    if wish.subject == Subject.PLACE and wish.level <= LEVEL_OF_LENGTH[len(wish.place.code)]:
        raise Refusal(_("The rows must be places below the unit that asks."), _("Choose a lower level."))
    rows = tables.under(wish.under, wish.subject, wish.level)
    if not rows:
        raise Refusal(
            _("There is nothing to ask about under these places."), _("Choose other places or another level.")
        )
    if len(rows) * len(wish.fields) > MOST_CELLS:
        raise Refusal(
            _("This table would have more than %(n)s cells.") % {"n": f"{MOST_CELLS:,}"},
            _("Choose fewer places or fields."),
        )
    return plan(wish.fields, rows)


def _refuse_fields(wish: Wish) -> None:
    if not 1 <= len(wish.fields) <= MOST_FIELDS:
        raise Refusal(
            _("A request has 1 to %(n)s fields.") % {"n": MOST_FIELDS},
            _("Ask for what you will use."),
            fields={"fields": _("Choose fields.")},
        )
    misfits = [str(field.label) for field in wish.fields if not field.fits(wish.subject, wish.level)]
    if misfits:
        raise Refusal(
            _("These fields are not entered for such rows: %(names)s.") % {"names": "、".join(misfits)},
            _("Choose the level at which they are entered, or other fields."),
        )


@transaction.atomic
def register(by: Actor, wish: Wish) -> Request:
    """Keep the request with all that is known, and ask the right posts for the rest, once.

    Where nothing is left to ask the request is refused: its table is the answer.
    """
    words = _checked(wish)
    locks.wait("facts.request")  # two registrations must not ask the same at once
    made = planned(by, wish)
    request = Request.objects.create(
        **words,
        place=wish.place,
        subject=wish.subject,
        level=wish.level,
        under=sorted(set(wish.under)),
        fields=[field.frozen() for field in wish.fields],
        due_at=wish.due_at,
        state=Request.State.OPEN if made.asked or made.count(Cell.State.JOINED) else Request.State.REFUSED,
        created_at=clock.now(),
        created_by=by.pk,
        created_by_name=str(by)[:60],
        asked=len(made.asked),
        known=made.count(Cell.State.KNOWN),
        repeated=made.count(Cell.State.REPEATED),
        joined=made.count(Cell.State.JOINED),
    )
    try:
        with transaction.atomic():
            asks = _put(request, made)
    except IntegrityError:
        raise Conflict(_("Somebody registered the same at this moment."), _("Look again, then register.")) from None
    _keep_burden(request, made, asks)
    owed.asked(by, request, asks)
    audit.record(
        "facts.request", actor=by, place=wish.place.code, obj=request, asked=request.asked, known=request.known
    )
    return request


def _checked(wish: Wish) -> dict[str, Any]:
    words = {"title": clean(wish.title), "basis": clean(wish.basis), "reason": clean(wish.reason)}
    longest = {"title": 100, "basis": 200, "reason": 200}
    wrong: dict[str, str] = {
        name: _("Write this in %(low)s to %(top)s characters.") % {"low": 2, "top": longest[name]}
        for name, text in words.items()
        if not 2 <= len(text) <= longest[name]
    }
    ahead = wish.due_at - clock.now()
    if not SHORTEST_TIME <= ahead <= LONGEST_TIME:
        wrong["due_at"] = _("Give at least an hour, and at most a year.")
    if wrong:
        raise Refusal(_("The request is not complete."), _("Correct what is marked."), fields=wrong)
    return words | {"department": clean(wish.department)[:100]}


def _put(request: Request, made: Plan) -> list[Ask]:
    """Write the cells, and an ask for every post that has to answer some of them."""
    posts = owners(made.asked)
    groups: dict[tuple[str, int | None], list[Planned]] = defaultdict(list)
    for cell in made.asked:
        post = posts[cell.row.place, cell.field.owner, cell.field.department]
        groups[cell.row.place, post.pk if post else None].append(cell)
    now = request.created_at
    asks = Ask.objects.bulk_create(
        Ask(
            request=request,
            place=place,
            post_id=post,
            asked_at=now,
            minutes=MINUTES_TO_OPEN + sum(cell.field.minutes for cell in group),
        )
        for (place, post), group in groups.items()
    )
    for ask, group in zip(asks, groups.values(), strict=True):
        for cell in group:
            cell.ask = ask.pk
    bulk.copy(Cell, CELL, (_row(request, cell) for cell in made.cells))
    return asks


def _row(request: Request, cell: Planned) -> tuple[Any, ...]:
    """A cell as a row of its table, in the order of CELL."""
    state = str(cell.state)
    told = (cell.value, cell.as_of, cell.words, cell.entry)
    asked = state == str(Cell.State.ASKED)
    return (request.pk, cell.ask, cell.field.name, *cell.row.key, state, asked, *told, request.created_at)


def _keep_burden(request: Request, made: Plan, asks: Sequence[Ask]) -> None:
    day = clock.day_of(request.created_at)
    minutes: dict[str, float] = defaultdict(float)
    for ask in asks:
        minutes[ask.place] += ask.minutes
    Burden.objects.bulk_create(
        Burden(
            request=request,
            place=place,
            week=day - timedelta(days=day.weekday()),
            fields=states[Cell.State.ASKED],
            minutes=minutes[place],
            spared=states.total() - states[Cell.State.ASKED],
        )
        for place, states in made.by_place().items()
    )
    request.minutes = sum(minutes.values())
    request.save(update_fields=["minutes"])


@transaction.atomic
def withdraw(by: Actor, request: Request) -> None:
    """Ask no more. What another request waits for too is still asked."""
    require(by, Perm.FACT_REQUEST, request.place_id)
    moved = Request.objects.filter(pk=request.pk, state=Request.State.OPEN)
    if not moved.update(state=Request.State.WITHDRAWN, closed_at=clock.now()):
        raise Conflict(_("This request is closed already."), _("Reload the page."))
    others = Cell.objects.filter(state=Cell.State.JOINED, ask__request=request).exclude(request=request)
    shared = set(others.values_list("field", "place", "site", "home"))
    open_cells = list(Cell.objects.select_for_update().filter(request=request, state__in=["asked", "joined"]))
    dropped = [
        cell
        for cell in open_cells
        if cell.state == Cell.State.JOINED or (cell.field, cell.place, cell.site_id, cell.home_id) not in shared
    ]
    for cell in dropped:
        cell.state = Cell.State.WITHDRAWN
    Cell.objects.bulk_update(dropped, ["state"], batch_size=2000)
    close_withdrawn(by, request, dropped)
    audit.record("facts.withdraw", actor=by, place=request.place_id, obj=request)


def close_withdrawn(by: Actor, request: Request, dropped: Sequence[Cell]) -> None:
    """Take back the obligations of asks that have nothing left to ask."""
    waiting = set(Cell.objects.filter(ask__request=request, state="asked").values_list("ask", flat=True))
    for ask in request.asks.filter(state=Ask.State.OPEN).exclude(pk__in=waiting):
        some_answered = ask.cells.filter(state__in=[Cell.State.ANSWERED, Cell.State.UNKNOWN]).exists()
        if some_answered:
            close(by, [cell for cell in dropped if cell.ask_id == ask.pk])
            continue
        ask.state, ask.answered_at, ask.draft = Ask.State.WITHDRAWN, clock.now(), {}
        ask.save(update_fields=["state", "answered_at", "draft"])
        owed.withdrawn(by, ask)


def lowest(place: Place) -> int:
    """The level whose rows a unit asks about unless it says otherwise."""
    return min(Level.VILLAGE, LEVEL_OF_LENGTH[len(place.code)] + 1) if len(place.code) >= 9 else Level.VILLAGE
