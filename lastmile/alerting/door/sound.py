"""What a telephone call plays, for a gateway that was given an address instead of a text: spoken in its own thread. And
what a loudspeaker plays, which lies ready."""

from __future__ import annotations

import logging

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.voice import audio
from lastmile.alerting.door.batch import Batcher
from lastmile.alerting.door.http import PROBLEM, Scope, Send, answer
from lastmile.alerting.terminals import audio as recordings

log = logging.getLogger("lastmile.door")

PATHS = (audio.PATH, recordings.PATH)
WAV = b"audio/wav"
NOTHING = b'{"title": "There is no such recording.", "status": 404}'
LATER = b'{"title": "The recording can not be made now.", "status": 503}'


def _speak(texts: list[str]) -> list[bytes | speech.NoVoice]:
    return [_one(text) for text in texts]


def _one(text: str) -> bytes | speech.NoVoice:
    try:
        return audio.spoken(text).wav
    except speech.NoVoice as error:
        return error


def _read(tokens: list[str]) -> list[bytes | recordings.BadAddress]:
    return [_recording(token) for token in tokens]


def _recording(token: str) -> bytes | recordings.BadAddress:
    try:
        return recordings.wav(token)
    except recordings.BadAddress as error:
        return error


voices = Batcher(_speak, most=4, waiting=200)
shelf = Batcher(_read, most=8, waiting=2_000)


async def serve(path: str, scope: Scope, send: Send) -> None:
    """Answer a GET; the token in the path is all the permission there is."""
    if scope["method"] not in ("GET", "HEAD"):
        await answer(send, 405, NOTHING, PROBLEM, (b"allow", b"GET, HEAD"))
        return
    if path.startswith(recordings.PATH):
        await _recorded(path, scope, send)
        return
    try:
        text = audio.text(path.removeprefix(audio.PATH).removesuffix(".wav"))
    except audio.BadAddress:
        await answer(send, 404, NOTHING, PROBLEM)
        return
    made = await voices(text)
    if isinstance(made, speech.NoVoice):
        log.error("no speech: %s", made)
        await answer(send, 503, LATER, PROBLEM, (b"retry-after", b"30"))
        return
    await answer(send, 200, made, WAV, head=scope["method"] == "HEAD")


async def _recorded(path: str, scope: Scope, send: Send) -> None:
    found = await shelf(path.removeprefix(recordings.PATH).removesuffix(".wav"))
    if isinstance(found, recordings.BadAddress):
        await answer(send, 404, NOTHING, PROBLEM)
        return
    await answer(send, 200, found, WAV, head=scope["method"] == "HEAD")
