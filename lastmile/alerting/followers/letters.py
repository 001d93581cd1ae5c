"""Mails to followers, by the transport of the e-mail channel: each says how to end it, to people and to programs.

A mail leaves by the nearest account of the place that is followed, else by the installation's own server (ADR 27).
Servers are spoken to side by side; one that takes none of the first few is left alone until the next round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from lastmile.alerting import published, routes
from lastmile.alerting.channels import email
from lastmile.alerting.channels.contract import Installed, Message, Outcome, What
from lastmile.alerting.followers import asking
from lastmile.alerting.models import Follower, Told

PARTS = ("instruction", "shelter", "contact", "description")
FIRST: Final = 8  # mails that show whether a server answers
REST: Final = 60.0  # seconds
UNTRIED: Final = Outcome(What.RETRY, "not tried: the mail server does not answer", REST)
SHUT: Final = Outcome(What.RETRY, "the account of the place can't be used", REST)


class NotSent(Exception):
    """The mail server has not taken it; the job is done again."""


def send(batch: Sequence[Told]) -> list[Outcome]:
    return _sent([(told.follower.place, _warning(told)) for told in batch])


def _sent(mails: Sequence[tuple[str, Message]]) -> list[Outcome]:
    """Of (followed place, mail). By channels of one's own: those of the process belong to the loop that dispatches."""
    accounts = routes.current()
    ways = [routes.nearest(accounts, "email", place) for place, _mail in mails]
    groups = {way: [at for at, one in enumerate(ways) if one == way] for way in ways}
    parts = [
        (routes.made(way) if way else email.from_settings(), [mails[at][1] for at in group])
        for way, group in groups.items()
    ]
    outcomes = dict(zip(chain(*groups.values()), chain(*asyncio.run(_all(parts))), strict=True))
    return [outcomes[at] for at in range(len(mails))]


async def _all(parts: Sequence[tuple[Installed | None, list[Message]]]) -> list[list[Outcome]]:
    return list(await asyncio.gather(*(_by(channel, messages) for channel, messages in parts)))


async def _by(channel: Installed | None, messages: list[Message]) -> list[Outcome]:
    if channel is None:
        return [SHUT] * len(messages)
    try:
        outcomes = await channel.send(messages[:FIRST])
        answers = any(one.what in (What.ACCEPTED, What.REFUSED) for one in outcomes)
        rest = messages[FIRST:]
        return outcomes + (await channel.send(rest) if answers and rest else [UNTRIED] * len(rest))
    finally:
        await channel.close()


def problems() -> list[str]:
    """Why the installation's own server takes no mail, unless all that is followed lies under accounts of places."""
    accounts = routes.current()
    followed = Follower.objects.filter(kind=Follower.Kind.MAIL).order_by("place").values_list("place", flat=True)
    if all(routes.nearest(accounts, "email", place) for place in followed.distinct() or [""]):
        return []
    return email.from_settings().problems()


def _warning(told: Told) -> Message:
    follower, event = told.follower, told.event
    notice, text = published.notice(event), published.text(event, follower.language)
    leave = asking.link(follower)
    with translation.override("en" if follower.language == "en" else "zh-hans"):
        last = _("You asked for the warnings of %(place)s. To change or end these mails: %(link)s")
        last %= {"place": asking.where(follower.place), "link": leave}
    lines = [text["headline"], *(text[part] for part in PARTS), notice.area["description"], notice.url, last]
    return Message(
        key=f"{event.pk}-follower-{follower.pk}",
        person=0,
        address=follower.address.reveal() if follower.address else "",
        text="\n".join(line for line in lines if line),
        subject=text["subject"] or text["headline"],
        leave=leave,
        language=follower.language,
    )


def send_confirmation(key: int) -> None:
    """The job: the mail with the link. Who has confirmed already is told that, and how to change or end it.

    Raises NotSent where it must be tried again.
    """
    follower = Follower.objects.filter(pk=key, kind=Follower.Kind.MAIL).first()
    if follower is None or follower.address is None:
        return
    with translation.override("en" if follower.language == "en" else "zh-hans"):
        told = {"place": asking.where(follower.place), "link": asking.link(follower)}
        subject, body = _confirmed() if follower.confirmed_at else _asked()
    message = Message(
        key=f"follower-{key}-{follower.asked_at.timestamp():.0f}",
        person=0,
        address=follower.address.reveal(),
        text=body % told,
        subject=subject % told,
        language=follower.language,
    )
    (outcome,) = _sent([(follower.place, message)])
    if outcome.what in (What.RETRY, What.UNKNOWN):
        raise NotSent(outcome.reason)


def _asked() -> tuple[str, str]:
    return _("Confirm: warnings of %(place)s by e-mail"), _(
        "Somebody asked that warnings of %(place)s be sent to this address. If it was you, open this link and "
        "confirm:\n%(link)s\n"
        "If it was not you, do nothing: nothing more will be sent, and your address is destroyed in two days."
    )


def _confirmed() -> tuple[str, str]:
    return _("Warnings of %(place)s by e-mail: already yours"), _(
        "You already get the warnings of %(place)s by e-mail. To change or end it:\n%(link)s"
    )
