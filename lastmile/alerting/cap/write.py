"""From a message to XML: `emit` writes whatever is there, `write` only what holds to CAP 1.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from lastmile.alerting.cap import rules
from lastmile.alerting.cap.findings import NotValid
from lastmile.alerting.cap.model import Alert, Block, Extra
from lastmile.alerting.cap.names import BLOCKS, NAMESPACE, SLOTS, VERSIONS, Slot

QUIET: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def write(alert: Alert, *, rules_too: bool = True) -> bytes:
    """The message for others. Raises NotValid with every reason when it doesn't hold to the schema of CAP 1.2.

    So it does for what the standard asks beside the schema, unless `rules_too` is off.
    """
    levels = ("invalid", "rule") if rules_too else ("invalid",)
    broken = [finding for finding in rules.check(alert, sending=True) if finding.level in levels]
    if broken:
        raise NotValid(broken)
    return emit(alert, pretty=True)


def emit(alert: Alert, *, pretty: bool = False) -> bytes:
    """The message as UTF-8 with declaration, in the namespace of CAP 1.2, with all that was kept of it."""
    return bytes(etree.tostring(element(alert), xml_declaration=True, encoding="UTF-8", pretty_print=pretty))


def element(alert: Alert) -> etree._Element:
    """The message as a tree, with the prefixes its sender declared."""
    prefixes: dict[str | None, str] = {}
    for prefix, uri in alert.namespaces:
        # lxml takes the last prefix of a namespace: the older names of CAP become the one
        prefixes[prefix or None] = NAMESPACE if uri in VERSIONS else uri
    if NAMESPACE not in prefixes.values():
        prefixes[None] = NAMESPACE
    root = etree.Element(_tag("alert"), nsmap=prefixes)
    _fill(root, alert, "alert")
    return root


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _fill(parent: etree._Element, block: Block, kind: str) -> None:
    marks = {(mark.name, mark.index): mark.attributes for mark in block.marks}
    _mark(parent, marks.get(("", 0), ()))
    extras = sorted(block.extras, key=lambda extra: extra.at)
    written = 0
    for slot, index, value in _children(block, kind):
        extras = _extras(parent, extras, written)
        child = etree.SubElement(parent, _tag(slot.name))
        if slot.kind in BLOCKS:
            _fill(child, value, slot.kind)
        else:
            child.text = value or None
            _mark(child, marks.get((slot.name, index), ()))
        written += 1
    _extras(parent, extras, max(written, extras[-1].at if extras else 0))


def _children(block: Block, kind: str) -> Iterator[tuple[Slot, int, Any]]:
    """Everything that is there, in the order of the standard."""
    for slot in SLOTS[kind]:
        value = getattr(block, slot.name)
        if slot.many:
            yield from ((slot, index, one) for index, one in enumerate(value))
        elif value is not None:
            yield slot, 0, value


def _extras(parent: etree._Element, extras: list[Extra], written: int) -> list[Extra]:
    """Writes those whose turn it is; the rest comes back."""
    for at, extra in enumerate(extras):
        if extra.at > written:
            return extras[at:]
        parent.append(_node(extra.xml))
    return []


def _node(xml: str) -> etree._Element:
    if xml.startswith(("<!--", "<?")):
        return etree.fromstring(f"<x>{xml}</x>", QUIET)[0]
    return etree.fromstring(xml, QUIET)


def _mark(element: etree._Element, attributes: tuple[tuple[str, str], ...]) -> None:
    for name, value in attributes:
        element.set(name, value)
