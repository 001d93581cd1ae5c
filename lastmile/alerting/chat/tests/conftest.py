from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lastmile.alerting.chat.tests.rig import Apps, running
from lastmile.alerting.tests.conftest import desk, world

__all__ = ["apps", "desk", "world"]


@pytest.fixture
def apps(settings: Any) -> Iterator[Apps]:
    settings.CHAT_HOSTS, settings.OUTWARD_ALLOW = ["127.0.0.1"], ["127.0.0.1/32"]
    settings.PUBLIC_URL = "https://warn.example.cn"
    with running() as found:
        yield found
