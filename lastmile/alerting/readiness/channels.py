"""The daily round over the channels: whether the far side of each answers, found out before a warning needs it.

1. Once a day, in the hours of tests, each channel in service and each account of a place is asked by its own health
   check; one that failed is asked again every hour until it works.
2. Where an own test address is set (LASTMILE_CHANNEL_TESTS), a marked test message goes there too, on working days and
   while no warning is in force: a health check can't see that a gateway takes messages and drops them. Chat groups get
   none: each of their apps is asked whether it knows its robots, which posts nothing (chat.asking).
3. A failure is owed by those who set up the system (for an account, at its place), until a later round finds it well.

Workers have no reader: what was found is kept as a message with its values (channels.said) and said in the language of
whoever opens the page.

Asking takes seconds, so nothing is locked meanwhile: the row is written first, then asked, then filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from lastmile.alerting import desk, senders
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Installed, What
from lastmile.alerting.channels.said import again, kept, said
from lastmile.alerting.chat import asking
from lastmile.alerting.models import ChannelAccount, ChannelCheck, ChatGroup
from lastmile.alerting.readiness import plans, rounds
from lastmile.community.accounts.models import Grant
from lastmile.community.accounts.roles import MAY
from lastmile.duties import actions, kinds
from lastmile.duties.recurrence import is_working
from lastmile.kernel import clock, locks
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

CHAT = "chat:"  # before the name of an app
AGAIN = timedelta(hours=1)
LOST = timedelta(minutes=10)  # an asked one that nobody filled in: its worker died
MEND_WITHIN = timedelta(hours=4)
KEPT = timedelta(days=365)
OLD = timedelta(hours=30)  # a result that is older says that the rounds stand still

KIND = kinds.Kind(
    "alerting.channel",
    gettext_lazy("channel that does not work"),
    "message",
    lambda _owed: reverse("channels"),
    3,
    "standard",
    tap=False,
)


class Line(NamedTuple):
    """What is asked: a channel by the installation's own settings, or by the account of a place; an app of groups."""

    channel: str
    account: int = 0
    place: str = ""
    name: str = ""

    @property
    def app(self) -> str:
        """Of chat groups; empty for a channel."""
        return self.channel.removeprefix(CHAT) if self.channel.startswith(CHAT) else ""

    @property
    def label(self) -> str:
        if self.app:
            return f"{_('Chat groups')} · {ChatGroup.Kind(self.app).label}"
        own = registry.channel(self.channel).label
        return f"{own} · {self.name}" if self.account else own

    @property
    def key(self) -> str:
        return f"{self.channel}#{self.account}" if self.account else self.channel


@dataclass(frozen=True)
class Result:
    """The last round of one channel or account. `at` None: never asked yet."""

    channel: str
    label: str
    at: datetime | None = None
    ok: bool | None = None
    says: str = ""
    sent: bool = False  # a test message was sent, too
    account: int = 0  # of a place; 0: the installation's own settings

    @property
    def old(self) -> bool:
        return self.at is None or clock.now() - self.at > OLD


def lines() -> list[Line]:
    """Everything in service, in the order of trying; the accounts of places; the apps of chat groups."""
    names = registry.in_service()
    rows = ChannelAccount.objects.filter(enabled=True, channel__in=names).select_related("place")
    places = [
        Line(row.channel, row.pk, row.place_id, f"{row.place.name} · {row.name}")
        for row in rows.order_by("place_id", "channel")
    ]
    return [*(Line(name) for name in names), *places, *(Line(CHAT + kind) for kind in asking.apps())]


def results() -> list[Result]:
    """Of every channel in service and every account, each sentence in the reader's language."""
    asked = lines()
    rows = ChannelCheck.objects.filter(channel__in={one.channel for one in asked}, ok__isnull=False)
    last = {
        (row.channel, row.account): row
        for row in rows.order_by("channel", "account", "-asked_at", "-id").distinct("channel", "account")
    }
    found = []
    for one in asked:
        row = last.get((one.channel, one.account))
        if row is None:
            found.append(Result(one.channel, one.label, account=one.account))
        else:
            says = again(row.says)
            found.append(Result(one.channel, one.label, row.asked_at, row.ok, says, row.sent, one.account))
    return found


def tick() -> int:
    """The workers' duty. How many channels were asked."""
    asked = _claimed()
    for line, row in asked:
        _ask(line, row)
    return len(asked)


@transaction.atomic
def _claimed() -> list[tuple[Line, ChannelCheck]]:
    """Rows for the channels whose turn it is, written before anything is asked: no other worker asks them."""
    now = clock.now()
    if not plans.EARLIEST <= now.astimezone(clock.BEIJING).hour < plans.LATEST:
        return []
    if not locks.alone("alerting.channel_checks"):
        return []
    ChannelCheck.objects.filter(asked_at__lt=now - KEPT).delete()
    return [
        (one, ChannelCheck.objects.create(channel=one.channel, account=one.account, asked_at=now))
        for one in lines()
        if _due(one)
    ]


def _due(line: Line) -> bool:
    rows = ChannelCheck.objects.filter(channel=line.channel, account=line.account)
    last = rows.order_by("-asked_at", "-id").first()
    if last is None:
        return True
    past = clock.now() - last.asked_at
    if last.ok is None:
        return past > LOST
    return clock.day_of(last.asked_at) < clock.today() or (not last.ok and past >= AGAIN)


def _ask(line: Line, row: ChannelCheck) -> None:
    ok, says = _health(line)
    address = settings.CHANNEL_TESTS.get(line.channel, "")
    if ok and address and is_working(clock.today()) and not rounds.warned():
        row.sent = True
        ok, says = _message(line, address)
    row.ok, row.says = ok, kept(says)
    row.save(update_fields=["ok", "says", "sent"])
    _owe(line, ok=ok)


def _channel(line: Line) -> Installed:
    """With connections of its own. Raises ValueError for settings that can't be opened or understood."""
    if not line.account:
        return registry.MAKERS[line.channel]()
    account = ChannelAccount.objects.get(pk=line.account)
    return senders.make(account.kind, senders.values_of(account), account.pk)


def _health(line: Line) -> tuple[bool, str]:
    try:
        if line.app:
            looked = asking.look(line.app)
            return looked.ok, looked.says
        found = desk.ask(_channel(line)) if line.account else desk.health(line.channel)
        if not found.ok and found.says in _channel(line).problems():  # finished sentences, for whoever asks now
            return False, said(gettext_noop("Its settings are not complete: its page says what is missing."))
    except Exception as error:  # whatever a channel does, the others are asked too
        return False, f"{type(error).__name__}: {error}"
    return found.ok, found.says


def _message(line: Line, address: str) -> tuple[bool, str]:
    try:
        send = partial(desk.try_out, _channel(line)) if line.account else partial(desk.test_message, line.channel)
        outcome = send(address)
    except Refusal:
        return False, said(gettext_noop("The test address can't be used: correct LASTMILE_CHANNEL_TESTS."))
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"
    return outcome.what is What.ACCEPTED, desk.outcome_says(outcome)[1]


def _owe(line: Line, *, ok: bool) -> None:
    if ok:
        actions.settle(KIND.name, line.key)
        return
    place = line.place or _keepers()
    if place:
        title = _("%(channel)s does not work: look at it before a warning needs it")
        new = actions.New(
            kind=KIND.name,
            key=line.key,
            title=title % {"channel": line.label},
            place=place,
            perm=Perm.SYSTEM_CONFIGURE,
            due_at=clock.now() + MEND_WITHIN,
            again=True,
        )
        actions.create_many([new])


def _keepers() -> str:
    """The widest place at which somebody sets up the system; empty where nobody does."""
    roles: Sequence[str] = [role for role, perms in MAY.items() if Perm.SYSTEM_CONFIGURE in perms]
    held = Grant.objects.in_force().filter(role__in=roles, user__is_active=True)
    return held.order_by(Length("place_id"), "place_id").values_list("place_id", flat=True).first() or ""


def register() -> None:
    kinds.register(KIND)
