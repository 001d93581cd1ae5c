"""`lastmile smsc`: an invented SMS centre that speaks SMPP 3.4, with phones and people (docs/channels/smpp.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.channels.fake.centre import CentreOptions
from lastmile.alerting.channels.fake.script import read
from lastmile.alerting.channels.fake.server import Options, Phones, serve
from lastmile.alerting.channels.shapes import BadShape


class Command(BaseCommand):
    help = (
        "Run an invented SMS centre. Set LASTMILE_SMPP_HOST=127.0.0.1, LASTMILE_SMPP_SYSTEM_ID=lastmile and "
        "LASTMILE_SMPP_PASSWORD=secret to send to it; its page shows every phone, and answers are typed there."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=2775, help="SMPP")
        parser.add_argument("--page", type=int, default=8026, help="the page with the phones")
        parser.add_argument("--system-id", default="lastmile")
        parser.add_argument("--password", default="secret")
        parser.add_argument("--rate", type=int, default=0, help="submit_sm a second, then ESME_RTHROTTLED; 0: no limit")
        parser.add_argument("--delay", type=float, default=2.5, help="seconds from the centre to a phone")
        parser.add_argument("--dead", type=float, default=0.01, help="share of numbers that do not exist")
        parser.add_argument("--form", choices=("both", "text", "tlv"), default="both", help="how a receipt says it")
        parser.add_argument("--repeat", type=int, default=1, help="times each receipt comes")
        parser.add_argument("--shuffle", action="store_true", help="receipts out of order")
        parser.add_argument("--web", default=settings.PUBLIC_URL, help="where links in messages are opened")
        parser.add_argument("--script", default="", help="JSON file: how phones and people behave")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            script = read(options["script"])
        except BadShape as error:
            raise CommandError(f"The script is wrong: {error}") from error
        devices = replace(script.devices, gone=options["dead"], latency=(options["delay"], 0.0))
        centre = CentreOptions(
            options["system_id"],
            options["password"],
            options["rate"],
            options["form"],
            max(1, options["repeat"]),
            options["shuffle"],
        )
        wanted = Options(
            web=options["web"],
            secret=settings.SMS_GATEWAY_SECRET,
            seed=options["seed"],
            smpp_port=options["port"],
            centre=centre,
        )
        page = f"http://127.0.0.1:{options['page']}/"
        self.stdout.write(f"invented SMS centre: SMPP 127.0.0.1:{options['port']}  phones: {page}  figures: stats.json")
        serve(Phones(replace(script, devices=devices), wanted), options["page"])
