"""The room's set-based statements, one file each under sql/."""

from __future__ import annotations

from pathlib import Path

from lastmile.kernel.statements import Statements

fetch = Statements(Path(__file__).parent / "sql").fetch
