"""What a telephone call plays, for a gateway that was given an address instead of a text: spoken in its own thread."""

from __future__ import annotations

import logging

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.voice import audio
from lastmile.alerting.door.batch import Batcher
from lastmile.alerting.door.http import PROBLEM, Scope, Send, answer

log = logging.getLogger("lastmile.door")

PATH = audio.PATH
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


voices = Batcher(_speak, most=4, waiting=200)


async def serve(path: str, scope: Scope, send: Send) -> None:
    """Answer a GET; the token in the path is all the permission there is."""
    if scope["method"] not in ("GET", "HEAD"):
        await answer(send, 405, NOTHING, PROBLEM, (b"allow", b"GET, HEAD"))
        return
    try:
        text = audio.text(path.removeprefix(PATH).removesuffix(".wav"))
    except audio.BadAddress:
        await answer(send, 404, NOTHING, PROBLEM)
        return
    made = await voices(text)
    if isinstance(made, speech.NoVoice):
        log.error("no speech: %s", made)
        await answer(send, 503, LATER, PROBLEM, (b"retry-after", b"30"))
        return
    await answer(send, 200, made, WAV, head=scope["method"] == "HEAD")
