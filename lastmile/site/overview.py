"""What the overview shows to one person: warnings in force, what waits for them, and the first steps."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.alerting import panels, sight
from lastmile.alerting import queries as alerts
from lastmile.alerting.models import Alert, AlertEvent, State
from lastmile.alerting.models.tally import Tally
from lastmile.community.accounts import delegation
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Household
from lastmile.duties import gaps
from lastmile.duties.queries.gaps import counted
from lastmile.duties.views.todo import first_lines
from lastmile.kernel.permissions import Perm, within

SHOWN = 10
ASKING = 5  # doors that ask for help in one warning
CITY_DIGITS = 4
FIRST_LOG_INS = 5  # that the set-up makes
SUMS = ("people", "told", "delivered", "confirmed", "needs_help")
OWN = (State.DRAFT, State.RETURNED, State.REVIEW, State.APPROVED)


class InForce(NamedTuple):
    alert: Alert
    sums: dict[str, int]  # of the person's own places
    percent: int  # confirmed, of all
    place: Place | None = None  # the person's own part of it
    calls: panels.Help = panels.Help([], 0)


class Step(NamedTuple):
    done: bool
    label: str
    hint: str
    url: str


def for_user(user: User) -> dict[str, Any]:
    """The template variables of the overview, each only where the person may see it."""
    shown: dict[str, Any] = {
        "news": delegation.news(user),
        "mine": _my_places(user),
        "steps": _first_steps(user),
        "todo": first_lines(user),
    }
    if user.scopes(Perm.ALERT_READ):
        rows = alerts.in_force(user).select_related("event").order_by("colour", "-issued_at")
        shown["in_force"] = [_with_sums(user, alert) for alert in rows[:SHOWN]]
    if user.scopes(Perm.ALERT_APPROVE):
        shown["to_judge"] = list(alerts.to_judge(user)[:SHOWN])
    if user.scopes(Perm.ALERT_DRAFT):
        shown["drafts"] = list(alerts.visible(user).filter(author=user, state__in=OWN)[:SHOWN])
    shown["has_gaps"] = bool(user.scopes(Perm.GAPS_READ))
    return shown


def _with_sums(user: User, alert: Alert) -> InForce:
    event: AlertEvent | None = getattr(alert, "event", None)
    rows = Tally.objects.filter(_places_of(user), event=event.pk) if event else Tally.objects.none()
    sums = {name: value or 0 for name, value in rows.aggregate(**{name: Sum(name) for name in SUMS}).items()}
    percent = round(100 * sums["confirmed"] / sums["people"]) if sums["people"] else 0
    place = Place.objects.filter(pk=sight.default_place(user, event)).first() if event else None
    asking = panels.calls(user, event, place, ASKING) if event and place and sums["needs_help"] else panels.Help([], 0)
    return InForce(alert, sums, percent, place, asking)


def _places_of(user: User) -> Q:
    condition = Q()
    for prefix in user.scopes(Perm.ALERT_READ):
        condition |= Q(place__startswith=prefix)
    return condition


def _my_places(user: User) -> list[tuple[str, Place]]:
    """(role in words, place) of every grant."""
    places = Place.objects.in_bulk([code for _role, code in user.held])
    return [(str(role.label), places[code]) for role, code in user.held]


def _first_steps(user: User) -> list[Step]:
    """What a new city has to do, for those who can do it; empty once all is done."""
    steps = []
    if user.scopes(Perm.PLACE_EDIT):
        steps += [_places_step(user), _grids_step(user)]
    if user.scopes(Perm.HOUSEHOLD_IMPORT):
        steps.append(_households_step(user))
    if user.scopes(Perm.USER_EDIT):
        steps.append(_log_ins_step())
    if user.scopes(Perm.SYSTEM_CONFIGURE):
        steps.append(_channels_step())
    return steps if not all(step.done for step in steps) else []


def _places_step(user: User) -> Step:
    rows = Place.objects.current().at(Level.VILLAGE).filter(within(user.scopes(Perm.PLACE_EDIT), "code"))
    hint = _("The system administrator imports the division codes: lastmile places import.")
    return Step(rows.exists(), _("The tree of places"), hint, reverse("places"))


def _grids_step(user: User) -> Step:
    rows = Place.objects.current().at(Level.GRID).filter(within(user.scopes(Perm.PLACE_EDIT), "code"))
    hint = _("Draw grids on the map, import them as GeoJSON, or generate them: lastmile places grids.")
    return Step(rows.exists(), _("Grids in every village and community"), hint, reverse("place_gaps"))


def _households_step(user: User) -> Step:
    rows = Household.objects.filter(within(user.scopes(Perm.HOUSEHOLD_IMPORT), "place__code"))
    hint = _("Each community fills in one Excel workbook.")
    return Step(rows.exists(), _("Households and residents"), hint, reverse("households"))


def _log_ins_step() -> Step:
    hint = _("Give log-ins to counties, townships and villages.")
    return Step(User.objects.count() > FIRST_LOG_INS, _("Log-ins"), hint, reverse("users"))


def _channels_step() -> Step:
    missing = ("sms" in settings.CHANNELS and not settings.SMS_GATEWAY_URL) or (
        "smpp" in settings.CHANNELS and not settings.SMPP["host"]
    )
    hint = _("Without LASTMILE_SMS_URL, or LASTMILE_SMPP_HOST for smpp, no SMS can leave.")
    return Step(not missing, _("The SMS gateway"), hint, "")


def gap_counts(user: User) -> list[tuple[gaps.Rule, int]]:
    """How many gaps of each kind, what can hurt people first."""
    counts = counted(user, "", CITY_DIGITS)
    return [(rule, n) for rule in gaps.rules() if (n := sum(counts[rule.name].values()))]
