"""The channels as those who run them see them: what has gone out lately, what went wrong, and a test message."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting import routes
from lastmile.alerting.channels import reasons, registry
from lastmile.alerting.channels.contract import Health, Installed, Message, Outcome, What
from lastmile.alerting.channels.said import said
from lastmile.alerting.models.running import Rest
from lastmile.alerting.sql import statement
from lastmile.community.people import phones
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor

LATELY = timedelta(hours=24)
SHOWN = 5  # errors of a channel
TESTS_PER_MINUTE = 6


@dataclass(frozen=True)
class Trouble:
    says: str
    times: int
    last: datetime


@dataclass(frozen=True)
class Standing:
    """One channel: who it is, and how it does in the warnings of the last day. `handed`, `refused` … count people."""

    channel: Installed
    handed: int
    waiting: int
    refused: int
    unknown: int
    last: datetime | None
    per_second: float  # over the ten minutes before `last`
    troubles: list[Trouble]
    rest: Rest | None

    @property
    def rests_because(self) -> str:
        return reasons.say(self.rest.reason) if self.rest else ""

    @property
    def tested(self) -> bool:
        """Whether a test message can be sent on it."""
        return bool(self.channel.can.contact)


def standings() -> list[Standing]:
    """Every channel in service, in the order of trying."""
    now, names = clock.now(), registry.in_service()
    rests = {rest.channel: rest for rest in Rest.objects.filter(until__gt=now)}
    troubles: dict[str, list[Trouble]] = {name: [] for name in names}
    for name, error, times, last in _rows("channel_errors", names):
        troubles[name].append(Trouble(reasons.say(error), times, last))
    return [
        Standing(
            registry.channel(name),
            handed,
            waiting,
            refused,
            unknown,
            last,
            pace,
            troubles[name][:SHOWN],
            rests.get(name),
        )
        for name, handed, waiting, refused, unknown, last, pace in _rows("channels_lately", names)
    ]


def _rows(query: str, channels: list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(query), {"channels": channels, "since": clock.now() - LATELY})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def health(name: str) -> Health:
    """Ask the far side now; takes up to three seconds. Raises NotFound."""
    return ask(_in_service(name))


def ask(channel: Installed) -> Health:
    """Ask the far side of a channel of one's own."""
    return async_to_sync(_asked)(channel)


async def _asked(channel: Installed) -> Health:
    try:
        return await channel.health()
    finally:
        await channel.close()


def send_test(actor: Actor, name: str, address: str) -> Outcome:
    """One message that says it is a test, to an address of the person's own. The address is not kept."""
    limits.take(f"channel test {actor.pk}", TESTS_PER_MINUTE)
    outcome = test_message(name, address)
    audit.record("channels.test", actor=actor, object_type="channel", object_id=name, outcome=outcome.what.value)
    return outcome


def test_message(name: str, address: str) -> Outcome:
    """Raises NotFound, or Refusal for an address that is none."""
    return try_out(_in_service(name), address)


def try_out(channel: Installed, address: str) -> Outcome:
    """A message that says it is a test, on a channel of one's own. Raises Refusal for an address that is none."""
    if not channel.can.contact:
        raise Refusal(_("Nobody can be written to on this channel."), _("Open the public page instead."))
    address = phones.normal(channel.can.contact, address)
    at = clock.now().astimezone(clock.BEIJING)
    text = f"【测试】这是一条测试消息，不是预警，请忽略。TEST, not a warning. {at:%m-%d %H:%M} {settings.PUBLIC_URL}"
    if channel.can.lines:
        text = f"这是一个测试电话，不是预警。现在是{at:%H点%M分}。听完请按1。"
    message = Message(f"test-{uuid.uuid4().hex}", 0, address, text, "【测试】TEST")
    return async_to_sync(_sent)(channel, message)


def write(name: str, address: str, text: str, subject: str = "", *, place: str = "") -> Outcome:
    """One message to one person outside any warning, as a code that they asked for, by the account of their place where
    one is set up (ADR 27). Raises NotFound."""
    channel = _by_account(name, place)
    if channel is None:
        return Outcome(What.REFUSED, "the account of the place can't be used")
    return async_to_sync(_sent)(channel, Message(f"one-{uuid.uuid4().hex}", 0, address, text, subject))


def _by_account(name: str, place: str) -> Installed | None:
    """By the nearest account up the tree; None where its settings can't be opened: nobody else pays for it."""
    route = routes.nearest(routes.current(), name, place)
    return routes.made(route) if route else _in_service(name)


async def _sent(channel: Installed, message: Message) -> Outcome:
    try:
        return (await channel.send([message]))[0]
    finally:
        await channel.close()


def _in_service(name: str) -> Installed:
    """A channel of one's own: its connections live in this request's loop only."""
    if name not in registry.in_service():
        raise NotFound(_("This channel is not in service here."), _("Go back to the list of channels."))
    return registry.MAKERS[name]()


def outcome_says(outcome: Outcome) -> tuple[bool, str]:
    """Whether it went well, and a sentence."""
    if outcome.what is What.ACCEPTED:
        return True, said(gettext_noop("The far side has accepted the test message. Look whether it arrives."))
    sentences = {
        What.RETRY: gettext_noop("The test message was not accepted for now: %(why)s"),
        What.REFUSED: gettext_noop("The test message was refused: %(why)s"),
        What.UNKNOWN: gettext_noop("It is not known whether the test message was accepted: %(why)s"),
    }
    return False, said(sentences[outcome.what], why=outcome.reason)
