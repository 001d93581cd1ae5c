"""Feeds of warnings: Atom, RSS 1.0 and 2.0, EDXL-DE, or a message that stands alone where a feed is looked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from lastmile.alerting.cap.findings import Finding, Refused, short, valid
from lastmile.alerting.cap.intake import open_xml
from lastmile.alerting.cap.names import MEDIA_TYPE
from lastmile.alerting.cap.read import Reading, messages_in, read_element

ATOM: Final = "http://www.w3.org/2005/Atom"
MOST_ITEMS: Final = 5_000
LINKS: Final = ("link", "enclosure")


@dataclass(frozen=True)
class Item:
    """One entry. `links` are (address, media type); `messages` those that stand inside it."""

    id: str
    title: str
    updated: str
    links: tuple[tuple[str, str], ...]
    messages: tuple[Reading, ...]

    @property
    def cap_link(self) -> str:
        """Where the message itself lies: the link that says so, else the first one."""
        return next((href for href, kind in self.links if kind == MEDIA_TYPE), self.links[0][0] if self.links else "")


@dataclass(frozen=True)
class Feed:
    """`kind` is atom, rss, edxl-de or cap."""

    kind: str
    id: str
    title: str
    updated: str
    items: tuple[Item, ...]
    findings: list[Finding] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """The feed itself, and every message inside it but for standing there."""
        return valid(self.findings) and all(one.valid for item in self.items for one in item.messages)


def read_feed(data: bytes) -> Feed:
    """Raises Refused when it is nothing of all that."""
    opened = open_xml(data)
    root = opened.root
    name = etree.QName(root).localname
    if name == "feed":
        feed = _feed("atom", root, root.findall("{*}entry"))
    elif name in ("rss", "RDF"):
        channel = next(iter(root.findall("{*}channel")), root)
        feed = _feed("rss", channel, [*channel.findall("{*}item"), *root.findall("{*}item")])
    elif name == "EDXLDistribution":
        feed = _edxl(root)
    elif messages_in(root):
        items = [_item("cap", element, read_element(element)) for element in messages_in(root)]
        feed = Feed("cap", "", "", "", tuple(items))
    else:
        raise Refused("no_feed", name=short(str(root.tag)))
    return Feed(feed.kind, feed.id, feed.title, feed.updated, feed.items, [*opened.findings, *feed.findings])


def _text(element: etree._Element, *names: str) -> str:
    for name in names:
        found = element.find(f"{{*}}{name}")
        if found is not None and (text := str(found.xpath("string()")).strip()):
            return text
    return ""


def _feed(kind: str, root: etree._Element, entries: list[etree._Element]) -> Feed:
    findings = []
    ident = _text(root, "id") if kind == "atom" else _text(root, "link")
    title, updated = _text(root, "title"), _text(root, "updated", "lastBuildDate", "pubDate")
    for name, value in (("id" if kind == "atom" else "link", ident), ("title", title)):
        if not value:
            findings.append(Finding("feed_without", "", {"name": name}))
    if kind == "atom" and not updated:
        findings.append(Finding("feed_without", "", {"name": "updated"}))
    if kind == "atom" and etree.QName(root).namespace != ATOM:
        findings.append(Finding("feed_namespace", "", {"namespace": etree.QName(root).namespace or ""}))
    items = [_entry(kind, entry, number, findings) for number, entry in enumerate(entries[:MOST_ITEMS], 1)]
    _overall(root, items, findings)
    return Feed(kind, ident, title, updated, tuple(items), findings)


def _overall(root: etree._Element, items: list[Item], findings: list[Finding]) -> None:
    for ident, n in Counter(item.id for item in items if item.id).items():
        if n > 1:
            findings.append(Finding("entry_twice", "", {"id": short(ident), "n": n}))
    inside = sum(len(item.messages) for item in items)
    if len(messages_in(root)) > inside:
        findings.append(Finding("message_outside", "", {"n": len(messages_in(root)) - inside}))
    if not items:
        findings.append(Finding("feed_empty"))


def _entry(kind: str, entry: etree._Element, number: int, findings: list[Finding]) -> Item:
    where = f"{'entry' if kind == 'atom' else 'item'}[{number}]"
    messages = tuple(read_element(element) for element in messages_in(entry))
    links = _links(entry)
    item = Item(
        id=_text(entry, "id") if kind == "atom" else _text(entry, "guid") or (links[0][0] if links else ""),
        title=_text(entry, "title"),
        updated=_text(entry, "updated", "pubDate", "date"),
        links=links,
        messages=messages,
    )
    wanted = [("id", item.id), ("title", item.title), ("updated", item.updated)]
    if kind == "rss":
        wanted = [("title", item.title or _text(entry, "description"))]
    findings += [Finding("entry_without", where, {"name": name}) for name, value in wanted if not value]
    if not links and not messages:
        findings.append(Finding("entry_nowhere", where))
    return item


def _links(entry: etree._Element) -> tuple[tuple[str, str], ...]:
    found = []
    for link in entry.iterchildren("{*}link", "{*}enclosure"):
        address = (link.get("href") or link.get("url") or link.text or "").strip()
        if address:
            found.append((address, (link.get("type") or "").strip()))
    return tuple(found)


def _edxl(root: etree._Element) -> Feed:
    findings = [
        Finding("feed_without", "", {"name": name})
        for name in ("distributionID", "senderID", "dateTimeSent", "distributionStatus", "distributionType")
        if not _text(root, name)
    ]
    items = [
        _item("edxl-de", content, *(read_element(element) for element in messages_in(content)))
        for content in root.findall("{*}contentObject")[:MOST_ITEMS]
    ]
    if not any(item.messages for item in items):
        findings.append(Finding("feed_empty"))
    ident = _text(root, "distributionID")
    return Feed("edxl-de", ident, _text(root, "senderID"), _text(root, "dateTimeSent"), tuple(items), findings)


def _item(kind: str, element: etree._Element, *messages: Reading) -> Item:
    first = messages[0].alert if messages else None
    title = next((info.headline or info.event or "" for info in first.info), "") if first else ""
    ident = (first.identifier or "") if first else ""
    described = _text(element, "contentDescription") if kind == "edxl-de" else ""
    return Item(ident, described or title, (first.sent or "") if first else "", (), tuple(messages))
