"""`lastmile deployments list|invite|join|end`: pair this system with the one above or below (docs/deployments.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lastmile.alerting import reported
from lastmile.alerting.deployments import actions, pairing, queries, sending
from lastmile.alerting.models import Deployment
from lastmile.community.org.models import Place
from lastmile.kernel.errors import Refusal


class Command(BaseCommand):
    help = "Pair this system with the one above or below it, show how the links are, end one."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="every link and how it is")
        below = what.add_parser("invite", help="make a one-time code for a system below")
        below.add_argument("place", help="code of the city or county it answers for")
        below.add_argument("name", help="whose system it is")
        above = what.add_parser("join", help="enter the code of the system above")
        above.add_argument("place", help="code of the city or county we answer for")
        above.add_argument("url", help="address of the system above")
        above.add_argument("code", help="what it has shown")
        above.add_argument("--name", default="", help="whose system it is")
        what.add_parser("end", help="end a link").add_argument("id", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.says} {refusal.mend}") from refusal

    def _list(self, _options: dict[str, Any]) -> None:
        for link in Deployment.objects.select_related("place").order_by("pk"):
            self._tell(link)

    def _tell(self, link: Deployment) -> None:
        health, counts = reported.health(link), queries.counts(link)
        told = f"{link.pk} {link.side} {link.place_id} {link.name}: {health.says}"
        self.stdout.write(f"{told}, {link.have}/{link.number}, {counts['waiting']} waiting {link.error}".rstrip())

    def _invite(self, options: dict[str, Any]) -> None:
        _link, code = pairing.invite(None, _place(options["place"]), name=options["name"])
        self.stdout.write(code)
        self.stdout.write(_("Enter it there within a day: lastmile deployments join %(place)s ADDRESS CODE") % options)

    def _join(self, options: dict[str, Any]) -> None:
        given = {name: options[name] for name in ("url", "code", "name")}
        link = pairing.join(None, _place(options["place"]), **given)
        sending.tick()
        link.refresh_from_db()
        self._tell(link)

    def _end(self, options: dict[str, Any]) -> None:
        link = Deployment.objects.filter(pk=options["id"]).first()
        if link is None:
            raise CommandError(_("There is no such link."))
        actions.end(None, link)
        self.stdout.write(_("Ended."))


def _place(code: str) -> Place:
    place = Place.objects.current().filter(pk=code).first()
    if place is None:
        raise CommandError(_("There is no place with the code %(code)s.") % {"code": code})
    return place
