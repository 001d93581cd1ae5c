"""The `lastmile` command: every management command of every room, under one name."""

from __future__ import annotations

import os
import sys

WITHOUT_DATABASE = {
    "makemessages",
    "compilemessages",
    "collectstatic",
    "help",
    "--help",
    "version",
    "db",
    "phones",  # starts it itself when it needs one
    "smsc",
}


def start_database(command: list[str]) -> None:
    """Start the embedded PostgreSQL for commands that need one, unless DATABASE_URL names another."""
    from django.conf import settings

    from lastmile.kernel import embedded

    if settings.EMBEDDED_DATABASE and command and command[0] not in WITHOUT_DATABASE:
        embedded.ensure(settings.VAR / "pg")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.site.settings")
    from django.core.management import execute_from_command_line

    start_database(sys.argv[1:2])
    execute_from_command_line(["lastmile", *sys.argv[1:]])


if __name__ == "__main__":
    main()
