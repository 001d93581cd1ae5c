"""What goes over the broker: topics, the three kinds of messages, and the signature that each of them carries.

    lastmile/1/<code>/command   server → terminal: play, stop, volume
    lastmile/1/<code>/state     terminal → server, retained; the last will says that it is gone
    lastmile/1/<code>/report    terminal → server: started, finished, failed …
    lastmile/1/server           server → all, retained; the last will says that nobody listens

Every message of a terminal is JSON, signed in the MQTT user property `sig`: the hex of HMAC-SHA-256 with the terminal's
key over topic, a zero byte and the exact payload. A signature of one topic is worth nothing on another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

ROOT = "lastmile/1"
SERVER = f"{ROOT}/server"
ALL_STATES, ALL_REPORTS = f"{ROOT}/+/state", f"{ROOT}/+/report"
SIGNATURE = "sig"
LONGEST = 20_000  # bytes of a terminal's message
RECENT = 8  # last reports that a state repeats, for those that were lost on the way
_TOPIC = re.compile(rf"{ROOT}/([A-Za-z0-9][A-Za-z0-9_-]{{2,29}})/(state|report)")
_COMMAND = re.compile(r"p\d{1,18}-\d{1,9}")


class Do(StrEnum):
    PLAY = "play"
    STOP = "stop"
    VOLUME = "volume"


class Stage(StrEnum):
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"  # by a command, or by something more urgent


class BadMessage(Exception):
    """Why a message is not believed or can't be read."""


@dataclass(frozen=True, kw_only=True)
class Audio:
    """Where the terminal fetches what it plays; the digest makes the address as good as the signed command."""

    url: str
    sha256: str
    bytes: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Command:
    """`at`, `starts` and `until` are seconds since 1970. `priority` 1 is most urgent and interrupts what is less so.

    `warning` names what belongs together: a later play of it, or a stop, ends an earlier one. 0: whatever plays.
    """

    id: str
    do: Do
    at: int
    until: int
    warning: int = 0
    priority: int = 5
    starts: int = 0
    volume: int = 0
    repeats: int = 1
    pause: float = 0.0
    text: str = ""
    audio: Audio | None = None
    show: str = ""  # on a screen
    scroll: int = 0  # seconds that the text takes across it
    exercise: bool = False
    test: bool = False

    def body(self) -> bytes:
        return orjson.dumps(asdict(self))


class Report(NamedTuple):
    """What became of a command: `play` and `serial` are the two numbers of its id."""

    id: str
    stage: Stage
    at: int
    seconds: float
    reason: str

    @property
    def play(self) -> int:
        return int(self.id[1:].partition("-")[0])

    @property
    def serial(self) -> int:
        return int(self.id.partition("-")[2])

    def plain(self) -> dict[str, Any]:
        return self._asdict()


class State(NamedTuple):
    """How a terminal is. A will says `online` False with the moment of connecting and the same session."""

    at: int
    session: str
    online: bool
    volume: int
    playing: str
    power: str  # mains, battery, solar …
    battery: int | None
    firmware: str
    recent: list[Report]


class Seen(NamedTuple):
    """A verified message of a terminal."""

    code: str
    what: State | Report


def topic(code: str, part: str) -> str:
    return f"{ROOT}/{code}/{part}"


def command_id(play: int, serial: int) -> str:
    """Equal for every try of the same round, so that a terminal plays it once."""
    return f"p{play}-{serial}"


def sign(key: str, topic: str, payload: bytes) -> str:
    return hmac.new(key.encode(), topic.encode() + b"\0" + payload, hashlib.sha256).hexdigest()


def is_signed(key: str, topic: str, payload: bytes, signature: str) -> bool:
    """Whether it was signed with the key; takes the same time wherever the first difference lies."""
    given = signature.encode("utf-8", "replace")
    return bool(key) and hmac.compare_digest(sign(key, topic, payload).encode(), given)


def whose(topic: str) -> tuple[str, str]:
    """(code, state or report) of a topic. Raises BadMessage."""
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise BadMessage("no topic of a terminal")
    return found[1], found[2]


def read(part: str, payload: bytes) -> State | Report:
    """A terminal's message, whose signature was found right. Raises BadMessage."""
    found = _json(payload)
    return _state(found) if part == "state" else _report(found)


def read_command(payload: bytes) -> Command:
    """For terminals written in Python. Raises BadMessage."""
    found = _json(payload)
    try:
        audio = Audio(**found.pop("audio")) if found.get("audio") else found.pop("audio", None)
        return Command(**{**found, "do": Do(found["do"]), "audio": audio})
    except (TypeError, KeyError, ValueError) as error:
        raise BadMessage(f"no command: {error}") from error


def _json(payload: bytes) -> dict[str, Any]:
    if len(payload) > LONGEST:
        raise BadMessage("too long")
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BadMessage("no JSON") from error
    if not isinstance(found, dict):
        raise BadMessage("no object")
    return found


def _state(found: dict[str, Any]) -> State:
    recent = found.get("recent", [])
    if not isinstance(recent, list):
        raise BadMessage("recent is no list")
    battery = found.get("battery")
    return State(
        at=_whole(found, "at"),
        session=_text(found, "session", 40),
        online=found.get("online") is True,
        volume=min(100, max(0, _whole(found, "volume", 0))),
        playing=_text(found, "playing", 40),
        power=_text(found, "power", 20),
        battery=battery if isinstance(battery, int) and 0 <= battery <= 100 else None,
        firmware=_text(found, "firmware", 40),
        recent=[_report(one) for one in recent[:RECENT] if isinstance(one, dict)],
    )


def _report(found: dict[str, Any]) -> Report:
    name, seconds = _text(found, "id", 40), found.get("seconds", 0)
    if not _COMMAND.fullmatch(name) or found.get("stage") not in list(Stage):
        raise BadMessage("no report on a command of ours")
    if not isinstance(seconds, int | float) or not 0 <= seconds < 86_400:
        raise BadMessage("no seconds")
    return Report(name, Stage(found["stage"]), _whole(found, "at"), float(seconds), _text(found, "reason", 100))


def _whole(found: dict[str, Any], name: str, default: int | None = None) -> int:
    value = found.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise BadMessage(f"{name} is no whole number")
    return value


def _text(found: dict[str, Any], name: str, longest: int) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise BadMessage(f"{name} is no text")
    return value.replace("\0", "")[:longest]
