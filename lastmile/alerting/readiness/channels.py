"""The daily round over the channels: whether the far side of each answers, found out before a warning needs it.

1. Once a day, in the hours of tests, each channel in service is asked by its own health check; one that failed is asked
   again every hour until it works.
2. Where an own test address is set (LASTMILE_CHANNEL_TESTS), a marked test message goes there too, on working days and
   while no warning is in force: a health check can't see that a gateway takes messages and drops them.
3. A failure is owed by those who set up the system, until a later round finds the channel well.

Asking takes seconds, so nothing is locked meanwhile: the row is written first, then asked, then filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting import desk
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import What
from lastmile.alerting.models import ChannelCheck
from lastmile.alerting.readiness import plans, rounds
from lastmile.community.accounts.models import Grant
from lastmile.community.accounts.roles import MAY
from lastmile.duties import actions, kinds
from lastmile.duties.recurrence import is_working
from lastmile.kernel import clock, locks
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

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


@dataclass(frozen=True)
class Result:
    """The last round of one channel. `at` None: never asked yet."""

    channel: str
    label: str
    at: datetime | None = None
    ok: bool | None = None
    says: str = ""
    sent: bool = False  # a test message was sent, too

    @property
    def old(self) -> bool:
        return self.at is None or clock.now() - self.at > OLD


def results() -> list[Result]:
    """Of every channel in service, in the order of trying."""
    names = registry.in_service()
    rows = ChannelCheck.objects.filter(channel__in=names, ok__isnull=False).order_by("channel", "-asked_at", "-id")
    last = {row.channel: row for row in rows.distinct("channel")}
    found = []
    for name in names:
        row, label = last.get(name), registry.channel(name).label
        if row is None:
            found.append(Result(name, label))
        else:
            found.append(Result(name, label, row.asked_at, row.ok, row.says, row.sent))
    return found


def tick() -> int:
    """The workers' duty. How many channels were asked."""
    asked = _claimed()
    for row in asked:
        _ask(row)
    return len(asked)


@transaction.atomic
def _claimed() -> list[ChannelCheck]:
    """Rows for the channels whose turn it is, written before anything is asked: no other worker asks them."""
    now = clock.now()
    if not plans.EARLIEST <= now.astimezone(clock.BEIJING).hour < plans.LATEST:
        return []
    if not locks.alone("alerting.channel_checks"):
        return []
    ChannelCheck.objects.filter(asked_at__lt=now - KEPT).delete()
    return [ChannelCheck.objects.create(channel=name, asked_at=now) for name in registry.in_service() if _due(name)]


def _due(name: str) -> bool:
    last = ChannelCheck.objects.filter(channel=name).order_by("-asked_at", "-id").first()
    if last is None:
        return True
    past = clock.now() - last.asked_at
    if last.ok is None:
        return past > LOST
    return clock.day_of(last.asked_at) < clock.today() or (not last.ok and past >= AGAIN)


def _ask(row: ChannelCheck) -> None:
    ok, says = _health(row.channel)
    address = settings.CHANNEL_TESTS.get(row.channel, "")
    if ok and address and is_working(clock.today()) and not rounds.warned():
        row.sent = True
        ok, says = _message(row.channel, address)
    row.ok, row.says = ok, says[:300]
    row.save(update_fields=["ok", "says", "sent"])
    _owe(row)


def _health(name: str) -> tuple[bool, str]:
    try:
        found = desk.health(name)
    except Exception as error:  # whatever a channel does, the others are asked too
        return False, f"{type(error).__name__}: {error}"
    return found.ok, found.says


def _message(name: str, address: str) -> tuple[bool, str]:
    try:
        outcome = desk.test_message(name, address)
    except Refusal as refusal:
        return False, f"{refusal.says} {refusal.mend}"
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"
    return outcome.what is What.ACCEPTED, desk.outcome_says(outcome)[1]


def _owe(row: ChannelCheck) -> None:
    if row.ok:
        actions.settle(KIND.name, row.channel)
        return
    place = _keepers()
    if place:
        title = _("%(channel)s does not work: look at it before a warning needs it")
        new = actions.New(
            kind=KIND.name,
            key=row.channel,
            title=title % {"channel": registry.channel(row.channel).label},
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
