"""From bytes of any form to messages: what the form is, is found in the bytes, not believed from a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from lxml import etree

from lastmile.alerting.cap import signature, values
from lastmile.alerting.cap.feeds import Feed, Item, read_feed
from lastmile.alerting.cap.findings import Finding, Refused
from lastmile.alerting.cap.intake import open_xml
from lastmile.alerting.cap.model import Alert
from lastmile.alerting.cap.read import Reading, read_all
from lastmile.alerting.sources import national

JSON: Final = (b"{", b"[")
UNSIGNED: Final = signature.Verdict(signature.State.UNSIGNED)


@dataclass(frozen=True)
class Message:
    """One message: its own bytes, what they say, what there is to say about them, and what the signature is worth."""

    raw: bytes
    form: str  # cap, json, xml
    alert: Alert
    findings: tuple[Finding, ...]
    verdict: signature.Verdict = UNSIGNED


@dataclass(frozen=True)
class Found:
    """What lies at an address: messages, and entries that lead to further ones."""

    form: str
    messages: tuple[Message, ...] = ()
    items: tuple[Item, ...] = ()


def read_address(data: bytes, anchors: Sequence[x509.Certificate]) -> Found:
    """A feed of any kind, a message, or several. Raises Refused when it is nothing of all that."""
    if data.lstrip().removeprefix(b"\xef\xbb\xbf").lstrip().startswith(JSON):
        found = national.in_json(data.lstrip().removeprefix(b"\xef\xbb\xbf"))
        return Found("json", tuple(Message(raw, "json", alert, tuple(said)) for alert, raw, said in found))
    root = open_xml(data).root
    if national.is_national(root):
        alert, said = national.in_xml(root)
        return Found("xml", (Message(data, "xml", alert, tuple(said)),))
    feed = read_feed(data)
    if feed.kind == "cap":
        return Found("cap", tuple(_message(one, data, anchors) for one in read_all(data)))
    return Found(feed.kind, _inside(feed, anchors), tuple(item for item in feed.items if not item.messages))


def _inside(feed: Feed, anchors: Sequence[x509.Certificate]) -> tuple[Message, ...]:
    return tuple(_message(one, b"", anchors) for item in feed.items for one in item.messages)


def read_messages(data: bytes, anchors: Sequence[x509.Certificate]) -> list[Message]:
    """For what was pushed, uploaded or pasted: the messages themselves. Raises Refused when there are none."""
    found = read_address(data, anchors)
    if not found.messages:
        raise Refused("no_messages")
    return list(found.messages)


def _message(reading: Reading, whole: bytes, anchors: Sequence[x509.Certificate]) -> Message:
    """A message that stands alone is kept as the bytes that came; one out of a wrapper as its own element."""
    alone = reading.element.getparent() is None and whole
    raw = whole if alone else etree.tostring(reading.element, encoding="UTF-8", xml_declaration=True, with_tail=False)
    verdict = signature.verify(reading.element, anchors, values.moment(reading.alert.sent))
    return Message(bytes(raw), "cap", reading.alert, tuple(reading.findings), verdict)
