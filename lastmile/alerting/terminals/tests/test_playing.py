"""From the issue of a warning to the last report, with the broker left out and the clock in hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lastmile.alerting import close
from lastmile.alerting.channels.mqtt.protocol import Do, Stage
from lastmile.alerting.models import AlertEvent, Play, PlayKind, PlayReport, PlayState, TerminalState
from lastmile.alerting.terminals import hearing, owing
from lastmile.alerting.terminals.tests.horns import BESIDE, DAY, NIGHT, VILLAGE, beat, horn, played, report, told
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Post
from lastmile.duties.models import Obligation
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(settings: Any) -> Iterator[None]:
    settings.CHANNELS, settings.SPEECH = ["mqtt", "null"], "none"
    with clock.frozen(DAY):
        yield


def warn(desk: Desk, **changes: Any) -> AlertEvent:
    ends = {"ends_at": clock.now() + timedelta(hours=6), "starts_at": clock.now()}
    return desk.issued(**{"channels": ["mqtt"], **ends, **changes})


def only() -> Play:
    return Play.objects.exclude(kind=PlayKind.STOP).get()


def test_the_terminals_of_the_area_get_it_and_no_others(desk: Desk) -> None:
    horn(), horn("WZD-G1", VILLAGE + "001"), horn("LC-01", BESIDE), horn("COUNTY", "410182")
    horn("OLD", VILLAGE, closed_on=clock.today())
    warn(desk)
    assert {row.terminal.code for row in Play.objects.all()} == {"WZD-01", "WZD-G1"}
    assert {code for code, _command in told()} == {"WZD-01", "WZD-G1"}


def test_a_grid_is_served_by_the_loudspeaker_of_its_village(desk: Desk) -> None:
    horn()
    warn(desk, audience={"places": [VILLAGE + "001"], "groups": ["residents"]})
    assert [code for code, _command in told()] == ["WZD-01"]


def test_a_warning_without_loudspeakers_is_silent(desk: Desk) -> None:
    horn()
    warn(desk, channels=["null"])
    assert told() == []
    assert not Play.objects.exists()


def test_the_command_says_what_to_do_loudly_three_times(desk: Desk) -> None:
    horn(letters=20)
    event = warn(desk)
    ((_code, command),) = told()
    assert (command.do, command.priority, command.volume, command.repeats) == (Do.PLAY, 1, 100, 3)
    assert "立即离开河沟" in command.text
    assert "演练" not in command.text
    assert 0 < len(command.show) <= 20
    assert command.until == int(event.expires_at.timestamp())
    assert command.audio is None


def test_an_exercise_says_so_gives_way_and_is_played_once(desk: Desk) -> None:
    terminal = horn(letters=200)
    warn(desk, exercise=True)
    ((_code, command),) = told()
    assert "演练" in command.text
    assert "演练" in command.show
    assert command.priority == 8
    assert command.exercise
    played(terminal, command.id)
    clock.forward(hours=2)
    assert told() == []


def test_it_is_told_again_under_the_same_id_until_it_begins(desk: Desk) -> None:
    terminal = horn()
    warn(desk)
    ((_code, first),) = told()
    assert told() == []
    clock.forward(seconds=16)
    ((_code, second),) = told()
    assert second.id == first.id
    hearing.take([report(terminal, first.id, Stage.STARTED)])
    clock.forward(seconds=20)
    assert told() == []
    assert only().state == PlayState.PLAYING


def test_a_red_one_comes_again_every_ten_minutes_until_the_end(desk: Desk) -> None:
    terminal = horn()
    warn(desk)
    ids = []
    for _round in range(3):
        ((_code, command),) = told()
        ids.append(command.id)
        assert played(terminal, command.id) == 2
        clock.forward(minutes=9)
        assert told() == []
        clock.forward(minutes=1)
    assert len(set(ids)) == 3
    assert (only().rounds, only().seconds) == (3, 90.0)
    clock.forward(hours=7)
    close.expire()
    assert told() == []
    assert only().state == PlayState.PLAYED


def test_a_yellow_one_is_played_once_and_keeps_the_quiet_hours(desk: Desk) -> None:
    terminal = horn()
    with clock.frozen(NIGHT):
        warn(desk, colour=3, ends_at=clock.now() + timedelta(hours=20))
        assert told() == []
        clock.forward(hours=6, minutes=59)
        assert told() == []
        clock.forward(minutes=2)
        ((_code, command),) = told()
        assert (command.priority, command.volume) == (3, 70)
        played(terminal, command.id)
        clock.forward(hours=1)
        assert told() == []


def test_a_red_one_wakes_at_night(desk: Desk) -> None:
    horn()
    with clock.frozen(NIGHT):
        warn(desk)
        assert len(told()) == 1


def test_repeated_reports_count_once_and_are_appended_once(desk: Desk) -> None:
    terminal = horn()
    warn(desk)
    ((_code, command),) = told()
    for _again in range(5):
        played(terminal, command.id, 30.0)
    lately = [{"id": command.id, "stage": "finished", "at": 5, "seconds": 30.0, "reason": ""}]
    hearing.take([beat(terminal, recent=lately)])
    assert (only().rounds, only().seconds) == (1, 30.0)
    assert PlayReport.objects.count() == 2


def test_a_lost_report_comes_with_the_next_heartbeat(desk: Desk) -> None:
    terminal = horn()
    warn(desk)
    ((_code, command),) = told()
    lately = [
        {"id": command.id, "stage": stage, "at": 5, "seconds": 12.0, "reason": ""} for stage in ("started", "finished")
    ]
    hearing.take([beat(terminal, recent=lately)])
    assert (only().state, only().rounds) == (PlayState.PLAYED, 1)


@pytest.mark.parametrize("wrong", ["stranger", "neighbour", "future", "nonsense"])
def test_what_is_not_its_own_report_moves_nothing(desk: Desk, wrong: str) -> None:
    terminal, other = horn(), horn("LC-01", BESIDE)
    warn(desk)
    ((_code, command),) = told()
    message = {
        "stranger": report(terminal, command.id, Stage.STARTED, key="x" * 64),
        "neighbour": report(other, command.id, Stage.STARTED),
        "future": report(terminal, command.id.replace("-0", "-9"), Stage.STARTED),
        "nonsense": report(terminal, "p999999-0", Stage.STARTED),
    }[wrong]
    assert hearing.take([message]) == 0
    assert only().first_at is None
    assert not PlayReport.objects.exists()


def test_a_terminal_with_a_new_key_is_believed_by_the_new_one_alone(desk: Desk) -> None:
    terminal = horn()
    old = beat(terminal)
    terminal.key_version = 2
    terminal.save()
    assert hearing.take([old]) == 0
    assert hearing.take([beat(terminal)]) == 1


def test_one_that_failed_is_told_again_as_a_new_round(desk: Desk) -> None:
    terminal = horn()
    warn(desk)
    ((_code, first),) = told()
    hearing.take([report(terminal, first.id, Stage.FAILED, reason="amplifier")])
    assert (only().state, only().reason) == (PlayState.FAILED, "amplifier")
    clock.forward(seconds=61)
    ((_code, second),) = told()
    assert second.id != first.id
    played(terminal, second.id)
    assert (only().state, only().reason) == (PlayState.PLAYED, "")


def test_an_update_takes_over_and_the_all_clear_goes_to_those_told(desk: Desk) -> None:
    first, second = horn(), horn("LC-01", BESIDE)
    event = warn(desk)
    told()
    update = desk.follow(event, "update", audience={"places": [BESIDE], "groups": ["residents"]})
    commands = dict(told())
    assert set(commands) == {"WZD-01", "LC-01"}  # whoever was told hears the change as well
    assert {one.warning for one in commands.values()} == {event.pk}
    assert Play.objects.get(event=event).state == PlayState.STOPPED
    lift = desk.follow(update, "lift")
    clears = dict(told())
    assert set(clears) == {first.code, second.code}
    assert set(Play.objects.filter(event=lift).values_list("kind", flat=True)) == {PlayKind.CLEAR}
    assert "解除" in clears["WZD-01"].text
    clock.forward(hours=1)
    assert told() == []


def test_an_all_clear_without_loudspeakers_still_stops_them(desk: Desk) -> None:
    horn()
    event = warn(desk)
    told()
    desk.follow(event, "cancel", channels=["null"])
    ((_code, command),) = told()
    assert (command.do, command.warning) == (Do.STOP, event.pk)


def test_who_was_never_told_hears_no_all_clear(desk: Desk) -> None:
    horn()
    event = warn(desk)  # no broker: nothing was handed over
    desk.follow(event, "lift")
    assert told() == []


def test_state_is_ordered_by_the_terminals_own_time_and_a_will_by_its_session(desk: Desk) -> None:
    terminal = horn()
    will = beat(terminal, online=False)
    clock.forward(minutes=1)
    fresh = beat(terminal, volume=90)
    clock.forward(minutes=1)
    assert hearing.take([fresh, beat(terminal, volume=20, at=5)]) == 1
    held = TerminalState.objects.get()
    assert (held.online, held.volume, held.seen_at) == (True, 90, clock.now())
    hearing.take([will])
    assert not TerminalState.objects.get().online
    hearing.take([beat(terminal, session="s2")])
    hearing.take([will])  # of the session before: it has come back since
    assert TerminalState.objects.get().online


def test_a_retained_state_is_as_old_as_it_says(desk: Desk) -> None:
    terminal = horn()
    old = beat(terminal, retained=True)
    clock.forward(hours=3)
    hearing.take([old])
    assert TerminalState.objects.get().seen_at == clock.now() - timedelta(hours=3)


def test_silence_is_owed_by_whoever_looks_after_it_until_it_speaks(desk: Desk) -> None:
    post = Post.objects.create(place_id=VILLAGE, kind="information", title="信息员")
    terminal = horn(post=post, spot="村委会楼顶")
    warn(desk)
    ((_code, command),) = told()
    clock.forward(minutes=2)
    hearing.take([beat(terminal)])
    assert owing.tick() == 0
    clock.forward(minutes=2)
    hearing.take([beat(terminal)])
    assert owing.tick() == 1
    assert owing.tick() == 0
    work = Obligation.objects.get(kind=owing.SILENT.name)
    assert (work.post_id, work.closed_at) == (post.pk, None)
    assert "村委会楼顶" in work.title
    played(terminal, command.id)
    owing.tick()
    assert Obligation.objects.get(kind=owing.SILENT.name).closed_at is not None


def test_a_day_without_a_sign_is_owed_and_taken_back(desk: Desk) -> None:
    terminal = horn()
    hearing.take([beat(terminal)])
    clock.forward(hours=23)
    owing.tick()
    assert not Obligation.objects.filter(kind=owing.OFFLINE.name).exists()
    clock.forward(hours=2)
    owing.tick()
    owing.tick()
    assert Obligation.objects.get(kind=owing.OFFLINE.name).closed_at is None
    hearing.take([beat(terminal)])
    owing.tick()
    assert Obligation.objects.get(kind=owing.OFFLINE.name).closed_at is not None
