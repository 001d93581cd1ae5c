"""What groups are owed: due rows, written with the issue itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from lastmile.alerting import published, signals
from lastmile.alerting.chat import troubles
from lastmile.alerting.models import WARNS, AlertEvent, ChatGroup, ChatNote, Kind
from lastmile.kernel import clock, keys
from lastmile.kernel.statements import Statements

fetch = Statements(Path(__file__).parent / "sql").fetch
KEPT: Final = timedelta(days=400)  # what a group was told, for the months of the cost report


def register() -> None:
    signals.issued.connect(note, dispatch_uid="chat.issued")
    keys.register(keys.Index("alerting_chatgroup", "id", "mark", "address", b"chat.address", ()))
    troubles.register()


def note(event: AlertEvent, **_more: Any) -> int:
    """Write down who is owed this message: how many. Tests tell nobody; an exercise only staff who want it."""
    if event.alert.kind == Kind.TEST:
        return 0
    notice = published.notice(event)
    places = ChatGroup.objects.filter(enabled=True).order_by("place_id").values_list("place_id", flat=True).distinct()
    values = {
        "event": event.pk,
        "now": clock.now(),
        "warns": event.alert.kind in WARNS,
        "places": [code for code in places if notice.concerns(code)],
        "colour": event.colour,
        "public": "web" in event.frozen["channels"],
        "follows": list(event.frozen.get("follows", [])),
        "exercise": event.exercise,
    }
    return len(fetch("note", **values))


def forget() -> int:
    """The nightly job."""
    return ChatNote.objects.filter(event__sent_at__lt=clock.now() - KEPT).delete()[0]
