"""How many follow, and how handing over does: numbers alone, for the console and programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lastmile.alerting.followers import letters, pushes
from lastmile.alerting.followers.telling import SENDERS
from lastmile.alerting.models import Follower, Told
from lastmile.kernel import clock

LATELY = timedelta(days=7)
SHOWN = 5


@dataclass(frozen=True)
class Standing:
    """Of one kind. `late` waits for longer than a try takes; `reasons` are of the last seven days."""

    kind: str
    label: str
    confirmed: int = 0
    asked: int = 0
    waiting: int = 0
    late: int = 0
    sent: int = 0
    refused: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)
    meaning: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not self.problems and not self.late and self.refused <= self.sent


def standings() -> list[Standing]:
    """Each kind, of the whole installation: followers belong to no county."""
    return [_standing(kind) for kind in Follower.Kind if kind in SENDERS]


def _standing(kind: Follower.Kind) -> Standing:
    now = clock.now()
    people = Follower.objects.filter(kind=kind).aggregate(
        confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)), asked=Count("pk", filter=Q(confirmed_at=None))
    )
    lately = Told.objects.filter(kind=kind, event__sent_at__gt=now - LATELY)
    states = Counter(dict(lately.values_list("state").annotate(n=Count("pk")).order_by("state")))
    failed = lately.exclude(reason="").values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return Standing(
        kind=kind.value,
        label=str(kind.label),
        waiting=states[Told.State.WAITING],
        late=lately.filter(due_at__lt=now - timedelta(minutes=1)).count(),
        sent=states[Told.State.SENT],
        refused=states[Told.State.REFUSED],
        reasons=list(failed[:SHOWN]),
        meaning=_meaning(kind),
        problems=pushes.problems() if kind == Follower.Kind.PUSH else letters.problems(),
        **people,
    )


def _meaning(kind: Follower.Kind) -> str:
    """What "accepted" proves, in honest words."""
    if kind == Follower.Kind.PUSH:
        return _(
            "“Accepted” means that the push service of the browser's maker has it. Whether the browser was on, showed "
            "it, or anybody looked is never reported."
        )
    return _(
        "“Accepted” means that the mail server has taken it. It may still bounce or lie unread; nothing is "
        "reported back."
    )
