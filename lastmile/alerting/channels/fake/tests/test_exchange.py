"""The invented telephone exchange: lines, people who listen or don't, and a phone that somebody answers by hand."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.channels.fake.exchange import Exchange, Told, Wanted
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.script import CALM, Devices, Named, Script

NUMBER = "+8610000000001"
CALL = Wanted("1-1-voice-1001", NUMBER, "暴雨红色预警" * 5)


def exchange(lines: int = 60, **named: Any) -> Exchange:
    devices = Devices(refused=0, gone=0, off=0)
    script = Script(devices, CALM.people, CALM.gateway, named={NUMBER: Named(**named)} if named else {})
    return Exchange(Network(script), lines=lines)


def story(**named: Any) -> list[tuple[str, str]]:
    made = exchange(**named)
    assert made.ring(CALL, 0.0).status == "accepted"
    return [(told.what, told.digit) for told in made.step(200.0)]


def test_who_listens_to_the_end_presses_a_key() -> None:
    heard = [("ringing", ""), ("answered", ""), ("heard", ""), ("key", "1"), ("hung_up", "")]
    assert story(answer="confirm", after=5) == heard
    assert story(answer="needs_help", after=5)[3] == ("key", "3")
    assert [what for what, _digit in story(answer="refuse", after=5)] == ["ringing", "answered", "heard", "hung_up"]


def test_who_hangs_up_or_lets_it_ring_has_not_heard_it() -> None:
    assert [what for what, _digit in story(answer="read", after=5)] == ["ringing", "answered", "hung_up"]
    assert [what for what, _digit in story(answer="ignore")] == ["ringing", "no_answer"]
    assert [what for what, _digit in story(answer="confirm", after=30)] == ["ringing", "no_answer"]


def test_numbers_that_are_engaged_off_or_gone_are_told_so() -> None:
    assert [story(busy=True), story(off=True), story(gone=True)] == [
        [("busy", "")],
        [("failed", "")],
        [("invalid", "")],
    ]
    assert exchange(refused=True).ring(CALL, 0.0).status == "refused"
    assert exchange().ring(CALL._replace(phone="not a number"), 0.0).status == "refused"


def test_it_takes_no_more_than_its_lines_and_rings_no_key_twice() -> None:
    made = exchange(lines=1)
    other = CALL._replace(key="1-2-voice-1001")
    assert made.ring(CALL, 0.0).status == "accepted"
    assert made.ring(CALL, 0.0).status == "accepted"
    assert made.ring(other, 0.0).status == "retry"
    assert made.step(60.0)[-1].what == "no_answer"
    assert made.ring(other, 60.0).status == "accepted"
    assert (made.counts["rung"], made.counts["repeated"], made.counts["full"]) == (2, 1, 1)


def test_a_phone_by_hand_rings_until_somebody_picks_up() -> None:
    made = exchange(answer="confirm", after=1)
    made.by_hand.add(NUMBER)
    made.ring(CALL, 0.0)
    assert [told.what for told in made.step(30.0)] == ["ringing"]  # the script stays silent
    made.by(NUMBER, "1", 30.0)
    assert made.step(31.0) == []  # no key before somebody has picked up
    made.by(NUMBER, "pick_up", 31.0)
    made.by(NUMBER, "pick_up", 31.0)
    assert [told.what for told in made.step(31.0)] == ["answered"]
    made.by(NUMBER, "5", 32.0)
    assert made.step(32.0) == [Told(CALL.key, "key", 32.0, "5")]
    assert [told.what for told in made.step(31.0 + CALL.length)] == ["heard"]
    made.by(NUMBER, "hang_up", 50.0)
    assert [told.what for told in made.step(50.0)] == ["hung_up"]
    assert made.step(1000.0) == []  # nothing of what had been planned comes after the end
    line = made.line_of(NUMBER)
    assert line is not None
    assert (line.state, line.heard, line.digits) == ("hung_up", True, "5")


def test_a_phone_by_hand_that_nobody_takes_is_given_up() -> None:
    made = exchange()
    made.by_hand.add(NUMBER)
    made.ring(CALL, 0.0)
    assert [told.what for told in made.step(61.0)] == ["ringing", "no_answer"]
