"""Warnings (alert), what one frozen issue holds (frozen), and the ledger of telling and answering (ledger)."""

from __future__ import annotations

from lastmile.alerting.models.alert import (
    Alert,
    AlertEvent,
    ApprovalRule,
    Group,
    Kind,
    LocalNote,
    Review,
    State,
    Template,
)
from lastmile.alerting.models.ledger import Fact, Manifest, Receipt, Sent

__all__ = [
    "Alert",
    "AlertEvent",
    "ApprovalRule",
    "Fact",
    "Group",
    "Kind",
    "LocalNote",
    "Manifest",
    "Receipt",
    "Review",
    "Sent",
    "State",
    "Template",
]
