"""`lastmile terminals`: loudspeakers that are not there, and what is typed to them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lastmile.alerting.channels.mqtt.box import Box
from lastmile.alerting.channels.mqtt.broker import Broker
from lastmile.alerting.channels.tests.mosquitto import mosquitto
from lastmile.alerting.management.commands import terminals as command
from lastmile.alerting.terminals.tests.horns import BESIDE, VILLAGE, horn
from lastmile.community.org.terminals import key_of
from lastmile.kernel import clock
from tests.world import World


class Played(Box):
    """Knows when it was cut, and goes nowhere."""

    def cut(self, seconds: float) -> None:
        self.away = seconds


def boxes() -> dict[str, Box]:
    return {code: Played(code, "k" * 32, Broker("mqtt://127.0.0.1:9")) for code in ("WZD-01", "WZD-02")}


@pytest.mark.parametrize(
    ("line", "away"), [("cut WZD-01 5", 5.0), ("cut WZD-01 0.5", 0.5), ("cut WZD-01", 60.0), ("cut WZD-01 soon", 60.0)]
)
def test_a_cut_is_as_long_as_it_says(line: str, away: float) -> None:
    found = boxes()
    assert command.obey(line, found) == "cut WZD-01"
    assert vars(found["WZD-01"])["away"] == away
    assert not hasattr(found["WZD-02"], "away")


def test_one_fails_so_often_as_it_was_told_and_one_is_deaf_until_it_is_told_again() -> None:
    found = boxes()
    assert command.obey("fail WZD-02\n", found) == "fail WZD-02"
    command.obey("fail WZD-02", found)
    assert (found["WZD-01"].fail, found["WZD-02"].fail) == (0, 2)
    command.obey("deaf WZD-01", found)
    assert found["WZD-01"].deaf
    command.obey("deaf WZD-01", found)
    assert not found["WZD-01"].deaf


def test_the_list_names_each_with_what_it_played() -> None:
    found = boxes()
    found["WZD-02"].playing = "c-7"
    assert command.obey("list", found).splitlines() == ["WZD-01 0 played", "WZD-02 0 played c-7"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "no such terminal"),
        ("cut", "no such terminal"),
        ("fail NOBODY", "no such terminal"),
        ("sing WZD-01", "Say:"),
    ],
)
def test_what_it_does_not_understand_is_answered_with_what_it_does(line: str, says: str) -> None:
    assert says in command.obey(line, boxes())


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [["--speed", "0"], ["--beat", "-1"], ["--place", "9999"]])
def test_it_says_why_it_does_not_start(settings: Any, wrong: list[str]) -> None:
    World.build()
    horn()
    settings.MQTT_URL = "mqtt://127.0.0.1:9"
    with pytest.raises(CommandError):
        call_command("terminals", *wrong)


@pytest.mark.django_db
def test_without_a_broker_it_says_which_setting_is_missing(settings: Any) -> None:
    settings.MQTT_URL = ""
    with pytest.raises(CommandError, match="LASTMILE_MQTT_URL"):
        call_command("terminals")


@pytest.mark.django_db
def test_those_of_a_place_are_played_each_under_its_own_key(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    World.build()
    mine = [horn(), horn("WZD-02", VILLAGE + "001", key_version=3)]
    horn("BES-01", BESIDE)
    horn("OLD-01", closed_on=clock.today())
    settings.MQTT_URL = "mqtt://127.0.0.1:9"
    started: list[Box] = []

    async def note(boxes: Sequence[Box]) -> None:
        started.extend(boxes)

    monkeypatch.setattr(command, "together", note)
    out = io.StringIO()
    call_command("terminals", "--place", VILLAGE, "--speed", "10", "--beat", "5", "--folder", "heard", stdout=out)
    assert [(box.code, box.key) for box in started] == [(one.code, key_of(one.code, one.key_version)) for one in mine]
    assert {(box.speed, box.beat, str(box.folder)) for box in started} == {(10.0, 5.0, "heard")}
    assert out.getvalue().startswith("2 terminals against mqtt://127.0.0.1:9")
    started.clear()
    call_command("terminals", "--most", "1", stdout=out)
    assert len(started) == 1


def test_ctrl_c_ends_it_at_once_while_it_plays_and_somebody_types(tmp_path: Path) -> None:
    """A real broker, a real signal, a line that is not finished."""
    with mosquitto(tmp_path / "broker") as broker:
        words = [sys.executable, "-m", "lastmile.alerting.terminals.tests.ctrl_c", str(broker.port)]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, env=os.environ, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as child:
            assert child.stdin
            assert child.stdout
            try:
                child.stdin.write("list\nlist\ncut T-")
                child.stdin.flush()
                heard = [child.stdout.readline() for _line in range(1 + 2 * 5 + 5)]
                assert sum("plays" in line for line in heard) == 5
                assert sum("T-4" in line for line in heard) == 2
                child.send_signal(signal.SIGINT)
                said, complaints = child.communicate(timeout=8)
            finally:
                child.kill()
    assert (child.returncode, said, complaints) == (0, "ended\n", "")
