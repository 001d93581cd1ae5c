"""What a message would be as a warning of ours: hazard, colour, words, times."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lastmile.alerting.cap import values
from lastmile.alerting.cap.model import Alert, Info
from lastmile.alerting.codes import CAP_SEVERITY, COLOUR_NAME, EVENT_CODE, HAZARD_NAME, Colour, Hazard

WARNS: Final = ("Alert", "Update")
USUAL: Final = timedelta(hours=12)  # of a message that does not say when it ends
NAMED: Final = ("colour", "color", "level", "eventlevel", "severity", "awareness_level")
WORDS: Final[tuple[tuple[str, Hazard], ...]] = (
    # the more exact first: 雷雨大风 before 大风, 山洪 before 洪水
    ("山洪", Hazard.FLASH_FLOOD),
    ("flash flood", Hazard.FLASH_FLOOD),
    ("内涝", Hazard.WATERLOGGING),
    ("积涝", Hazard.WATERLOGGING),
    ("waterlogging", Hazard.WATERLOGGING),
    ("地质灾害", Hazard.LANDSLIDE),
    ("泥石流", Hazard.LANDSLIDE),
    ("滑坡", Hazard.LANDSLIDE),
    ("geological", Hazard.LANDSLIDE),
    ("landslide", Hazard.LANDSLIDE),
    ("debris flow", Hazard.LANDSLIDE),
    ("暴雨", Hazard.RAINSTORM),
    ("rain", Hazard.RAINSTORM),
    ("洪水", Hazard.FLOOD),
    ("flood", Hazard.FLOOD),
    ("台风", Hazard.TYPHOON),
    ("typhoon", Hazard.TYPHOON),
    ("大风", Hazard.WIND),
    ("wind", Hazard.WIND),
    ("gale", Hazard.WIND),
    ("雷电", Hazard.LIGHTNING),
    ("lightning", Hazard.LIGHTNING),
    ("thunder", Hazard.LIGHTNING),
    ("冰雹", Hazard.HAIL),
    ("hail", Hazard.HAIL),
    ("暴雪", Hazard.SNOW),
    ("snow", Hazard.SNOW),
    ("寒潮", Hazard.COLD),
    ("cold wave", Hazard.COLD),
    ("高温", Hazard.HEAT),
    ("high temperature", Hazard.HEAT),
    ("heat", Hazard.HEAT),
    ("大雾", Hazard.FOG),
    ("fog", Hazard.FOG),
    ("道路结冰", Hazard.ICE),
    ("icy road", Hazard.ICE),
    ("road icing", Hazard.ICE),
    ("森林火", Hazard.WILDFIRE),
    ("forest fire", Hazard.WILDFIRE),
    ("wildfire", Hazard.WILDFIRE),
    ("地震", Hazard.EARTHQUAKE),
    ("earthquake", Hazard.EARTHQUAKE),
    ("水库", Hazard.DAM),
    ("溃坝", Hazard.DAM),
    ("dam ", Hazard.DAM),
    ("危险化学品", Hazard.CHEMICAL),
    ("chemical", Hazard.CHEMICAL),
    ("疫情", Hazard.EPIDEMIC),
    ("epidemic", Hazard.EPIDEMIC),
)
COLOURED: Final = tuple(
    (re.compile(rf"{zh[0]}色|\b{en}\b", re.IGNORECASE), colour) for colour, (zh, en) in COLOUR_NAME.items()
)
LEVELS: Final = tuple(
    (re.compile(rf"[Ll]evel {roman}\b|{sign}级"), colour)
    for roman, sign, colour in (
        ("I", "Ⅰ", Colour.RED),
        ("II", "Ⅱ", Colour.ORANGE),
        ("III", "Ⅲ", Colour.YELLOW),
        ("IV", "Ⅳ", Colour.BLUE),
    )
)
SEVERITIES: Final = {severity: colour for colour, severity in CAP_SEVERITY.items()}


@dataclass(frozen=True)
class Meaning:
    """`colour` None: the message does not say how grave it is. `guessed` are the facts that were not said plainly."""

    hazard: Hazard
    colour: Colour | None
    headline: str
    description: str
    instruction: str
    english: dict[str, str]
    issuers: list[str]
    contact: str
    starts: datetime | None
    ends: datetime | None
    exercise: bool
    reason: str
    event_code: str
    guessed: tuple[str, ...] = field(default=())

    def content(self) -> dict[str, Any]:
        """Fields of a draft; what the message does not say is left to the template."""
        found: dict[str, Any] = {
            "issuers": self.issuers,
            "starts_at": self.starts,
            "ends_at": self.ends,
            "english": self.english,
        }
        for name in ("headline", "description", "instruction", "contact", "event_code"):
            if text := getattr(self, name):
                found[name] = text
        return found


def meaning(alert: Alert) -> Meaning:
    chinese, english = _block(alert, "zh"), _block(alert, "en")
    info = chinese or english or Info()
    hazard, by_code = _hazard(alert)
    colour, plain = _colour(alert, info)
    ends = _ends(alert)
    said = {"hazard": by_code, "colour": plain, "ends": ends is not None}
    return Meaning(
        hazard=hazard,
        colour=colour,
        headline=_text(info.headline, 200),
        description=_text(info.description),
        instruction=_text(info.instruction),
        english=_english(english if english is not info else None),
        issuers=_issuers(info, alert),
        contact=_text(info.contact, 100),
        starts=_first(info.onset, info.effective, alert.sent),
        ends=ends or _after(alert),
        exercise=(alert.status or "") == "Exercise",
        reason=_text(alert.note, 500),
        event_code=_event_code(info),
        guessed=tuple(name for name, plainly in said.items() if not plainly),
    )


def is_all_clear(alert: Alert) -> bool:
    """A cancellation because it is over, not because it was wrong."""
    return any("AllClear" in info.responseType for info in alert.info)


def _block(alert: Alert, language: str) -> Info | None:
    """The first block of a language; CAP's default is English."""
    return next((one for one in alert.info if (one.language or "en").lower().startswith(language)), None)


def _ends(alert: Alert) -> datetime | None:
    """The latest end that any block names."""
    return max((at for info in alert.info if (at := values.moment(info.expires))), default=None)


def _after(alert: Alert) -> datetime | None:
    sent = values.moment(alert.sent)
    return sent + USUAL if sent else None


def _first(*texts: str | None) -> datetime | None:
    return next((at for text in texts if (at := values.moment(text))), None)


def _text(text: str | None, most: int = 4_000) -> str:
    return (text or "").replace("\0", "").strip()[:most]


def _english(info: Info | None) -> dict[str, str]:
    if info is None:
        return {}
    return {name: _text(getattr(info, name)) for name in ("headline", "description", "instruction")}


def _issuers(info: Info, alert: Alert) -> list[str]:
    """Joint issuers are a list."""
    name = _text(info.senderName) or _text(alert.sender).replace("_", " ")
    return [part.strip()[:100] for part in re.split(r"[、;；]", name) if part.strip()][:10]


def _event_code(info: Info) -> str:
    codes = [pair.value or "" for pair in info.eventCode]
    return next((code for code in codes if re.fullmatch(r"[1-4][0-9A-Z]{4}", code)), "")


def _hazard(alert: Alert) -> tuple[Hazard, bool]:
    """(hazard, whether it was said by code or by a name we know)."""
    by_code = {code: hazard for hazard, code in EVENT_CODE.items()}
    for info in alert.info:
        if found := by_code.get(_event_code(info)):
            return found, True
    said = [text for info in alert.info for text in (info.event, info.headline) if text]
    names = [(zh, hazard) for hazard, (zh, _en) in HAZARD_NAME.items() if hazard is not Hazard.OTHER]
    for text in said:
        for word, hazard in (*WORDS, *names):
            if word in text.lower():
                return hazard, True
    return Hazard.OTHER, False


def _colour(alert: Alert, info: Info) -> tuple[Colour | None, bool]:
    """(colour, whether it was said as a colour): by parameter, then in the words, then by CAP's severity."""
    parameters = [pair for one in alert.info for pair in one.parameter]
    pairs = [pair.value or "" for pair in parameters if (pair.valueName or "").lower() in NAMED]
    words = [text for one in alert.info for text in (one.headline, one.event) if text]
    for text in (*pairs, *words):
        for pattern, colour in (*COLOURED, *LEVELS):
            if pattern.search(text):
                return colour, True
    return SEVERITIES.get(info.severity or ""), False
