"""Which moves a call can make: the one table. The statements in sql/ keep to it; a test walks them against it."""

from __future__ import annotations

from lastmile.alerting.models import CallState as S
from lastmile.kernel.transitions import Transitions

HEARD = {S.CONFIRMED, S.DONE}  # an answer comes at any time, also after the superior was told
CLIMBING = {S.WAITING, S.CALLING, S.DEPUTY, S.SUPERIOR, S.DOOR}  # where a mistaken confirmation goes back to

TABLE: Transitions[S] = Transitions(
    {
        S.WAITING: {S.CALLING, S.DEPUTY, S.SUPERIOR, S.DOOR, *HEARD, S.STOPPED},
        S.CALLING: {S.DEPUTY, S.SUPERIOR, S.DOOR, *HEARD, S.STOPPED},
        S.DEPUTY: {S.CALLING, S.SUPERIOR, S.DOOR, *HEARD, S.STOPPED},
        S.SUPERIOR: {S.CALLING, S.DOOR, *HEARD, S.STOPPED},
        S.DOOR: {S.CALLING, *HEARD, S.STOPPED},
        S.CONFIRMED: {S.ASKED, S.DONE, *CLIMBING, S.STOPPED},
        S.ASKED: {S.RAISED, S.CONFIRMED, S.DONE, *CLIMBING, S.STOPPED},
        S.RAISED: {S.CONFIRMED, S.DONE, *CLIMBING, S.STOPPED},
        S.DONE: {S.CONFIRMED, *CLIMBING},
        S.STOPPED: set(),
    }
)
