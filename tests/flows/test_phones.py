"""There and back again: worker → sms channel → phone network → signed calls and taps → receipt door → ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.fixtures import Settings

from lastmile.alerting import door
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Fact, Manifest, Receipt
from lastmile.alerting.tests.conftest import Desk
from tests.browser.server import LiveServer, free_port
from tests.flows.workers import Workers
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "shared with the phones"
SCRIPT = {
    "devices": {"refused": 0, "off": 0.1, "latency": [1, 0.5], "given_up": 5},
    "people": {
        "answers": {"confirm": 0.4, "safe": 0.2, "moved": 0.2, "needs_help": 0.1},
        "by_sms": 0.3,
        "delay": [20, 0.8],
        "late": 0,
    },
    "gateway": {"faults": {"error_after": 0.3, "busy": 0.2}, "repeat": 3, "shuffle": True},
}
TAPS = {"confirm": Fact.CONFIRMED, "safe": Fact.SAFE, "moved": Fact.MOVED, "needs_help": Fact.NEEDS_HELP}


class PhoneNetwork:
    """`lastmile phones` as a process, ended by its own pid."""

    def __init__(self, folder: Path, web: str) -> None:
        self.port = free_port()
        (folder / "script.json").write_text(json.dumps(SCRIPT))
        command = [sys.executable, "-m", "lastmile", "phones", "--port", str(self.port), "--web", web]
        command += ["--speed", "20", "--script", str(folder / "script.json")]
        environment = {**os.environ, "LASTMILE_SMS_SECRET": SECRET, "LASTMILE_VAR": str(settings.VAR)}
        self.process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)

    def read(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def stats_at_rest(self, told: int, patience: float = 90) -> dict[str, Any]:
        """The figures once everybody was told and nothing more happens by itself."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                stats: dict[str, Any] = self.read("/stats.json")
            except OSError:
                stats = {"at_rest": False, "accepted": 0}
            if stats["at_rest"] and stats["accepted"] >= told:
                return stats
            time.sleep(0.3)
        raise AssertionError(f"the phones did not come to rest: {stats}")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def warned(settings: Settings) -> tuple[AlertEvent, int]:
    """A warning to 60 people, nothing sent yet."""
    settings.CHANNELS, settings.SMS_GATEWAY_SECRET, settings.SMS_GATEWAY_VENDOR = ["sms"], SECRET, ""
    registry.forget()
    event = Desk(World.build(households=15)).issued(channels=["sms"])
    told = {person for row in Manifest.objects.filter(event=event, channel="sms") for person in row.person_ids}
    return event, len(told)


@pytest.fixture
def network(tmp_path: Path, warned: tuple[AlertEvent, int]) -> Iterator[PhoneNetwork]:
    server = LiveServer()
    phones = PhoneNetwork(tmp_path, server.url)
    vendor = tmp_path / "vendor.json"
    vendor.write_text('{"batch": 7, "timeout": 5}')
    workers = Workers(
        {
            "LASTMILE_CHANNELS": "sms",
            "LASTMILE_SMS_URL": f"http://127.0.0.1:{phones.port}/batch",
            "LASTMILE_SMS_SECRET": SECRET,
            "LASTMILE_SMS_VENDOR": str(vendor),
        }
    )
    workers.start()
    yield phones
    workers.end()
    phones.end()
    server.stop()
    for batcher in (door.visits, door.gateway):  # their threads outlive the server, and so would their connections
        batcher._thread.submit(connections.close_all).result(10)


def people(event: AlertEvent, fact: Fact, channel: str) -> int:
    rows = Receipt.objects.filter(event=event, fact=fact, channel=channel)
    assert rows.count() == rows.values("person").distinct().count()  # each fact once, however often it was called back
    return rows.count()


def test_everybody_is_told_once_and_every_answer_is_in_the_ledger(
    network: PhoneNetwork, warned: tuple[AlertEvent, int]
) -> None:
    event, told = warned
    stats = network.stats_at_rest(told)
    assert (stats["accepted"], stats["doubled"]) == (told, 0)
    assert people(event, Fact.DELIVERED, "sms") == stats["delivered"]
    assert people(event, Fact.FAILED, "sms") == stats["failed"] > 0
    for answer, fact in TAPS.items():
        assert people(event, fact, "link") == stats.get(f"tapped_{answer}", 0)
    replied = Receipt.objects.filter(event=event, channel="sms", fact__in=TAPS.values())
    assert replied.count() == stats["reply"] > 0
    assert stats.get("link_failed", 0) == stats.get("tap_failed", 0) == 0
