"""From addresses and a frozen text to messages: the inner loop of it all, a few microseconds a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings

from lastmile.alerting import links, texts
from lastmile.alerting.channels.contract import Batch, Capabilities, key
from lastmile.alerting.dispatch.work import Work
from lastmile.community.people.models import Contact

DEFAULT_LANGUAGE = "zh"


@dataclass(frozen=True)
class Wording:
    """A text cut where the personal link goes."""

    head: str
    tail: str
    subject: str
    linked: bool


def wording(frozen: dict[str, Any], language: str, can: Capabilities, note: str) -> Wording:
    """The channel's form of the frozen text: short where it goes to a phone, whole where it goes to a mailbox."""
    text = frozen["texts"].get(language) or frozen["texts"][DEFAULT_LANGUAGE]
    if can.contact == Contact.Kind.EMAIL:
        parts = [text[part] for part in ("headline", "instruction", "shelter", "contact", "description")]
        body = "\n\n".join([part for part in (parts[0], parts[1], note, *parts[2:]) if part] + [texts.LINK])
    else:
        body = texts.with_note(text["sms"], note)
    head, mark, tail = body.partition(texts.LINK)
    return Wording(head, tail, text["subject"], linked=bool(mark))


def make_links(works: Sequence[Work]) -> None:
    """The personal links of several batches in one go: each for itself takes twice as long."""
    of_event: dict[int, list[Work]] = defaultdict(list)
    for work in works:
        of_event[work.event].append(work)
    for event, same in of_event.items():
        made = iter(links.tokens(event, [person for work in same for person in work.persons]))
        for work in same:
            work.links = list(islice(made, len(work.persons)))


class Renderer:
    """One event on one channel at one place, ready to be written out person by person."""

    def __init__(self, frozen: dict[str, Any], can: Capabilities, note: str) -> None:
        self._frozen, self._can, self._note = frozen, can, note
        self._wordings: dict[str, Wording] = {}

    def _wording(self, language: str) -> Wording:
        if language not in self._wordings:
            self._wordings[language] = wording(self._frozen, language, self._can, self._note)
        return self._wordings[language]

    def messages(self, work: Work, places: Sequence[int]) -> Batch:
        """One message for each position; each must have an address."""
        persons: Sequence[int] = work.persons
        addresses: Sequence[str] = work.addresses
        tokens: Sequence[str] = work.links
        if len(places) < len(persons):
            persons, addresses = [persons[at] for at in places], [addresses[at] for at in places]
            tokens = [tokens[at] for at in places] if tokens else tokens
        start, end = _key_ends(work)
        keys = [f"{start}{person}{end}" for person in persons]
        base, links_to = self._links(work.event, persons, tokens)
        if work.languages.keys().isdisjoint(persons):
            said = self._wording(DEFAULT_LANGUAGE)
            head, tail, count = said.head + base, said.tail, len(persons)
            texts = [f"{head}{link}{tail}" for link in links_to] if said.linked else [said.head] * count
            return Batch(keys, persons, addresses, texts, [said.subject] * count)
        each = [self._wording(work.languages.get(person, DEFAULT_LANGUAGE)) for person in persons]
        texts = [f"{w.head}{base}{to}{w.tail}" if w.linked else w.head for w, to in zip(each, links_to, strict=True)]
        return Batch(keys, persons, addresses, texts, [w.subject for w in each])

    def _links(self, event: int, persons: Sequence[int], tokens: Sequence[str]) -> tuple[str, Sequence[str]]:
        """What all links begin with, and how each goes on."""
        if not self._can.personal:
            return settings.PUBLIC_URL, [""] * len(persons)
        return f"{settings.PUBLIC_URL}{links.PATH}", tokens or links.tokens(event, persons)


def _key_ends(work: Work) -> tuple[str, str]:
    """What stands before and after the person in the idempotency keys of a batch."""
    mark = 2_147_483_647
    start, _mark, end = key(work.event, mark, work.channel, work.wave).partition(str(mark))
    return start, end
