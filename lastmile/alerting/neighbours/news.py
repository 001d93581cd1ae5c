"""What this part does on the room's news; called when the application starts."""

from __future__ import annotations

from lastmile.alerting import signals
from lastmile.alerting.neighbours import rounds, sms


def register() -> None:
    signals.issued.connect(rounds.plan, dispatch_uid="neighbours.issued")
    signals.counted.connect(rounds.follow, dispatch_uid="neighbours.counted")
    signals.replied.connect(sms.replied, dispatch_uid="neighbours.replied")
