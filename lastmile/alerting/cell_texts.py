"""What a neighbour is asked: which doors, by code and door number alone, and how to answer. Made when it goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from lastmile.alerting import door_codes, links
from lastmile.alerting.models import AlertEvent, CellAsk, CellDoor
from lastmile.community.people.models import Household

PATH = "/n/"
MOST = 12  # doors in one message; the rest stands on the page


@dataclass(frozen=True)
class Door:
    """`code` is its number in this warning (door_codes); `role` what the person was asked as."""

    household: int
    code: int
    number: str
    place: str
    role: str
    fact: int | None
    open: bool


def doors(event: AlertEvent, person: int) -> list[Door]:
    """The doors about which a person is asked, in the order of their codes."""
    roles: dict[int, str] = {}
    for ask in CellAsk.objects.filter(event=event.pk, person=person, closed_at=None).order_by("pk"):
        roles |= dict.fromkeys(ask.households, ask.role)
    rows = {row.household: row for row in CellDoor.objects.filter(event=event.pk, household__in=roles)}
    codes: dict[int, int] = {}
    for place in {row.place for row in rows.values()}:
        codes |= door_codes.numbers(event, place)
    homes = Household.objects.in_bulk([home for home in rows if home in codes])
    found = [
        Door(key, codes[key], home.number, rows[key].place, roles[key], rows[key].fact, rows[key].closed_at is None)
        for key, home in homes.items()
    ]
    return sorted(found, key=lambda door: (door.place, door.code))


def said(event: AlertEvent, door: Door, among: Sequence[Door]) -> str:
    """What a door is called among those of a person: its number; the whole code where they lie in two places."""
    if len({one.place for one in among}) < 2:
        return str(door.code)
    return str(door_codes.code(event.warning, door.place, door.code))


def text(event: AlertEvent, person: int, language: str) -> str:
    here = doors(event, person)
    left = [door for door in here if door.open]
    listed = "、".join(f"{said(event, door, here)}（{door.number}）" for door in left[:MOST])
    link = f"{settings.PUBLIC_URL}{PATH}{links.token(event.pk, person)}/"
    head = headline(event.frozen, language)
    if language == "en":
        first = said(event, left[0], here) if left else 1
        listed = listed.replace("（", " (").replace("）", ")").replace("、", ", ") + (" …" if len(left) > MOST else "")
        return (
            f"{head}: no answer yet from {len(left)} doors: {listed}. Tell them, then reply door-digit, as {first}-1: "
            f"1 told 2 moved 3 needs help 4 nobody 5 refuses. {link}"
        )
    more = "等" if len(left) > MOST else ""
    example = f"{said(event, left[0], here)}-1" if left else "1-1"
    return (
        f"{head}：还有{len(left)}户没有回音：{listed}{more}。请去告知，再回复“门号-数字”，如{example}："
        f"1已告知 2已转移 3需要帮助 4无人 5拒绝。{link}"
    )


def headline(frozen: Mapping[str, Any], language: str) -> str:
    texts: Mapping[str, Any] = frozen["texts"]
    return str((texts.get(language) or texts["zh"])["headline"]).removeprefix("【演练】")
