"""What a warning asks of people beyond an answer for themselves, for their own page: by their posts, and about whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from lastmile.alerting.models import Call, CallState
from lastmile.alerting.models.calls import SILENT
from lastmile.community.org.queries import in_words

RAISED = (CallState.SUPERIOR, CallState.DOOR, CallState.RAISED)
SUPERIOR = "superior"  # the way of an answer that a superior gave for a post
NAMED = 6
LISTED = 30  # silent posts with buttons of their own


class About(NamedTuple):
    """A post that a superior was told of, with what they can say about it."""

    call: int
    words: str
    silent: bool  # nobody has confirmed; else passing on is open
    reached: bool  # they said so themselves
    taken: bool
    theirs: bool  # what was said about it is theirs, and theirs to take back
    vacant: bool


class Asked(NamedTuple):
    """`posts` are those a person is called for, in words; `about` the posts a superior was told of, one by one."""

    posts: str
    asked: bool  # whether passing on is asked
    passed: bool
    about: tuple[About, ...]
    more: int  # posts they were told of beyond those
    taken: bool  # they look after all of them


def of(event: int, persons: Sequence[int]) -> dict[int, Asked]:
    """By person; those who hold no post that must answer are left out."""
    involved = Q(person__in=persons) | Q(deputy__in=persons) | Q(superior__in=persons)
    rows = Call.objects.filter(involved, event=event).exclude(state=CallState.STOPPED)
    calls = list(rows.select_related("post").order_by("pk"))
    names = in_words({call.place for call in calls}) if calls else {}
    own: dict[int, list[Call]] = defaultdict(list)
    about: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        for person in {call.person, call.deputy}:
            if person is not None:
                own[person].append(call)
        if call.superior is not None and (call.state in RAISED or call.confirmed_via == SUPERIOR):
            about[call.superior].append(call)
    return {person: _asked(own[person], about[person], names) for person in {*own, *about} & {*persons}}


def _asked(own: list[Call], about: list[Call], names: dict[str, str]) -> Asked:
    relay = [call for call in own if call.relay_due is not None or call.relayed_at is not None]
    return Asked(
        posts=_words(own, names),
        asked=bool(relay),
        passed=bool(relay) and all(call.relayed_at is not None for call in relay),
        about=tuple(_about(call, names) for call in about[:LISTED]),
        more=max(0, len(about) - LISTED),
        taken=all(call.taken_at is not None for call in about if call.state in RAISED),
    )


def _about(call: Call, names: dict[str, str]) -> About:
    reached = call.confirmed_via == SUPERIOR
    return About(
        call=call.pk,
        words=f"{names[call.place]} {call.post.title}",
        silent=call.state in SILENT,
        reached=reached,
        taken=call.taken_at is not None,
        theirs=reached or (call.taken_at is not None and not call.taken_by),
        vacant=call.person is None,
    )


def _words(calls: list[Call], names: dict[str, str]) -> str:
    said = [f"{names[call.place]} {call.post.title}" for call in calls[:NAMED]]
    return "、".join(said) + ("…" if len(calls) > NAMED else "")
