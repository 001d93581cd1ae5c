"""What batches of one event share: its frozen text and the local notes, read once and kept for a moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from lastmile.alerting import texts
from lastmile.alerting.channels.contract import Capabilities
from lastmile.alerting.dispatch.render import Renderer
from lastmile.alerting.dispatch.store import Store
from lastmile.alerting.dispatch.work import Work
from lastmile.kernel import clock

FRESH = timedelta(seconds=2)  # a note added later than this before a send may miss it
KEPT = 50  # events in memory

NOTES = """
SELECT n.place_id, n.text FROM alerting_localnote n JOIN alerting_alertevent e ON e.alert_id = n.alert_id
WHERE e.id = %s AND n.withdrawn_at IS NULL ORDER BY n.id
"""


class Events:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._frozen: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._notes: dict[int, tuple[datetime, dict[str, str]]] = {}
        self._reading = asyncio.Lock()  # one asks for what many batches want at the same moment

    async def renderer(self, work: Work, can: Capabilities) -> Renderer:
        frozen = await self._text(work.event)
        notes = await self._local(work.event)
        said = [notes[code] for code in sorted(notes) if work.place.startswith(code)]  # from above to nearest
        return Renderer(frozen, can, " ".join(said))

    async def says_code(self, event: int) -> bool:
        """Whether people are told the code of their door."""
        text = await self._text(event)
        return any(texts.CODE in one["sms"] for one in text["texts"].values())

    async def _text(self, event: int) -> dict[str, Any]:
        if event not in self._frozen:
            async with self._reading:
                if event not in self._frozen:
                    await self._read(event)
        return self._frozen[event]

    async def _read(self, event: int) -> None:
        rows = await self._store.fetch("SELECT frozen FROM alerting_alertevent WHERE id = %s", [event])
        self._frozen[event] = rows[0][0]
        while len(self._frozen) > KEPT:
            self._notes.pop(self._frozen.popitem(last=False)[0], None)

    async def _local(self, event: int) -> dict[str, str]:
        if not self._fresh(event):
            async with self._reading:
                if not self._fresh(event):
                    rows = await self._store.fetch(NOTES, [event])
                    self._notes[event] = (clock.now(), dict(rows))
        return self._notes[event][1]

    def _fresh(self, event: int) -> bool:
        known = self._notes.get(event)
        return known is not None and clock.now() - known[0] <= FRESH
