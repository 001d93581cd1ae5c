"""The set-based statements of the hot paths, one file each."""

from __future__ import annotations

from pathlib import Path

from lastmile.kernel.statements import Statements

FOLDER = Path(__file__).parent
_here = Statements(FOLDER)
statement, fetch = _here.text, _here.fetch
