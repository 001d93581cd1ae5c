"""Who has to answer: one obligation for each post that is asked, kept by `duties`."""

from __future__ import annotations

from collections.abc import Sequence

from lastmile.facts.models import Ask, Request
from lastmile.kernel.permissions import Actor

KIND = "facts.answer"


def asked(by: Actor, request: Request, asks: Sequence[Ask]) -> None:
    """Open an obligation for every ask."""


def answered(by: Actor, ask: Ask) -> None:
    """It is done."""


def withdrawn(by: Actor, ask: Ask) -> None:
    """Nobody has to answer any more."""
