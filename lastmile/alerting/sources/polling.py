"""Ask the sources that are due. Claim, commit, ask, settle: nothing is fetched inside a transaction.

1. Due rows are claimed for two minutes, so that one source is asked by one worker at a time.
2. All of them are asked at once, with what the last answer said of its version; one that is dead delays no other.
3. New entries of a feed are fetched; what they hold is stored; only then the version is written down.
4. After an error the next question waits longer, by chance a little more or less, at most ten minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urljoin

import structlog
from cryptography import x509
from django.db import models, transaction
from django.db.models import Q

from lastmile.alerting.cap import fetch
from lastmile.alerting.cap.feeds import Item
from lastmile.alerting.cap.findings import Finding, Refused
from lastmile.alerting.models import Received, Source, SourceItem
from lastmile.alerting.sources import store
from lastmile.alerting.sources.reading import Message, read_address, read_messages
from lastmile.alerting.sources.trust import anchors_of, token_of
from lastmile.kernel import clock

log = structlog.get_logger(__name__)
LEASE: Final = timedelta(minutes=2)
LONGEST: Final = 600  # seconds between two questions after errors, unless the source is asked more rarely anyway
AT_ONCE: Final = 20
MOST_NEW: Final = 50  # entries fetched in one round; the others in the next
KEPT: Final = timedelta(days=60)  # entries remembered; a feed lists none that are older


@dataclass
class Round:
    """What asking one source gave. `error` is empty when all of it went well."""

    answer: fetch.Answer = field(default_factory=lambda: fetch.Answer(304))
    form: str = ""
    messages: list[tuple[str, Message]] = field(default_factory=list)  # with the address they lay at
    seen: list[str] = field(default_factory=list)
    error: Finding | None = None
    more: bool = False


def tick() -> int:
    """The workers' duty. How many sources were asked."""
    due = claim()
    if not due:
        return 0
    known = {source.pk: set(_known(source)) for source in due}
    asked = [(source, anchors_of(source), token_of(source)) for source in due]
    rounds = asyncio.run(_all(asked, known))
    for source, found in zip(due, rounds, strict=True):
        settle(source, found)
    return len(due)


@transaction.atomic
def claim() -> list[Source]:
    """Sources whose turn it is and that nobody else is asking."""
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Source.objects.filter(free, kind=Source.Kind.FEED, enabled=True, due_at__lte=now).order_by("due_at")
    found = list(rows.select_for_update(skip_locked=True)[:AT_ONCE])
    for source in found:
        source.claimed_until = now + LEASE
        source.save(update_fields=["claimed_until"])
    return found


def _known(source: Source) -> Sequence[str]:
    return list(SourceItem.objects.filter(source=source).values_list("key", flat=True))


async def _all(asked: Sequence[tuple[Source, list[x509.Certificate], str]], known: dict[int, set[str]]) -> list[Round]:
    return await asyncio.gather(*(_one(source, anchors, token, known[source.pk]) for source, anchors, token in asked))


async def _one(source: Source, anchors: list[x509.Certificate], token: str, known: set[str]) -> Round:
    """Never raises: what goes wrong is the error of the round."""
    found = Round()
    try:
        found.answer = await fetch.ask(source.url, _headers(source, token))
        if found.answer.status == 200:
            await _read(source, found, anchors, token, known)
    except Refused as refused:
        found.error = refused.finding
    except Exception as error:  # whatever a stranger's bytes do, the other sources are asked too
        log.exception("sources.round_failed", source=source.pk)
        found.error = Finding("fetch_failed", "", {"address": source.url[:200], "why": type(error).__name__})
    return found


def _headers(source: Source, token: str) -> dict[str, str]:
    given = {"If-None-Match": source.etag, "If-Modified-Since": source.modified}
    given |= {"Authorization": f"Bearer {token}"} if token else {}
    return {name: value for name, value in given.items() if value}


async def _read(source: Source, found: Round, anchors: list[x509.Certificate], token: str, known: set[str]) -> None:
    read = await asyncio.to_thread(read_address, found.answer.body, anchors)
    found.form = read.form
    found.messages += [(source.url, message) for message in read.messages]
    fresh = [(key, item) for item in read.items if item.cap_link and (key := _key(item)) not in known]
    found.more = len(fresh) > MOST_NEW
    for key, item in fresh[:MOST_NEW]:
        try:
            address = urljoin(source.url, item.cap_link)
            own = {"Authorization": f"Bearer {token}"} if token and _same_host(address, source.url) else {}
            body = (await fetch.ask(address, own)).body
            messages = await asyncio.to_thread(read_messages, body, anchors)
        except Refused as refused:
            found.error = refused.finding
            if not refused.finding.code.startswith("fetch"):
                found.seen.append(key)  # it will not become readable by being fetched again
            continue
        found.messages += [(address, message) for message in messages]
        found.seen.append(key)


def _same_host(one: str, other: str) -> bool:
    return one.split("/")[:3] == other.split("/")[:3]


def _key(item: Item) -> str:
    return hashlib.sha256("\0".join((item.id, item.updated, item.cap_link)).encode()).hexdigest()


def settle(source: Source, found: Round) -> list[Received]:
    """Store what came, then say how it went. A worker that lost its claim stores too: storing twice is once."""
    made: list[Received] = []
    for link, message in found.messages:
        made += store.take_in(source, [message], link)
    now = clock.now()
    rows = [SourceItem(source=source, key=key, at=now) for key in found.seen]
    SourceItem.objects.bulk_create(rows, ignore_conflicts=True)
    SourceItem.objects.filter(source=source, at__lt=now - KEPT).delete()
    mine = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until)
    mine.update(
        claimed_until=None, asked_at=now, **(_bad(source, found.error) if found.error else _good(source, found))
    )
    return made


def _good(source: Source, found: Round) -> dict[str, object]:
    now = clock.now()
    fields: dict[str, object] = {"good_at": now, "failures": 0, "error": {}}
    fields["due_at"] = now if found.more else now + timedelta(seconds=source.interval)
    if found.answer.status == 200:
        fields["form"] = found.form
        # while entries are left the same version must come again
        fields |= {"etag": "", "modified": ""} if found.more else _version(found.answer)
    return fields


def _version(answer: fetch.Answer) -> dict[str, object]:
    return {"etag": answer.etag, "modified": answer.modified}


def _bad(source: Source, error: Finding) -> dict[str, object]:
    facts = {name: str(value)[:300] if isinstance(value, str) else value for name, value in error.facts.items()}
    return {
        "failures": models.F("failures") + 1,
        "error": {"code": error.code, "facts": facts},
        "due_at": clock.now() + timedelta(seconds=pause(source.interval, source.failures)),
        "etag": "",
        "modified": "",
    }


def pause(interval: int, failures: int) -> float:
    """Seconds until the next question after one more failure: doubled each time, a quarter more or less by chance."""
    longest = max(LONGEST, interval)
    return float(min(longest, interval * 2 ** min(failures, 10)) * random.uniform(0.75, 1.25))  # noqa: S311
