"""The resident's page: which shelter, which way, the number to show there; and their word that they are elsewhere."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from lastmile.alerting import door_codes
from lastmile.alerting.door import page
from lastmile.alerting.door.extras import Extra, register
from lastmile.alerting.door_codes import Code
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.community.people.models import Household
from lastmile.modules.shelters.actions import moves
from lastmile.modules.shelters.models import Opening, Order, Shelter, Stay, Where
from lastmile.modules.shelters.queries.incident import root

FRESH = 2.0  # seconds for which the incident of an event is used again
ACTS = {"kin": Where.RELATIVES, "hotel": Where.HOTEL}
NOTHING_TO_SAY = (Stay.State.HOME, Stay.State.WITHDRAWN)
MAP = "https://uri.amap.com/marker?position="

_cache: dict[int, tuple[float, int | None]] = {}


def register_all() -> None:
    register(Extra("shelters", show, hear, dict.fromkeys(ACTS, Fact.MOVED)))


def incident_of(event: int) -> int | None:
    """The incident of an event in which a shelter was opened; None where none was. At most FRESH seconds old."""
    kept = _cache.get(event)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    if len(_cache) > 200:
        _cache.clear()
    found = None
    row = AlertEvent.objects.select_related("alert").filter(pk=event).first() if Opening.objects.exists() else None
    if row is not None:
        first = root(row)
        found = first.pk if Opening.objects.filter(incident=first).exists() else None
    _cache[event] = (time.monotonic() + FRESH, found)
    return found


def forget() -> None:
    _cache.clear()


def show(event: int, persons: Sequence[int], language: str) -> dict[int, bytes]:
    """For those who were ordered or are in a shelter that is open; nothing for anybody else."""
    incident = incident_of(event)
    if incident is None:
        return {}
    rows = Stay.objects.filter(incident=incident, person__in=persons, opening__closed_at=None)
    rows = rows.exclude(state__in=NOTHING_TO_SAY).select_related("opening__shelter", "order", "household__place")
    stays = list(rows)
    coded = _codes(incident, [stay.household for stay in stays if stay.household])
    with translation.override(page.LANGUAGES.get(language, "zh-hans")):
        return {
            stay.person_id: _part(stay, stay.opening.shelter, coded.get(stay.household_id or 0), language)
            for stay in stays
            if stay.person_id and stay.opening
        }


def _codes(incident: int, homes: Sequence[Household]) -> dict[int, Code]:
    return door_codes.of(AlertEvent.objects.get(pk=incident), homes) if homes else {}


def _part(stay: Stay, shelter: Shelter, code: Code | None, language: str) -> bytes:
    order = stay.order
    live = order is not None and order.state == Order.State.LIVE
    context: dict[str, Any] = {
        "stay": stay,
        "shelter": shelter,
        "route": order.route if order and live else "",
        "code": str(code or ""),
        "grid": stay.household.place.name if stay.household else "",
        "qr": qr(code) if code else "",
        "where": Where(stay.where).label if stay.where else "",
        **_ways(shelter),
        "token": page.TOKEN,
        "nonce": page.NONCE,
        "language": language,
    }
    return render_to_string("shelters/resident.html", context).encode()


def _ways(shelter: Shelter) -> dict[str, str]:
    """Links that open a map program, and a map in the browser."""
    if shelter.longitude is None or shelter.latitude is None:
        name = quote(f"{shelter.name} {shelter.address}")
        return {"geo": f"geo:0,0?q={name}", "map": page.MAP + name}
    at, name = f"{shelter.latitude:.6f},{shelter.longitude:.6f}", quote(shelter.name)
    west = f"{shelter.longitude:.6f},{shelter.latitude:.6f}"
    return {"geo": f"geo:{at}?q={at}({name})", "map": f"{MAP}{west}&name={name}&coordinate=wgs84"}


@lru_cache(maxsize=20_000)
def qr(code: Code) -> str:
    """Leads a keeper's camera to the household at their shelter; to anybody else it says nothing but the code."""
    made = segno.make(f"{settings.PUBLIC_URL}/shelters/desk/c/{code.whole}/", error="m", micro=False)
    out = io.BytesIO()
    made.save(out, kind="svg", xmldecl=False, svgns=False, scale=5, border=2, light="#fff", omitsize=False)
    return out.getvalue().decode().strip()


def hear(event: int, person: int, act: str, nonce: str) -> None:
    """They say that they are with relatives or in a hotel; or take back what they said."""
    incident = incident_of(event)
    if incident is None or act not in (*ACTS, "undo"):
        return
    first = AlertEvent.objects.select_related("alert").get(pk=incident)
    key = uuid5(NAMESPACE_URL, f"resident:{event}:{person}:{act}:{nonce}")
    stays = Stay.objects.filter(incident=first, person=person)
    if act == "undo":
        stays = stays.filter(state=Stay.State.ELSEWHERE, where__in=ACTS.values())
        said = [stay.pk for stay in stays if (last := stay.moves.filter(stands=True).last()) and last.by_id is None]
        moves.back(first, said, key=key)
    else:
        moves.elsewhere(None, first, list(stays.values_list("pk", flat=True)), where=ACTS[act], key=key, receipts=False)
