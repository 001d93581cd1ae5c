"""What terminals say, written down: verified, each fact once, states in the order of their own time.

The broker may deliver anything twice, late, or from a stranger. So nothing is believed without the signature of its
terminal, reports are appended once by (play, round, stage), and a row moves only on a report of its present round.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from lastmile.alerting.channels.mqtt import protocol
from lastmile.alerting.channels.mqtt.protocol import BadMessage, Report, Stage, State
from lastmile.alerting.models import Play, PlayKind, PlayReport, PlayState, TerminalState
from lastmile.community.org.models import Terminal
from lastmile.community.org.terminals import key_of
from lastmile.kernel import clock

log = logging.getLogger(__name__)

GRACE = 30  # seconds after which a round that should have ended is told again
LONGEST_PAUSE = 120  # seconds of a round whose length is not known
FAILED_AGAIN = timedelta(seconds=60)
INTERRUPTED_AGAIN = timedelta(seconds=30)
CLOSED = (PlayState.STOPPED, PlayState.SILENT)
LETTERS_A_SECOND = 3.0


class Heard(NamedTuple):
    """A message as it came from the broker."""

    topic: str
    payload: bytes
    signature: str
    retained: bool = False


class Said(NamedTuple):
    terminal: int
    what: State | Report
    retained: bool


def take(messages: Sequence[Heard]) -> int:
    """Write down what is believed. How many facts were new."""
    said = list(_believed(messages))
    if not said:
        return 0
    reports = [(one.terminal, one.what) for one in said if isinstance(one.what, Report)]
    reports += [(one.terminal, r) for one in said if isinstance(one.what, State) for r in one.what.recent]
    states = [one for one in said if isinstance(one.what, State)]
    with transaction.atomic():
        return _states(states) + _reports(reports)


def _believed(messages: Sequence[Heard]) -> Iterable[Said]:
    named = [(*_whose(one), one) for one in messages]
    codes = {code for code, _part, _one in named if code}
    rows = Terminal.objects.filter(code__in=codes, closed_on=None).values_list("code", "pk", "key_version")
    known = {code: (pk, key_of(code, version)) for code, pk, version in rows}
    for code, part, one in named:
        pk, key = known.get(code, (0, ""))
        if not protocol.is_signed(key, one.topic, one.payload, one.signature):
            log.warning("a message on %s is not signed by its terminal", one.topic[:80])
            continue
        try:
            yield Said(pk, protocol.read(part, one.payload), one.retained)
        except BadMessage as error:
            log.warning("a message of terminal %s can't be read: %s", code, error)


def _whose(message: Heard) -> tuple[str, str]:
    try:
        return protocol.whose(message.topic)
    except BadMessage:
        return "", ""


def _states(said: Sequence[Said]) -> int:
    held = {row.terminal_id: row for row in TerminalState.objects.filter(terminal__in={one.terminal for one in said})}
    changed: dict[int, TerminalState] = {}
    for one in said:
        assert isinstance(one.what, State)  # noqa: S101  (chosen so)
        row = held.get(one.terminal)
        if new := _newer(row, one, one.what):
            held[one.terminal] = changed[one.terminal] = new
    names = [field.name for field in TerminalState._meta.fields if not field.primary_key]
    TerminalState.objects.bulk_create(
        changed.values(), update_conflicts=True, unique_fields=["terminal"], update_fields=names
    )
    return len(changed)


def _newer(row: TerminalState | None, said: Said, state: State) -> TerminalState | None:
    """The state after this message; None where it says nothing new."""
    now = clock.now()
    at = min(_moment(state.at), now)
    if not state.online:  # the last will: written when it connected, true when it was lost
        if row is not None and row.session == state.session:
            row.online, row.playing = False, ""
            return row
        if row is not None:
            return None
        return TerminalState(terminal_id=said.terminal, session=state.session, state_at=at, seen_at=at)
    if row is not None and row.state_at > _moment(state.at):
        return None
    return TerminalState(
        terminal_id=said.terminal,
        session=state.session,
        state_at=_moment(state.at),
        seen_at=at if said.retained else now,
        online=True,
        volume=state.volume,
        playing=state.playing,
        power=state.power,
        battery=state.battery,
        firmware=state.firmware,
    )


def _reports(said: Sequence[tuple[int, Report]]) -> int:
    plays = {report.play for _terminal, report in said}
    known = set(PlayReport.objects.filter(play__in=plays).values_list("play_id", "serial", "stage"))
    rows = Play.objects.select_for_update(of=("self",)).filter(pk__in=plays).select_related("terminal").order_by("pk")
    held = {row.pk: row for row in rows}
    fresh: list[PlayReport] = []
    for terminal, report in said:
        row, name = held.get(report.play), (report.play, report.serial, str(report.stage))
        if row is None or row.terminal_id != terminal or name in known or report.serial > row.serial:
            continue  # of another terminal, told before, or of a round that was never told
        known.add(name)
        fresh.append(_appended(row, report))
        _apply(row, report)
    PlayReport.objects.bulk_create(fresh, ignore_conflicts=True)
    moved = ["state", "due_at", "serial", "tries", "first_at", "last_at", "rounds", "seconds", "reason", "told_at"]
    Play.objects.bulk_update([held[one.play_id] for one in fresh], moved)
    return len(fresh)


def _appended(row: Play, report: Report) -> PlayReport:
    return PlayReport(
        play=row,
        serial=report.serial,
        stage=report.stage,
        at=_moment(report.at),
        entered_at=clock.now(),
        seconds=report.seconds,
        reason=report.reason,
    )


def _apply(row: Play, report: Report) -> None:
    now = clock.now()
    if report.stage in (Stage.STARTED, Stage.FINISHED) and row.first_at is None:
        row.first_at = max(row.opened_at, min(_moment(report.at), now))
    if report.stage is Stage.FINISHED:
        row.rounds += 1
        row.seconds += report.seconds
        row.last_at = now
    if report.serial != row.serial or row.state in CLOSED:
        return  # a fact, but it moves nothing any more
    if report.stage is Stage.STARTED:
        row.state, row.due_at = PlayState.PLAYING, now + timedelta(seconds=_length(row) + GRACE)
    elif report.stage is Stage.FINISHED:
        row.state, row.reason = PlayState.PLAYED, ""
        _next(row, now + timedelta(seconds=row.every) if row.every else None)
    elif report.stage is Stage.FAILED:
        row.state, row.reason = PlayState.FAILED, report.reason
        _next(row, None if row.kind == PlayKind.TEST else now + FAILED_AGAIN)
    else:
        row.state = PlayState.WAITING
        _next(row, now + INTERRUPTED_AGAIN)


def _next(row: Play, due: datetime | None) -> None:
    """The next round, if there is one before the end."""
    row.due_at = due if due is not None and due < row.until else None
    if row.due_at is not None:
        row.serial, row.tries = row.serial + 1, 0


def _length(row: Play) -> float:
    """Seconds that a round takes, at most."""
    return row.repeats * (len(row.text) / LETTERS_A_SECOND + 5) if row.text else LONGEST_PAUSE


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(min(at, 4_000_000_000), UTC)
