"""Written and read again, a message is what it was; and our rules say of it what the schema of OASIS says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from lastmile.alerting.cap import rules
from lastmile.alerting.cap.findings import NotValid, valid
from lastmile.alerting.cap.losses import canonical, compare
from lastmile.alerting.cap.mend import mend
from lastmile.alerting.cap.model import Alert, Extra
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.tests.samples import INFO, codes, reading, xml
from lastmile.alerting.cap.tests.strategies import alerts
from lastmile.alerting.cap.write import element, emit, write

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared / "cap" / "schema" / "CAP-v1.2.xsd"))


@given(alert=alerts(wrong=True))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_the_model_comes_back_as_it_was(alert: Alert) -> None:
    again = read(emit(alert)).alert
    assert replace(again, extras=(), namespaces=()) == replace(alert, extras=(), namespaces=())
    assert len(again.signatures) == len(alert.signatures)


@given(alert=alerts(wrong=True, foreign=True))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_nothing_is_lost_whatever_stands_in_it(alert: Alert) -> None:
    sent = element(alert)
    again = element(read(emit(alert)).alert)
    assert canonical(sent) == canonical(again)
    assert compare(sent, again) == []


@pytest.mark.shared
@given(alert=alerts())
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_what_it_writes_is_valid_by_the_schema_of_oasis(schema: etree.XMLSchema, alert: Alert) -> None:
    message = etree.fromstring(write(alert, rules_too=False))
    assert schema.validate(message), schema.error_log.last_error


@pytest.mark.shared
@given(alert=alerts(wrong=True))
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
def test_our_rules_and_the_schema_agree(schema: etree.XMLSchema, alert: Alert) -> None:
    ours = [finding for finding in rules.check(alert, sending=True) if finding.level == "invalid"]
    theirs = schema.validate(element(alert))
    assert valid(ours) == theirs, (ours, schema.error_log.last_error)


def test_what_is_not_valid_is_not_sent_and_every_reason_is_given() -> None:
    bad = reading(xml(sent="2021-07-20T09:08:00Z", info=INFO.replace("Extreme", "Red"))).alert
    with pytest.raises(NotValid) as refused:
        write(replace(bad, extras=(Extra('<x xmlns="urn:x"/>', 0),)))
    assert codes(refused.value.findings) == {"time_z", "choice", "foreign"}


def test_order_is_put_right_and_told() -> None:
    message = reading(
        xml(extra="<code>x</code>")
        .replace("<status>Actual</status>", "")
        .replace("</scope>", "</scope><status>Actual</status>")
    )
    again = element(message.alert)
    assert "order" in codes(message.findings)
    assert codes(compare(message.element, again)) == {"moved"}
    assert read(emit(message.alert)).findings == []


def test_a_comment_inside_a_value_is_the_loss_it_is_said_to_be() -> None:
    message = reading(xml(info=INFO.replace("暴雨红色", "暴雨<!-- c -->红色")))
    assert "comment_inside" in codes(message.findings)
    assert message.alert.info[0].headline == "暴雨红色预警"
    assert "lost" in codes(compare(message.element, element(message.alert)))


def test_mending_tells_each_change_and_makes_it_valid() -> None:
    area = "<polygon>34,113 34,114 35,114 35,113</polygon><polygon/>"
    info = INFO.replace("Likely", "Very Likely").replace("Immediate", "immediate ")
    mended, changes = mend(reading(xml(sent="2021-07-20T01:08:00Z", info=info, area=area)).alert)
    assert codes(changes) == {"mended_time", "mended_choice", "mended_polygon", "mended_empty"}
    assert mended.sent == "2021-07-20T01:08:00-00:00"
    assert read(write(mended)).findings == []


def test_mending_leaves_alone_what_can_not_be_known() -> None:
    mended, changes = mend(reading(xml(sent="2021-07-20T09:08:00,08:00")).alert)
    assert (mended.sent, changes) == ("2021-07-20T09:08:00,08:00", [])
