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
    """A text cut where the personal link goes, its head once more where the code of the door goes."""

    lead: str  # up to the code
    rest: str  # from the code to the link
    head: str  # both, for who has no code
    tail: str
    subject: str
    linked: bool


def wording(frozen: dict[str, Any], language: str, can: Capabilities, note: str) -> Wording:
    """The channel's form of the frozen text: short where it goes to a phone, whole where it goes to a mailbox, and
    spoken where it rings, with what to press at the end.
    """
    language = language if language in frozen["texts"] else DEFAULT_LANGUAGE
    text = frozen["texts"][language]
    if can.contact == Contact.Kind.EMAIL:
        parts = [text[part] for part in ("headline", "instruction", "shelter", "contact", "description")]
        body = "\n\n".join([part for part in (parts[0], parts[1], note, *parts[2:]) if part] + [texts.LINK])
    elif can.lines:
        body = texts.with_keys(text["voice"], note, language)
    else:
        body = texts.with_note(text["sms"], note)
    head, mark, tail = body.partition(texts.LINK)
    before, _code, after = head.partition(texts.CODE)
    said, _here, ends = texts.DOOR[language].partition("{}")
    return Wording(before + said, ends + after, before + after, tail, text["subject"], linked=bool(mark))


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
        codes: Sequence[str] = work.codes
        if len(places) < len(persons):
            persons, addresses = [persons[at] for at in places], [addresses[at] for at in places]
            tokens = [tokens[at] for at in places] if tokens else tokens
            codes = [codes[at] for at in places] if codes else codes
        start, end = _key_ends(work)
        keys = [f"{start}{person}{end}" for person in persons]
        base, links_to = self._links(work.event, persons, tokens)
        said = self._wording(DEFAULT_LANGUAGE)
        texts, subjects = _texts(said, base, links_to, codes), [said.subject] * len(persons)
        if not work.languages.keys().isdisjoint(persons):  # a few of many: theirs are written once more
            for at, person in enumerate(persons):
                if person in work.languages:
                    other = self._wording(work.languages[person])
                    texts[at] = _texts(other, base, links_to[at : at + 1], codes[at : at + 1])[0]
                    subjects[at] = other.subject
        return Batch(keys, persons, addresses, texts, subjects)

    def _links(self, event: int, persons: Sequence[int], tokens: Sequence[str]) -> tuple[str, Sequence[str]]:
        """What all links begin with, and how each goes on."""
        if not self._can.personal:
            return settings.PUBLIC_URL, [""] * len(persons)
        return f"{settings.PUBLIC_URL}{links.PATH}", tokens or links.tokens(event, persons)


def _texts(said: Wording, base: str, links_to: Sequence[str], codes: Sequence[str]) -> list[str]:
    """One text for each link; with `codes`, each with the code of its door, where there is one."""
    lead, rest, head, tail = said.lead, said.rest, said.head, said.tail
    if said.linked:
        rest, head = rest + base, head + base
    else:
        links_to = [""] * len(links_to)
    if not codes:
        return [f"{head}{link}{tail}" for link in links_to]
    return [
        f"{lead}{code}{rest}{link}{tail}" if code else f"{head}{link}{tail}"
        for link, code in zip(links_to, codes, strict=True)
    ]


def _key_ends(work: Work) -> tuple[str, str]:
    """What stands before and after the person in the idempotency keys of a batch."""
    mark = 2_147_483_647
    start, _mark, end = key(work.event, mark, work.channel, work.wave).partition(str(mark))
    return start, end
