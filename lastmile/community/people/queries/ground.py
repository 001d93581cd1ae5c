"""The one rule by which personal data is opened (ADR 42): a reason somebody types, or the duty chain of a warning.

Everything personal is masked, whatever the page, list, file or operation. Whoever holds the permission at the place
opens it for a reason that is kept, or without typing one while a warning is in force there on which they must act;
then the warning is the reason. Who that is, a room above says: `follow(chain)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, may, require

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

SHORTEST, LONGEST = 2, 200
# In words for the resident, what the actor must act on at this place at this moment; empty if nothing.
Chain = Callable[["Actor", str], str]
_chains: list[Chain] = []


def follow(chain: Chain) -> None:
    """Once, by the room that knows of duty."""
    if chain not in _chains:
        _chains.append(chain)


def purpose(actor: Actor, place: str) -> str:
    """The warning in force for which people of this place are open to the actor without another word; else empty."""
    if not may(actor, Perm.PERSON_REVEAL, place):
        return ""
    return next((words[:LONGEST] for chain in _chains if (words := chain(actor, place))), "")


def ground(actor: Actor, place: str, typed: str = "", *, perm: Perm = Perm.PERSON_REVEAL) -> str:
    """The reason as it is kept. Raises NotAllowed without `perm` there, Refusal where there is neither."""
    require(actor, perm, place)
    return good_reason(typed) if typed.strip() else purpose(actor, place) or good_reason(typed)


def good_reason(typed: str) -> str:
    """The reason as it is kept. Raises Refusal when there is none."""
    typed = typed.replace("\0", "").strip()[:LONGEST]
    if len(typed) < SHORTEST:
        raise Refusal(
            _("Say why you need to see it."),
            _("A few words are enough, as “call about the flood”. They are kept, and the person may ask who looked."),
            fields={"reason": _("Write a reason.")},
        )
    return typed
