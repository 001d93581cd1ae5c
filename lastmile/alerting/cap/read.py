"""From XML to a message, kindly: everything is kept or spoken of, and nothing raises but `Refused`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, cast

from lxml import etree

from lastmile.alerting.cap import rules
from lastmile.alerting.cap.findings import Finding, Refused, conforms, short, valid
from lastmile.alerting.cap.intake import open_xml
from lastmile.alerting.cap.model import KINDS, Alert, Block, Extra, Mark, Pair
from lastmile.alerting.cap.names import BLOCKS, DSIG, SLOTS, VERSIONS, XSI, Slot

MOST_MESSAGES: Final = 1000  # of one file
OLD_PAIRS: Final = ("eventCode", "parameter", "geocode")


@dataclass(frozen=True)
class Reading:
    """One message and all there is to say about it. `element` is what was read, for signatures and comparison."""

    alert: Alert
    version: str
    findings: list[Finding]
    element: etree._Element = field(repr=False, compare=False)

    @property
    def valid(self) -> bool:
        """By the schema of CAP 1.2."""
        return valid(self.findings)

    @property
    def conforms(self) -> bool:
        """By the schema and by the text of the standard."""
        return conforms(self.findings)


def read(data: bytes) -> Reading:
    """The one message of a file; the first when there are several. Raises Refused."""
    return read_all(data)[0]


def read_all(data: bytes) -> list[Reading]:
    """Every message of a file: itself, or those wrapped in something else. Raises Refused when there is none."""
    opened = open_xml(data)
    found = messages_in(opened.root)
    if not found:
        raise Refused("no_alert", name=short(str(opened.root.tag)))
    return [read_element(element, opened.findings) for element in found[:MOST_MESSAGES]]


def messages_in(root: etree._Element) -> list[etree._Element]:
    """The outermost elements called alert, in whatever namespace."""
    if _local(root) == "alert":
        return [root]
    return [
        element
        for element in root.iter("{*}alert")
        if not any(_local(above) == "alert" for above in element.iterancestors())
    ]


def read_element(element: etree._Element, before: list[Finding] | None = None) -> Reading:
    """One message from its element; `before` is what was found about the bytes around it."""
    reader = _Reader(_namespace(element), list(before or []))
    version = VERSIONS.get(reader.namespace, "")
    if version != "1.2":
        code = "version" if version else "namespace"
        reader.say(code, "", version=version, namespace=reader.namespace)
    if (parent := element.getparent()) is not None and before is not None:
        reader.say("wrapper", "", name=str(parent.tag))
    alert = cast("Alert", reader.block(element, "alert", ""))
    return Reading(alert, version, [*reader.findings, *rules.check(alert)], element)


def _namespace(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


class _Reader:
    """Walks one message. `namespace` is the one its root stands in; other versions of CAP below it are taken too."""

    def __init__(self, namespace: str, findings: list[Finding]) -> None:
        self.namespace, self.findings = namespace, findings

    def say(self, code: str, where: str, **facts: Any) -> None:
        self.findings.append(Finding(code, where, facts))

    def block(self, element: etree._Element, kind: str, where: str) -> Block:
        """One block with all that stands in it, in the order of the tables."""
        slots = {slot.name: slot for slot in SLOTS[kind]}
        values: dict[str, list[Any]] = {}
        extras: list[Extra] = []
        marks = self._marks(element, "", 0, where)
        self._stray(element.text, where)
        order, last = {name: at for at, name in enumerate(slots)}, ""
        for child in element:
            self._stray(child.tail, where)
            name = self._known(child, slots)
            if name is None or (values.get(name) and not slots[name].many):
                extras.append(self._extra(child, kind, name, where, sum(map(len, values.values()))))
                continue
            if last and order[name] < order[last]:
                self.say("order", where, name=name, after=last)
            last = max(last or name, name, key=order.__getitem__)
            many = values.setdefault(name, [])
            marks += self._marks(child, name, len(many), where) if slots[name].kind not in BLOCKS else ()
            many.append(self._value(child, slots[name], _below(where, slots[name], len(many) + 1)))
        whole = {name: tuple(found) if slots[name].many else found[0] for name, found in values.items()}
        if kind == "alert":
            whole["namespaces"] = tuple((prefix or "", uri) for prefix, uri in element.nsmap.items())
        return KINDS[kind](extras=tuple(extras), marks=tuple(marks), **whole)

    def _known(self, child: etree._Element, slots: dict[str, Slot]) -> str | None:
        """The CAP name of a child, or None. A missing namespace below a right one is a slip, not another language."""
        if not isinstance(child.tag, str):
            return None
        name, namespace = _local(child), _namespace(child)
        ours = namespace == self.namespace or namespace in VERSIONS or not namespace
        if not ours or name not in slots:
            return None
        if namespace != self.namespace:
            self.say("other_namespace", "", name=str(child.tag))
        return name

    def _extra(self, child: etree._Element, kind: str, name: str | None, where: str, at: int) -> Extra:
        if isinstance(child.tag, str) and not (kind == "alert" and _namespace(child) == DSIG):
            self.say("repeated" if name else "foreign", where, name=name or str(child.tag))
        return Extra(etree.tostring(child, encoding="unicode", with_tail=False), at)

    def _value(self, child: etree._Element, slot: Slot, where: str) -> Any:
        if slot.kind == "pair" and slot.name in OLD_PAIRS and not len(child) and (child.text or "").strip():
            return self._old_pair(child, slot.name, where)
        if slot.kind in BLOCKS:
            return self.block(child, slot.kind, where)
        if not len(child):
            return child.text or ""
        inside = any(isinstance(one.tag, str) for one in child)
        self.say("markup" if inside else "comment_inside", where, name=slot.name)
        return str(child.xpath("string()"))

    def _old_pair(self, child: etree._Element, name: str, where: str) -> Pair:
        """CAP 1.0: <parameter>HSAS=ORANGE</parameter>."""
        text = (child.text or "").strip()
        label, sign, value = text.partition("=")
        self.say("old_pair", where, name=name, text=short(text))
        return Pair(valueName=label if sign else name, value=value if sign else text)

    def _marks(self, element: etree._Element, name: str, index: int, where: str) -> tuple[Mark, ...]:
        attributes = tuple((str(key), str(value)) for key, value in element.attrib.items())
        for key, _value in attributes:
            if etree.QName(key).namespace != XSI:
                self.say("attribute", where, name=key)
        return (Mark(name, index, attributes),) if attributes else ()

    def _stray(self, text: str | None, where: str) -> None:
        if text and text.strip():
            self.say("stray", where, text=short(text))


def _below(where: str, slot: Slot, number: int) -> str:
    step = f"{slot.name}[{number}]" if slot.many else slot.name
    return f"{where}/{step}" if where else step
