"""A loudspeaker that is not there: it connects, beats, obeys and reports as a real one must, and may be told to fail.

`lastmile terminals` runs many of them; tests run one. Written as the document docs/channels/loudspeaker.md asks of any
terminal, with the public part of the protocol alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import socket
import wave
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import aiomqtt
import orjson
from paho.mqtt.packettypes import PacketTypes

from lastmile.alerting.channels.mqtt import protocol
from lastmile.alerting.channels.mqtt.broker import QOS, Broker, publish, signature_of, signed
from lastmile.alerting.channels.mqtt.protocol import BadMessage, Command, Do, Report, Stage
from lastmile.kernel import clock

log = logging.getLogger("lastmile.terminals")

KEPT = 3600  # seconds for which the broker keeps what comes in while it is away
REMEMBERED = 200  # commands
LETTERS_A_SECOND = 4.0  # of a text read by a voice of its own
FETCH = 20.0  # seconds
FIRMWARE = "simulated 1"


@dataclass
class Box:
    """`plays` and `speaks` are what it can; `speed` 10 plays ten times faster than it says; `folder` takes what it has
    played as WAV files. `fail` makes it fail so many times, `deaf` makes it obey nothing."""

    code: str
    key: str
    broker: Broker
    plays: bool = True
    speaks: bool = False
    speed: float = 1.0
    beat: float = 30.0
    folder: Path | None = None
    keepalive: int = 20
    fail: int = 0
    deaf: bool = False
    volume: int = 70
    playing: str = ""
    played: list[Command] = field(default_factory=list)  # to the end
    shown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # why it did not believe a message
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    _known: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _recent: deque[Report] = field(default_factory=lambda: deque(maxlen=protocol.RECENT))
    _queue: list[Command] = field(default_factory=list)
    _current: tuple[Command, asyncio.Task[None]] | None = None
    _client: aiomqtt.Client | None = None
    _away: float = 0.0

    async def run(self) -> None:
        """Until cancelled: connect, and connect again when the line is lost."""
        try:
            await self._stay()
        finally:
            await self._fall_silent()

    async def _stay(self) -> None:
        while True:
            try:
                await self._connected()
            except (aiomqtt.MqttError, OSError) as error:
                log.info("%s lost the broker: %s", self.code, error)
            finally:
                self.connected.clear()
                self._client = None
            wait, self._away = max(0.2, self._away), 0.0
            await asyncio.sleep(wait)

    async def _fall_silent(self) -> None:
        """Nothing is played on, and nothing begun, after the end."""
        self._queue.clear()
        if self._current is not None:
            self._current[1].cancel()
            await asyncio.gather(self._current[1], return_exceptions=True)

    def cut(self, seconds: float) -> None:
        """The network is gone: no farewell, so that the broker publishes the last will; back after so many seconds."""
        self._away = seconds
        if self._client is not None:
            line = self._client._client.socket()  # the only way to leave without a word
            if isinstance(line, socket.socket):
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    async def _connected(self) -> None:
        topic = protocol.topic(self.code, "state")
        gone = orjson.dumps({"at": self._now(), "session": self.session, "online": False})
        properties = signed(self.key, topic, gone, kind=PacketTypes.WILLMESSAGE)
        will = aiomqtt.Will(topic, gone, QOS, True, properties)
        name = f"terminal-{self.code}"
        async with self.broker.client(name, will=will, kept=KEPT, keepalive=self.keepalive) as client:
            self._client = client
            await client.subscribe(protocol.topic(self.code, "command"), qos=QOS)
            beats = asyncio.create_task(self._beat())
            self.connected.set()
            try:
                async for message in client.messages:
                    await self._take(message)
            finally:
                beats.cancel()
                await asyncio.gather(beats, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await self.tell_state()
            await asyncio.sleep(self.beat)

    async def tell_state(self) -> None:
        """The heartbeat: how it is, and what it reported lately, for what was lost."""
        body = {
            "at": self._now(),
            "session": self.session,
            "online": True,
            "volume": self.volume,
            "playing": self.playing,
            "power": "mains",
            "battery": None,
            "firmware": FIRMWARE,
            "recent": [one.plain() for one in self._recent],
        }
        await self._publish("state", orjson.dumps(body), retain=True)

    async def _publish(self, part: str, body: bytes, *, retain: bool = False) -> None:
        if self._client is not None:
            with suppress(aiomqtt.MqttError):  # the next heartbeat says it again
                await publish(self._client, self.key, protocol.topic(self.code, part), body, retain=retain)

    async def _take(self, message: aiomqtt.Message) -> None:
        topic, payload = str(message.topic), message.payload
        if not isinstance(payload, bytes) or not protocol.is_signed(self.key, topic, payload, signature_of(message)):
            self.refused.append("signature")
            return
        try:
            command = protocol.read_command(payload)
        except BadMessage as error:
            self.refused.append(str(error))
            return
        if command.id in self._known:
            return  # a second try of what it knows: its reports come with the heartbeat
        if command.until < self._now():
            self.refused.append("too late")
            return
        if self.deaf:
            return
        self._known.append(command.id)
        await self._obey(command)

    async def _obey(self, command: Command) -> None:
        if command.do is Do.VOLUME:
            self.volume = command.volume
            await self._report(command, Stage.FINISHED)
            return
        if command.do is Do.STOP:
            self._queue = [one for one in self._queue if not _meant(command, one)]
            if self._current and _meant(command, self._current[0]):
                self._current[1].cancel()
            await self._report(command, Stage.FINISHED)
            return
        if command.warning:
            self._queue = [one for one in self._queue if one.warning != command.warning]
        self._queue.append(command)
        self._queue.sort(key=lambda one: (one.priority, one.starts))
        playing = self._current
        if playing and (command.priority < playing[0].priority or 0 < command.warning == playing[0].warning):
            playing[1].cancel()
        elif not playing:
            self._next()

    def _next(self) -> None:
        self._current = None
        if self._queue:
            command = self._queue.pop(0)
            self._current = command, asyncio.create_task(self._play(command))

    async def _play(self, command: Command) -> None:
        began = asyncio.get_running_loop().time()
        try:
            await asyncio.sleep(max(0.0, command.starts - clock.now().timestamp()) / self.speed)
            sound, seconds = await self._sound(command)
            self.playing, self.volume = command.id, command.volume or self.volume
            self._keep(command, sound)
            if command.show:
                self.shown.append(command.show)
            began = asyncio.get_running_loop().time()
            await self._report(command, Stage.STARTED)
            await asyncio.sleep(min(seconds, max(0, command.until - self._now())) / self.speed)
            self.played.append(command)
            self.playing = ""
            await self._report(command, Stage.FINISHED, seconds)
        except asyncio.CancelledError:
            self.playing = ""
            spent = (asyncio.get_running_loop().time() - began) * self.speed
            await self._report(command, Stage.STOPPED, round(spent, 1), "stopped")
        except _Failed as failed:
            await self._report(command, Stage.FAILED, 0.0, str(failed))
        finally:
            self.playing = ""
            self._next()

    async def _sound(self, command: Command) -> tuple[bytes, float]:
        """What is played, and for how many seconds in all. Raises _Failed."""
        if self.fail > 0:
            self.fail -= 1
            raise _Failed("amplifier")
        if command.audio and self.plays:
            sound, once = await self._fetch(command.audio), command.audio.seconds
        elif self.speaks or command.show:
            sound, once = b"", len(command.text or command.show) / LETTERS_A_SECOND
        else:
            raise _Failed("no audio")
        return sound, once * command.repeats + command.pause * (command.repeats - 1)

    async def _fetch(self, audio: protocol.Audio) -> bytes:
        try:
            limit = aiohttp.ClientTimeout(total=FETCH)
            async with aiohttp.ClientSession(timeout=limit) as web, web.get(audio.url) as answer:
                found = await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _Failed("audio not fetched") from error
        if hashlib.sha256(found).hexdigest() != audio.sha256:
            raise _Failed("audio is not what was signed")
        return found

    def _keep(self, command: Command, sound: bytes) -> None:
        if self.folder is None or not sound:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{self.code}-{command.id}.wav"
        _repeat(sound, target, command.repeats, command.pause)

    async def _report(self, command: Command, stage: Stage, seconds: float = 0.0, reason: str = "") -> None:
        report = Report(command.id, stage, self._now(), seconds, reason)
        self._recent.append(report)
        await self._publish("report", orjson.dumps(report.plain()))

    def _now(self) -> int:
        return int(clock.now().timestamp())


class _Failed(Exception):
    """Why it could not play."""


def _meant(stop: Command, command: Command) -> bool:
    return not stop.warning or stop.warning == command.warning


def _repeat(sound: bytes, target: Path, times: int, pause: float) -> None:
    """As it was heard: the recording so many times with silence between."""
    import io

    with wave.open(io.BytesIO(sound)) as read, wave.open(str(target), "wb") as write:
        write.setparams(read.getparams())
        frames = read.readframes(read.getnframes())
        silence = bytes(int(read.getframerate() * pause) * read.getsampwidth() * read.getnchannels())
        write.writeframes(silence.join([frames] * times))


async def together(boxes: list[Box], *, told: Callable[[str], None] = lambda line: None) -> None:
    """Run them until cancelled."""
    async with asyncio.TaskGroup() as group:
        for box in boxes:
            group.create_task(box.run())
        told(f"{len(boxes)} terminals")
