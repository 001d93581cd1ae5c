from __future__ import annotations

from lastmile.alerting.tests.conftest import desk, world

__all__ = ["desk", "world"]
