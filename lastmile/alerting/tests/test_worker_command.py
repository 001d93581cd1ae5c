"""A worker starts without what only pages need, and never with settings that can't work."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from lastmile.alerting.management.commands import worker

STARTED = """
import sys, django
django.setup()
from lastmile.alerting.management.commands.worker import Command
command = Command()
command.check(tags=command.requires_system_checks)
print(*(name for name in ("lastmile.site.urls", "fpdf", "fontTools") if name in sys.modules))
"""


def test_it_loads_neither_pages_nor_what_draws_documents() -> None:
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_it_does_not_start_with_keys_that_can_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []
    monkeypatch.setattr(worker, "run_worker", lambda: started.append(True))
    with override_settings(FIELD_KEYS="1:no hex"), pytest.raises(SystemCheckError, match="E001"):
        call_command("worker", skip_checks=False)
    assert not started
