"""Mails to followers, by the transport of the e-mail channel: each says how to end it, to people and to programs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from lastmile.alerting.channels import email
from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.followers import asking, wording
from lastmile.alerting.models import Follower, Told

PARTS = ("instruction", "shelter", "contact", "description")


class NotSent(Exception):
    """The mail server has not taken it; the job is done again."""


def send(batch: Sequence[Told]) -> list[Outcome]:
    return asyncio.run(_sent([_warning(told) for told in batch]))


async def _sent(messages: list[Message]) -> list[Outcome]:
    """By a channel of one's own: the one of the process belongs to the loop that dispatches."""
    channel = email.from_settings()
    try:
        return await channel.send(messages)
    finally:
        await channel.close()


def _warning(told: Told) -> Message:
    follower, event = told.follower, told.event
    text, notice = wording.text(told)
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
    (outcome,) = asyncio.run(_sent([message]))
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
