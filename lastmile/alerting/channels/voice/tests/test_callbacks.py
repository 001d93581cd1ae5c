"""What a voice gateway reports, in our words and in another vendor's; the vendor's file itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.inbound import BadBody, BadSignature
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.voice import callbacks
from lastmile.alerting.channels.voice.vendor import Reports, parse
from lastmile.kernel import clock

SECRET = "voice secret"
AT = "2021-07-20T09:08:30+08:00"


@pytest.fixture(autouse=True)
def _gateway(settings: Settings) -> None:
    settings.VOICE_GATEWAY_SECRET, settings.VOICE_GATEWAY_VENDOR = SECRET, ""


def called(body: bytes, secret: str = SECRET) -> list[callbacks.Report]:
    return callbacks.reports(body, signing.signed(secret, body, now=clock.now().timestamp()))


def said(*entries: dict[str, Any]) -> list[tuple[str, str]]:
    body = orjson.dumps({"reports": [{"key": "7-1-voice-0", "at": AT, **entry} for entry in entries]})
    return [(report.what, report.digit) for report in called(body)]


def test_each_step_of_a_call_is_told_by_itself() -> None:
    steps = [{"status": word} for word in ("ringing", "answered", "heard", "hung_up")]
    assert said(*steps, {"status": "key", "digit": "1"}) == [
        ("ringing", ""),
        ("answered", ""),
        ("heard", ""),
        ("hung_up", ""),
        ("key", "1"),
    ]
    ends = ("busy", "no_answer", "invalid", "failed")
    assert said(*({"status": word} for word in ends)) == [(word, "") for word in ends]


def test_one_report_at_the_end_says_all_of_it() -> None:
    assert said({"status": "hung_up", "heard": True, "digit": 5}) == [("heard", ""), ("key", "5"), ("hung_up", "")]
    assert said({"status": "hung_up", "heard": "yes"}) == [("hung_up", "")]  # only true is true
    assert said({"status": "key", "digit": "1#1"}) == [("key", "1")]


def test_what_is_not_understood_holds_up_nothing() -> None:
    assert said({"status": "dancing"}, {"key": None, "status": "heard"}, {"status": "key"}, {"status": "busy"}) == [
        ("busy", "")
    ]


def test_a_call_that_is_not_signed_or_no_list_is_refused() -> None:
    with pytest.raises(BadSignature):
        called(b'{"reports": []}', "another")
    with pytest.raises(BadBody) as refused:
        called(b"[]")
    assert "docs/channels/voice.md" in str(refused.value.mend)


def test_a_vendor_that_takes_keys_after_the_end_alone_says_so_in_its_file(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "vendor.json"
    reports = {"items": "data", "key": "outId", "status": "code", "digit": "dtmf", "hung_up": [200000],
               "busy": [200010], "keys_after_end": True}  # fmt: skip
    file.write_text(json.dumps({"reports": reports}))
    settings.VOICE_GATEWAY_VENDOR = str(file)
    body = orjson.dumps(
        {"data": [{"outId": "7-1-voice-0", "code": 200000, "dtmf": "1"}, {"outId": "x", "code": 200010}]}
    )
    assert [(one.key, one.what) for one in called(body)] == [
        ("7-1-voice-0", "heard"),
        ("7-1-voice-0", "key"),
        ("7-1-voice-0", "hung_up"),
        ("x", "busy"),
    ]


@pytest.mark.parametrize(
    "file",
    [{"lines": 0}, {"batch": 5, "request": {"calls": ""}}, {"request": {"number": "roman"}}, {"honors_keys": True}],
)
def test_a_wrong_file_is_refused_in_a_sentence(file: dict[str, Any]) -> None:
    with pytest.raises(BadShape) as refused:
        parse(file)
    assert len(str(refused.value)) > 15


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["key", "status", "digit", "heard", "at", "reason"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("heard") | st.floats(),
        )
    )
)
def test_nothing_that_an_entry_says_is_an_error(entries: list[dict[str, Any]]) -> None:
    for report in callbacks.read_all(entries, Reports()):
        assert len(report.key) <= 80
