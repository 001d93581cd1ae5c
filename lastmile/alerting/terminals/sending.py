"""Tell terminals what is due: claim and commit, make the command, publish it elsewhere. Nothing here uses the network.

A row stays due until its terminal reports that it began: every try of a round has the same id, so that a terminal plays
it once, and whatever a broker has lost is told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from lastmile.alerting.cascade.rules import Rules, held_until
from lastmile.alerting.channels.mqtt import protocol, screen
from lastmile.alerting.channels.mqtt.protocol import Audio, Command, Do
from lastmile.alerting.models import Play, PlayKind, PlayState, Speech
from lastmile.alerting.terminals import audio
from lastmile.community.org.terminals import key_of
from lastmile.kernel import clock

MOST = 500  # rows of one claim
AGAIN = (15, 30, 60)  # seconds until a terminal that does not answer is told again; the last for all that follow
PAUSE = 1.5  # seconds between two repeats
DO = {PlayKind.STOP: Do.STOP}
GOING = (PlayState.WAITING, PlayState.SENT, PlayState.PLAYING, PlayState.FAILED, PlayState.PLAYED)


class Order(NamedTuple):
    """A signed command on its way: `expires` is after how many seconds the broker may drop it."""

    play: int
    topic: str
    key: str
    body: bytes
    expires: int


def due() -> list[Order]:
    """Claim what is due and make its commands; the claims are committed. Speech is made in between, once a text."""
    rows = _claim(clock.now())
    spoken = audio.prepare({row.text for row in rows if row.terminal.plays and row.kind != PlayKind.STOP})
    return [_order(row, spoken.get(row.text)) for row in rows]


@transaction.atomic
def _claim(now: datetime) -> list[Play]:
    rows = Play.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=now)
    found = list(rows.select_related("terminal", "event").order_by("priority", "due_at", "pk")[:MOST])
    told = [row for row in found if _move(row, now)]
    Play.objects.bulk_update(found, ["state", "due_at", "tries", "told_at"])
    return told


def _move(row: Play, now: datetime) -> bool:
    """Whether it is told now; what is over ends, what is quiet waits."""
    if _over(row, now):
        row.state = PlayState.PLAYED if row.first_at else _ended(row)
        row.due_at = None
        return False
    held = held_until(Rules(wake=False, quiet=tuple(row.quiet)), now) if row.quiet else None
    if held is not None:
        row.due_at = held
        return False
    row.due_at = now + timedelta(seconds=AGAIN[min(row.tries, len(AGAIN) - 1)])
    row.tries += 1
    row.told_at = row.told_at or now
    if row.state != PlayState.PLAYING:
        row.state = PlayState.SENT
    return True


def _ended(row: Play) -> PlayState:
    return PlayState.FAILED if row.reason else PlayState.SILENT


def _over(row: Play, now: datetime) -> bool:
    closed = row.kind == PlayKind.WARNING and row.event is not None and row.event.closed_at is not None
    return row.until <= now or closed or row.terminal.closed_on is not None


def _order(row: Play, spoken: Speech | None) -> Order:
    terminal = row.terminal
    command = _command(row, spoken)
    again = AGAIN[min(row.tries, len(AGAIN)) - 1]
    key = key_of(terminal.code, terminal.key_version)
    return Order(row.pk, protocol.topic(terminal.code, "command"), key, command.body(), again + 5)


def _command(row: Play, spoken: Speech | None) -> Command:
    shown = screen.fit(row.brief, row.terminal.letters) if row.terminal.letters else ""
    return Command(
        id=protocol.command_id(row.pk, row.serial),
        do=DO.get(PlayKind(row.kind), Do.PLAY),
        at=int(clock.now().timestamp()),
        until=int(row.until.timestamp()),
        warning=row.root,
        priority=row.priority,
        volume=row.volume,
        repeats=row.repeats,
        pause=PAUSE,
        text=row.text,
        audio=_audio(spoken) if spoken else None,
        show=shown,
        scroll=screen.scroll(shown) if shown else 0,
        exercise=row.exercise,
        test=row.kind == PlayKind.TEST,
    )


def _audio(spoken: Speech) -> Audio:
    size = int(spoken.seconds * 2 * 22_050) + 44
    url = audio.address(settings.PUBLIC_URL, spoken.digest)
    return Audio(url=url, sha256=spoken.sha256, bytes=size, seconds=round(spoken.seconds, 2))


@transaction.atomic
def give_back(plays: Sequence[int]) -> None:
    """The broker did not take them: they are due at once when there is one, and the try is not counted."""
    Play.objects.filter(pk__in=list(plays), state__in=GOING).exclude(due_at=None).update(due_at=clock.now(), tries=0)
