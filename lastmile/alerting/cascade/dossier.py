"""尽职证据 of one person over all warnings of a time: who called them when by what, and what they answered.

It protects whoever holds a post. They get their own; a superior gets what lies in their area, and each look is noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.cascade import board, evidence
from lastmile.alerting.models import AlertEvent, Call, CallAttempt
from lastmile.alerting.models.calls import Role
from lastmile.community.people.classes import DataClass
from lastmile.community.people.models import Appointment, Person
from lastmile.community.people.queries import look, note_look
from lastmile.community.people.queries.ground import ground
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, may, within

USUAL, LONGEST = timedelta(days=90), timedelta(days=400)
MOST = 300  # posts and warnings in one document
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Period:
    """Both days count."""

    since: date
    until: date

    @property
    def times(self) -> tuple[datetime, datetime]:
        begin = datetime.combine(self.since, time(), clock.BEIJING)
        return begin, datetime.combine(self.until, time(), clock.BEIJING) + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"


@dataclass(frozen=True)
class Case:
    """One post in one warning, and what it asked of this person."""

    call: Call
    where: str
    role: str
    facts: list[tuple[str, str]]  # the two clocks, of whoever holds the post
    lines: list[evidence.Line]


@dataclass(frozen=True)
class Part:
    event: AlertEvent
    headline: str
    exercise: bool
    cases: list[Case]


@dataclass(frozen=True)
class Dossier:
    person: Person
    name: str  # masked, unless it is their own or a document
    own: bool
    period: Period
    parts: list[Part]
    attempts: int  # times this person was called or written to
    in_time: int
    late: int
    silent: int
    passed: int
    more: int  # posts and warnings beyond those


def period(since: str, until: str) -> Period:
    """As typed, 2021-07-20; empty: the last 90 days. Raises Refusal."""
    last = _day(until, "until") or clock.today()
    first = _day(since, "since") or last - USUAL
    if first > last:
        raise Refusal(
            _("The time ends before it begins."),
            _("Give the earlier day first."),
            fields={"since": _("Later than the end.")},
        )
    if last - first > LONGEST:
        raise Refusal(
            _("This is more than 400 days."),
            _("Make several documents of a year each."),
            fields={"since": _("Too long ago.")},
        )
    return Period(first, last)


def _day(text: str, name: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        found = date.min
    if found is not None and not 2000 <= found.year <= 2200:
        raise Refusal(
            _("“%(text)s” is no day.") % {"text": text[:20]},
            _("Write it like 2021-07-20."),
            fields={name: _("Write it like 2021-07-20.")},
        )
    return found


def is_own(actor: Actor, person: int) -> bool:
    return getattr(actor, "person_id", None) == person


def find(actor: Actor, pk: int) -> Person:
    """The person themselves, or whoever holds or held a post where the actor calls people. Raises NotFound."""
    person = Person.objects.filter(pk=pk).first() if pk <= LARGEST else None
    if person is not None and not is_own(actor, pk):
        posts = Appointment.objects.filter(within(actor.scopes(Perm.CALL_ACT), "post__place__code"), person=pk)
        person = person if posts.exists() else None
    if person is None:
        raise NotFound(
            _("There is no such person, or they hold no post in your area."),
            _("Open a call of theirs at the command post and go on from there."),
        )
    return person


def of(actor: Actor, person: Person, when: Period, *, named: bool = False, why: str = "") -> Dossier:
    """Everything in the period; each look of somebody else is noted, and the person may ask who looked. `named`: for a
    document, which is worth little without; `why` is typed, or the duty chain opens it (ADR 42). Raises Refusal."""
    own, name = is_own(actor, person.pk), _name(actor, person, when, named=named, why=why)
    audit.record("alerting.person_evidence", actor=actor, place=person.place_id, obj=person, period=str(when))
    begin, end = when.times
    events = {
        e.pk: e
        for e in AlertEvent.objects.filter(sent_at__gte=begin, sent_at__lt=end).select_related("alert").defer("ladder")
    }
    attempts = CallAttempt.objects.filter(event__in=events, person=person.pk)
    calls = _calls(actor, person, list(events), attempts)
    shown = calls[:MOST]
    # an update takes calls over: the last of a warning counts for it
    mine = {(call.root, call.post_id): call for call in reversed(calls) if call.person == person.pk}.values()
    return Dossier(
        person=person,
        name=name,
        own=own,
        period=when,
        parts=_parts(events, shown, person.pk, opened=not own),
        attempts=attempts.filter(calls__overlap=[call.pk for call in calls]).count() if calls else 0,
        in_time=sum(call.confirmed_at is not None and call.confirmed_at <= call.confirm_due for call in mine),
        late=sum(call.confirmed_at is not None and call.confirmed_at > call.confirm_due for call in mine),
        silent=sum(call.confirmed_at is None for call in mine),
        passed=sum(call.relayed_at is not None for call in mine),
        more=len(calls) - len(shown),
    )


def _name(actor: Actor, person: Person, when: Period, *, named: bool, why: str) -> str:
    if is_own(actor, person.pk):
        return str(person.name.reveal())
    reason = _("evidence of duty, %(period)s") % {"period": when}
    if named and may(actor, Perm.PERSON_REVEAL, person.place_id):
        words = ground(actor, person.place_id, why)
        return look(actor, person, f"{reason}：{words}", [DataClass.BASIC]).name
    note_look(actor, person, reason, ["calls"])
    return str(person.name.masked())


def _calls(actor: Actor, person: Person, events: Sequence[int], attempts: QuerySet[CallAttempt]) -> list[Call]:
    """Theirs, and those about which they were called, the newest warning first."""
    about = {call for calls in attempts.values_list("calls", flat=True) for call in calls}
    involved = Q(person=person.pk) | Q(deputy=person.pk) | Q(superior=person.pk) | Q(pk__in=about)
    rows = Call.objects.filter(involved, event__in=events)
    if not is_own(actor, person.pk):
        rows = rows.filter(within(actor.scopes(Perm.CALL_ACT), "place"))
    return list(rows.select_related("post__site").order_by("-event__sent_at", "-event", "place", "pk"))


def _parts(events: dict[int, AlertEvent], calls: Sequence[Call], person: int, *, opened: bool) -> list[Part]:
    where, lines = board.where_of(calls), evidence.timelines(calls, opened=opened)
    cases: dict[int, list[Case]] = defaultdict(list)
    for call in calls:
        holds = call.person == person
        happened = [line for line in lines[call.pk] if holds or line.person == person]
        facts = evidence.facts(call) if holds else []
        cases[call.event_id].append(Case(call, where[call.pk], _role(call, person), facts, happened))
    return [_part(events[event], found) for event, found in cases.items()]


def _part(event: AlertEvent, cases: list[Case]) -> Part:
    frozen = event.frozen
    return Part(event, frozen["texts"]["zh"]["headline"], frozen.get("status") == "Exercise", cases)


def _role(call: Call, person: int) -> str:
    if call.person == person:
        return str(Role.HOLDER.label)
    return str((Role.DEPUTY if call.deputy == person else Role.SUPERIOR).label)
