"""The terminals of a village, and what they say without a broker between."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from lastmile.alerting.channels.mqtt import protocol
from lastmile.alerting.channels.mqtt.protocol import Command, Stage
from lastmile.alerting.terminals import hearing, sending
from lastmile.alerting.terminals.hearing import Heard
from lastmile.community.org.models import Terminal
from lastmile.community.org.terminals import key_of
from lastmile.kernel import clock

VILLAGE, BESIDE = "410182109211", "410182109205"
DAY = datetime(2026, 7, 20, 6, 0, tzinfo=timezone.get_fixed_timezone(0))  # 14:00 in Beijing, a Monday
NIGHT = datetime(2026, 7, 20, 16, 0, tzinfo=timezone.get_fixed_timezone(0))  # midnight


def horn(code: str = "WZD-01", place: str = VILLAGE, **more: Any) -> Terminal:
    return Terminal.objects.create(code=code, place_id=place, kind="loudspeaker", speaks=True, plays=False, **more)


def told() -> list[tuple[str, Command]]:
    """What is due now, as the broker would get it: (code, command)."""
    return [(one.topic.split("/")[2], protocol.read_command(one.body)) for one in sending.due()]


def said(terminal: Terminal, part: str, body: dict[str, Any], *, key: str = "", retained: bool = False) -> Heard:
    topic, payload = protocol.topic(terminal.code, part), orjson.dumps(body)
    signed = protocol.sign(key or key_of(terminal.code, terminal.key_version), topic, payload)
    return Heard(topic, payload, signed, retained)


def report(terminal: Terminal, command: str, stage: Stage, seconds: float = 0.0, **more: Any) -> Heard:
    now = int(clock.now().timestamp())
    body = {"id": command, "stage": stage, "at": now, "seconds": seconds, "reason": more.pop("reason", "")}
    return said(terminal, "report", body, **more)


def beat(terminal: Terminal, *, online: bool = True, session: str = "s1", **more: Any) -> Heard:
    signing = {name: more.pop(name) for name in ("key", "retained") if name in more}
    body = {"at": int(clock.now().timestamp()), "session": session, "online": online, "volume": 70, **more}
    return said(terminal, "state", body, **signing)


def played(terminal: Terminal, command: str, seconds: float = 30.0) -> int:
    return hearing.take([report(terminal, command, Stage.STARTED), report(terminal, command, Stage.FINISHED, seconds)])
