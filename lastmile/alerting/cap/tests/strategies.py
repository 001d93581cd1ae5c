"""Messages of every shape the model can hold."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from lastmile.alerting.cap.model import KINDS, Alert, Extra, Mark
from lastmile.alerting.cap.names import BLOCKS, NAMESPACE, SLOTS, XSI, Slot

# what XML can hold; a carriage return comes back as a line feed unless it is written as a reference, which lxml does
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
    .filter(lambda char: char >= " " or char in "\t\n"),
    max_size=30,
)  # fmt: skip
MOMENTS = st.builds(
    lambda minutes, offset: (
        datetime(2021, 7, 20, tzinfo=timezone(timedelta(minutes=offset))) + timedelta(minutes=minutes)
    ).isoformat(timespec="seconds"),
    st.integers(-(10**6), 10**6),
    st.integers(-14 * 60, 14 * 60),
)
DAY = "2021-07-20"
RIGHT: dict[str, Any] = {
    "text": TEXT,
    "time": MOMENTS,
    "language": st.sampled_from(["zh-CN", "en-US", "", "x-klingon", " fr-CA "]),
    "uri": st.sampled_from(["http://a.cn/x?y=1#z", "urn:a:b", "", "../b"]),
    "integer": st.integers().map(str),
    "decimal": st.sampled_from(["0", "-1.50", "+3.", ".5"]),
}
WRONG: dict[str, Any] = {
    "time": st.sampled_from(["", f"{DAY}T09:08:00Z", f"{DAY}T09:08:00,08:00", "24", "2021-13-01T00:00:00+08:00"]),
    "language": st.sampled_from(["-", "zh_CN", "abcdefghijk"]),
    "integer": st.sampled_from(["", "1.0", "1e3", "٣"]),
    "decimal": st.sampled_from(["", ".", "1e3", "NaN"]),
}  # fmt: skip
SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'


def alerts(*, wrong: bool = False, foreign: bool = False) -> st.SearchStrategy[Alert]:
    """With `wrong`, values and numbers of elements may break the schema; with `foreign`, there are unknown elements."""
    return block("alert", wrong=wrong, foreign=foreign)


def block(kind: str, *, wrong: bool, foreign: bool) -> st.SearchStrategy[Any]:
    parts = {slot.name: _part(slot, wrong, foreign) for slot in SLOTS[kind]}
    if foreign:
        parts["extras"] = st.lists(
            st.builds(Extra, xml=st.sampled_from(['<x xmlns="urn:x">y</x>', "<!--c-->", "<?p i?>"]), at=st.just(0)),
            max_size=1,
        ).map(tuple)
        parts["marks"] = st.sampled_from(
            [(), (Mark("", 0, (("a", "b"),)),), (Mark("", 0, ((f"{{{XSI}}}type", "t"),)),)]
        )
    if kind == "alert":
        parts["namespaces"] = st.sampled_from(
            [(("", NAMESPACE),), (("cap", NAMESPACE),), (("", NAMESPACE), ("q", "urn:q"))]
        )
        if not foreign:
            parts["extras"] = st.sampled_from([(), (Extra(SIGNATURE, 10**6),)])
    return st.builds(KINDS[kind], **parts)


def _part(slot: Slot, wrong: bool, foreign: bool) -> st.SearchStrategy[Any]:
    one = _value(slot, wrong, foreign)
    if slot.many:
        return st.lists(one, min_size=0 if wrong else slot.least, max_size=1 if slot.kind in BLOCKS else 2).map(tuple)
    return one if slot.least and not wrong else st.none() | one


def _value(slot: Slot, wrong: bool, foreign: bool) -> st.SearchStrategy[Any]:
    if slot.kind in BLOCKS:
        return block(slot.kind, wrong=wrong, foreign=foreign)
    if slot.choices:
        right: st.SearchStrategy[Any] = st.sampled_from(slot.choices)
        return st.one_of(right, st.sampled_from(["", "very likely", "Actual "])) if wrong else right
    both = wrong and slot.kind in WRONG
    return st.one_of(RIGHT[slot.kind], WRONG[slot.kind]) if both else st.one_of(RIGHT[slot.kind])
