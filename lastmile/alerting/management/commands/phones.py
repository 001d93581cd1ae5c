"""`lastmile phones`: the invented phone network, as an SMS gateway with people behind it (docs/channels/fake.md)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lastmile.alerting.channels.fake.centre import CentreOptions
from lastmile.alerting.channels.fake.script import read
from lastmile.alerting.channels.fake.server import Options, Phones, serve
from lastmile.alerting.channels.shapes import BadShape
from lastmile.kernel import embedded


class Command(BaseCommand):
    help = (
        "Run the invented phone network. Set LASTMILE_SMS_URL=http://127.0.0.1:PORT/batch to send to it, "
        "and LASTMILE_VOICE_URL=http://127.0.0.1:PORT/calls to ring it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8025)
        parser.add_argument("--web", default=settings.PUBLIC_URL, help="the system to call back (default: PUBLIC_URL)")
        parser.add_argument("--script", default="", help="JSON file: how phones, people and gateway behave")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--speed", type=float, default=1.0, help="10: the people live ten times faster")
        parser.add_argument("--lines", type=int, default=60, help="telephone calls at the same time")
        parser.add_argument("--smpp-port", type=int, default=0, help="listen for SMPP there too (0: not)")
        parser.add_argument("--places", default="", help="know where the people under this place code live")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            script = read(options["script"])
        except BadShape as error:
            raise CommandError(f"The script is wrong: {error}") from error
        if options["speed"] <= 0:
            raise CommandError("--speed must be above 0")
        wanted = Options(
            web=options["web"],
            secret=settings.SMS_GATEWAY_SECRET,
            voice_secret=settings.VOICE_GATEWAY_SECRET,
            lines=options["lines"],
            seed=options["seed"],
            speed=options["speed"],
            smpp_port=options["smpp_port"],
            centre=_centre(),
        )
        phones = Phones(script, wanted, _places(options["places"]))
        self.stdout.write(
            f"invented phones: http://127.0.0.1:{options['port']}/  SMS: /batch  calls: /calls  figures: /stats.json"
        )
        serve(phones, options["port"])


def _centre() -> CentreOptions:
    """It takes the log-in that the settings have."""
    known = {name: str(settings.SMPP[name]) for name in ("system_id", "password") if settings.SMPP[name]}
    return CentreOptions(known.get("system_id", "lastmile"), known.get("password", "secret"))


def _places(prefix: str) -> dict[str, str]:
    """Place codes by invented number, for outages of a place; needs the database."""
    if not prefix:
        return {}
    if settings.EMBEDDED_DATABASE:
        embedded.ensure(settings.VAR / "pg")
    from lastmile.community.people.models import Contact
    from lastmile.community.people.phones import FICTIONAL

    rows = Contact.objects.filter(kind=Contact.Kind.PHONE, person__place__code__startswith=prefix)
    opened = ((contact.value.reveal(), place) for contact, place in _pairs(rows))
    return {number: place for number, place in opened if number.startswith(FICTIONAL)}


def _pairs(rows: Any) -> Any:
    return ((contact, contact.person.place_id) for contact in rows.select_related("person").iterator(chunk_size=5000))
