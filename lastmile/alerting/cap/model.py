"""A CAP message as it stands: every value is the text that was sent, so nothing is lost by reading it.

Names are CAP's own. `None` says that an element is absent, "" that it stands there empty. What a time, a polygon or
a reference means is asked of `values`; whether it is right, of `rules`. What CAP has no place for is kept in `extras`
and `marks`, and is written where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Extra:
    """A signature, an unknown element, a comment: its XML, and after how many of the parent's elements it stood."""

    xml: str
    at: int


@dataclass(frozen=True)
class Mark:
    """Attributes, which CAP doesn't have: of the block itself (name ""), or of its nth element of this name."""

    name: str
    index: int
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    extras: tuple[Extra, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pair(Block):
    """`valueName` is the domain of `value`: a code list, or what the sender calls it."""

    valueName: str | None = None
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resource(Block):
    resourceDesc: str | None = None
    mimeType: str | None = None
    size: str | None = None
    uri: str | None = None
    derefUri: str | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Area(Block):
    areaDesc: str | None = None
    polygon: tuple[str, ...] = ()
    circle: tuple[str, ...] = ()
    geocode: tuple[Pair, ...] = ()
    altitude: str | None = None
    ceiling: str | None = None


@dataclass(frozen=True, kw_only=True)
class Info(Block):
    language: str | None = None
    category: tuple[str, ...] = ()
    event: str | None = None
    responseType: tuple[str, ...] = ()
    urgency: str | None = None
    severity: str | None = None
    certainty: str | None = None
    audience: str | None = None
    eventCode: tuple[Pair, ...] = ()
    effective: str | None = None
    onset: str | None = None
    expires: str | None = None
    senderName: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameter: tuple[Pair, ...] = ()
    resource: tuple[Resource, ...] = ()
    area: tuple[Area, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alert(Block):
    """`namespaces` are the prefixes the sender declared, ("", uri) being the default one."""

    identifier: str | None = None
    sender: str | None = None
    sent: str | None = None
    status: str | None = None
    msgType: str | None = None
    source: str | None = None
    scope: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    code: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    incidents: str | None = None
    info: tuple[Info, ...] = ()
    namespaces: tuple[tuple[str, str], ...] = field(default=())

    @property
    def signatures(self) -> tuple[str, ...]:
        """The XML of the signatures under the message."""
        return tuple(extra.xml for extra in self.extras if "http://www.w3.org/2000/09/xmldsig#" in extra.xml)


KINDS: dict[str, type[Block]] = {"alert": Alert, "info": Info, "resource": Resource, "area": Area, "pair": Pair}
