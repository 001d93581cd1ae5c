"""Answers for doors by SMS: “12-1 13-2”, door and digit. Neighbours say it of the doors they were asked about, whoever
walks of those of their grid. What is not clear is answered with a question, never dropped.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lastmile.alerting import cell_texts, door_codes, walk_texts
from lastmile.alerting.cell_texts import Door
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.models.calls import Role
from lastmile.alerting.neighbours import entering, thanks
from lastmile.alerting.paper.outcomes import FACTS
from lastmile.alerting.paper.reading import tokens
from lastmile.alerting.visits import phone
from lastmile.community.people.models import Person
from lastmile.kernel.errors import Refusal

CHANNEL = "sms"
NUMBERS = 20_000  # of questions: made from the reply, so that a reply that comes twice is asked back once
BARE = re.compile(r"\d{1,5}(-\d{3})?")
PAIR = re.compile(r"(\d{1,5}(?:-\d{3})?)-(\d)")  # 12-1, or with the whole code 12-845-1
LIST = frozenset({"名单", "清单", "list"})
QUESTION = {
    "zh": "没看懂：%(what)s。请按“门号-数字”回复，如%(example)s（1已告知 2已转移 3需要帮助 4无人 5拒绝）。"
    "您要看的门号：%(doors)s。",
    "en": "Not clear: %(what)s. Reply door-digit, as %(example)s (1 told 2 moved 3 needs help 4 nobody 5 refuses). "
    "Doors: %(doors)s.",
}
OWN = {
    "zh": "“%(what)s”记为您本人的回复。要说某一户，请回复“门号-数字”，如%(example)s。您要看的门号：%(doors)s。",
    "en": "“%(what)s” was noted as your own answer. For a door reply door-digit, as %(example)s. Doors: %(doors)s.",
}


def replied(*, event: int, person: int, text: str, at: datetime, key: str, **_news: Any) -> bool:
    """Take what it says of doors; whether it was about doors at all."""
    try:
        newest = entering.event_of(event)
    except Refusal:
        return False
    said = tokens(text[:400])
    key = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
    pairs = [token for token in said if PAIR.fullmatch(token)]
    wants_list = [token.lower() for token in said] in [[word] for word in LIST]
    if not said or not (pairs or wants_list or BARE.fullmatch(said[0])):
        return False
    doors = _doors(newest, person)
    if not doors:
        return False
    if wants_list:
        _answer(newest, person, doors, _listed(newest, person, doors), key)
        return True
    if not pairs and len(said) == 1 and len(said[0]) == 1:
        if not _walks(doors):  # one's own answer, as everybody's; to be called for a post is usual for who walks
            _question(newest, person, said, doors, OWN, key)
        return False
    unclear, entered = _enter(newest, person, said, doors, at, key)
    if unclear:
        left = [door for door in doors if door.household not in entered]
        _question(newest, person, unclear, left or doors, QUESTION, key)
    return True


def _doors(event: AlertEvent, person: int) -> list[Door]:
    """What a person is asked as a neighbour, then what is theirs by their post."""
    asked = cell_texts.doors(event, person)
    own = {door.household for door in asked}
    return asked + [door for door in walk_texts.doors(event, person) if door.household not in own]


def _walks(doors: Sequence[Door]) -> bool:
    return any(door.role == walk_texts.WALKER for door in doors)


def _enter(
    event: AlertEvent, person: int, said: Sequence[str], doors: Sequence[Door], at: datetime, key: str
) -> tuple[list[str], set[int]]:
    """Enter what is clear. The tokens that are not, and the households that are entered."""
    named: dict[str, list[Door]] = defaultdict(list)
    for door in doors:
        named[str(door.code)].append(door)
        named[str(door_codes.code(event.warning, door.place, door.code))].append(door)
    read = [(token, PAIR.fullmatch(token)) for token in said]
    digits: dict[int, set[str]] = defaultdict(set)
    for _token, pair in read:
        for door in named[pair[1]] if pair else ():
            digits[door.household].add(pair[2] if pair else "")
    unclear, entered = [], set()
    for token, pair in read:
        found = named[pair[1]] if pair else []
        if pair is None or pair[2] not in FACTS or len(found) != 1 or len(digits[found[0].household]) != 1:
            unclear.append(token)
        else:
            say = phone.say if found[0].role == walk_texts.WALKER else entering.say
            say(event, person, found[0].household, FACTS[pair[2]], key=key, at=at)
            entered.add(found[0].household)
    return unclear, entered


def _question(
    event: AlertEvent, person: int, what: Sequence[str], doors: Sequence[Door], texts: dict[str, str], key: str
) -> None:
    left = [door for door in doors if door.open] or list(doors)
    values = {
        "what": " ".join(what)[:60],
        "example": f"{cell_texts.said(event, left[0], doors)}-1",
        "doors": "、".join(f"{cell_texts.said(event, one, doors)}（{one.number}）" for one in left[: cell_texts.MOST]),
    }
    _answer(event, person, doors, texts[_language(person)] % values, key)


def _listed(event: AlertEvent, person: int, doors: Sequence[Door]) -> str:
    """The list that was asked for, as it was first sent, with what is left by now."""
    write = walk_texts.text if _walks(doors) else cell_texts.text
    return write(event, person, _language(person))


def _language(person: int) -> str:
    return Person.objects.filter(pk=person).values_list("language", flat=True).first() or "zh"


def _answer(event: AlertEvent, person: int, doors: Sequence[Door], text: str, key: str) -> None:
    number = thanks.FIRST + 1 + int(key, 16) % NUMBERS
    role = Role.WALK if _walks(doors) else Role.CELL
    thanks.send(event, [(person, CHANNEL, text)], number, role=role)
