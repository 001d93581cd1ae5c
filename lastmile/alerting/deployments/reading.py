"""Above: what a receipt says, as far as it is what a receipt may say. The other side is trusted with its own places
only, and with no form: every field is looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from lastmile.alerting.deployments import wire
from lastmile.alerting.models import CallState, DeploymentReceipt

FIGURES: Final = 16  # of a row: alerting.ReportedTally from people on
BIGGEST: Final = 2**31 - 1
LONGEST_NAME: Final = 100
YEARS: Final = range(2000, 2200)
Refused = DeploymentReceipt.Refused


class Unfit(Exception):
    """Why a receipt counts for nothing."""

    def __init__(self, why: DeploymentReceipt.Refused) -> None:
        super().__init__(why.value)
        self.why = why


class Said(NamedTuple):
    message: str
    places: list[list[Any]]
    calls: list[list[Any]]
    names: dict[str, str]


def read(text: str, number: int, place: str) -> Said:
    """Raises Unfit."""
    said = wire.parsed(text.encode())
    message, places, calls, names = (said.get(name) for name in ("message", "places", "calls", "names"))
    if said.get("number") != number or not _is_text(message, 300):
        raise Unfit(Refused.UNREADABLE)
    if not isinstance(names, dict) or not isinstance(places, list) or not isinstance(calls, list):
        raise Unfit(Refused.UNREADABLE)
    if not all(_is_sum(row) for row in places) or not all(_is_call(row) for row in calls):
        raise Unfit(Refused.UNREADABLE)
    codes = [*(row[0] for row in places), *(row[1] for row in calls)]
    if not all(code.startswith(place) for code in codes):
        raise Unfit(Refused.PLACE)
    known = {code: name for code, name in names.items() if _is_code(code) and _is_text(name, LONGEST_NAME)}
    return Said(str(message), list({(row[0], row[1]): row for row in places}.values()), _once(calls), known)


def _once(calls: list[list[Any]]) -> list[list[Any]]:
    return list({row[0]: row for row in calls}.values())


def _is_sum(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 2 + FIGURES
        and _is_code(row[0])
        and isinstance(row[1], bool)
        and all(type(one) is int and 0 <= one <= BIGGEST for one in row[2:])
    )


def _is_call(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 6
        and _is_text(row[0], 60)
        and _is_code(row[1])
        and _is_text(row[2], LONGEST_NAME)
        and row[3] in CallState.values
        and all(one is None or _is_time(one) for one in row[4:])
    )


def _is_code(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 15


def _is_text(text: Any, longest: int) -> bool:
    return isinstance(text, str) and len(text) <= longest and "\0" not in text


def _is_time(text: Any) -> bool:
    """As it is written here, and in our days: Python reads more forms than the database, which keeps more years."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None and found.isoformat() == text and found.year in YEARS
