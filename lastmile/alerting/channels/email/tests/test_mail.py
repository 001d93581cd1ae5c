"""What a mail looks like, and what can't be smuggled into it."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.alerting.channels.contract import Message
from lastmile.alerting.channels.email.mail import BadAddress, build, message_id

SENDER = "荥阳市预警 <warn@example.cn>"


def parsed(message: Message) -> EmailMessage:
    """The mail as it is read on the other side."""
    return message_from_bytes(build(message, SENDER).as_bytes(), policy=policy.default)


def test_it_carries_text_and_html_with_a_link() -> None:
    text = "立即转移。\n详情 https://warn.example.cn/r/AbCdEfGhIjKlMnOpQrS"
    mail = parsed(Message("7-1-email-0", 1, "li@example.cn", text, "暴雨红色预警"))
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().split("\r\n")[:2] == text.split("\n")
    assert '<a href="https://warn.example.cn/r/AbCdEfGhIjKlMnOpQrS"' in html.get_content()
    assert mail["Subject"] == "暴雨红色预警"
    assert mail["To"] == "li@example.cn"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_second_try_has_the_same_message_id_and_another_message_has_not() -> None:
    first = parsed(Message("7-1-email-0", 1, "li@example.cn", "a"))["Message-ID"]
    assert first == parsed(Message("7-1-email-0", 1, "li@example.cn", "a"))["Message-ID"]
    assert first != parsed(Message("7-2-email-0", 2, "li@example.cn", "a"))["Message-ID"]
    assert message_id("odd <key>\r\n", "warn@example.cn").endswith("@example.cn>")


def test_markup_in_a_text_stays_text() -> None:
    html = parsed(Message("k", 1, "li@example.cn", "<img src=x onerror=alert(1)> & 雨", "<b>")).get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "<b>" not in html.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "", "li", "@", "li@", "a@b@c", "li@example.cn\r\nBcc: x@evil.cn", "li@example.cn, x@evil.cn",
        "Li <li@example.cn>", "li@example.cn\0", " ", "li @example.cn", "\udcff@example.cn",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        build(Message("k", 1, address, "雨"), SENDER)


@given(subject=st.text(max_size=80), text=st.text(max_size=80))
def test_no_subject_or_text_adds_a_header(subject: str, text: str) -> None:
    mail = parsed(Message("k", 1, "li@example.cn", text, subject + "\r\nBcc: x@evil.cn\r\n\r\nbody"))
    assert mail["Bcc"] is None
    assert mail.get_all("To") == ["li@example.cn"]
    assert sorted(mail.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Importance", "MIME-Version", "Content-Type"]
    )
