"""What this part does on the room's news, and the kind of obligation it opens; called when the application starts."""

from __future__ import annotations

from lastmile.alerting import signals
from lastmile.alerting.visits import follow, owing, rounds, uncovered
from lastmile.duties import kinds


def register() -> None:
    kinds.register(owing.KIND)
    kinds.register(uncovered.SITE)
    signals.issued.connect(rounds.plan, dispatch_uid="visits.issued")
    signals.counted.connect(follow.follow, dispatch_uid="visits.counted")
    signals.site_answered.connect(uncovered.answered, dispatch_uid="visits.site_answered")
