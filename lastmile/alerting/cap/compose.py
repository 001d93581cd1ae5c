"""CAP 1.2 from a frozen event, and from nothing else: no query, no clock, no setting.

Colours map to severity; an all-clear is a Cancel whose block says AllClear. Holes of polygons have no place in CAP:
the outer ring is given, which warns rather too many than too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from lastmile.alerting.cap import english
from lastmile.alerting.cap.model import Alert, Area, Info, Pair
from lastmile.alerting.cap.names import MEDIA_TYPE, NAMESPACE
from lastmile.alerting.cap.rules import UNFIT
from lastmile.alerting.cap.write import write
from lastmile.alerting.codes import (
    CAP_CATEGORY,
    CAP_SEVERITY,
    COLOUR_NAME,
    EVACUATION,
    HAZARD_NAME,
    Colour,
    Hazard,
)
from lastmile.alerting.models.frozen import Frozen, FrozenText

__all__ = ["MEDIA_TYPE", "NAMESPACE", "compose", "geocodes", "message"]

GEOCODE: Final = "CPEAS Geographic Code"
EVENT_CODES: Final = "GB/T 35561-2017"
LANGUAGE: Final = {"zh": "zh-CN", "en": "en-US"}
INDOORS: Final = frozenset({Hazard.WIND, Hazard.LIGHTNING, Hazard.HAIL, Hazard.SNOW, Hazard.EPIDEMIC})


def compose(frozen: Frozen) -> bytes:
    """The message as UTF-8 XML with declaration, valid by the schema of CAP 1.2."""
    return write(message(frozen), rules_too=False)  # an odd polygon must not hold up a warning


def message(frozen: Frozen) -> Alert:
    """The message as the codec knows it."""
    return Alert(
        identifier=_clean(frozen["identifier"]),
        sender=re.sub(r"[\s,<&]", "_", _clean(frozen["sender"])),
        sent=frozen["sent"],
        status=frozen["status"],
        msgType=frozen["msg_type"],
        scope="Public",
        note=_said(frozen["reason"]) if frozen["msg_type"] != "Alert" else None,
        references=_said(" ".join(frozen["references"])),
        info=tuple(_info(frozen, language, text) for language, text in _texts(frozen)),
    )


def _texts(frozen: Frozen) -> list[tuple[str, FrozenText]]:
    """Chinese first; English as the officer wrote it, else by template."""
    texts = frozen["texts"] if "en" in frozen["texts"] else frozen["texts"] | {"en": english.text(frozen)}
    return sorted(texts.items(), key=lambda pair: pair[0] != "zh")


def _info(frozen: Frozen, language: str, text: FrozenText) -> Info:
    hazard, colour = Hazard(frozen["hazard"]), Colour(frozen["colour"])
    approval = [Pair(valueName="approval", value="issued before approval")] if frozen["urgent"] else []
    return Info(
        language=LANGUAGE.get(language, language),
        category=(CAP_CATEGORY.get(hazard, "Met"),),
        event=HAZARD_NAME[hazard][0 if language == "zh" else 1],
        responseType=tuple(_responses(frozen, hazard, colour)),
        urgency=_urgency(frozen),
        severity=CAP_SEVERITY[colour],
        certainty="Likely" if frozen["kind"] in ("alert", "update") else "Observed",
        eventCode=(Pair(valueName=EVENT_CODES, value=frozen["event_code"]),) if frozen["event_code"] else (),
        effective=frozen["sent"],
        onset=frozen["starts"],
        expires=frozen["ends"],
        senderName=_said(("、" if language == "zh" else ", ").join(frozen["issuers"])),
        headline=_said(text["headline"]),
        description=_said(text["description"]),
        instruction=_said("\n".join(part for part in (text["instruction"], text["shelter"]) if part)),
        contact=_said(text["contact"]),
        parameter=(Pair(valueName="colour", value=COLOUR_NAME[colour][1]), *approval),
        area=(_area(frozen),),
    )


def _responses(frozen: Frozen, hazard: Hazard, colour: Colour) -> list[str]:
    if frozen["kind"] == "lift":
        return ["AllClear"]
    if frozen["kind"] == "cancel":
        return ["None"]
    if colour == Colour.BLUE:
        return ["Monitor"]
    if hazard in EVACUATION and colour <= Colour.ORANGE:
        return ["Evacuate", "Execute"]
    if hazard in INDOORS and colour <= Colour.ORANGE:
        return ["Shelter", "Avoid"]
    return ["Prepare", "Avoid"]


def _urgency(frozen: Frozen) -> str:
    """Immediate within the hour, Expected within a day, Future later; over is Past."""
    if frozen["kind"] in ("lift", "cancel"):
        return "Past"
    ahead = datetime.fromisoformat(frozen["starts"]) - datetime.fromisoformat(frozen["sent"])
    if ahead <= timedelta(hours=1):
        return "Immediate"
    return "Expected" if ahead <= timedelta(days=1) else "Future"


def _area(frozen: Frozen) -> Area:
    rings = [_closed(polygon[0]) for polygon in frozen["area"]["polygons"]]
    return Area(
        areaDesc=_clean(frozen["area"]["description"]) or _clean(frozen["place_name"]),
        polygon=tuple(" ".join(_position(latitude, longitude) for longitude, latitude in ring) for ring in rings),
        circle=tuple(
            f"{_position(latitude, longitude)} {_kilometres(km)}"
            for longitude, latitude, km in frozen["area"]["circles"]
        ),
        geocode=tuple(
            Pair(valueName=GEOCODE, value=code) for code in geocodes(frozen["area"]["geocodes"] or [frozen["place"]])
        ),
    )


def geocodes(codes: Iterable[str]) -> list[str]:
    """Twelve digits each, as the national platform writes them; a grid is known there by its village."""
    return list(dict.fromkeys(code[:12].ljust(12, "0") for code in codes))


def _closed(ring: list[list[float]]) -> list[tuple[float, float]]:
    points = [(point[0], point[1]) for point in ring]
    return points if points[0] == points[-1] else [*points, points[0]]


def _position(latitude: float, longitude: float) -> str:
    return f"{round(latitude, 6):.6f},{round(longitude, 6):.6f}"


def _kilometres(km: float) -> str:
    return f"{km:.3f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    """Without what XML can't hold at all."""
    return UNFIT.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _said(text: str) -> str | None:
    return _clean(text) if text.strip() else None
