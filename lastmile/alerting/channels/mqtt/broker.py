"""The way to the broker: its address, TLS with an own authority and a certificate of ours, and signed publishing."""

from __future__ import annotations

import secrets
import ssl
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
from django.utils.translation import gettext as _
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from lastmile.alerting.channels.mqtt.protocol import SIGNATURE, sign

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE = 20  # seconds; one and a half of it without a sign, and the last will is published
TIMEOUT = 10.0
QOS = 1
IN_FLIGHT = 200  # publishes that wait for the broker's word at the same time


@dataclass(frozen=True)
class Broker:
    """`url` is mqtt://host:port or mqtts://user:password@host:port; the three files are for TLS."""

    url: str
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "mqtts"

    @property
    def shown(self) -> str:
        """The address without its password."""
        at = urlsplit(self.url)
        return f"{at.scheme}://{at.netloc.rpartition('@')[2]}" if self.url else ""

    def problems(self) -> list[str]:
        found = []
        try:
            at = urlsplit(self.url)
            whole = at.scheme in PORTS and bool(at.hostname) and (at.port is None or at.port > 0)
        except ValueError:
            whole = False
        if not whole:
            found.append(_("The broker has no address. Set LASTMILE_MQTT_URL to mqtts://host:8883."))
        for name, path in (("CA", self.ca), ("CERTIFICATE", self.certificate), ("KEY", self.key)):
            if path and not Path(path).is_file():
                found.append(
                    _("There is no file %(path)s. Correct LASTMILE_MQTT_%(name)s.") % {"path": path, "name": name}
                )
        if bool(self.certificate) != bool(self.key):
            found.append(_("A certificate needs its key. Set both LASTMILE_MQTT_CERTIFICATE and LASTMILE_MQTT_KEY."))
        return found

    def tls(self) -> ssl.SSLContext | None:
        if not self.secure:
            return None
        context = ssl.create_default_context(cafile=self.ca or None)
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key or None)
        return context

    def as_stranger(self) -> Broker:
        """Without a certificate of ours, for tests of the broker's own door."""
        return replace(self, certificate="", key="")

    def client(
        self,
        identifier: str = "",
        *,
        will: aiomqtt.Will | None = None,
        kept: int = 0,
        keepalive: int = KEEPALIVE,
        timeout: float = TIMEOUT,
    ) -> aiomqtt.Client:
        """A connection to open with `async with`. The broker keeps its subscriptions and what comes in for them `kept`
        seconds after it is lost; with 0 it begins anew each time."""
        at = urlsplit(self.url)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
        properties.SessionExpiryInterval = kept
        made = aiomqtt.Client(
            at.hostname or "",
            at.port or PORTS.get(at.scheme, 0),
            username=unquote(at.username) if at.username else None,
            password=unquote(at.password) if at.password else None,
            identifier=identifier or f"lastmile-{secrets.token_hex(6)}",
            protocol=aiomqtt.ProtocolVersion.V5,
            will=will,
            clean_start=not kept,
            properties=properties,
            keepalive=keepalive,
            timeout=timeout,
            max_inflight_messages=IN_FLIGHT,
            max_queued_outgoing_messages=0,
            tls_context=self.tls(),
        )
        made.pending_calls_threshold = 100 * IN_FLIGHT  # many at once is how we publish, and nothing to warn of
        return made


def signed(key: str, topic: str, payload: bytes, *, expires: int = 0, kind: int = PacketTypes.PUBLISH) -> Properties:
    """The properties of a publish (or a will): signature, and after how many seconds the broker may drop it."""
    properties = Properties(kind)  # type: ignore[no-untyped-call]  # as above
    properties.UserProperty = [(SIGNATURE, sign(key, topic, payload))]
    if expires:
        properties.MessageExpiryInterval = expires
    return properties


class Written(Properties):
    """Signature and expiry of a publish as bytes: paho's own properties take longer to write than all the rest does."""

    as_bytes: bytes

    def __init__(self, signature: str, expires: int) -> None:
        self.__dict__["as_bytes"] = packed(signature, expires)

    def pack(self) -> bytes:
        return self.as_bytes


def packed(signature: str, expires: int) -> bytes:
    """As in MQTT 5.0, 2.2.2: their length, expiry in seconds unless it is 0, the signature as user property."""
    pair = b"".join(len(text).to_bytes(2, "big") + text for text in (SIGNATURE.encode(), signature.encode()))
    found = (b"\x02" + expires.to_bytes(4, "big") if expires else b"") + b"\x26" + pair
    return bytes((len(found),)) + found  # shorter than 128, so that one byte tells the length


async def publish(
    client: aiomqtt.Client, key: str, topic: str, payload: bytes, *, retain: bool = False, expires: int = 0
) -> None:
    """At least once: it returns when the broker has it. Raises aiomqtt.MqttError."""
    properties = Written(sign(key, topic, payload), expires)
    await client.publish(topic, payload, qos=QOS, retain=retain, properties=properties)


def signature_of(message: aiomqtt.Message) -> str:
    """What the message claims to be signed with."""
    pairs: Any = getattr(message.properties, "UserProperty", None) or []
    return next((str(value) for name, value in pairs if name == SIGNATURE), "")


async def reachable(broker: Broker) -> float:
    """Seconds to connect and leave again. Raises what aiomqtt, ssl and the network raise."""
    began = time.perf_counter()
    async with broker.client(timeout=3.0):
        return time.perf_counter() - began
