"""Speech made here: a text becomes a WAV file with attention tone and repeats. Which voice speaks is a setting.

    made = announcement("暴雨红色预警，请立即转移。", repeats=3)
    made.wav, made.seconds

`LASTMILE_SPEECH` is "espeak" (what ships as an extra), "none", or a command that gets the text on its input and the
language ("zh" or "en") in place of {language}, and gives a WAV file: a better voice is one line of configuration.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.alerting.channels.speech import sound

PROGRAM = Path(__file__).with_name("espeak.py")
CHINESE = re.compile("[\u3400-\u9fff]")
WORDS_A_MINUTE = {"zh": 150, "en": 140}
TIMEOUT = 60.0  # seconds for one text
LONGEST = 3_000  # letters
TELEPHONE, LOUDSPEAKER = 8_000, 22_050  # samples a second
TONE, PAUSE = 2.0, 1.5  # seconds
KEPT = 32  # announcements in memory of a process; the longest are a few MB


class NoVoice(Exception):
    """No speech could be made; the text is a sentence for whoever runs the system."""


class Announcement(NamedTuple):
    wav: bytes
    seconds: float


def language_of(text: str) -> str:
    return "zh" if CHINESE.search(text) else "en"


def problem() -> str:
    """Why nothing can be spoken here, and its mend; "" when it can."""
    if settings.SPEECH == "none":
        return _("No voice is set. Set LASTMILE_SPEECH to espeak or to a command.")
    if settings.SPEECH == "espeak" and importlib.util.find_spec("espeakng_loader") is None:
        return _("The voice is not installed. Install the extra: pip install 'lastmile[speech]'.")
    return ""


def announcement(text: str, *, repeats: int = 1, attention: float = TONE, rate: int = LOUDSPEAKER) -> Announcement:
    """The text spoken `repeats` times after the attention tone. Raises NoVoice. The same again comes from memory."""
    return _made(settings.SPEECH, text, repeats, attention, rate)


@lru_cache(maxsize=KEPT)
def _made(voice: str, text: str, repeats: int, attention: float, rate: int) -> Announcement:
    try:
        given, samples = sound.read(_spoken(voice, text))
    except sound.NoSound as error:
        raise NoVoice(str(error)) from error
    if not len(samples) or not np.abs(samples).max():
        raise NoVoice("the voice said nothing")
    said = sound.loud(sound.resampled(samples, given, rate))
    parts = [sound.tone(attention, rate), sound.pause(0.5, rate)] if attention else []
    for time in range(repeats):
        parts += [sound.pause(PAUSE, rate), said] if time else [said]
    whole = np.concatenate(parts)
    return Announcement(sound.write(whole, rate), len(whole) / rate)


def _spoken(voice: str, text: str) -> bytes:
    """What the voice's program gives. It is called by list, never through a shell."""
    if why := problem():
        raise NoVoice(why)
    language = language_of(text)
    if voice == "espeak":
        command = [sys.executable, "-I", str(PROGRAM), language, str(WORDS_A_MINUTE[language])]
    else:
        command = [part.replace("{language}", language) for part in shlex.split(voice)]
    try:
        done = subprocess.run(
            command, input=text[:LONGEST].encode("utf-8", "replace"), capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NoVoice(f"the voice could not be started: {type(error).__name__}") from error
    if done.returncode:
        raise NoVoice(f"the voice failed: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}")
    return done.stdout
