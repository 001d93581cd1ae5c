"""Nothing that an operator sets or a channel does stays unwritten."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lastmile.alerting.channels import registry

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"(?:env\.\w+|environ(?:\.get|\.setdefault)?)[\[(]\s*f?\"((?:LASTMILE|DATABASE)_[A-Z_]+)\"")
SOURCES = [path for path in (ROOT / "lastmile").rglob("*.py") if "tests" not in path.parts]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
CHANNELS = ROOT / "lastmile" / "alerting" / "channels"


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    used = {name for path in SOURCES for name in READ.findall(path.read_text())}
    listed = set(re.findall(r"^\| `((?:LASTMILE|DATABASE)_[A-Z_]+)`", OPERATING, re.MULTILINE))
    assert used - listed == set(), "write it into the table of docs/operating.md"
    assert listed - used == set(), "nothing reads this any more"


@pytest.mark.parametrize("name", registry.MAKERS)
def test_every_channel_is_tested(name: str) -> None:
    tests = "\n".join(path.read_text() for path in CHANNELS.rglob("test_*.py"))
    assert re.search(rf"\b{name}\b", tests), f"no test of a channel speaks of {name}"


def test_every_operation_of_the_api_says_in_a_line_of_its_own_what_it_does() -> None:
    spec = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    found = [operation for methods in spec["paths"].values() for operation in methods.values()]
    silent = [
        one["operationId"] for one in found if one["operationId"].endswith(one["summary"].lower().replace(" ", "_"))
    ]
    assert len(found) > 200
    assert silent == [], "give it a summary"
