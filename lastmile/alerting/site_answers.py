"""Special sites answer as sites, with a head count: by their responsible person's link or SMS, or entered by staff.

A care home of 80 is one answer, not 80. A site without one stands red on top of the pages; so does one that needs help.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting import manifest, queries, signals
from lastmile.alerting.area import Area
from lastmile.alerting.models import WARNS, AlertEvent, Group, SiteAnswer
from lastmile.community.org.models import SpecialSite
from lastmile.community.people.models import Appointment
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, require, within

MOST = 100_000  # people at a site
SHOWN = 20  # that need help, on top of a page
TYPED = re.compile(r"([123])[\s,，.、]+(\d{1,6})\D*")  # by SMS: what the digit always means, then how many
DIGITS = {"1": SiteAnswer.State.SAFE, "2": SiteAnswer.State.MOVED, "3": SiteAnswer.State.HELP}


@dataclass(frozen=True)
class SiteRow:
    """A site that the warning concerns, and the answer that stands."""

    site: SpecialSite
    answer: SiteAnswer | None

    @property
    def order(self) -> tuple[int, str, str]:
        """Silent ones first, then who needs help."""
        state = self.answer.state if self.answer else ""
        return {"": 0, SiteAnswer.State.HELP: 1}.get(state, 2), self.site.place_id, self.site.name


@dataclass(frozen=True)
class Said:
    """An answer to be entered. `at` None: now."""

    key: str
    state: str
    people: int
    via: str
    at: datetime | None = None
    by: int | None = None
    person: int | None = None
    note: str = ""


def rows(event: AlertEvent, prefix: str) -> list[SiteRow]:
    """The sites of a warning under a place, those without an answer first."""
    sites = list(concerned(event, prefix))
    said = SiteAnswer.objects.filter(event__in=_chain(event), site__in=sites).order_by("happened_at", "id")
    last = {one.site_id: one for one in said}
    return sorted((SiteRow(site, last.get(site.pk)) for site in sites), key=lambda row: row.order)


@dataclass(frozen=True)
class Totals:
    """Of the sites under a place: how many there are, how many are silent, and the first that need help."""

    sites: int
    silent: int
    helpless: list[SiteAnswer]


def totals(event: AlertEvent, prefix: str) -> Totals:
    """What stands on top of a live page, without reading every site."""
    sites = concerned(event, prefix)
    count = sites.count()
    said = SiteAnswer.objects.filter(event__in=_chain(event), site__in=sites).order_by("site_id", "-happened_at", "-id")
    last = list(said.distinct("site_id").select_related("site__place")) if count else []
    return Totals(count, count - len(last), [one for one in last if one.state == SiteAnswer.State.HELP][:SHOWN])


def concerned(event: AlertEvent, prefix: str = "") -> QuerySet[SpecialSite]:
    """Open sites in the area of a message that names them; nobody is counted for an all-clear."""
    told = event.frozen["audience"]["groups"]
    if Group.SITES not in told or event.frozen["kind"] not in WARNS:
        return SpecialSite.objects.none()
    area = _area(event.pk, event.identifier)
    there = within(area.prefixes, "place__code") | Q(place__in=area.inside) | Q(pk__in=area.sites)
    return SpecialSite.objects.filter(there, closed_on=None, place__code__startswith=prefix).select_related("place")


@lru_cache(maxsize=64)
def _area(event: int, _identifier: str) -> Area:
    """Frozen with the event: looked for once in a process."""
    return manifest.area_of(AlertEvent.objects.get(pk=event))


def _chain(event: AlertEvent) -> list[int]:
    return [event.pk, *event.frozen.get("follows", [])]


@transaction.atomic
def answer(event: AlertEvent, site: SpecialSite, said: Said) -> bool:
    """Append it; whether it was new. Raises Refusal for a number or state that can't be."""
    if said.state not in SiteAnswer.State.values or "\0" in said.key:
        raise Refusal(_("This is not one of the answers."), _("Reload the page and choose one of the buttons."))
    if not 0 <= said.people <= MOST:
        says = _("Write how many people are there, as a number.")
        raise Refusal(says, _("0 where nobody is there."), fields={"people": says})
    values = {"event": event, "site": site, "state": said.state, "people": said.people, "via": said.via}
    values |= {"by": said.by, "person": said.person, "note": said.note[:200] or None, "entered_at": clock.now()}
    values["happened_at"] = min(max(said.at or clock.now(), event.sent_at), clock.now())
    _row, new = SiteAnswer.objects.get_or_create(key=said.key, defaults=values)
    if new:
        signals.site_answered.send(SiteAnswer, event=event, site=site.pk)
    return new


@transaction.atomic
def enter(actor: Actor, event: AlertEvent, site: int, said: Said) -> None:
    """Staff who have called the site or been there. Raises NotFound, NotAllowed, Refusal."""
    found = concerned(event).filter(pk=site).first()
    if found is None:
        raise NotFound(_("There is no such site in this warning."), _("Reload the list."))
    require(actor, Perm.ALERT_RECEIPT, found.place_id)
    if answer(event, found, said):
        audit.record(
            "alerting.site_answer",
            actor=actor,
            place=found.place_id,
            obj=found,
            event=event.pk,
            state=said.state,
            people=said.people,
        )


def kept_by(person: int, event: AlertEvent) -> list[SpecialSite]:
    """The sites of the warning for which this person answers, as holder or deputy of their posts."""
    today = clock.today()
    held = Appointment.objects.filter(Q(until=None) | Q(until__gt=today), person=person, since__lte=today)
    keys = set(held.filter(post__closed_on=None, post__site__isnull=False).values_list("post__site", flat=True))
    return list(concerned(event).filter(pk__in=keys)) if keys else []


def keepers(persons: Sequence[int]) -> set[int]:
    """Of these people, those who hold a post at any site: their page leads to the answer of the site."""
    held = Appointment.objects.filter(person__in=persons, until=None, post__site__isnull=False, post__closed_on=None)
    return set(held.values_list("person", flat=True))


def by_sms(event: int, person: int, text: str, at: datetime, key: str) -> bool:
    """Take “2 35” from the keeper of exactly one site as its answer; whether it was one.

    It refuses nothing: others have answered in the same call of the gateway.
    """
    typed = TYPED.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if typed is None or int(typed.group(2)) > MOST or not keepers([person]):
        return False
    found = AlertEvent.objects.select_related("alert").get(pk=event)
    newest = (queries.after(found.alert) or [found])[-1]
    sites = kept_by(person, newest)
    if len(sites) != 1:
        return False
    said = Said(key, DIGITS[typed.group(1)], int(typed.group(2)), SiteAnswer.Via.SMS, at, person=person)
    return answer(newest, sites[0], said)
