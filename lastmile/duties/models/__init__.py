"""Who must do what by when: obligations, and what happened to each."""

from __future__ import annotations

from lastmile.duties.models.checklist import Checklist, Mark, Round, Sheet
from lastmile.duties.models.department import Dispute
from lastmile.duties.models.digest import Digest
from lastmile.duties.models.gap import GapChange, GapLimit, GapRun, GapSum
from lastmile.duties.models.handover import Handover
from lastmile.duties.models.obligation import Cause, Event, Obligation, Reached, State, Superior, What
from lastmile.duties.models.responsibility import DutyList, DutySignature

__all__ = [
    "Cause",
    "Checklist",
    "Digest",
    "Dispute",
    "DutyList",
    "DutySignature",
    "Event",
    "GapChange",
    "GapLimit",
    "GapRun",
    "GapSum",
    "Handover",
    "Mark",
    "Obligation",
    "Reached",
    "Round",
    "Sheet",
    "State",
    "Superior",
    "What",
]
