"""What we hold about one person, by class, in plain words; and who looked."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from lastmile.alerting.ending.certificate import headline
from lastmile.alerting.models import AlertEvent, Fact, Receipt
from lastmile.community.accounts.models import Grant
from lastmile.community.cells.models import Helper, Pair
from lastmile.community.people import queries as people
from lastmile.community.people.classes import classes_of
from lastmile.community.people.models import Look, Person
from lastmile.community.people.queries.look import Opened, opened
from lastmile.kernel import clock
from lastmile.modules.mydata.models import Proposal

WARNINGS = 30  # the last ones, for what was answered
LOOKS = 200


class Seen(NamedTuple):
    """Who looked, as a role and a unit: the person behind it answers to their unit."""

    at: Any
    who: str
    why: str
    what: str


def looks(person: Person) -> list[Seen]:
    rows = list(people.looks(person)[:LOOKS])
    roles = _roles({row.actor for row in rows if row.actor})
    return [Seen(row.at, roles.get(row.actor or 0) or _unit(row), row.reason, _classes(row)) for row in rows]


def _roles(actors: set[int]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for grant in Grant.objects.filter(user__in=actors).select_related("place").order_by("-ended_at", "pk"):
        found.setdefault(grant.user_id, []).append(f"{grant.place.name} · {grant.get_role_display()}")
    return {actor: texts[0] for actor, texts in found.items()}


def _unit(row: Look) -> str:
    return _("the system itself") if row.actor is None else _("a log-in that is no more")


def _classes(row: Look) -> str:
    return "、".join(str(one.label) for one in classes_of(row.fields)) or _("what you answered")


class Answered(NamedTuple):
    at: Any
    warning: str
    answer: str


def answers(person: Person) -> list[Answered]:
    """What they said in the last warnings. Their own words stand here until the warning's data is destroyed."""
    events = {event.pk: event for event in AlertEvent.objects.order_by("-pk")[:WARNINGS]}
    said = Receipt.objects.filter(event__in=list(events), person=person.pk, fact__gte=Fact.CONFIRMED).order_by("-pk")
    return [Answered(one.happened_at, headline(events[one.event_id]), str(Fact(one.fact).label)) for one in said[:50]]


class Consent(NamedTuple):
    pk: int
    kind: str  # helper or pair
    says: str
    since: Any


def consents(person: Person) -> list[Consent]:
    """What they agreed to among neighbours, and can take back with one tap."""
    rows = Helper.objects.filter(person=person, until=None).select_related("cell__place", "place", "pair")
    found = [
        Consent(one.pk, "helper", f"{one.get_role_display()} {_where(one)}".strip(), one.agreed_on) for one in rows
    ]
    pairs = Pair.objects.filter(resident=person, until=None)
    return found + [Consent(one.pk, "pair", _("neighbours look after me"), one.since) for one in pairs]


def _where(one: Helper) -> str:
    if one.cell is not None:
        return f"{one.cell.place.name} {one.cell.number}"
    return one.place.name if one.place is not None else ""


def proposals(person: Person) -> list[dict[str, Any]]:
    """What they asked to be corrected, and what became of it."""
    return [
        {
            "what": one.get_what_display(),
            "wish": one.wish.reveal(),
            "at": one.made_at,
            "state": one.get_state_display(),
            "answer": one.answer.reveal() if one.answer else "",
            "open": one.state == Proposal.State.OPEN,
        }
        for one in Proposal.objects.filter(person=person)[:50]
    ]


def everything(person: Person) -> dict[str, Any]:
    """For the page."""
    return {
        "person": person,
        "held": opened(person),
        "home": person.household,
        "grid": person.place,
        "posts": [one.post.title for one in _appointments(person)],
        "looks": looks(person),
        "answers": answers(person),
        "consents": consents(person),
        "proposals": proposals(person),
    }


def _appointments(person: Person) -> Any:
    now = Q(until=None) | Q(until__gt=clock.today())
    return person.appointments.filter(now).select_related("post")


def export(person: Person) -> dict[str, Any]:
    """The same for taking away: plain values by class."""
    found = everything(person)
    held: Opened = found["held"]
    home = person.household
    return {
        "made": clock.now().astimezone(clock.BEIJING).isoformat(timespec="seconds"),
        "basic": {
            "name": held.name,
            "born": held.born,
            "language": person.get_language_display(),
            "posts": found["posts"],
        },
        "contact": [
            {"kind": str(one.get_kind_display()), "value": value, "in_use": one.usable} for one, value in held.contacts
        ],
        "health": {"needs": [str(kind.label) for kind in held.kinds], "note": held.note},
        "location": {
            "grid": person.place.name,
            "door": home.number if home else "",
            "address": held.address,
            "longitude": home.longitude if home else None,
            "latitude": home.latitude if home else None,
        },
        "answers": [
            {"at": _iso(one.at), "warning": one.warning, "answer": str(one.answer)} for one in found["answers"]
        ],
        "consents": [{"what": str(one.says), "since": one.since.isoformat()} for one in found["consents"]],
        "corrections": [
            {name: _iso(value) if name == "at" else str(value) for name, value in one.items() if name != "open"}
            for one in found["proposals"]
        ],
        "looks": [{"at": _iso(one.at), "who": one.who, "why": one.why, "what": one.what} for one in found["looks"]],
    }


def _iso(at: Any) -> str:
    return str(at.astimezone(clock.BEIJING).isoformat(timespec="seconds"))
