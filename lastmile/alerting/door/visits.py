"""One visit of a resident to their personal page: record it, then show where they stand. Worked off in batches."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.db import DatabaseError

from lastmile.alerting import links
from lastmile.alerting.cascade import asked, superiors
from lastmile.alerting.door import extras, page
from lastmile.alerting.door.warning import Warned, warned
from lastmile.alerting.models import Fact
from lastmile.alerting.receipts import NewReceipt, Said, append, said_by, standing
from lastmile.community.people.models import Person
from lastmile.kernel import clock

log = logging.getLogger("lastmile.door")

LARGEST = 2**31
ACTS = {
    "ok": Fact.CONFIRMED,
    "safe": Fact.SAFE,
    "moved": Fact.MOVED,
    "help": Fact.NEEDS_HELP,
    "undo": Fact.UNDONE,
    "passed": Fact.RELAYED,
    "take": Fact.TAKEN_OVER,
    **dict.fromkeys(superiors.ACTS, Fact.READ),  # about a post below: what it says stands in that one's ledger
}


@dataclass(frozen=True)
class Visit:
    """A request on /r/<token>. `act` is "" for opening the page, else a key of ACTS; `nonce` came with the page.
    `about` is the call of a post below, where a superior says something about one."""

    token: str
    event: int
    person: int
    language: str = ""  # chosen on the page; "" for the person's own
    act: str = ""
    nonce: str = ""
    note: str = ""
    about: int = 0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def serve(visits: list[Visit]) -> list[Answer]:
    """Append the receipts of all, then make everybody's page."""
    warnings = {event: warned(event) for event in {visit.event for visit in visits}}
    known = _people([visit.person for visit in visits])
    append([new for visit in visits if visit.person in known and (new := _receipt(visit, warnings[visit.event]))])
    for visit in visits:
        if visit.act in superiors.ACTS and visit.person in known and _open(warnings[visit.event]):
            _about_another(visit)
    said: dict[tuple[int, int], list[Said]] = {}
    owed: dict[tuple[int, int], asked.Asked] = {}
    people = defaultdict(list)
    for visit in visits:
        if visit.person in known:
            people[visit.event].append(visit.person)
    for event, persons in people.items():
        said |= {(event, person): rows for person, rows in said_by(event, persons).items()}
        owed |= {(event, person): of for person, of in asked.of(event, persons).items()}
    for visit in visits:
        if visit.act and visit.person in known and _open(warnings[visit.event]):
            extras.heard(visit.event, visit.person, visit.act, visit.nonce)
    parts = _parts(visits, warnings, known)
    return [
        _answer(
            visit,
            warnings[visit.event],
            said.get((visit.event, visit.person), []),
            known.get(visit.person),
            owed.get((visit.event, visit.person)),
            parts.get(visit, b""),
        )
        for visit in visits
    ]


def _about_another(visit: Visit) -> None:
    """A failure here keeps nobody else's answer waiting."""
    try:
        superiors.say(visit.event, visit.person, visit.about, visit.act, visit.nonce)
    except DatabaseError:
        log.exception("what a superior said could not be taken")


def facts() -> dict[str, Fact]:
    """Every answer that a page may send."""
    return ACTS | extras.acts()


def _open(warning: Warned | None) -> bool:
    return warning is not None and not warning.gone


def _spoken(visit: Visit, warning: Warned, person: tuple[str, str]) -> str:
    """The language of the page, where the warning has one in it."""
    language = visit.language or person[1]
    return language if language in warning.texts else "zh"


def _parts(
    visits: Sequence[Visit], warnings: dict[int, Warned | None], known: dict[int, tuple[str, str]]
) -> dict[Visit, bytes]:
    """What other rooms have to say to each of them."""
    wanted = {}
    for visit in visits:
        warning, person = warnings[visit.event], known.get(visit.person)
        if warning is not None and person is not None and not warning.gone:
            wanted[visit] = (visit.event, visit.person, _spoken(visit, warning, person))
    found = extras.parts(set(wanted.values()))
    return {visit: found[key] for visit, key in wanted.items() if key in found}


def _receipt(visit: Visit, warning: Warned | None) -> NewReceipt | None:
    if warning is None or warning.gone:
        return None
    fact = facts().get(visit.act, Fact.READ)
    key = f"r:{visit.event}:{visit.person}:{fact}:{visit.nonce}" if visit.act else f"r:{visit.event}:{visit.person}"
    return NewReceipt(key, visit.event, visit.person, fact, "link", clock.now(), note=visit.note)


def _people(persons: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(place, language) of each who is still known. A link holds larger numbers than the database has keys for."""
    rows = Person.objects.filter(pk__in=[person for person in persons if person < LARGEST]).values_list(
        "pk", "place_id", "language"
    )
    return {pk: (place, language) for pk, place, language in rows}


def _answer(
    visit: Visit,
    warning: Warned | None,
    said: list[Said],
    person: tuple[str, str] | None,
    owed: asked.Asked | None = None,
    part: bytes = b"",
) -> Answer:
    if warning is None or person is None:
        return Answer(404, page.unknown())
    if warning.gone:
        return Answer(410, page.gone())
    place, spoken = person
    language = visit.language or spoken
    stands = standing(said)
    body = page.shell(warning, language if language in warning.texts else "zh", language, place, stands, owed)
    body = body.replace(page.EXTRA.encode(), part)  # first: the other marks stand in it too
    newer = links.token(warning.newer, visit.person) if warning.newer else ""
    for mark, value in (
        (page.TOKEN, visit.token),
        (page.NONCE, secrets.token_urlsafe(6)),
        (page.NEWER, newer),
        (page.AT, page.clock_time(stands.at) if stands else ""),
        (page.LANGUAGE, quote(language)),
    ):
        body = body.replace(mark.encode(), value.encode())
    return Answer(200, body)
