"""CAP 1.2 from a frozen event, and from nothing else: no query, no clock, no setting.

Element order is that of the OASIS schema. Colours map to severity; an all-clear is a Cancel whose block says AllClear.
Holes of polygons have no place in CAP: the outer ring is given, which warns rather too many than too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

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

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE: Final = "application/cap+xml"
GEOCODE: Final = "CPEAS Geographic Code"
EVENT_CODES: Final = "GB/T 35561-2017"
LANGUAGE: Final = {"zh": "zh-CN", "en": "en-US"}
INDOORS: Final = frozenset({Hazard.WIND, Hazard.LIGHTNING, Hazard.HAIL, Hazard.SNOW, Hazard.EPIDEMIC})
# What XML 1.0 can't hold at all.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def compose(frozen: Frozen) -> bytes:
    """The message as UTF-8 XML with declaration."""
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(alert, "identifier", frozen["identifier"])
    _add(alert, "sender", re.sub(r"[\s,<&]", "_", frozen["sender"]))
    _add(alert, "sent", frozen["sent"])
    _add(alert, "status", frozen["status"])
    _add(alert, "msgType", frozen["msg_type"])
    _add(alert, "scope", "Public")
    _add_if(alert, "note", frozen["reason"] if frozen["msg_type"] != "Alert" else "")
    _add_if(alert, "references", " ".join(frozen["references"]))
    for language in sorted(frozen["texts"], key=lambda name: name != "zh"):
        _info(alert, frozen, language, frozen["texts"][language])
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _info(alert: etree._Element, frozen: Frozen, language: str, text: FrozenText) -> None:
    hazard, colour = Hazard(frozen["hazard"]), Colour(frozen["colour"])
    info = etree.SubElement(alert, f"{{{NAMESPACE}}}info")
    _add(info, "language", LANGUAGE.get(language, language))
    _add(info, "category", CAP_CATEGORY.get(hazard, "Met"))
    _add(info, "event", HAZARD_NAME[hazard][0 if language == "zh" else 1])
    for response in _responses(frozen, hazard, colour):
        _add(info, "responseType", response)
    _add(info, "urgency", _urgency(frozen))
    _add(info, "severity", CAP_SEVERITY[colour])
    _add(info, "certainty", "Likely" if frozen["kind"] in ("alert", "update") else "Observed")
    if frozen["event_code"]:
        _pair(info, "eventCode", EVENT_CODES, frozen["event_code"])
    _add(info, "effective", frozen["sent"])
    _add(info, "onset", frozen["starts"])
    _add(info, "expires", frozen["ends"])
    _add_if(info, "senderName", "、".join(frozen["issuers"]) if language == "zh" else ", ".join(frozen["issuers"]))
    _add_if(info, "headline", text["headline"])
    _add_if(info, "description", text["description"])
    _add_if(info, "instruction", "\n".join(part for part in (text["instruction"], text["shelter"]) if part))
    _add_if(info, "contact", text["contact"])
    _pair(info, "parameter", "colour", COLOUR_NAME[colour][1])
    if frozen["urgent"]:
        _pair(info, "parameter", "approval", "issued before approval")
    _area(info, frozen)


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


def _area(info: etree._Element, frozen: Frozen) -> None:
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", frozen["area"]["description"] or frozen["place_name"])
    for rings in frozen["area"]["polygons"]:
        _add(area, "polygon", " ".join(_position(latitude, longitude) for longitude, latitude in _closed(rings[0])))
    for longitude, latitude, km in frozen["area"]["circles"]:
        _add(area, "circle", f"{_position(latitude, longitude)} {km:g}")
    for code in geocodes(frozen["area"]["geocodes"] or [frozen["place"]]):
        _pair(area, "geocode", GEOCODE, code)


def geocodes(codes: Iterable[str]) -> list[str]:
    """Twelve digits each, as the national platform writes them; a grid is known there by its village."""
    return list(dict.fromkeys(code[:12].ljust(12, "0") for code in codes))


def _closed(ring: list[list[float]]) -> list[tuple[float, float]]:
    points = [(point[0], point[1]) for point in ring]
    return points if points[0] == points[-1] else [*points, points[0]]


def _position(latitude: float, longitude: float) -> str:
    return f"{round(latitude, 6):.6f},{round(longitude, 6):.6f}"


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _UNFIT.sub("", text)


def _add_if(parent: etree._Element, name: str, text: str) -> None:
    if text.strip():
        _add(parent, name, text)


def _pair(parent: etree._Element, name: str, label: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    _add(pair, "valueName", label)
    _add(pair, "value", value)
