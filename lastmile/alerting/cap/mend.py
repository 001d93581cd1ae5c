"""What can surely be put right before a message goes on as CAP 1.2. Each change is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lastmile.alerting.cap import values
from lastmile.alerting.cap.findings import Finding, short
from lastmile.alerting.cap.model import Alert, Area, Info
from lastmile.alerting.cap.names import SLOTS, VERY_LIKELY, Slot


def mend(alert: Alert) -> tuple[Alert, list[Finding]]:
    """The message with times in CAP's form, enumerations in its spelling, polygons closed, empty shapes left out."""
    changes: list[Finding] = []
    infos = []
    for number, info in enumerate(alert.info, 1):
        where = f"info[{number}]"
        areas = tuple(_area(area, f"{where}/area[{at}]", changes) for at, area in enumerate(info.area, 1))
        infos.append(replace(info, area=areas, **_values(info, "info", where, changes)))
    return replace(alert, info=tuple(infos), **_values(alert, "alert", "", changes)), changes


def _values(block: Alert | Info, kind: str, where: str, changes: list[Finding]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for slot in SLOTS[kind]:
        value = getattr(block, slot.name)
        if value is None or not (slot.kind == "time" or slot.choices):
            continue
        changed[slot.name] = (
            tuple(_value(one, slot, where, changes) for one in value)
            if slot.many
            else _value(value, slot, where, changes)
        )
    return changed


def _value(value: str, slot: Slot, where: str, changes: list[Finding]) -> str:
    now = _time(value) if slot.kind == "time" else _choice(value, slot)
    if now != value:
        code = "mended_time" if slot.kind == "time" else "mended_choice"
        changes.append(Finding(code, where, {"name": slot.name, "value": short(value), "now": now}))
    return now


def _time(value: str) -> str:
    read = values.moment(value)
    return value if read is None or values.is_time(value) else values.stamp(read)


def _choice(value: str, slot: Slot) -> str:
    plain = value.strip().lower()
    if slot.name == "certainty" and plain == VERY_LIKELY.lower():
        return "Likely"
    return next((choice for choice in slot.choices if choice.lower() == plain), value)


def _area(area: Area, where: str, changes: list[Finding]) -> Area:
    polygons = []
    for text in area.polygon:
        points = values.polygon(text)
        if points == []:
            changes.append(Finding("mended_empty", where, {"name": "polygon"}))
        elif points and points[0] != points[-1] and len(points) > 2:
            polygons.append(f"{text.strip()} {text.split()[0]}")
            changes.append(Finding("mended_polygon", where))
        else:
            polygons.append(text)
    return replace(area, polygon=tuple(polygons))
