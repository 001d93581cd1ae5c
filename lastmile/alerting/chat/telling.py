"""Post what is due into the groups. Claim, commit, call, settle, as everything that leaves the house (ADR 7).

1. A claim takes robots that may post now and have something due, locks them, and puts both off: one post at a time of a
   robot, by one worker; a dead worker delays it by a minute.
2. Each gets one card: of one message, or of many at once where many wait. Robots of an app are posted to side by side.
3. Taken: the next not before the app's pace allows. Too many: left alone as long as the app is deaf. No answer: again,
   the pause doubling. Refused: given up, shown, and owed by whoever keeps the group; mended within the time of the
   warning, it is told then (keeping.change).
A duty for each app, so that one whose servers hang holds up no other, and none holds up the ledger.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from lastmile.alerting.channels.contract import Outcome, What
from lastmile.alerting.chat import cards, robots, troubles
from lastmile.alerting.chat.cards import Card
from lastmile.alerting.chat.robots import Robot
from lastmile.alerting.models import WARNS, AlertEvent, ChatGroup, ChatNote
from lastmile.kernel import clock, outward

KINDS: Final = tuple(ChatGroup.Kind)
AT_ONCE: Final = 100  # robots of one round
MOST: Final = 1_000  # of one call: then the duty says that it lives
ALONE: Final = 3  # messages that get a card each; when more wait, they share one
TOGETHER: Final = 10  # messages on one card
TRIES: Final = 8
FIRST, LONGEST = 15, 600  # seconds between tries: about half an hour in all
LEASE: Final = timedelta(minutes=1)
OLD: Final = timedelta(days=1)
State = ChatNote.State


class Post(NamedTuple):
    group: ChatGroup
    notes: Sequence[ChatNote]


def tick(kind: str) -> int:
    """The duty of one app. How much was posted or settled without."""
    done = 0
    while done < MOST:
        posts, over = _claim(kind)
        if not posts and not over:
            break
        for one, outcome in zip(posts, _posted(posts) if posts else [], strict=True):
            _settle(one, outcome)
        done += len(posts) + over
    return done


@transaction.atomic
def _claim(kind: str) -> tuple[list[Post], int]:
    """What is posted now, and how many notes were settled because nothing is to be said any more."""
    now = clock.now()
    due = ChatNote.objects.filter(due_at__lte=now)
    free = ChatGroup.objects.filter(Exists(due.filter(group=OuterRef("pk"))), kind=kind, enabled=True, next_at__lte=now)
    held = free.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("next_at", "pk")[:AT_ONCE]
    groups = {one.pk: one for one in held}
    waiting: dict[int, list[ChatNote]] = defaultdict(list)
    over = []
    notes = list(due.filter(group__in=groups).select_related("event__alert").order_by("event__colour", "pk"))
    told = _told(notes)
    for note in notes:
        if _over(note.event, now) or (note.after and not told & {(note.group_id, pk) for pk in _follows(note)}):
            over.append(note.pk)
        else:
            waiting[note.group_id].append(note)
    posts = [Post(groups[pk], _first(found)) for pk, found in waiting.items()]
    taken = [note.pk for post in posts for note in post.notes]
    ChatNote.objects.filter(pk__in=over).update(due_at=None, state=State.OVER)
    ChatNote.objects.filter(pk__in=taken).update(due_at=now + LEASE, tries=F("tries") + 1)
    ChatGroup.objects.filter(pk__in=waiting).update(next_at=now + LEASE)
    return posts, len(over)


def _first(notes: list[ChatNote]) -> list[ChatNote]:
    return notes[:1] if len(notes) <= ALONE else notes[:TOGETHER]


def _follows(note: ChatNote) -> list[int]:
    return list(note.event.frozen.get("follows", []))


def _told(notes: Sequence[ChatNote]) -> set[tuple[int, int]]:
    """(group, event) of what these follow, where the group was told, or may have been."""
    after = [note for note in notes if note.after]
    earlier = {pk for note in after for pk in _follows(note)}
    rows = ChatNote.objects.filter(group__in={note.group_id for note in after}, event__in=earlier)
    rows = rows.filter(state=State.SENT) | rows.filter(maybe=True)
    return set(rows.order_by("pk").values_list("group_id", "event_id"))


def _over(event: AlertEvent, now: datetime) -> bool:
    """Its update or all-clear has notes of its own; an all-clear is news for a day."""
    if event.alert.kind not in WARNS:
        return event.sent_at <= now - OLD
    return event.closed_at is not None or event.expires_at <= now


def card_of(post: Post) -> Card:
    events = [note.event for note in post.notes]
    return cards.warning(post.group, events[0]) if len(events) == 1 else cards.merged(post.group, events)


def robot_of(group: ChatGroup) -> Robot:
    return Robot(group.kind, group.address.reveal(), group.secret.reveal() if group.secret else "")


def _posted(posts: Sequence[Post]) -> list[Outcome]:
    """Everything is opened and written before anything is awaited."""
    return hand_over([(robot_of(post.group), card_of(post)) for post in posts])


def hand_over(ready: Sequence[tuple[Robot, Card]]) -> list[Outcome]:
    return asyncio.run(_all(ready, clock.now().timestamp()))


async def _all(ready: Sequence[tuple[Robot, Card]], now: float) -> list[Outcome]:
    async with outward.session(seconds=robots.SECONDS) as session:
        return list(await asyncio.gather(*(robots.post(session, robot, card, now) for robot, card in ready)))


@transaction.atomic
def _settle(post: Post, outcome: Outcome) -> None:
    now, reason = clock.now(), outcome.reason[:300]
    rows = ChatNote.objects.filter(pk__in=[note.pk for note in post.notes], state=State.WAITING)
    heard(post.group, outcome)
    if outcome.what is What.ACCEPTED:
        rows.update(state=State.SENT, sent_at=now, due_at=None, reason="")
    elif outcome.what is What.REFUSED:
        rows.update(state=State.REFUSED, due_at=None, reason=reason)
        troubles.owe([post.group])
    elif outcome.after:  # it asked for a rest, which uses up no try
        rows.update(due_at=now, tries=F("tries") - 1, reason=reason)
    else:
        if outcome.what is What.UNKNOWN:
            rows.update(maybe=True)
        _again(post, reason, now)


def _again(post: Post, reason: str, now: datetime) -> None:
    for note in post.notes:
        row, tried = ChatNote.objects.filter(pk=note.pk, state=State.WAITING), note.tries + 1
        if tried < TRIES:
            row.update(due_at=now + timedelta(seconds=min(LONGEST, FIRST * 2 ** (tried - 1))), reason=reason)
        else:
            row.update(state=State.REFUSED, due_at=None, reason=reason)
            troubles.owe([post.group])


def free_at(group: ChatGroup, outcome: Outcome) -> datetime:
    """When its robot may post again, after it answered this."""
    return clock.now() + timedelta(seconds=max(robots.PACE[ChatGroup.Kind(group.kind)], outcome.after))


def heard(group: ChatGroup, outcome: Outcome) -> None:
    """What a post says about the robot itself: when it may post again, and whether it works."""
    now = clock.now()
    facts: dict[str, Any] = {"next_at": free_at(group, outcome)}
    if outcome.what is What.ACCEPTED:
        facts |= {"good_at": now, "failure": ""}
        if group.failure:
            troubles.settled(group)
    elif not outcome.after:  # too many posts is no fault of the robot
        facts |= {"failed_at": now, "failure": outcome.reason[:300]}
    ChatGroup.objects.filter(pk=group.pk).update(**facts)
