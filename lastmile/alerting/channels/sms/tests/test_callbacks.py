"""What a gateway calls back with: forged, old, repeated, odd and plain."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.inbound import BadBody, BadSignature
from lastmile.alerting.channels.sms import callbacks
from lastmile.alerting.channels.sms.callbacks import digits
from lastmile.kernel import clock

SECRET = "shared with the gateway"


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> None:
    settings.SMS_GATEWAY_SECRET = SECRET
    settings.SMS_GATEWAY_VENDOR = ""


def call(read: Callable[..., Any], data: Any, *, secret: str = SECRET, age: float = 0) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read(body, signing.signed(secret, body, now=clock.now().timestamp() - age))


def test_a_report_names_event_and_person() -> None:
    at = (clock.now() - timedelta(seconds=30)).isoformat()
    entries = [
        {"key": "7-42-sms-0", "status": "delivered", "at": at},
        {"key": "7-43-sms-1", "status": "failed", "at": at, "reason": "phone is off"},
        {"key": "someone else's", "status": "delivered", "at": at},
        {"key": "7-44-sms-0", "status": "buffered", "at": at},
        {"status": "delivered"},
        "nonsense",
    ]
    found = call(callbacks.reports, {"reports": entries})
    assert [(r.event, r.person, r.status, r.reason) for r in found] == [
        (7, 42, "delivered", ""),
        (7, 43, "failed", "phone is off"),
        (None, None, "delivered", ""),
    ]
    assert found[0].at.isoformat() == at


def test_a_reply_is_a_digit_from_a_phone() -> None:
    replies = [{"key": "a", "from": "10012345678", "text": "３", "at": 1}, {"from": "?", "text": "1"}]
    (reply,) = call(callbacks.replies, {"replies": replies})
    assert (reply.key, reply.phone, reply.digits) == ("a", "+8610012345678", "3")


def test_a_reply_without_a_number_of_its_own_gets_the_same_key_each_time() -> None:
    body = {"replies": [{"from": "10012345678", "text": "1", "at": 1626743280}]}
    assert call(callbacks.replies, body) == call(callbacks.replies, body)


@pytest.mark.parametrize("read", [callbacks.reports, callbacks.replies])
def test_a_forged_call_is_refused(read: Callable[..., Any]) -> None:
    with pytest.raises(BadSignature) as refused:
        call(read, {"reports": [], "replies": []}, secret="guessed")
    assert refused.value.status == 401
    assert refused.value.says
    assert refused.value.mend


@pytest.mark.parametrize(
    "headers", [{}, {signing.SIGNATURE: "sha256=ü"}, {signing.TIMESTAMP: "x", signing.SIGNATURE: "y"}]
)
def test_a_call_without_a_whole_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        callbacks.reports(b"{}", headers)


@pytest.mark.parametrize("age", [301, -301, 86_400])
def test_a_call_can_not_be_played_again_later(age: float) -> None:
    with pytest.raises(BadSignature):
        call(callbacks.reports, {"reports": []}, age=age)


def test_one_changed_byte_breaks_the_signature() -> None:
    body = b'{"reports": []}'
    headers = signing.signed(SECRET, body, now=clock.now().timestamp())
    assert callbacks.reports(body, headers) == []
    with pytest.raises(BadSignature):
        callbacks.reports(body + b" ", headers)


def test_without_a_secret_nothing_is_believed(settings: Settings) -> None:
    settings.SMS_GATEWAY_SECRET = ""
    with pytest.raises(BadSignature):
        call(callbacks.reports, {"reports": []}, secret="")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"reports": {}}', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_list_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(BadBody) as refused:
        call(callbacks.reports, body)
    assert refused.value.status == 400


def test_ten_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(BadBody) as refused:
        call(callbacks.reports, b"x" * 10_000_000)
    assert refused.value.status == 413


@pytest.mark.parametrize("at", [None, "", "yesterday", 1e30, -1e30, True, [], "2999-01-01T00:00:00Z"])
def test_an_odd_time_never_lies_in_the_future_nor_breaks_the_call(at: Any) -> None:
    (report,) = call(callbacks.reports, {"reports": [{"key": "1-2-sms-0", "status": "delivered", "at": at}]})
    assert report.at <= clock.now()


@given(st.binary(max_size=200))
def test_no_signed_bytes_break_the_reader(body: bytes) -> None:
    for read in (callbacks.reports, callbacks.replies):
        with contextlib.suppress(BadBody):
            assert isinstance(call(read, body), list)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "status", "at", "from", "text"]), inner)
    ),
    max_leaves=9,
)


@given(st.lists(JSON, max_size=4))
def test_no_entry_breaks_the_others(entries: list[Any]) -> None:
    good = {"key": "1-2-sms-0", "status": "delivered", "from": "10012345678", "text": "1"}
    assert len(call(callbacks.reports, {"reports": [*entries, good]})) >= 1
    assert len(call(callbacks.replies, {"replies": [*entries, good]})) >= 1


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("1", "1"), (" 2 ", "2"), ("３", "3"), ("【4】", "4"), ("1收到", "1"), ("3.", "3"), ("3,快来", "3"),
        ("收到", "1"), ("收到。", "1"), ("已转移", "2"), ("救命！", "3"),
        ("没收到", ""), ("13楼进水了", ""), ("12", ""), ("", ""), ("0", ""), ("谢谢", ""), ("1楼进水", ""),
    ],
)  # fmt: skip
def test_a_digit_or_the_plain_word_is_understood_and_nothing_is_guessed(text: str, digit: str) -> None:
    assert digits(text) == digit
