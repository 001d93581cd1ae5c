"""Verbs of cells and pairs."""

from __future__ import annotations

from lastmile.community.cells.actions.arranging import TOO_LARGE, arrange, undo
from lastmile.community.cells.actions.helping import agree, end_pair, pair_with, volunteer, withdraw, withdraw_all

__all__ = ["TOO_LARGE", "agree", "arrange", "end_pair", "pair_with", "undo", "volunteer", "withdraw", "withdraw_all"]
