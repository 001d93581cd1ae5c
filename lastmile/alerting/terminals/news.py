"""What terminals do on news from below, and what they make known to other rooms; called once when the house starts."""

from __future__ import annotations

from typing import Any

from lastmile.alerting import signals
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.terminals import opening, owing, rules


def _issued(event: AlertEvent, **_more: Any) -> None:
    opening.issued(event)


def register() -> None:
    signals.issued.connect(_issued, dispatch_uid="terminals.issued")
    owing.register()
    rules.register()
