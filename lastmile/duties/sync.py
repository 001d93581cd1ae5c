"""Enter taps that a phone kept while it had no network: each once, each on its own, a refusal in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lastmile.community.accounts.models import User
from lastmile.duties import actions, kinds, queries
from lastmile.duties.models import Obligation
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.offline import Result


@dataclass(frozen=True)
class Tap:
    key: UUID
    id: int
    act: str
    at: datetime | None = None
    words: str = ""


def require_tap(owed: Obligation) -> None:
    """Some things are closed only by doing them: a warning is approved on its own page."""
    if not kinds.get(owed.kind).tap:
        raise Conflict(_("This is done on its own page."), _("Open it and decide there; it then leaves the list."))


def enter(user: User, tap: Tap) -> Result:
    """One tap, at its own time. What can't be entered any more is answered in words, not lost in silence."""
    try:
        _enter(user, queries.mine(user, tap.id), tap)
    except Refusal as refusal:
        return Result.refused(tap.key, refusal)
    return Result(tap.key, ok=True)


def _enter(user: User, owed: Obligation, tap: Tap) -> None:
    if tap.act == "accept":
        actions.accept(user, owed, at=tap.at, key=tap.key)
    elif tap.act == "undo":
        actions.undo(user, owed, key=tap.key)
    else:
        require_tap(owed)
        if tap.act == "done":
            actions.done(user, owed, at=tap.at, words=tap.words, key=tap.key)
        elif tap.act == "problem":
            actions.problem(user, owed, tap.words, at=tap.at, key=tap.key)
        else:
            actions.not_applicable(user, owed, words=tap.words, at=tap.at, key=tap.key)
