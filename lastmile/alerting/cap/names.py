"""CAP 1.2 as tables: namespaces, enumerations, and every element in its order with how often it may stand.

Read off the standard; the reader, the writer and the rules all go by these tables, so an element is described once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE: Final = "application/cap+xml"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        NAMESPACE: "1.2",
        "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
        "http://www.incident.com/cap/1.0": "1.0",
    }
)

STATUS: Final = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPE: Final = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPE: Final = ("Public", "Restricted", "Private")
CATEGORY: Final = tuple("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other".split())
RESPONSE: Final = tuple("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None".split())
URGENCY: Final = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITY: Final = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTY: Final = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
VERY_LIKELY: Final = "Very Likely"  # CAP 1.0; to be treated as Likely
DEFAULT_LANGUAGE: Final = "en-US"


@dataclass(frozen=True)
class Slot:
    """One element of its parent. `kind` is the data type, or the name of the block that stands there."""

    name: str
    kind: str = "text"
    least: int = 0
    many: bool = False
    choices: tuple[str, ...] = ()


def _one(name: str, kind: str = "text", choices: tuple[str, ...] = ()) -> Slot:
    return Slot(name, kind, 1, False, choices)


def _many(name: str, kind: str = "text", least: int = 0, choices: tuple[str, ...] = ()) -> Slot:
    return Slot(name, kind, least, True, choices)


SLOTS: Final[Mapping[str, tuple[Slot, ...]]] = MappingProxyType(
    {
        "alert": (
            _one("identifier"),
            _one("sender"),
            _one("sent", "time"),
            _one("status", choices=STATUS),
            _one("msgType", choices=MSG_TYPE),
            Slot("source"),
            _one("scope", choices=SCOPE),
            Slot("restriction"),
            Slot("addresses"),
            _many("code"),
            Slot("note"),
            Slot("references"),
            Slot("incidents"),
            _many("info", "info"),
        ),
        "info": (
            Slot("language", "language"),
            _many("category", least=1, choices=CATEGORY),
            _one("event"),
            _many("responseType", choices=RESPONSE),
            _one("urgency", choices=URGENCY),
            _one("severity", choices=SEVERITY),
            _one("certainty", choices=CERTAINTY),
            Slot("audience"),
            _many("eventCode", "pair"),
            Slot("effective", "time"),
            Slot("onset", "time"),
            Slot("expires", "time"),
            Slot("senderName"),
            Slot("headline"),
            Slot("description"),
            Slot("instruction"),
            Slot("web", "uri"),
            Slot("contact"),
            _many("parameter", "pair"),
            _many("resource", "resource"),
            _many("area", "area"),
        ),
        "resource": (
            _one("resourceDesc"),
            _one("mimeType"),
            Slot("size", "integer"),
            Slot("uri", "uri"),
            Slot("derefUri"),
            Slot("digest"),
        ),
        "area": (
            _one("areaDesc"),
            _many("polygon"),
            _many("circle"),
            _many("geocode", "pair"),
            Slot("altitude", "decimal"),
            Slot("ceiling", "decimal"),
        ),
        "pair": (_one("valueName"), _one("value")),
    }
)
BLOCKS: Final = frozenset(SLOTS)
