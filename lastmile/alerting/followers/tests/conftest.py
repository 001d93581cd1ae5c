from __future__ import annotations

import pytest

from lastmile.alerting.followers.tests import working
from lastmile.alerting.tests.conftest import desk, world

__all__ = ["desk", "fresh_queue", "world"]


@pytest.fixture(autouse=True)
def fresh_queue(db: None) -> None:
    """Jobs that other tests have committed are not ours."""
    working.begin()
