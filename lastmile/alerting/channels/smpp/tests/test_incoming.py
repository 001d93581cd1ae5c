"""Delivery reports in text and in optional parameters, and what people write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import What
from lastmile.alerting.channels.inbound import Reply
from lastmile.alerting.channels.pdu import DeliverSm, Tlv
from lastmile.alerting.channels.smpp import incoming, status
from lastmile.alerting.channels.smpp.desk import Told
from lastmile.alerting.channels.smpp.options import Options
from lastmile.kernel import clock

TEXT = "id:0a1B sub:001 dlvrd:001 submit date:2107200900 done date:2107200903 stat:{} err:{} text:【暴雨红色"


def receipt(text: str = "", tlvs: list[Tlv] | None = None, **more: Any) -> DeliverSm:
    return DeliverSm("8613900000001", "10690", text.encode("latin-1", "replace"), esm_class=4, tlvs=tlvs or [], **more)


def told(message: DeliverSm, **options: Any) -> Told:
    news = incoming.read(message, Options(**options))
    assert isinstance(news, Told)
    return news


def test_a_receipt_in_text() -> None:
    news = told(receipt(TEXT.format("DELIVRD", "000")))
    assert (news.number, news.status) == ("0a1B", "delivered")
    assert f"{news.at.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}" == "2021-07-20 09:03"


def test_a_receipt_in_optional_parameters_only() -> None:
    tlvs = [Tlv(pdu.MESSAGE_ID, b"77\0"), Tlv(pdu.STATE, b"\5"), Tlv(pdu.NETWORK_ERROR, b"\3\0\1")]
    news = told(receipt(tlvs=tlvs), permanent=("1",))
    assert (news.number, news.status, news.reason, news.permanent) == ("77", "failed", "not delivered (1)", True)


@pytest.mark.parametrize("stat", ["EXPIRED", "DELETED", "UNDELIV", "REJECTD"])
def test_what_never_arrives_has_failed_and_only_known_codes_mean_that_the_number_is_dead(stat: str) -> None:
    assert not told(receipt(TEXT.format(stat, "MK:0001"))).permanent
    assert told(receipt(TEXT.format(stat, "001")), permanent=("001",)).permanent
    assert told(receipt(TEXT.format(stat, "000")), permanent=(stat,)).permanent


@pytest.mark.parametrize("stat", ["ACCEPTD", "ENROUTE", "UNKNOWN", "", "???"])
def test_a_state_on_the_way_says_nothing_yet(stat: str) -> None:
    assert incoming.read(receipt(TEXT.format(stat, "000")), Options()) is None


def test_a_report_on_the_way_is_left_alone() -> None:
    message = DeliverSm(
        "1", "2", TEXT.format("DELIVRD", "000").encode("latin-1", "replace"), esm_class=pdu.INTERMEDIATE
    )
    assert incoming.read(message, Options()) is None


@pytest.mark.parametrize(("ids", "answered", "reported"), [("decimal", "0A1B", "2587"), ("hex", "2587", "a1b")])
def test_numbers_meet_where_the_centre_writes_them_in_two_ways(ids: str, answered: str, reported: str) -> None:
    options = Options(ids=ids)
    assert incoming.plain(answered, options) == incoming.plain(reported, options, receipt=True)


def test_a_clock_that_runs_ahead_is_not_believed() -> None:
    ahead = (clock.now() + timedelta(days=2)).astimezone(clock.BEIJING).strftime("%y%m%d%H%M%S")
    assert told(receipt(f"id:1 stat:DELIVRD done date:{ahead}")).at <= clock.now()


def test_a_reply_is_read_like_that_of_any_gateway() -> None:
    news = incoming.read(
        DeliverSm("8613900000001", "10690", "３ 需要帮助".encode("utf-16-be"), data_coding=8), Options()
    )
    assert isinstance(news, Reply)
    assert (news.phone, news.digits, news.text) == ("+8613900000001", "3", "３ 需要帮助")


def test_the_same_reply_brought_again_has_the_same_key_and_another_one_has_not() -> None:
    def key(text: str, phone: str = "8613900000001") -> str:
        news = incoming.read(DeliverSm(phone, "10690", text.encode()), Options())
        assert isinstance(news, Reply)
        return news.key

    assert key("1") == key("1")
    assert len({key("1"), key("2"), key("1", "8613900000002")}) == 3


def test_only_the_first_part_of_a_long_reply_answers() -> None:
    def part(number: int, text: str) -> Reply:
        octets = bytes([5, 0, 3, 7, 2, number]) + text.encode("utf-16-be")
        news = incoming.read(DeliverSm("8613900000001", "1", octets, esm_class=0x40, data_coding=8), Options())
        assert isinstance(news, Reply)
        return news

    assert (part(1, "1").digits, part(2, "2").digits) == ("1", "")


@given(
    octets=st.binary(max_size=250), kind=st.integers(0, 255), data_coding=st.integers(0, 255), tag=st.integers(0, 65535)
)
def test_nothing_a_centre_sends_makes_reading_fail(octets: bytes, kind: int, data_coding: int, tag: int) -> None:
    message = DeliverSm("8613900000001", "1", octets, esm_class=kind, data_coding=data_coding, tlvs=[Tlv(tag, octets)])
    incoming.read(message, Options())


@given(data=st.lists(st.binary(max_size=60)))
def test_no_bytes_make_the_framer_fail_but_as_bad_pdu(data: list[bytes]) -> None:
    framer = pdu.Framer()
    try:
        for some in data:
            list(framer.feed(some))
    except pdu.BadPdu:
        pass


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (0x58, What.RETRY),
        (0x14, What.RETRY),
        (0x08, What.RETRY),
        (0x0B, What.REFUSED),
        (0x0A, What.RETRY),
        (0x401, What.REFUSED),
        (0x402, What.RETRY),
        (0x403, What.UNKNOWN),
    ],
)
def test_every_code_has_a_meaning(code: int, what: What) -> None:
    outcome = status.outcome(code, Options(refused=("0x0401",), retry=("0x0402",)))
    assert outcome.what is what
    assert outcome.reason
