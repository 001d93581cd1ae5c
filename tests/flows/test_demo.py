"""The demo is the main job: it runs here as a newcomer runs it, with fewer people and more haste."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from lastmile.kernel import embedded

RESIDENTS = 400


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own, with the browser libraries of this one; its database server is stopped afterwards."""
    (tmp_path / "vendor").symlink_to(Path(str(settings.VAR)) / "vendor")
    yield tmp_path
    embedded.stop(tmp_path / "pg")


def demo(var: Path) -> subprocess.CompletedProcess[str]:
    away = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST")
    environment = {name: value for name, value in os.environ.items() if name not in away} | {"LASTMILE_VAR": str(var)}
    command = [sys.executable, "-m", "lastmile", "demo", "--once", "--residents", str(RESIDENTS), "--speed", "60"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)


def test_the_demo_reaches_everybody_once_and_says_so_in_its_report(var: Path) -> None:
    done = demo(var)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + (var / "demo.log").read_text()[-3000:]
    found = json.loads((var / "demo.json").read_text())
    assert found["alert"]["headline"] == "郑州市气象台发布暴雨红色预警信号"
    assert found["alert"]["sent_at"].startswith("2021-07-20T09:0")
    assert found["people"]["people"] >= RESIDENTS
    assert found["people"]["confirmed"] > 0
    assert found["phones"]["doubled"] == 0
    assert {row["waiting"] + row["unknown"] for row in found["channels"]} == {0}
    assert found["left"]["people"] == found["people"]["people"] - found["people"]["delivered"]
    assert "崔庙镇" in done.stdout
