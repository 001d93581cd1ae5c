"""A received message, read again from its own bytes: they are the only copy of what it says."""

from __future__ import annotations

from lastmile.alerting.cap.model import Alert
from lastmile.alerting.models import Received
from lastmile.alerting.sources.reading import read_messages


def original(one: Received) -> Alert:
    return read_messages(bytes(one.raw), ())[0].alert
