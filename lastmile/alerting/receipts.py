"""What comes back: facts about people, appended once each, whatever the order and however often they are reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent, Fact, Receipt, Standing
from lastmile.alerting.roster import listed
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.fields import seal
from lastmile.kernel.permissions import Actor, Perm, require

NOTE_LENGTH = 200  # letters
ANSWERS = frozenset(fact for fact in Fact if Fact.CONFIRMED <= fact <= Fact.UNREACHABLE)

# Sorted by key, so that two callers with the same keys wait for each other instead of deadlocking.
INSERT = """
INSERT INTO alerting_receipt (key, event_id, person, fact, channel, happened_at, entered_at, by, note)
SELECT * FROM unnest(%s::text[], %s::int[], %s::int[], %s::smallint[], %s::text[], %s::timestamptz[],
                     %s::timestamptz[], %s::int[], %s::bytea[]) AS new (key) ORDER BY key
ON CONFLICT (key) DO NOTHING
"""


@dataclass(frozen=True)
class NewReceipt:
    """A fact to append. `key` names its source and is the same whenever the source repeats it."""

    key: str
    event: int
    person: int
    fact: int
    channel: str
    happened_at: datetime
    by: int | None = None
    note: str = ""


def columns(receipts: Sequence[NewReceipt]) -> list[list[object]]:
    """The parameters of INSERT."""
    entered = clock.now()
    return [
        [r.key for r in receipts],
        [r.event for r in receipts],
        [r.person for r in receipts],
        [int(r.fact) for r in receipts],
        [r.channel for r in receipts],
        [r.happened_at for r in receipts],
        [entered] * len(receipts),
        [r.by for r in receipts],
        [seal(r.note[:NOTE_LENGTH], "receipt.note") if r.note else None for r in receipts],
    ]


def append(receipts: Sequence[NewReceipt]) -> int:
    """Append what is new, in one statement. How many were new; the rest had been appended before."""
    if not receipts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(INSERT, columns(receipts))
        return int(cursor.rowcount)


def weight(fact: int) -> int:
    """How much an answer outweighs another one: an outcome, then a bare confirmation, then nobody met."""
    if fact == Fact.CONFIRMED:
        return 2
    return 3 if Fact.SAFE <= fact <= Fact.REFUSED else 1


class Said(NamedTuple):
    """One answer as it lies in the ledger; `own` is false for what staff entered."""

    fact: int
    at: datetime
    number: int
    own: bool


def standing(said: Iterable[Said]) -> Said | None:
    """The answer that stands: the rules of sql/standing.sql for one person, for their own page."""
    live: list[Said] = []
    for one in sorted(said, key=lambda one: (one.at, one.number)):
        if one.fact == Fact.UNDONE:
            live = [other for other in live if other.own != one.own]
        elif one.fact in ANSWERS:
            live.append(one)
    return max(live, key=lambda one: (weight(one.fact), one.at, one.number), default=None)


def said_by(event: int, persons: Sequence[int]) -> dict[int, list[Said]]:
    """Every answer to one event, by person."""
    found: dict[int, list[Said]] = defaultdict(list)
    rows = Receipt.objects.filter(event_id=event, person__in=persons, fact__gte=Fact.CONFIRMED)
    for person, fact, at, number, by in rows.values_list("person", "fact", "happened_at", "id", "by"):
        found[person].append(Said(fact, at, number, by is None))
    return found


ENTERED = (Fact.CONFIRMED, Fact.SAFE, Fact.MOVED, Fact.NEEDS_HELP, Fact.REFUSED, Fact.ABSENT, Fact.UNREACHABLE)
STAFF, DOOR = "staff", "door"


@dataclass(frozen=True)
class Entry:
    """What staff say about some people of one place. `nonce` came with the form: sent twice, it is one entry."""

    place: str
    persons: Sequence[int]
    fact: int
    nonce: str
    happened_at: datetime | None = None  # None: now
    note: str = ""
    channel: str = STAFF  # DOOR where somebody stood at it


def enter(actor: Actor, event: AlertEvent, entry: Entry) -> int:
    """Enter an answer on behalf of people listed at a place, also long after it happened. How many were new.

    Raises NotAllowed without ALERT_RECEIPT there, Refusal for a time or fact that can't be, or people not listed there.
    """
    require(actor, Perm.ALERT_RECEIPT, entry.place)
    at = entry.happened_at or clock.now()
    if not event.sent_at <= at <= clock.now():
        raise Refusal(
            _("It can't have happened at this time."),
            _("Give a time between the issue of the warning and now."),
            fields={"at": _("Not between the issue of the warning and now.")},
        )
    if entry.fact not in (*ENTERED, Fact.UNDONE) or not 1 <= len(entry.nonce) <= 24 or "\0" in entry.nonce:
        raise Refusal(_("This is not one of the answers."), _("Reload the page and choose one of the buttons."))
    persons = sorted(set(entry.persons) & {*listed(event, entry.place), *_answered(event, entry.place)})
    if not persons:
        raise Refusal(_("Nobody of these is listed here."), _("Reload the list: it may have changed."))
    with transaction.atomic():
        new = append(
            [
                NewReceipt(
                    f"e:{actor.pk}:{event.pk}:{person}:{entry.fact}:{entry.nonce}",
                    event.pk,
                    person,
                    entry.fact,
                    entry.channel,
                    at,
                    by=actor.pk,
                    note=entry.note,
                )
                for person in persons
            ]
        )
        if new:
            fact = Fact(entry.fact).name.lower()
            audit.record("alerting.receipt", actor=actor, place=entry.place, obj=event, fact=fact, people=new)
    return new


def moment(text: str, event: AlertEvent) -> datetime | None:
    """The time somebody typed, in Beijing time; the minute of issue itself counts as the moment of issue."""
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise Refusal(_("“%(text)s” is no time.") % {"text": text[:20]}, _("Write it like 2021-07-20 09:30."))
    at = at if at.tzinfo else at.replace(tzinfo=clock.BEIJING)
    return event.sent_at if at == event.sent_at.replace(second=0, microsecond=0) else at


def _answered(event: AlertEvent, place: str) -> list[int]:
    return list(Standing.objects.filter(event=event.pk, place=place).values_list("person", flat=True))
