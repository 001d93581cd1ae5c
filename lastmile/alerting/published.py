"""What everybody may read: warnings that were issued for the public page, as they were frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting import queries
from lastmile.alerting.cap import english
from lastmile.alerting.channels.web.notice import FeedPage, Notice
from lastmile.alerting.models import WARNS, Alert, AlertEvent, Kind, PublicEpoch, State
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound

ENDED_FOR = timedelta(hours=24)  # how long what is over is still listed
PER_FEED = 50  # warnings on one page of a feed: well under 100 kB
MOST = 200  # warnings on one page; a city under more has other troubles


def epoch() -> int:
    """Another number as soon as anything changed that the public pages show, but for the clock (sql/public_epoch)."""
    return PublicEpoch.objects.values_list("number", flat=True).first() or 0


def rows() -> QuerySet[AlertEvent]:
    """Issued for the public page: the officer chose the channel `web`."""
    return AlertEvent.objects.filter(frozen__channels__contains="web").select_related("alert")


def in_force(*, exercises: bool = False) -> list[Notice]:
    """Every warning that holds now, the most dangerous first. Exercises only when asked for."""
    found = rows().filter(closed_at=None, expires_at__gt=clock.now(), alert__kind__in=WARNS)
    if not exercises:
        found = found.filter(alert__exercise=False)
    return [notice(event) for event in found.order_by("colour", "-sent_at")[:MOST]]


def feed(*, place: str = "", language: str = "zh", exercises: bool = False, ended: bool = False) -> list[Notice]:
    """What a feed lists: in force, for a place when one is named, with English by template where none was written; with
    `ended` the all-clears and cancellations of the last day, too."""
    listed = in_force(exercises=exercises)
    if ended:
        listed += [one for one in just_ended(exercises=exercises) if one.kind in (Kind.LIFT, Kind.CANCEL)]
    found = [one for one in listed if one.concerns(place)]
    if language != "en":
        return found
    written = {event.identifier: event.frozen for event in rows().filter(identifier__in=[x.identifier for x in found])}
    return [
        one if "en" in one.texts else replace(one, texts={**one.texts, "en": english.text(written[one.identifier])})  # type: ignore[dict-item]
        for one in found
    ]


def feed_page(
    address: str, *, place: str, language: str, exercises: bool, number: str, ended: bool = False
) -> tuple[list[Notice], FeedPage]:
    """One page of a feed and what it says of itself. A number that is none asks for the first page."""
    pages = Paginator(feed(place=place, language=language, exercises=exercises, ended=ended), PER_FEED)
    shown = pages.get_page(number)
    chosen = {"place": place, "lang": language if language == "en" else "", "exercises": "1" if exercises else ""}
    chosen |= {"ended": "1" if ended else ""}
    rels = {"self": shown.number, "first": 1, "last": pages.num_pages}
    rels |= {"previous": shown.previous_page_number()} if shown.has_previous() else {}
    rels |= {"next": shown.next_page_number()} if shown.has_next() else {}
    with translation.override("en" if language == "en" else "zh-hans"):
        title = pgettext("public", "Warnings in force")
    return list(shown), FeedPage(
        title=title,
        url=_at(address, chosen, 1),
        html=settings.PUBLIC_URL + reverse("public"),
        language=language,
        links=[(rel, _at(address, chosen, page)) for rel, page in rels.items()],
        empty=clock.now().replace(hour=0, minute=0, second=0, microsecond=0),
    )


def _at(address: str, chosen: dict[str, str], number: int) -> str:
    query = {key: value for key, value in chosen.items() if value} | ({"page": str(number)} if number > 1 else {})
    return f"{address}?{urlencode(query)}" if query else address


def just_ended(*, exercises: bool = False) -> list[Notice]:
    """All-clears and cancellations of the last day, and warnings that ran out in it."""
    since, now = clock.now() - ENDED_FOR, clock.now()
    over = Q(alert__kind__in=(Kind.LIFT, Kind.CANCEL), sent_at__gt=since)
    ran_out = Q(alert__kind__in=WARNS, expires_at__gt=since, expires_at__lte=now)
    ran_out &= Q(alert__state__in=(State.ISSUED, State.EXPIRED))
    found = rows().filter(over | ran_out)
    if not exercises:
        found = found.filter(alert__exercise=False)
    return [notice(event) for event in found.order_by("-sent_at")[:MOST]]


def event(code: str) -> AlertEvent:
    """The published event of this code. Raises NotFound, for a draft as for a code that never was."""
    found = rows().filter(alert__code=code).first()
    if found is None:
        raise NotFound(_("There is no such warning."), _("Look at the page of all warnings in force."))
    return found


def history(alert: Alert) -> list[Notice]:
    """Every published message of this warning, newest first, whichever of them the reader came in by."""
    last = alert
    while (later := last.followed_by.filter(event__isnull=False).first()) is not None:
        last = later
    chain = [one.pk for one in queries.chain(last)]
    return [notice(event) for event in rows().filter(alert__in=chain).order_by("-id")]


def notes(alert: Alert) -> list[tuple[str, str]]:
    """What townships and villages added for their own people: (place's name, text)."""
    said = queries.live_notes(alert)
    names = dict(Place.objects.filter(code__in=said).order_by("code").values_list("code", "name"))
    return [(name, said[code]) for code, name in names.items()]


def notice(event: AlertEvent) -> Notice:
    frozen = event.frozen
    code = event.alert.code
    return Notice(
        code=code,
        identifier=event.identifier,
        state=state(event),
        kind=frozen["kind"],
        exercise=frozen["status"] == "Exercise",
        colour=frozen["colour"],
        hazard=frozen["hazard"],
        issuers=frozen["issuers"],
        place=frozen["place"],
        place_name=frozen["place_name"],
        sent=event.sent_at,
        starts=datetime.fromisoformat(frozen["starts"]),
        ends=event.expires_at,
        reason=frozen.get("reason", ""),
        area=frozen["area"],
        texts=frozen["texts"],
        url=settings.PUBLIC_URL + reverse("public_warning", args=[code]),
        cap_url=settings.PUBLIC_URL + reverse("public_cap", args=[code]),
    )


def text(event: AlertEvent, language: str) -> dict[str, str]:
    """What is said in a language, each part there, some of them empty; English by template where nobody wrote it."""
    told = notice(event)
    if language == "en" and "en" not in told.texts:
        return {name: str(part) for name, part in english.text(event.frozen).items()}
    return {"shelter": "", "contact": "", "subject": "", **told.text(language)}


def state(event: AlertEvent) -> str:
    """How the message stands now, even before the closing duty has come by."""
    if event.alert.state in (State.UPDATED, State.LIFTED, State.CANCELLED):
        return str(event.alert.state)
    if event.alert.kind == Kind.LIFT:
        return str(State.LIFTED)
    if event.alert.kind == Kind.CANCEL:
        return str(State.CANCELLED)
    return "expired" if event.expires_at <= clock.now() else "in_force"
