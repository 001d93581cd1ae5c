"""Answers by SMS: “12-1 13-2”, door and digit. What is not clear is answered with a question, never dropped."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lastmile.alerting import cell_texts
from lastmile.alerting.cell_texts import Door
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.neighbours import entering, thanks
from lastmile.alerting.paper.outcomes import FACTS
from lastmile.alerting.paper.reading import PAIR, tokens
from lastmile.community.people.models import Person
from lastmile.kernel.errors import Refusal

CHANNEL = "sms"
NUMBERS = 20_000  # of questions: made from the reply, so that a reply that comes twice is asked back once
BARE = re.compile(r"\d{1,5}")
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
    doors = cell_texts.doors(newest, person)
    said = tokens(text[:400])
    key = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
    pairs = [token for token in said if PAIR.fullmatch(token)]
    if not doors or not said or not (pairs or BARE.fullmatch(said[0])):
        return False
    if not pairs and len(said) == 1 and len(said[0]) == 1:
        _question(newest, person, said, doors, OWN, key)  # a digit alone is one's own answer, as everybody's
        return False
    unclear = _enter(newest, person, said, doors, at, key)
    if unclear:
        _question(newest, person, unclear, doors, QUESTION, key)
    return True


def _enter(
    event: AlertEvent, person: int, said: Sequence[str], doors: Sequence[Door], at: datetime, key: str
) -> list[str]:
    """Enter what is clear; the tokens that are not."""
    by_code: dict[int, list[Door]] = defaultdict(list)
    digits: dict[int, set[str]] = defaultdict(set)
    for door in doors:
        by_code[door.code].append(door)
    read = [(token, PAIR.fullmatch(token)) for token in said]
    for _token, pair in read:
        if pair:
            digits[int(pair[1])].add(pair[2])
    unclear = []
    for token, pair in read:
        code = int(pair[1]) if pair else 0
        if pair is None or pair[2] not in FACTS or len(by_code[code]) != 1 or len(digits[code]) != 1:
            unclear.append(token)
        else:
            entering.say(event, person, by_code[code][0].household, FACTS[pair[2]], key=key, at=at)
    return unclear


def _question(
    event: AlertEvent, person: int, what: Sequence[str], doors: Sequence[Door], texts: dict[str, str], key: str
) -> None:
    language = Person.objects.filter(pk=person).values_list("language", flat=True).first() or "zh"
    left = [door for door in doors if door.open] or list(doors)
    values = {
        "what": " ".join(what)[:60],
        "example": f"{left[0].code}-1",
        "doors": "、".join(f"{door.code}（{door.number}）" for door in left[: cell_texts.MOST]),
    }
    number = thanks.FIRST + 1 + int(key, 16) % NUMBERS
    thanks.send(event, [(person, CHANNEL, texts[language] % values)], number)
