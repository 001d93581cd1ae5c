"""`lastmile doctor` says what is right and what is wrong, and its exit code agrees."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from lastmile.kernel import clock
from lastmile.site import doctor
from lastmile.site.doctor import Finding
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_channels(settings: Any) -> None:
    settings.CHANNELS = ["web"]


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("doctor", *arguments, stdout=out)
    return int(left.value.code or 0), out.getvalue()


def test_every_probe_answers_and_a_missing_worker_is_named() -> None:
    code, shown = run("--json")
    findings = json.loads(shown)
    assert code == 1
    assert len(findings) >= len(doctor.PROBES)
    assert any("lastmile worker" in finding["mend"] for finding in findings if not finding["ok"])


def test_a_sound_deployment_ends_with_nought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PROBES", [doctor.database, doctor.migrations, doctor.time, doctor.field_keys])
    code, shown = run()
    assert code == 0
    assert shown.count("✓") == 4


def test_without_a_database_it_says_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def database() -> Iterator[Finding]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(doctor, "database", database)
    monkeypatch.setattr(doctor, "PROBES", [database, doctor.migrations])
    found = list(doctor.examine())
    assert len(found) == 1
    assert not found[0].ok
    assert "DATABASE_URL" in found[0].mend


def test_a_probe_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise RuntimeError("gateway")

    monkeypatch.setattr(doctor, "PROBES", [broken, doctor.time])
    assert [finding.ok for finding in doctor.examine()] == [False, True]


def test_a_clock_that_is_off_is_noticed() -> None:
    clock.forward(seconds=30)
    found = next(doctor.time())
    assert not found.ok
    assert found.mend


def test_a_lost_field_key_is_noticed(settings: Any) -> None:
    World.build(households=1)
    assert next(doctor.field_keys()).ok
    settings.FIELD_KEYS = f"7:{secrets.token_hex(32)}"
    assert not next(doctor.field_keys()).ok


def test_missing_officers_are_named() -> None:
    assert not next(doctor.officers()).ok
    World.build(people=False)
    assert next(doctor.officers()).ok


def test_a_full_disk_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOM_ON_DISK", 10**18)
    assert next(doctor.disk()).mend
    assert timedelta(seconds=1) < doctor.WORKER_SEEN
