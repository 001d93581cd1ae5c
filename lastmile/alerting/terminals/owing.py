"""Who must look: a terminal that stays silent in a warning, and one that nobody has heard of for a day."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting import owed
from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Play, PlayKind, PlayState
from lastmile.alerting.terminals import audio, figures
from lastmile.alerting.terminals.opening import CHANNEL
from lastmile.community.org.models import Terminal
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock, locks
from lastmile.kernel.permissions import Perm

SILENT_AFTER = timedelta(minutes=3)
GO_WITHIN = timedelta(minutes=30)
MEND_WITHIN = timedelta(days=3)
AT_ONCE = 2_000


def _page(owing: Obligation) -> str:
    return reverse("terminals:warning_place", args=[owing.detail["alert"], owing.place_id])


def _device(owing: Obligation) -> str:
    return reverse("terminals:state", args=[owing.detail["terminal"]])


SILENT = kinds.Kind(
    "alerting.terminal_silent", gettext_lazy("loudspeaker silent in a warning"), "speakerphone", _page, 3, "urgent"
)
OFFLINE = kinds.Kind(
    "alerting.terminal_offline", gettext_lazy("loudspeaker or screen without contact"), "wifi-off", _device, 1,
    "standard", tap=False,
)  # fmt: skip


def register() -> None:
    kinds.register(SILENT)
    kinds.register(OFFLINE)


def tick() -> int:
    """The workers' duty: ask for what is silent, take back what has spoken or is over. How much changed."""
    if CHANNEL not in registry.in_service():
        return 0
    with transaction.atomic():
        if not locks.alone("alerting.terminals"):
            return 0
        audio.forget()
        return _silent() + _spoke() + _offline() + _back()


def _silent() -> int:
    before = clock.now() - SILENT_AFTER
    rows = Play.objects.filter(kind=PlayKind.WARNING, owed=False, first_at=None, told_at__lte=before)
    rows = rows.filter(due_at__isnull=False, event__closed_at=None).select_related("event__alert", "terminal__place")
    found = list(rows[:AT_ONCE])
    keepers = owed.keepers({row.place for row in found if row.terminal.post_id is None})
    made = actions.create_many(_asked(row, row.terminal.post_id or keepers.get(row.place)) for row in found)
    Play.objects.filter(pk__in=[row.pk for row in found]).update(owed=True)
    return made


def _asked(row: Play, post: int | None) -> actions.New:
    event = row.event
    assert event is not None  # noqa: S101  (a warning has one)
    words = {"place": row.terminal.place.name, "name": row.terminal.named}
    title = _("%(place)s, %(name)s: the loudspeaker is silent. Look, and call out with a hand-held one") % words
    return actions.New(
        kind=SILENT.name,
        key=f"{row.root}:{row.terminal_id}",
        title=owed.marked(title, exercise=row.exercise),
        place=row.place,
        post=post,
        perm="" if post else Perm.ALERT_RECEIPT,
        danger=owed.DANGER[Colour(event.colour)],
        due_at=clock.now() + GO_WITHIN,
        basis=event.frozen["texts"]["zh"]["headline"],
        detail={"alert": event.alert.code, "terminal": row.terminal_id},
        again=True,
    )


def _spoke() -> int:
    """It has begun after all, or the message is over: nobody needs to go."""
    done = Q(first_at__isnull=False) | Q(state__in=[PlayState.STOPPED, PlayState.SILENT]) | Q(due_at=None)
    rows = Play.objects.filter(done, owed=True)
    keys = [f"{root}:{terminal}" for root, terminal in rows.values_list("root", "terminal")]
    if not keys:
        return 0
    newer = Play.objects.filter(owed=True, due_at__isnull=False, first_at=None).values_list("root", "terminal")
    still = {f"{root}:{terminal}" for root, terminal in newer}
    rows.update(owed=False)
    return actions.withdraw_many(SILENT.name, [key for key in keys if key not in still])


def _offline() -> int:
    rows = list(figures.unheard().select_related("place")[:AT_ONCE])
    known = set(Obligation.objects.filter(kind=OFFLINE.name, closed_at=None).values_list("key", flat=True))
    fresh = [row for row in rows if str(row.pk) not in known]
    keepers = owed.keepers({row.place_id for row in fresh if row.post_id is None})
    return actions.create_many(_mend(row, row.post_id or keepers.get(row.place_id)) for row in fresh)


def _mend(row: Terminal, post: int | None) -> actions.New:
    words = {"place": row.place.name, "name": row.named}
    return actions.New(
        kind=OFFLINE.name,
        key=str(row.pk),
        title=_("%(place)s, %(name)s: no sign for a day. See to power and network") % words,
        place=row.place_id,
        post=post,
        perm="" if post else Perm.TERMINAL_EDIT,
        due_at=clock.now() + MEND_WITHIN,
        detail={"terminal": row.pk},
        again=True,
    )


def _back() -> int:
    known = Obligation.objects.filter(kind=OFFLINE.name, closed_at=None).values_list("key", flat=True)
    silent = {str(pk) for pk in figures.unheard().values_list("pk", flat=True)}
    return actions.withdraw_many(OFFLINE.name, [key for key in known if key not in silent])
