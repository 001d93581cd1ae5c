"""A program of its own: text on its input, a WAV file on its output, spoken by espeak-ng.

    python espeak.py zh 150 < text > speech.wav

espeak-ng is free software under the GPL: it is loaded here, in a process that does nothing else, and never inside the
system (docs/adr/0025-speech.md). This file needs nothing of ours, so that it starts at once.
"""

from __future__ import annotations

import ctypes
import sys
import wave

VOICES = {"zh": b"cmn", "en": b"en"}
SYNCHRONOUS, UTF8, RATE = 2, 1, 1  # names of espeak-ng's: output mode, flag, parameter
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str, language: str, words_a_minute: int) -> tuple[int, bytes]:
    """(samples a second, 16-bit samples of one channel)."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise SystemExit("espeak-ng could not be started")
    made = bytearray()

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if count > 0:
            made.extend(ctypes.string_at(samples, 2 * count))
        return 0

    callback = Callback(take)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(VOICES[language]):
        raise SystemExit(f"espeak-ng has no voice {VOICES[language].decode()}")
    library.espeak_SetParameter(RATE, words_a_minute, 0)
    data = text.encode()
    if library.espeak_Synth(data, len(data) + 1, 0, 0, 0, UTF8, None, None):
        raise SystemExit("espeak-ng could not speak")
    library.espeak_Synchronize()
    return rate, bytes(made)


if __name__ == "__main__":
    rate, samples = speak(sys.stdin.buffer.read().decode(), sys.argv[1], int(sys.argv[2]))
    with wave.open(sys.stdout.buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
