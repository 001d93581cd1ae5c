"""What writing a message again changes, found by comparing two trees and not by trusting the codec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from lastmile.alerting.cap.findings import Finding, short
from lastmile.alerting.cap.names import NAMESPACE, VERSIONS

Content = tuple[str, tuple[tuple[str, str], ...], str]  # name, attributes, text


def compare(before: etree._Element, after: etree._Element) -> list[Finding]:
    """Nothing, or what is lost, added and moved. The names of CAP's versions, layout and prefixes don't count."""
    old = etree.QName(before).namespace or ""
    return list(_blocks(before, after, old, ""))


def same_canonically(before: etree._Element, after: etree._Element) -> bool:
    """The same canonical XML, comments included, but for blanks between elements."""
    return canonical(before) == canonical(after)


def canonical(element: etree._Element) -> bytes:
    quiet = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    text = etree.tostring(element, with_tail=False)
    return bytes(etree.tostring(etree.fromstring(text, quiet), method="c14n", exclusive=True, with_comments=True))


def _blocks(before: etree._Element, after: etree._Element, old: str, where: str) -> Iterator[Finding]:
    one, other = list(before), list(after)
    names = [_content(child, old) for child in one]
    again = [_content(child, old) for child in other]
    lost, added = Counter(names) - Counter(again), Counter(again) - Counter(names)
    if not lost and not added:
        if names != again:
            moved = next(name for name, now in zip(names, again, strict=True) if name != now)
            yield Finding("moved", where, {"name": moved[0]})
        return
    yield from _deeper(one, other, lost, added, old, where)


def _deeper(
    one: list[etree._Element],
    other: list[etree._Element],
    lost: Counter[Content],
    added: Counter[Content],
    old: str,
    where: str,
) -> Iterator[Finding]:
    """Of blocks that differ, their parts; of values, the values themselves."""
    gone = [child for child in one if lost[_content(child, old)]]
    came = [child for child in other if added[_content(child, old)]]
    for child in gone:
        name = _name(child, old)
        partner = next((new for new in came if _name(new, old) == name and (len(new) or len(child))), None)
        if partner is not None and (len(partner) and len(child)):
            came.remove(partner)
            yield from _blocks(child, partner, old, f"{where}/{name}".lstrip("/"))
            continue
        if partner is not None and len(partner):  # CAP 1.0's way of pairs
            came.remove(partner)
        code = "rewritten" if partner is not None and len(partner) else "lost"
        yield Finding(code, where, {"name": name, "text": short(_content(child, old)[2])})
    for child in came:
        yield Finding("added", where, {"name": _name(child, old), "text": short(_content(child, old)[2])})


def _name(element: etree._Element, old: str) -> str:
    if not isinstance(element.tag, str):
        return "#"
    name = etree.QName(element)
    ours = name.namespace in (old, NAMESPACE, None) or name.namespace in VERSIONS
    return name.localname if ours else str(element.tag)


def _content(element: etree._Element, old: str) -> Content:
    """A child with all that is in it; blanks between elements don't count."""
    attributes = tuple(sorted((str(key), str(value)) for key, value in element.attrib.items()))
    if not isinstance(element.tag, str) or not len(element):
        return _name(element, old), attributes, element.text or ""
    parts = [(element.text or "").strip()]
    for child in element:
        parts += [repr(_content(child, old)), (child.tail or "").strip()]
    return _name(element, old), attributes, "".join(parts)
