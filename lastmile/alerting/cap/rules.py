"""Whether a message holds to CAP 1.2: the schema's constraints, from our own tables, and what the standard says beside.

What only the XML shows (order, unknown elements, encoding) is found by the reader.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from lastmile.alerting.cap import rules_area, rules_resource, values
from lastmile.alerting.cap.findings import Finding, short
from lastmile.alerting.cap.model import Alert, Block, Info, Pair
from lastmile.alerting.cap.names import BLOCKS, DEFAULT_LANGUAGE, DSIG, SLOTS, VERY_LIKELY, XSI, Slot

UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
INTEGER: Final = re.compile(r"[-+]?[0-9]+")
DECIMAL: Final = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
KEY: Final = re.compile(r"[\s,<&]")
MUST_SAY: Final = ("identifier", "sender", "event", "areaDesc", "valueName", "resourceDesc", "mimeType")
ANSWERS: Final = ("Update", "Cancel", "Ack", "Error")  # about other messages


def check(alert: Alert, *, sending: bool = False) -> list[Finding]:
    """Everything to say about the message, outermost first. `sending` asks as well that nothing foreign is in it."""
    found = list(_block(alert, "alert", ""))
    found += _alert(alert)
    for number, info in enumerate(alert.info, 1):
        found += _info(info, f"info[{number}]")
    return found + (list(_foreign(alert, "alert", "")) if sending else [])


# ---- the schema ----------------------------------------------------------------------------------------------------


def _block(block: Block, kind: str, where: str) -> Iterator[Finding]:
    for slot in SLOTS[kind]:
        found = getattr(block, slot.name)
        many = list(found) if slot.many else [] if found is None else [found]
        if len(many) < slot.least:
            yield Finding("missing", where, {"name": slot.name})
        for index, value in enumerate(many, 1):
            path = "/".join(filter(None, (where, f"{slot.name}[{index}]" if slot.many else slot.name)))
            yield from _block(value, slot.kind, path) if slot.kind in BLOCKS else _value(value, slot, path)
    if isinstance(block, Pair) and not ((block.valueName or "").strip() and (block.value or "").strip()):
        yield Finding("pair_blank", where, {"name": where.rpartition("/")[2]})


def _value(value: str, slot: Slot, where: str) -> Iterator[Finding]:
    facts: dict[str, Any] = {"name": slot.name, "value": short(value)}
    if UNFIT.search(value):
        yield Finding("unfit", where, facts)
    if slot.choices and value not in slot.choices:
        code = "very_likely" if value == VERY_LIKELY and slot.name == "certainty" else "choice"
        yield Finding(code, where, facts | {"choices": ", ".join(slot.choices)})
    yield from TYPES.get(slot.kind, _anything)(value.strip(values.BLANK), where, facts)
    if slot.name in MUST_SAY and not value.strip():
        yield Finding("blank", where, facts)
    elif value != value.strip(values.BLANK) and not slot.choices and len(value) < 20_000:
        yield Finding("blanks", where, facts)


def _anything(value: str, where: str, facts: dict[str, Any]) -> Iterator[Finding]:
    yield from ()


def _time(value: str, where: str, facts: dict[str, Any]) -> Iterator[Finding]:
    if values.is_time(value):
        return
    read, found = values.moment(value), values.TIME.fullmatch(value)
    if found and found["sign"] == ",":
        yield Finding("time_comma", where, facts)
    elif found and found[8] is None:
        yield Finding("time_offset", where, facts)
    elif read is None:
        yield Finding("time_none", where, facts)
    elif found and found[8] in "Zz":
        yield Finding("time_z", where, facts)
    else:
        yield Finding("time_form", where, facts | {"read": values.stamp(read)})


def _formed(value: str, where: str, facts: dict[str, Any], *, form: re.Pattern[str], code: str) -> Iterator[Finding]:
    if not form.fullmatch(value) and not (code == "language_form" and not value):  # empty: the default, by the schema
        yield Finding(code, where, facts)


def _uri(value: str, where: str, facts: dict[str, Any]) -> Iterator[Finding]:
    try:
        urlsplit(value)
        wrong = re.search(r"%(?![0-9A-Fa-f]{2})|[\[\]\\^`{|}<>\"]|#.*#|\s", value)
    except ValueError:
        wrong = re.match("", "")
    if wrong:
        yield Finding("uri_form", where, facts)


Type = Callable[[str, str, dict[str, Any]], Iterator[Finding]]
TYPES: Final[dict[str, Type]] = {
    "time": _time,
    "uri": _uri,
    "language": partial(_formed, form=LANGUAGE, code="language_form"),
    "integer": partial(_formed, form=INTEGER, code="integer_form"),
    "decimal": partial(_formed, form=DECIMAL, code="decimal_form"),
}


def _foreign(block: Block, kind: str, where: str) -> Iterator[Finding]:
    """What the schema has no place for: all attributes, and every element but signatures."""
    for extra in block.extras:
        if not extra.xml.startswith(("<!--", "<?")) and not (kind == "alert" and DSIG in extra.xml):
            yield Finding("foreign", where, {"name": short(extra.xml)})
    names = [name for mark in block.marks for name, _text in mark.attributes]
    yield from (Finding("attribute", where, {"name": name}) for name in names if not name.startswith(f"{{{XSI}}}"))
    for slot in SLOTS[kind]:
        if slot.kind in BLOCKS:
            for number, one in enumerate(getattr(block, slot.name), 1):
                yield from _foreign(one, slot.kind, f"{where}/{slot.name}[{number}]".lstrip("/"))


# ---- the text of the standard ----------------------------------------------------------------------------------------


def _alert(alert: Alert) -> Iterator[Finding]:
    for name in ("identifier", "sender"):
        value = getattr(alert, name) or ""
        if value and KEY.search(value.strip(values.BLANK)):
            yield Finding("key_characters", name, {"name": name, "value": short(value)})
    yield from _scope(alert)
    yield from _references(alert)
    if alert.msgType in ("Cancel", "Error") and not (alert.note or "").strip():
        yield Finding("note_missing", "", {"type": alert.msgType})
    if alert.msgType in ("Alert", "Update") and not alert.info:
        yield Finding("no_info", "", {"type": alert.msgType})
    yield from _noted(alert)


def _noted(alert: Alert) -> Iterator[Finding]:
    if alert.status in ("Exercise", "System", "Test", "Draft"):
        yield Finding("not_actual", "status", {"status": alert.status})
    languages = Counter((info.language or DEFAULT_LANGUAGE).lower() for info in alert.info)
    for language, n in languages.items():
        if n > 1:
            yield Finding("language_twice", "", {"language": language, "n": n})
    if alert.signatures:
        yield Finding("signed", "", {"n": len(alert.signatures)})


def _scope(alert: Alert) -> Iterator[Finding]:
    restriction = (alert.restriction or "").strip()
    if alert.scope == "Private" and not values.words(alert.addresses or ""):
        yield Finding("addresses_missing")
    if alert.scope == "Restricted" and not restriction:
        yield Finding("restriction_missing")
    if alert.scope in ("Public", "Private") and restriction:
        yield Finding("restriction_idle", "restriction", {"scope": alert.scope})
    if alert.scope in ("Restricted", "Private"):
        yield Finding("not_public", "scope", {"scope": alert.scope})


def _references(alert: Alert) -> Iterator[Finding]:
    text = alert.references or ""
    if alert.msgType in ANSWERS and not text.strip():
        yield Finding("references_missing", "", {"type": alert.msgType})
    if alert.msgType == "Alert" and text.strip():
        yield Finding("references_idle", "references")
    for word, reference in zip(text.split(), values.references(text), strict=True):
        facts = {"value": short(word, 120)}
        if reference is None:
            yield Finding("references_form", "references", facts)
        elif values.moment(reference.sent) is None:
            yield Finding("references_time", "references", facts)
        elif (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
            yield Finding("references_self", "references", facts)


def _info(info: Info, where: str) -> Iterator[Finding]:
    expires = values.moment(info.expires)
    if not (info.expires or "").strip():
        yield Finding("expires_missing", where)
    begins = values.moment(info.onset) or values.moment(info.effective)
    if expires and begins and expires < begins:
        yield Finding("expires_early", f"{where}/expires", {"expires": info.expires, "begins": begins.isoformat()})
    if not info.area:
        yield Finding("no_area", where)
    for number, resource in enumerate(info.resource, 1):
        yield from rules_resource.check(resource, f"{where}/resource[{number}]")
    for number, area in enumerate(info.area, 1):
        yield from rules_area.check(area, f"{where}/area[{number}]")
