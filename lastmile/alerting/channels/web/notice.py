"""One published warning as plain data, and the two forms in which programs read them: JSON and an Atom feed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from lxml import etree

from lastmile.kernel.clock import BEIJING

ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
PUBLIC_TEXT = ("headline", "description", "instruction", "shelter", "contact")
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML can't hold


@dataclass(frozen=True)
class Notice:
    """`state` is in_force, updated, lifted, cancelled or expired; `kind` alert, update, lift or cancel."""

    code: str
    identifier: str
    state: str
    kind: str
    exercise: bool
    colour: int
    hazard: str
    issuers: Sequence[str]
    place: str
    place_name: str
    sent: datetime
    starts: datetime
    ends: datetime
    reason: str
    area: Mapping[str, Any]
    texts: Mapping[str, Mapping[str, str]]
    url: str
    cap_url: str

    def text(self, language: str) -> Mapping[str, str]:
        """The text in this language, or in Chinese where it was not written."""
        return self.texts.get(language) or self.texts["zh"]

    def summary(self, language: str) -> str:
        """What to do, then what happens."""
        text = self.text(language)
        return "\n".join(part for part in (text.get("instruction", ""), text.get("description", "")) if part)

    def concerns(self, place: str) -> bool:
        """Whether it speaks of this place, one below or one above; what is drawn may lie anywhere under its place."""
        return concerns(self.area, self.place, place)


def concerns(area: Mapping[str, Any], issued_at: str, place: str) -> bool:
    """Whether what was issued at one place for an area speaks of another place."""
    drawn = area.get("polygons") or area.get("circles")
    codes = [*area.get("geocodes", []), *([issued_at] if drawn else [])] or [issued_at]
    return any(code.startswith(place) or place.startswith(code) for code in codes)


def as_json(notices: Sequence[Notice]) -> bytes:
    """{"warnings": [...]}; the same bytes for the same warnings, so that a reader can ask by ETag."""
    return orjson.dumps({"warnings": [_plain(notice) for notice in notices]}, option=orjson.OPT_SORT_KEYS)


def _plain(notice: Notice) -> dict[str, Any]:
    return {
        **{name: getattr(notice, name) for name in ("code", "identifier", "state", "kind", "exercise", "colour")},
        **{name: getattr(notice, name) for name in ("hazard", "issuers", "place", "place_name", "reason", "area")},
        **{name: _stamp(getattr(notice, name)) for name in ("sent", "starts", "ends")},
        "texts": {
            language: {name: text.get(name, "") for name in PUBLIC_TEXT} for language, text in notice.texts.items()
        },
        "url": notice.url,
        "cap": notice.cap_url,
    }


@dataclass(frozen=True)
class FeedPage:
    """What a feed says of itself: `links` are (rel, address) of it and its neighbours; `empty` its time if empty."""

    title: str
    url: str
    html: str
    language: str  # zh or en
    links: Sequence[tuple[str, str]]
    empty: datetime

    @property
    def tag(self) -> str:
        return "en-US" if self.language == "en" else "zh-CN"


def as_atom(notices: Sequence[Notice], page: FeedPage) -> bytes:
    """The feed; its `updated` is the newest warning's moment, or `empty` when there is none."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", page.tag)
    newest = max((notice.sent for notice in notices), default=page.empty)
    for name, value in (("id", page.url), ("title", page.title), ("updated", _stamp(newest))):
        _add(feed, name, value)
    for rel, href in page.links:
        _link(feed, rel=rel, href=href, type="application/atom+xml")
    _link(feed, rel="alternate", href=page.html, type="text/html")
    for notice in notices:
        _entry(feed, notice, page.language)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="UTF-8"))


def _entry(feed: etree._Element, notice: Notice, language: str) -> None:
    entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", notice.cap_url)
    _add(entry, "title", notice.text(language)["headline"])
    _add(entry, "updated", _stamp(notice.sent))
    author = etree.SubElement(entry, f"{{{ATOM}}}author")
    _add(author, "name", "、".join(notice.issuers) or notice.place_name)
    _add(entry, "summary", notice.summary(language))
    _link(entry, rel="alternate", href=notice.url, type="text/html")
    _link(entry, rel="enclosure", href=notice.cap_url, type=CAP_TYPE)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = fit(text)


def fit(text: str) -> str:
    """Without what XML can't hold."""
    return _UNFIT.sub("", text)


def _link(parent: etree._Element, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}link", attributes)


def _stamp(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
