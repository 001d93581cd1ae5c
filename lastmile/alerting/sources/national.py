"""The national feed's JSON and the XML of 12379 (GB/T 35965.1), read as if they were CAP.

Neither has a public specification at hand: the keys are those seen in live data (JSON) or told by others (XML), see
docs/sources.md. What is not known is left alone; the bytes themselves are kept anyway.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from lxml import etree

from lastmile.alerting.cap.findings import Finding, Refused, short
from lastmile.alerting.cap.model import Alert, Area, Info, Pair
from lastmile.alerting.codes import CAP_SEVERITY, COLOUR_NAME

COLOURS: Final = {
    spelling: colour
    for colour, (chinese, english) in COLOUR_NAME.items()
    for spelling in (english, chinese, chinese.removesuffix("色"))
}
NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DIVISION: Final = re.compile(r"([1-9]\d{5})\d{8}_\d{14}(_\d)?", re.ASCII)  # id: 6-digit division, unit, time
BEIJING: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?", re.ASCII)
LISTS: Final = ("alerts", "alert", "data", "list", "rows", "result")
KEYS: Final = frozenset({"identifier", "headline", "msgType", "description"})
MOST: Final = 1_000
DEEPEST: Final = 4


def in_json(data: bytes) -> list[tuple[Alert, bytes, list[Finding]]]:
    """Each warning with the bytes it stands in. Raises Refused when it is no JSON or holds none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("json_malformed") from None
    items = _items(found, 0)
    if items is None:
        raise Refused("json_nothing")
    said = [Finding("national")]
    return [(_alert(one), json.dumps(one, ensure_ascii=False).encode("utf-8", "replace"), said) for one in items[:MOST]]


def _items(found: Any, depth: int) -> list[dict[str, Any]] | None:
    """The objects that look like warnings; None where there is not even a list for them."""
    if depth > DEEPEST:
        return None
    if isinstance(found, list):
        return [one for one in found if isinstance(one, dict) and KEYS & set(one)]
    if isinstance(found, dict):
        if KEYS & set(found):
            return [found]
        inside = [_items(found[name], depth + 1) for name in LISTS if name in found]
        return next((items for items in inside if items is not None), None)
    return None


def is_national(root: etree._Element) -> bool:
    """A message in the 12379 family: it says who sends and when in words of its own, as CAP doesn't."""
    return not str(root.tag).startswith("{urn:oasis") and any(
        root.find(f"{{*}}{name}") is not None for name in ("senderCode", "sendTime")
    )


def in_xml(root: etree._Element) -> tuple[Alert, list[Finding]]:
    """The one warning of such a message."""
    info = root.find("{*}info")
    values = _texts(root) | (_texts(info) if info is not None else {})
    areas = tuple(_area(one) for one in (info if info is not None else root).findall("{*}area"))
    return _alert(values, areas), [Finding("national")]


def _texts(element: etree._Element) -> dict[str, str]:
    found = {}
    for child in element.iterchildren("{*}*"):
        if len(child) == 0 and (text := (child.text or "").strip()):
            found[etree.QName(child).localname] = text
    return found


def _area(element: etree._Element) -> Area:
    codes = []
    for geocode in element.findall("{*}geocode"):
        value = geocode.find("{*}value")
        text = ((value if value is not None else geocode).text or "").strip()
        codes += [Pair(valueName="GB/T 2260", value=code) for code in re.split(r"[,，\s]+", text) if code]
    return Area(
        areaDesc=_said(element.findtext("{*}areaDesc")),
        polygon=tuple(one.text or "" for one in element.findall("{*}polygon")),
        circle=tuple(one.text or "" for one in element.findall("{*}circle")),
        geocode=tuple(codes),
    )


def _alert(values: dict[str, Any], areas: tuple[Area, ...] = ()) -> Alert:
    def text(*names: str) -> str | None:
        return next((found for name in names if (found := _said(values.get(name)))), None)

    colour = COLOURS.get((text("severity", "level", "colour") or "").lower())
    sender, sent = text("sender", "senderName", "senderCode"), _moment(text("sendTime", "sent", "effective"))
    info = Info(
        language="zh-CN",
        category=("Met",),
        event=text("eventTypeCN", "event", "eventType"),
        severity=CAP_SEVERITY[colour] if colour else "Unknown",
        urgency="Unknown",
        certainty="Unknown",
        eventCode=(Pair(valueName="GB/T 35561-2017", value=code),) if (code := text("eventType")) else (),
        effective=_moment(text("effective")),
        onset=_moment(text("onset")),
        expires=_moment(text("expires")),
        senderName=text("senderName", "sender"),
        headline=text("headline", "title"),
        description=text("description"),
        instruction=text("instruction"),
        contact=text("contact"),
        parameter=(Pair(valueName="colour", value=colour.name.lower()),) if colour else (),
        area=areas or _of_issuer(text("identifier") or ""),
    )
    return Alert(
        identifier=text("identifier"),
        sender=re.sub(r"[\s,<&]", "_", sender) if sender else None,
        sent=sent,
        status=text("status") or "Actual",
        msgType=text("msgType") or "Alert",
        scope="Public",
        note=text("note"),
        references=text("referencesInfo", "references"),
        info=(info,),
    )


def _of_issuer(identifier: str) -> tuple[Area, ...]:
    """The feed names no area: it is the division that the identifier begins with."""
    found = DIVISION.fullmatch(identifier)
    return (Area(areaDesc=None, geocode=(Pair(valueName="GB/T 2260", value=found[1]),)),) if found else ()


def _said(value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return (NOT_XML.sub("", value).strip() or None) if isinstance(value, str) else None


def _moment(text: str | None) -> str | None:
    """Beijing time where no offset is written: 2026-08-23 17:08:00.0 is 2026-08-23T17:08:00+08:00."""
    found = BEIJING.fullmatch(text or "")
    return f"{found[1]}T{found[2]}{found[3] or ':00'}+08:00" if found else short(text) if text else None
