"""Loudspeakers and screens by MQTT 5: the channel's face, with name, health and settings.

They address nobody in person, so no batch of people is ever handed over here: what a terminal plays, and what it
reports, is the room `alerting/terminals`.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import aiomqtt
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.contract import Capabilities, Health, Message, Outcome, Setting, What
from lastmile.alerting.channels.mqtt.broker import Broker, reachable
from lastmile.alerting.channels.said import Said, said


class MqttChannel:
    name = "mqtt"
    can = Capabilities(contact="", personal=False)

    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    @property
    def label(self) -> str:
        return _("loudspeakers and screens")

    @property
    def meaning(self) -> str:
        return _(
            "A terminal reports that it began and how many seconds it played. That proves that the device worked, not "
            "that anybody heard or understood it, so it never counts towards coverage."
        )

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        """A loudspeaker tells nobody in person: claiming "accepted" here would make the coverage a lie."""
        return [Outcome(What.REFUSED, "a loudspeaker addresses nobody in person")] * len(batch)

    async def health(self) -> Health:
        """Whether the broker lets us in; nothing is played."""
        if wrong := self.problems():
            return Health(ok=False, says=wrong[0])
        try:
            took = await reachable(self.broker)
        except (aiomqtt.MqttError, OSError, ssl.SSLError, ValueError) as error:
            return Health(
                ok=False, says=said(gettext_noop("The broker does not answer: %(why)s"), why=str(error)[:150])
            )
        says = said(gettext_noop("The broker answers in %(ms)d ms."), ms=round(took * 1000))
        if why := speech.problem():
            return Health(ok=True, says=Said([*says.parts, (why, {})]))
        return Health(ok=True, says=says)

    def settings(self) -> list[Setting]:
        return [
            Setting("LASTMILE_MQTT_URL", self.broker.shown),
            Setting("LASTMILE_MQTT_CA", self.broker.ca),
            Setting("LASTMILE_MQTT_CERTIFICATE", self.broker.certificate),
            Setting("LASTMILE_MQTT_KEY", self.broker.key, secret=True),
        ]

    def problems(self) -> list[str]:
        return self.broker.problems()


def from_settings() -> MqttChannel:
    return MqttChannel(the_broker())


def the_broker() -> Broker:
    """The one of the settings."""
    from django.conf import settings

    return Broker(settings.MQTT_URL, settings.MQTT_CA, settings.MQTT_CERTIFICATE, settings.MQTT_KEY)
