"""What a loudspeaker fetches at the door: the recording of its address, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lastmile.alerting.channels import speech
from lastmile.alerting.door import sound
from lastmile.alerting.terminals import audio
from lastmile.alerting.tests.test_door import Inline, go
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
BASE, SAID = "https://warn.example.cn", "暴雨红色预警，立即转移。"


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sound, "shelf", Inline(sound.shelf.work))
    monkeypatch.setattr(speech, "announcement", lambda text, **_how: speech.Announcement(b"RIFF-sound", 3.0))
    with clock.frozen():
        yield


def path() -> str:
    return audio.address(BASE, audio.prepare([SAID])[SAID].digest).removeprefix(BASE)


def test_the_address_that_was_told_gives_the_recording() -> None:
    got = go(path())
    assert (got.status, got.headers["content-type"], got.text) == (200, "audio/wav", "RIFF-sound")
    assert got.headers["content-length"] == "10"


def test_whoever_only_asks_how_long_it_is_gets_no_sound() -> None:
    got = go(path(), method="HEAD")
    assert (got.status, got.headers["content-length"], got.text) == (200, "10", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_put_there(method: str) -> None:
    got = go(path(), method=method, body=b"RIFF")
    assert got.status == 405
    assert got.headers["allow"] == "GET, HEAD"
    assert go(path()).text == "RIFF-sound"


def test_an_expired_address_gives_nothing() -> None:
    told = path()
    clock.forward(hours=24)
    assert go(told).status == 200
    clock.forward(hours=2)
    got = go(told)
    assert got.status == 404
    assert "RIFF" not in got.text
    assert got.headers["content-type"] == "application/problem+json"


def test_a_forged_address_gives_nothing() -> None:
    told = path()
    name, ends, mac, _wav = told.removeprefix(audio.PATH).split(".")
    later = str(int(ends) + 3600)
    wrong = [
        f"{name}.{later}.{mac}",
        f"{'0' * 64}.{ends}.{mac}",
        f"{name}.{ends}.{'0' * 40}",
        "",
        "x",
        "…",
        "a.b.c",
        "../x",
    ]
    for token in wrong:
        assert go(f"{audio.PATH}{token}.wav").status == 404, token


def test_a_recording_that_nobody_asked_for_in_a_month_is_gone() -> None:
    told = path()
    clock.forward(days=31)
    audio.forget()
    assert go(told).status == 404
    assert go(path()).status == 200, "and is made again"
