"""Frozen events for tests of the engine, without the pages and approvals that lead to them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lastmile.alerting.audience import Audience
from lastmile.alerting.models import Alert, AlertEvent, Kind, State
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.kernel import clock

_numbers = itertools.count(1)

TEXT = {
    "headline": "暴雨红色预警",
    "description": "3小时降雨量将达100毫米以上。",
    "instruction": "请立即转移到高处。",
    "shelter": "镇中学",
    "contact": "0371-64600000",
    "sms": "【荥阳】暴雨红色预警，请立即转移到高处。确认：{link}",
    "voice": "暴雨红色预警，请立即转移到高处。",
    "subject": "暴雨红色预警",
}


def issued(
    audience: Audience,
    *,
    channels: Sequence[str] = ("sms",),
    place: str = "4101",
    colour: int = 1,
    status: str = "Actual",
    texts: dict[str, Any] | None = None,
    minutes: float = 360,
    urgent: bool = False,
) -> AlertEvent:
    """An alert in force and its event, with nothing in the ledger yet."""
    number, now = next(_numbers), clock.now()
    root = place or Place.objects.order_by("code").values_list("code", flat=True)[0]
    author = User.objects.first() or User.objects.create(username="author", display_name="作者", created_at=now)
    alert = Alert.objects.create(
        code=f"T{number}",
        kind=Kind.ALERT,
        place_id=root,
        state=State.ISSUED,
        hazard="rainstorm",
        colour=colour,
        headline="暴雨红色预警",
        audience=audience.as_json(),
        channels=list(channels),
        author=author,
        starts_at=now,
        ends_at=now + timedelta(minutes=minutes),
        created_at=now,
        changed_at=now,
        issued_at=now,
        urgent=urgent,
    )
    frozen = {
        "identifier": f"T{number}",
        "status": status,
        "colour": colour,
        "kind": "alert",
        "place": root,
        "audience": audience.as_json(),
        "channels": list(channels),
        "texts": texts or {"zh": TEXT, "en": TEXT | {"sms": "Red rainstorm warning. Go to high ground. {link}"}},
        "notes": {},
    }
    return AlertEvent.objects.create(
        alert=alert,
        identifier=f"T{number}",
        place=place,
        colour=colour,
        sent_at=now,
        expires_at=now + timedelta(minutes=minutes),
        frozen=frozen,
    )
