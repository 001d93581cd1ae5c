"""`lastmile setup_link`: the address that sets an empty system up, for whoever may use this terminal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lastmile.site import welcome


class Command(BaseCommand):
    help = "Print the address of the set-up page while the system is empty."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not welcome.is_open():
            raise CommandError("This system has been set up already; the security administrator makes new log-ins.")
        self.stdout.write(settings.PUBLIC_URL + welcome.path())
