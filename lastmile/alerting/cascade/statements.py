"""The cascade's set-based statements, one file each under sql/. What one includes may also lie in alerting/sql."""

from __future__ import annotations

from pathlib import Path

from lastmile.alerting.sql import FOLDER
from lastmile.kernel.statements import Statements

fetch = Statements(Path(__file__).parent / "sql", FOLDER).fetch
