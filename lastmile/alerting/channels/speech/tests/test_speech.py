"""Speech made here is audio: of the right length, with energy like a voice, with tone and repeats."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting import texts
from lastmile.alerting.channels import speech
from lastmile.alerting.channels.speech import sound

TEXT = "各位居民请注意，暴雨红色预警，请立即转移到镇中学。求助电话0371-64600000。收到请按1。"
SPOKEN = pytest.mark.skipif(bool(speech.problem()), reason="the extra speech is not installed")


@pytest.fixture(autouse=True)
def _afresh() -> None:
    speech._made.cache_clear()


def loudness(samples: sound.Samples, rate: int) -> sound.Samples:
    """The mean loudness of each 50 ms."""
    size = rate // 20
    rows = samples[: len(samples) // size * size].reshape(-1, size)
    loud: sound.Samples = np.sqrt((rows**2).mean(axis=1)).astype(np.float32)
    return loud


def plain(text: str, repeats: int = 1) -> tuple[int, sound.Samples]:
    return sound.read(speech.announcement(text, repeats=repeats, attention=0).wav)


@SPOKEN
def test_mandarin_is_spoken_with_the_energy_and_the_pitch_of_a_voice() -> None:
    rate, samples = plain(TEXT)
    loud = loudness(samples, rate)
    speaking = (loud > 0.02).mean()
    assert 0.5 < speaking < 0.99  # words, with pauses between the sentences
    assert np.abs(samples).max() == pytest.approx(sound.LOUD, abs=0.02)
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    assert spectrum[(hertz > 80) & (hertz < 4000)].sum() > 0.8 * spectrum.sum()


@SPOKEN
def test_its_length_is_what_the_script_announces() -> None:
    made = speech.announcement(TEXT, attention=0)
    assert made.seconds == pytest.approx(texts.seconds(TEXT), rel=0.4)
    assert len(made.wav) == pytest.approx(2 * speech.LOUDSPEAKER * made.seconds, rel=0.01)
    assert speech.announcement(TEXT * 2, attention=0).seconds == pytest.approx(2 * made.seconds, rel=0.15)


@SPOKEN
def test_another_text_sounds_otherwise_and_english_is_spoken_too() -> None:
    first, second = plain("暴雨红色预警")[1], plain("大风蓝色预警")[1]
    size = min(len(first), len(second))
    assert np.abs(first[:size] - second[:size]).mean() > 0.02
    assert len(plain("Red warning: heavy rain. Move to high ground now.")[1]) > speech.LOUDSPEAKER


@SPOKEN
def test_three_repeats_follow_the_attention_tone() -> None:
    once = speech.announcement(TEXT, attention=0).seconds
    made = speech.announcement(TEXT, repeats=3)
    assert made.seconds == pytest.approx(speech.TONE + 0.5 + 3 * once + 2 * speech.PAUSE, abs=0.1)
    rate, samples = sound.read(made.wav)
    beginning = samples[: int(0.4 * rate)]
    strongest = np.argmax(np.abs(np.fft.rfft(beginning))) * rate / len(beginning)
    assert strongest == pytest.approx(sound.TONES[0], abs=5)
    at = [int((speech.TONE + 0.5 + time * (once + speech.PAUSE)) * rate) for time in range(3)]
    said = [samples[start : start + int(once * rate)] for start in at]
    for other in said[1:]:
        size = min(len(other), len(said[0]))
        assert np.corrcoef(said[0][2:size], other[: size - 2])[0, 1] > 0.5 or np.allclose(
            said[0][:size], other[:size], atol=0.05
        )


@SPOKEN
def test_a_telephone_gets_8000_samples_a_second_and_the_same_length() -> None:
    wide, narrow = speech.announcement(TEXT), speech.announcement(TEXT, rate=speech.TELEPHONE)
    assert sound.read(narrow.wav)[0] == 8000
    assert narrow.seconds == pytest.approx(wide.seconds, abs=0.01)


@SPOKEN
def test_a_frozen_text_is_spoken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = speech.announcement(TEXT)
    monkeypatch.setattr(speech, "_spoken", lambda *_: pytest.fail("it was spoken again"))
    assert speech.announcement(TEXT) is made


def test_a_command_is_a_voice(settings: Settings, tmp_path: Path) -> None:
    program = tmp_path / "voice.py"
    program.write_text(
        "import sys, wave\n"
        "text = sys.stdin.buffer.read().decode()\n"
        "with wave.open(sys.stdout.buffer, 'wb') as f:\n"
        "    f.setnchannels(2); f.setsampwidth(2); f.setframerate(16000)\n"
        "    f.writeframes(b'\\x00\\x10\\x00\\x10' * 160 * len(text) if sys.argv[1] == 'zh' else b'')\n"
    )
    settings.SPEECH = f"{sys.executable} {program} {{language}}"
    assert speech.announcement("一二三四五", attention=0).seconds == pytest.approx(0.05, abs=0.001)
    with pytest.raises(speech.NoVoice, match="said nothing"):
        speech.announcement("five", attention=0)


@pytest.mark.parametrize(
    ("voice", "says"),
    [
        ("none", "LASTMILE_SPEECH"),
        ("/no/such/program", "could not be started"),
        ("echo hello", "no WAV"),
        ("false", "failed"),
    ],
)
def test_a_voice_that_fails_says_why(settings: Settings, voice: str, says: str) -> None:
    settings.SPEECH = voice
    with pytest.raises(speech.NoVoice, match=says):
        speech.announcement("注意")


def test_what_is_no_wav_is_no_sound() -> None:
    for data in (b"", b"RIFF", b"RIFF\x24\0\0\0WAVEfmt ", b"hello" * 100):
        with pytest.raises(sound.NoSound):
            sound.read(data)
