"""Speech for terminals: made once for a text, kept in a table, fetched at an address that is signed and expires.

made = prepare({"暴雨红色预警…"})           # outside any transaction; seconds of work
address("https://warn.example.cn", digest)  # /gateway/terminal/audio/<digest>.<end>.<mac>.wav
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from lastmile.alerting.channels import speech
from lastmile.alerting.models import Speech
from lastmile.kernel import clock

log = logging.getLogger(__name__)

PATH = "/gateway/terminal/audio/"
KEPT = timedelta(days=30)
HOLDS = 24 * 3600  # seconds of an address, and up to an hour more, so that it is the same for an hour
TONE = 2.0


class BadAddress(Exception):
    """Not an address that this house has made, or one that has expired."""


def digest(text: str) -> str:
    return hashlib.sha256(f"{settings.SPEECH}\0{text}".encode()).hexdigest()


def prepare(texts: Iterable[str]) -> dict[str, Speech]:
    """By text, what could be spoken: made now where it is not there yet. A text without one is read by terminals that
    have a voice of their own."""
    wanted = {digest(text): text for text in texts if text}
    held = {one.digest: one for one in Speech.objects.filter(pk__in=wanted).defer("wav")}
    Speech.objects.filter(pk__in=held).update(used_at=clock.now())
    for name, text in wanted.items():
        if name not in held and (made := _speak(name, text)):
            held[name] = made
    return {wanted[name]: one for name, one in held.items()}


def _speak(name: str, text: str) -> Speech | None:
    try:
        made = speech.announcement(text, attention=TONE, rate=speech.LOUDSPEAKER)
    except speech.NoVoice as error:
        log.warning("no speech for loudspeakers: %s", error)
        return None
    now = clock.now()
    facts = {"wav": made.wav, "sha256": hashlib.sha256(made.wav).hexdigest(), "seconds": made.seconds}
    found, _new = Speech.objects.get_or_create(digest=name, defaults={**facts, "made_at": now, "used_at": now})
    return found


def forget() -> int:
    """Speech that nobody has asked for in a month."""
    return Speech.objects.filter(used_at__lt=clock.now() - KEPT).delete()[0]


def address(base: str, name: str) -> str:
    ends = (int(clock.now().timestamp()) // 3600 + 1) * 3600 + HOLDS
    return f"{base}{PATH}{name}.{ends}.{_mac(name, ends)}.wav"


def wav(token: str) -> bytes:
    """The recording of an address. Raises BadAddress."""
    name, _dot, rest = token.partition(".")
    ends, _dot, mac = rest.partition(".")
    if not (ends.isascii() and ends.isdecimal() and len(ends) < 13):
        raise BadAddress
    right = hmac.compare_digest(_mac(name, int(ends)).encode(), mac.encode("utf-8", "replace"))
    if not right or int(ends) < clock.now().timestamp():
        raise BadAddress
    found = Speech.objects.filter(pk=name).values_list("wav", flat=True).first()
    if found is None:
        raise BadAddress
    return bytes(found)


def _mac(name: str, ends: int) -> str:
    text = f"terminal audio {name} {ends}".encode()
    return hmac.new(bytes.fromhex(settings.LINK_KEY), text, hashlib.sha256).hexdigest()[:40]
