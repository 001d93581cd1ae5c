"""Every verb of an obligation. Views get the obligation through `queries.mine`; other rooms create and withdraw."""

from __future__ import annotations

from lastmile.duties.actions.close import done, not_applicable, problem, settle, undo
from lastmile.duties.actions.create import New, create, create_many, strip_words, withdraw, withdraw_many
from lastmile.duties.actions.move import accept, delegate, give_back, hand_over, recall, snooze
from lastmile.duties.actions.superiors import name_superior

__all__ = [
    "New",
    "accept",
    "create",
    "create_many",
    "delegate",
    "done",
    "give_back",
    "hand_over",
    "name_superior",
    "not_applicable",
    "problem",
    "recall",
    "settle",
    "snooze",
    "strip_words",
    "undo",
    "withdraw",
    "withdraw_many",
]
