"""What a message or a feed is worth before anybody relies on it: `lastmile cap check` for pages and programs.

Nothing is kept. What is no CAP but a national form that we take is told as such, not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from lastmile.alerting.cap import places, report
from lastmile.alerting.cap.feeds import Item, read_feed
from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.model import Alert
from lastmile.alerting.cap.read import Reading, read_all
from lastmile.alerting.cap.write import emit
from lastmile.alerting.sources.reading import Message, read_address
from lastmile.kernel import limits
from lastmile.kernel.permissions import Actor

MOST_MESSAGES: Final = 20  # told in full; a feed may hold thousands
MOST_FINDINGS: Final = 100
LONGEST_AGAIN: Final = 500_000  # characters of a message written again that a page hands back
PER_MINUTE: Final = 30
NATIONAL: Final = ("json", "xml")


@dataclass(frozen=True)
class Checked:
    """`kind`: cap, atom, rss, edxl-de, json, xml, or "" for what is refused. `messages` are plain, as report has them,

    each with `again`, the message as we would write it; "" where that is too long to hand back. `more` weren't told.
    """

    kind: str = ""
    title: str = ""
    valid: bool = False
    findings: list[report.Plain] = field(default_factory=list)
    messages: list[report.Plain] = field(default_factory=list)
    links: list[Item] = field(default_factory=list)  # entries that lead to a message elsewhere
    more: int = 0


def check(actor: Actor, data: bytes, believed: Sequence[x509.Certificate]) -> Checked:
    """Raises TooOften. Whatever the bytes are, there is something to say about them."""
    limits.take(f"cap-check:{actor.pk}", PER_MINUTE)
    try:
        return _checked(data, believed)
    except Refused as refused:
        return Checked(findings=[refused.finding.plain()])


def again(actor: Actor, data: bytes) -> bytes:
    """The first message of the bytes as we write it. Raises Refused, TooOften."""
    limits.take(f"cap-check:{actor.pk}", PER_MINUTE)
    return emit(read_all(data)[0].alert)


def _checked(data: bytes, believed: Sequence[x509.Certificate]) -> Checked:
    found = read_address(data, believed)
    if found.form in NATIONAL:
        told = [_national(one) for one in found.messages[:MOST_MESSAGES]]
        return Checked(found.form, messages=told, more=len(found.messages) - len(told))
    if found.form == "cap":
        return _messages("cap", "", True, [], read_all(data), believed)
    feed = read_feed(data)
    inside = [reading for item in feed.items for reading in item.messages]
    links = [item for item in feed.items if not item.messages]
    said = [finding.plain() for finding in feed.findings[:MOST_FINDINGS]]
    return _messages(feed.kind, feed.title or feed.id, feed.valid, said, inside, believed, links)


def _messages(
    kind: str,
    title: str,
    valid: bool,
    findings: list[report.Plain],
    readings: list[Reading],
    believed: Sequence[x509.Certificate],
    links: Sequence[Item] = (),
) -> Checked:
    told = [_told(one, believed) for one in readings[:MOST_MESSAGES]]
    valid = valid and all(one.conforms for one in readings)
    return Checked(kind, title, valid, findings, told, list(links)[:MOST_MESSAGES], len(readings) - len(told))


def _told(reading: Reading, believed: Sequence[x509.Certificate]) -> report.Plain:
    return _cut(report.of_reading(reading, "", believed=believed)) | _headed(reading.alert)


def _national(message: Message) -> report.Plain:
    """What we would make of it; it is no CAP, so there is no version and nothing to compare."""
    signed = {"state": message.verdict.state, "signer": "", "weak": False, "why": ""}
    said: report.Plain = {"version": "", "identifier": message.alert.identifier, "valid": False, "conforms": False}
    said |= {"signature": signed, "places": places.matched(message.alert), "rewriting": []}
    said |= {"findings": [finding.plain() for finding in message.findings]}
    return _cut(said) | _headed(message.alert)


def _headed(alert: Alert) -> report.Plain:
    """By what a person knows it, and how we would write it."""
    info, written = alert.info[0] if alert.info else None, emit(alert).decode()
    title = (info.headline or info.event or "") if info else ""
    shown = {"title": title[:200], "sender": (alert.sender or "")[:200], "sent": (alert.sent or "")[:60]}
    return shown | {"again": written if len(written) <= LONGEST_AGAIN else ""}


def _cut(said: report.Plain) -> report.Plain:
    return said | {name: said[name][:MOST_FINDINGS] for name in ("findings", "rewriting")}
