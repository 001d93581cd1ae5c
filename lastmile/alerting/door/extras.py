"""What rooms above add to a resident's page: a part of their own, and answers of their own.

The frozen text of the warning stays as it is; a part that fails is left out, and the page is there all the same.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from lastmile.alerting.models import Fact

log = logging.getLogger("lastmile.door")

Show = Callable[[int, Sequence[int], str], Mapping[int, bytes]]  # (event, persons, language) → HTML by person
Hear = Callable[[int, int, str, str], None]  # event, person, act, nonce of the page: the same again is one answer


@dataclass(frozen=True)
class Extra:
    """`acts` are answers that stand in the part, each with the fact it is in the warning's ledger."""

    name: str
    show: Show
    hear: Hear | None = None
    acts: Mapping[str, Fact] = field(default_factory=dict)


_EXTRAS: dict[str, Extra] = {}


def register(extra: Extra) -> None:
    """Make it known. The same name again replaces it, so that an application may start twice in tests."""
    _EXTRAS[extra.name] = extra


def acts() -> dict[str, Fact]:
    return {act: fact for extra in _EXTRAS.values() for act, fact in extra.acts.items()}


def heard(event: int, person: int, act: str, nonce: str) -> None:
    """Somebody answered, by one of these acts or by one of the door's own."""
    for extra in _EXTRAS.values():
        if extra.hear is not None:
            try:
                with transaction.atomic():
                    extra.hear(event, person, act, nonce)
            except Exception:
                log.exception("%s could not take an answer", extra.name)


def parts(wanted: Iterable[tuple[int, int, str]]) -> dict[tuple[int, int, str], bytes]:
    """The parts of all (event, person, language), asked for in groups."""
    grouped: dict[tuple[int, str], list[int]] = defaultdict(list)
    for event, person, language in wanted:
        grouped[event, language].append(person)
    found: dict[tuple[int, int, str], bytes] = defaultdict(bytes)
    for (event, language), persons in grouped.items():
        for extra in _EXTRAS.values():
            for person, part in _shown(extra, event, persons, language).items():
                found[event, person, language] += part
    return found


def _shown(extra: Extra, event: int, persons: Sequence[int], language: str) -> Mapping[int, bytes]:
    try:
        return extra.show(event, persons, language)
    except Exception:
        log.exception("%s could not be shown", extra.name)
        return {}
