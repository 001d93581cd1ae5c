"""`lastmile worker`: one more worker; stop it with SIGTERM or Ctrl-C."""

from __future__ import annotations

from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand

from lastmile.alerting.worker import run_worker
from lastmile.kernel.checks import OURS


class Command(BaseCommand):
    help = "Hand warnings to the channels, count answers, run the queue. Any number may run."
    requires_system_checks = (OURS, Tags.compatibility)  # those of URLs would load every page: 40 MB

    def handle(self, *_args: Any, **_options: Any) -> None:
        run_worker()
