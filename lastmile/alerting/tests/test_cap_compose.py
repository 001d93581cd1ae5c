"""CAP 1.2 out of a frozen event: valid by the OASIS schema, in its order, without a single query."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lastmile.alerting.cap.compose import NAMESPACE, compose, geocodes
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models.frozen import Frozen, FrozenText
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock

START = datetime(2021, 7, 20, 9, 8, tzinfo=clock.BEIJING)


def text(draw: Any) -> FrozenText:
    words = st.text(max_size=60)
    parts = ("headline", "description", "instruction", "shelter", "contact", "sms", "voice", "subject")
    return cast("FrozenText", {part: draw(words) for part in parts})


@st.composite
def frozen_events(draw: Any) -> Frozen:
    kind = draw(st.sampled_from(["alert", "update", "lift", "cancel"]))
    starts = START + timedelta(minutes=draw(st.integers(-600, 6000)))
    position = st.tuples(st.floats(73, 135), st.floats(4, 53)).map(list)
    ring = st.lists(position, min_size=3, max_size=8)
    circle = st.tuples(st.floats(73, 135), st.floats(4, 53), st.floats(0.05, 500)).map(list)
    texts = {"zh": text(draw)} | ({"en": text(draw)} if draw(st.booleans()) else {})
    return Frozen(
        identifier=f"41018200000000_20210720090800_{draw(st.integers(1, 9))}",
        sender=draw(st.sampled_from(["alerts@example.cn", "Xingyang Station, county"])),
        sent=START.isoformat(timespec="seconds"),
        status=draw(st.sampled_from(["Actual", "Exercise"])),
        msg_type={"alert": "Alert", "update": "Update"}.get(kind, "Cancel"),
        references=[] if kind == "alert" else ["a@b,1,2021-07-20T08:00:00+08:00"],
        follows=[],
        kind=kind,
        reason=draw(st.text(max_size=30)),
        urgent=draw(st.booleans()),
        hazard=draw(st.sampled_from(Hazard.values)),
        event_code=draw(st.sampled_from(["", "11B03"])),
        colour=draw(st.sampled_from(Colour.values)),
        issuers=draw(st.lists(st.text(min_size=1, max_size=10), max_size=2)),
        starts=starts.isoformat(timespec="seconds"),
        ends=(starts + timedelta(hours=6)).isoformat(timespec="seconds"),
        place="410182",
        place_name="荥阳市",
        area={
            "description": draw(st.text(max_size=20)),
            "geocodes": draw(st.lists(st.sampled_from(["4101", "410182", "410182109211001"]), max_size=3)),
            "polygons": draw(st.lists(ring.map(lambda r: [r]), max_size=2)),
            "circles": draw(st.lists(circle, max_size=2)),
        },
        audience={"places": [], "polygons": [], "circles": [], "groups": []},
        channels=["sms"],
        texts=texts,
        notes={},
    )


@pytest.fixture(scope="session")
def schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared / "cap" / "schema" / "CAP-v1.2.xsd"))


@pytest.mark.shared
@given(frozen=frozen_events())
@settings(max_examples=150, deadline=None)
def test_every_frozen_event_makes_a_valid_message(schema: etree.XMLSchema, frozen: Frozen) -> None:
    message = etree.fromstring(compose(frozen))
    assert schema.validate(message), schema.error_log.last_error


@pytest.mark.shared
def test_an_issued_warning_makes_a_valid_message_without_a_query(
    desk: Desk, schema: etree.XMLSchema, django_assert_num_queries: Any
) -> None:
    english = {"headline": "Leave the gully", "description": "Heavy rain.", "instruction": "Go to high ground now."}
    event = desk.issued(english=english)
    with django_assert_num_queries(0):
        message = etree.fromstring(compose(event.frozen))
    assert schema.validate(message), schema.error_log.last_error
    assert message.xpath("//c:language/text()", namespaces={"c": NAMESPACE}) == ["zh-CN", "en-US"]
    assert message.xpath("//c:geocode/c:value/text()", namespaces={"c": NAMESPACE}) == [VILLAGE, VILLAGE]
    assert message.xpath("//c:severity/text()", namespaces={"c": NAMESPACE}) == ["Extreme", "Extreme"]


def test_the_all_clear_names_every_message_before_it(desk: Desk) -> None:
    first = desk.issued()
    second = desk.follow(first, "update", shelter="别处")
    message = etree.fromstring(compose(desk.follow(second, "lift").frozen))
    names = {"c": NAMESPACE}
    references = message.xpath("string(c:references)", namespaces=names).split()
    assert [one.split(",")[1] for one in references] == [first.identifier, second.identifier]
    assert message.xpath("string(c:msgType)", namespaces=names) == "Cancel"
    assert message.xpath("string(//c:responseType)", namespaces=names) == "AllClear"
    assert message.xpath("string(//c:urgency)", namespaces=names) == "Past"


def test_an_exercise_is_one_for_every_reader_of_the_feed(desk: Desk) -> None:
    event = desk.issued(exercise=True, headline="暴雨红色预警")
    message = etree.fromstring(compose(event.frozen))
    assert message.xpath("string(c:status)", namespaces={"c": NAMESPACE}) == "Exercise"
    assert message.xpath("string(//c:headline)", namespaces={"c": NAMESPACE}).startswith("【演练】")


def test_geocodes_have_twelve_digits_once_each() -> None:
    assert geocodes(["4101", "410182109211001", "410182109211002"]) == ["410100000000", "410182109211"]
