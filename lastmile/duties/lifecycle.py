"""Which moves an obligation can make: the one table."""

from __future__ import annotations

from lastmile.duties.models import State
from lastmile.kernel.transitions import Transitions

CLOSING = {State.DONE, State.NOT_APPLICABLE, State.PROBLEM, State.WITHDRAWN}
AGAIN = {State.OPEN, State.ACCEPTED}

TABLE: Transitions[State] = Transitions(
    {
        State.OPEN: {State.ACCEPTED, State.OPEN, *CLOSING},
        State.ACCEPTED: {State.OPEN, *CLOSING},
        State.DONE: AGAIN,
        State.NOT_APPLICABLE: AGAIN,
        State.PROBLEM: AGAIN,
        State.WITHDRAWN: set(),  # opens again only by being created again
    }
)
