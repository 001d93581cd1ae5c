"""What the texts of a message mean: times, places, references. None where a text means nothing; never an exception."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

Point = tuple[float, float]  # latitude, longitude

TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d+)?\s?(Z|z|(?P<sign>[-+,])(?P<hours>\d\d):?(?P<minutes>\d\d))?",
    re.ASCII,
)
STRICT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
LONGEST_OFFSET: Final = 14 * 60  # minutes
LARGEST: Final = 40_000  # km; half of it reaches every point of the earth
BLANK: Final = " \t\r\n"


class Circle(NamedTuple):
    latitude: float
    longitude: float
    radius: float  # km


class Reference(NamedTuple):
    sender: str
    identifier: str
    sent: str


def moment(text: str | None) -> datetime | None:
    """The moment a text names, read as kindly as is safe.

    `Z`, fractions, a space for the T and an offset without colon are understood. A comma as sign is not: whether it
    means plus or minus can't be known. Nor is a time without any offset.
    """
    found = TIME.fullmatch((text or "").strip(BLANK))
    if found is None or found["sign"] == "," or found[8] is None:
        return None
    year, month, day, hour, minute, second = (int(found[at]) for at in range(1, 7))
    offset = 0
    if found["sign"]:
        minutes = int(found["minutes"])
        offset = int(found["hours"]) * 60 + minutes
        if minutes > 59 or offset > LONGEST_OFFSET:
            return None
        offset *= -1 if found["sign"] == "-" else 1
    midnight = (hour, minute, second) == (24, 0, 0)  # the end of the day, in XML
    try:
        zone = timezone(timedelta(minutes=offset))
        read = datetime(year, month, day, 0 if midnight else hour, minute, second, tzinfo=zone)
        return read + timedelta(days=1) if midnight else read
    except (ValueError, OverflowError):
        return None


def is_time(text: str) -> bool:
    """Written exactly as CAP 1.2 asks."""
    text = text.strip(BLANK)
    return STRICT.fullmatch(text) is not None and moment(text) is not None


def stamp(at: datetime) -> str:
    """As CAP writes it: no fractions, and UTC as -00:00 with everybody else."""
    text = at.replace(microsecond=0).isoformat(timespec="seconds")
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text


def polygon(text: str) -> list[Point] | None:
    """The points as given, closed or not. None when a word is no position on earth; [] when there is none at all."""
    points = [_position(word) for word in text.split()]
    return None if None in points else [point for point in points if point is not None]


def circle(text: str) -> Circle | None:
    words = text.split()
    centre = _position(words[0]) if len(words) == 2 else None
    radius = decimal(words[1]) if centre else None
    if centre is None or radius is None or not 0 <= radius <= LARGEST:
        return None
    return Circle(*centre, radius)


def _position(word: str) -> Point | None:
    parts = word.split(",")
    if len(parts) != 2:
        return None
    latitude, longitude = decimal(parts[0]), decimal(parts[1])
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude


def decimal(text: str) -> float | None:
    """The number of a text. Plain decimals only: `nan`, `1e9` and `1_0` are numbers to Python and to nobody else."""
    text = text.strip(BLANK)
    return float(text) if len(text) < 40 and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", text, re.ASCII) else None


def references(text: str) -> list[Reference | None]:
    """One for each word: sender,identifier,sent. None for a word that isn't that."""
    found: list[Reference | None] = []
    for word in text.split():
        parts = word.split(",")
        found.append(Reference(*parts) if len(parts) == 3 and all(parts) else None)
    return found


def words(text: str) -> list[str]:
    """Addresses and incidents: separated by blanks, those with blanks in quotes."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', text)]
