"""Samples and WAV files: attention tone, pauses, the rate that a telephone takes."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]  # between -1 and 1

LOUD = 0.8  # of what fits: a little room is left for whatever comes after us
TONES = (960.0, 770.0)  # hertz, by turns: it carries through rain and is no signal of the civil defence


class NoSound(Exception):
    """What a voice gave is no WAV file that can be used."""


def read(data: bytes) -> tuple[int, Samples]:
    """(samples a second, the samples of all channels mixed). Raises NoSound."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2:
                raise NoSound("the voice must give 16-bit samples")
            frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
            mixed = frames.reshape(-1, file.getnchannels()).mean(axis=1, dtype=np.float32) / 32768
            return file.getframerate(), mixed.astype(np.float32)
    except (wave.Error, EOFError, ValueError) as error:
        raise NoSound(f"the voice gave no WAV file: {error}") from error


def write(samples: Samples, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """At another rate; what would fold over is filtered out first."""
    if rate == wanted or not len(samples):
        return samples
    if wanted < rate:
        cut, reach = 0.45 * wanted / rate, 32
        at = np.arange(-reach, reach + 1)
        kernel = 2 * cut * np.sinc(2 * cut * at) * np.hamming(2 * reach + 1)
        samples = np.convolve(samples, (kernel / kernel.sum()).astype(np.float32), mode="same").astype(np.float32)
    there = np.arange(int(len(samples) * wanted / rate)) * (rate / wanted)
    made: Samples = np.interp(there, np.arange(len(samples)), samples).astype(np.float32)
    return made


def loud(samples: Samples) -> Samples:
    """As loud as it may be."""
    peak = float(np.abs(samples).max(initial=0.0))
    return (samples * (LOUD / peak)).astype(np.float32) if peak else samples


def tone(seconds: float, rate: int) -> Samples:
    """The attention tone: two notes by turns, each half a second, without clicks."""
    at = np.arange(int(seconds * rate)) / rate
    note = np.where((at * 2).astype(int) % 2 == 0, TONES[0], TONES[1])
    waves = np.sin(2 * np.pi * np.cumsum(note) / rate) * 0.5
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / 0.02) if len(at) else at
    return (waves * edge).astype(np.float32)


def pause(seconds: float, rate: int) -> Samples:
    return np.zeros(int(seconds * rate), dtype=np.float32)
