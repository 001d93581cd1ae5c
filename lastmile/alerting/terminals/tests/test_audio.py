"""What a loudspeaker fetches: tone, then Mandarin of the right length, made once, at an address nobody can guess."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
import pytest

from lastmile.alerting import texts
from lastmile.alerting.channels import speech
from lastmile.alerting.models import Speech
from lastmile.alerting.terminals import audio
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
SAID = "荥阳市发布暴雨红色预警。立即离开河沟，到村委会高处集合。不要回家取东西。"


def test_it_is_a_tone_and_then_speech_as_long_as_the_text() -> None:
    if speech.problem():
        pytest.skip("SKIPPED LOUDLY: no voice is installed, loudspeakers were not heard")
    made = audio.prepare([SAID])[SAID]
    with wave.open(io.BytesIO(made.wav)) as file:
        rate, seconds = file.getframerate(), file.getnframes() / file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
        assert (file.getnchannels(), file.getsampwidth(), rate) == (1, 2, speech.LOUDSPEAKER)
    assert seconds == pytest.approx(made.seconds, abs=0.01)
    expected = texts.seconds(SAID)
    assert 0.6 * expected < seconds - audio.TONE < 1.6 * expected
    spectrum = np.abs(np.fft.rfft(samples[: rate // 2]))
    assert np.argmax(spectrum) * 2 == pytest.approx(960, abs=10)  # hertz of the first note
    speaking = samples[int((audio.TONE + 0.5) * rate) :]
    assert np.abs(speaking).max() > 15_000


def test_the_same_text_is_spoken_once_and_another_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[str] = []

    def speak(text: str, **_how: object) -> speech.Announcement:
        spoken.append(text)
        return speech.Announcement(b"RIFF" + text.encode(), 3.0)

    monkeypatch.setattr(speech, "announcement", speak)
    for _again in range(3):
        found = audio.prepare([SAID, "另一条", ""])
    assert spoken == [SAID, "另一条"]
    assert set(found) == {SAID, "另一条"}
    clock.forward(days=31)
    audio.prepare([SAID])
    assert audio.forget() == 1
    assert Speech.objects.count() == 1


def test_no_voice_is_no_audio_and_no_failure(settings: Any) -> None:
    settings.SPEECH = "none"
    assert audio.prepare([SAID]) == {}


def test_an_address_opens_one_recording_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "announcement", lambda text, **_how: speech.Announcement(b"RIFF", 3.0))
    made = audio.prepare([SAID])[SAID]
    url = audio.address("https://warn.example.cn", made.digest)
    token = url.removeprefix(f"https://warn.example.cn{audio.PATH}").removesuffix(".wav")
    assert audio.wav(token) == b"RIFF"
    for wrong in (token[:-1], "x" + token[1:], "", "a.b", "a.1.b", token.replace(".1", ".9", 1)):
        with pytest.raises(audio.BadAddress):
            audio.wav(wrong)
    clock.forward(hours=26)
    with pytest.raises(audio.BadAddress):
        audio.wav(token)
