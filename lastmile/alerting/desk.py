"""The channels as those who run them see them: what has gone out lately, what went wrong, and a test message."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from lastmile.alerting.channels import reasons, registry
from lastmile.alerting.channels.contract import Health, Installed, Message, Outcome, What
from lastmile.alerting.models import Manifest, Sent
from lastmile.alerting.models.running import Rest
from lastmile.community.people import phones
from lastmile.kernel import audit, clock, limits
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor

LATELY = timedelta(hours=24)
LOOKED_AT = 5_000  # newest batches; the ledger has no index by channel, and a page must not read all of it
TESTS_PER_MINUTE = 6


@dataclass(frozen=True)
class Trouble:
    says: str
    times: int
    last: datetime


@dataclass(frozen=True)
class Standing:
    """One channel: who it is, and its last day. `handed`, `refused` … count people."""

    channel: Installed
    handed: int
    waiting: int
    refused: int
    unknown: int
    last: datetime | None
    per_second: float
    troubles: list[Trouble]
    rest: Rest | None

    @property
    def tested(self) -> bool:
        """Whether a test message can be sent on it."""
        return bool(self.channel.can.contact)


def standings() -> list[Standing]:
    """Every channel in service, in the order of trying."""
    since, rests = clock.now() - LATELY, {rest.channel: rest for rest in Rest.objects.filter(until__gt=clock.now())}
    newest = Manifest.objects.aggregate(id=Max("id"))["id"] or 0
    batches = Manifest.objects.filter(id__gt=newest - LOOKED_AT).values_list(
        "channel", "states", "settled_at", "error", "due_at"
    )
    rows: dict[str, list[tuple[bytes, datetime | None, str, datetime | None]]] = {}
    for name, states, settled, error, due in batches:
        if settled is None or settled > since:
            rows.setdefault(name, []).append((bytes(states), settled, error, due))
    return [_standing(name, rows.get(name, []), rests.get(name)) for name in registry.in_service()]


def _standing(
    name: str, rows: list[tuple[bytes, datetime | None, str, datetime | None]], rest: Rest | None
) -> Standing:
    counts = Counter[int]()
    for states, _settled, _error, _due in rows:
        counts.update({state: states.count(state) for state in set(states)})
    moments = [settled for _states, settled, _error, _due in rows if settled]
    troubles: dict[str, list[datetime]] = {}
    for _states, settled, error, due in rows:
        if error:
            troubles.setdefault(error, []).append(settled or due or clock.now())
    return Standing(
        channel=registry.channel(name),
        handed=counts[Sent.ACCEPTED],
        waiting=counts[Sent.WAITING] + counts[Sent.RETRY] + counts[Sent.SENDING],
        refused=counts[Sent.REFUSED],
        unknown=counts[Sent.UNKNOWN],
        last=max(moments, default=None),
        per_second=_pace(rows),
        troubles=_latest(troubles),
        rest=rest,
    )


def _latest(troubles: dict[str, list[datetime]]) -> list[Trouble]:
    found = [Trouble(reasons.say(says), len(times), max(times)) for says, times in troubles.items()]
    return sorted(found, key=lambda trouble: trouble.last, reverse=True)[:5]


def _pace(rows: list[tuple[bytes, datetime | None, str, datetime | None]]) -> float:
    """People a second over the last ten minutes in which anything went out."""
    done = [(settled, states.count(Sent.ACCEPTED)) for states, settled, _error, _due in rows if settled]
    if not done:
        return 0.0
    last = max(settled for settled, _people in done)
    recent = [(settled, people) for settled, people in done if settled > last - timedelta(minutes=10)]
    seconds = (last - min(settled for settled, _people in recent)).total_seconds()
    return sum(people for _settled, people in recent) / max(seconds, 1.0)


def health(name: str) -> Health:
    """Ask the far side now; takes up to three seconds. Raises NotFound."""
    return async_to_sync(_asked)(_in_service(name))


async def _asked(channel: Installed) -> Health:
    try:
        return await channel.health()
    finally:
        await channel.close()


def send_test(actor: Actor, name: str, address: str) -> Outcome:
    """One message that says it is a test, to an address of the person's own. The address is not kept."""
    channel = _in_service(name)
    if not channel.can.contact:
        raise Refusal(_("Nobody can be written to on this channel."), _("Open the public page instead."))
    address = phones.normal(channel.can.contact, address)
    limits.take(f"channel test {actor.pk}", TESTS_PER_MINUTE)
    at = clock.now().astimezone(clock.BEIJING)
    text = f"【测试】这是一条测试消息，不是预警，请忽略。TEST, not a warning. {at:%m-%d %H:%M} {settings.PUBLIC_URL}"
    message = Message(f"test-{uuid.uuid4().hex}", 0, address, text, "【测试】TEST")
    outcome = async_to_sync(_sent)(channel, message)
    audit.record("channels.test", actor=actor, object_type="channel", object_id=name, outcome=outcome.what.value)
    return outcome


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
    sentences = {
        What.ACCEPTED: _("The far side has accepted the test message. Look whether it arrives."),
        What.RETRY: _("The test message was not accepted for now: %(why)s"),
        What.REFUSED: _("The test message was refused: %(why)s"),
        What.UNKNOWN: _("It is not known whether the test message was accepted: %(why)s"),
    }
    return outcome.what is What.ACCEPTED, sentences[outcome.what] % {"why": reasons.say(outcome.reason)}
