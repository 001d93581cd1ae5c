"""One click: whoever looks after the place of what is uncovered owes it, with a day; done when it is covered."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lastmile.alerting import owed
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import standing
from lastmile.alerting.plan_areas.standing import Standing
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, require

WITHIN = timedelta(days=7)
AT_ONCE = 5_000  # households looked at by one click
EVERY = 600.0  # seconds between looks whether what was owed is covered by now

KIND = kinds.Kind(
    "alerting.plan_area",
    gettext_lazy("uncovered in a plan area"),
    "map-pin",
    lambda owing: reverse("plan_areas:page", args=[owing.detail["area"]]),
    danger=2,
    tap=False,
)


def given(one: PlanArea) -> dict[str, Obligation]:
    """What is owed because of it, by grid (its code) or special site (“site:7”)."""
    rows = Obligation.objects.filter(kind=KIND.name, key__startswith=f"{one.pk}:", closed_at=None)
    return {row.key.partition(":")[2]: row for row in rows.select_related("post", "post__place")}


@transaction.atomic
def assign(actor: Actor, one: PlanArea) -> int:
    """How many things are owed by somebody now that were by nobody. Raises Conflict for one out of use."""
    require(actor, Perm.PLAN_AREA_EDIT, one.place_id)
    if one.closed_on is not None:
        raise Conflict(_("This plan area is out of use."), _("Open the list of plan areas again."))
    found, had = standing.one(one, AT_ONCE), given(one)
    new = [row for row in _homes(one, found) + _sites(one, found) if row.key.partition(":")[2] not in had]
    actions.create_many(new)
    audit.record("plan_areas.assign", actor=actor, place=one.place_id, obj=one, asked=len(new))
    return len(new)


def _homes(one: PlanArea, found: Standing) -> list[actions.New]:
    counted = Counter(home.place for home in found.homes if home.nobody)
    kept = owed.keepers(set(counted))
    rows = []
    for place, number in sorted(counted.items()):
        title = ngettext(
            "%(area)s: %(n)d household that nobody would tell; enter a number, a cell, a pair or a grid worker",
            "%(area)s: %(n)d households that nobody would tell; enter numbers, a cell, pairs or a grid worker",
            number,
        ) % {"area": one.name, "n": number}
        rows.append(_new(one, place, title, place, kept.get(place), Perm.HOUSEHOLD_EDIT))
    return rows


def _sites(one: PlanArea, found: Standing) -> list[actions.New]:
    kept = owed.keepers({site.place for site in found.sites})
    title = _("%(area)s: nobody answers for %(site)s, or can't be reached; name somebody")
    return [
        _new(
            one,
            f"site:{site.site}",
            title % {"area": one.name, "site": site.name},
            site.place,
            kept.get(site.place),
            Perm.SITE_EDIT,
        )
        for site in found.sites
    ]


def _new(one: PlanArea, key: str, title: str, place: str, post: int | None, perm: Perm) -> actions.New:
    """Of the post that looks after the place, else of the one that answers for the area, else of who may mend it."""
    post = post or one.post_id
    return actions.New(
        kind=KIND.name,
        key=f"{one.pk}:{key}",
        title=title,
        place=place,
        post=post,
        perm="" if post else perm,
        due_at=clock.now() + WITHIN,
        basis=one.basis,
        detail={"area": one.pk},
        again=True,
    )


def settle() -> int:
    """The workers' chore: what is covered by now is done. How much was."""
    rows = Obligation.objects.filter(kind=KIND.name, closed_at=None).values_list("key", flat=True)
    open_now: dict[int, list[str]] = defaultdict(list)
    for key in rows:
        area, _colon, what = key.partition(":")
        open_now[int(area)].append(what)
    areas = PlanArea.objects.filter(pk__in=open_now).select_related("place")
    return sum(_settle(one, open_now[one.pk]) for one in areas)


def _settle(one: PlanArea, what: list[str]) -> int:
    found = standing.one(one, AT_ONCE)
    left = {home.place for home in found.homes if home.nobody} | {f"site:{site.site}" for site in found.sites}
    done = [key for key in what if key not in left]
    for key in done:
        actions.settle(KIND.name, f"{one.pk}:{key}")
    return len(done)


def withdraw(one: PlanArea) -> int:
    keys = [f"{one.pk}:{key}" for key in given(one)]
    return actions.withdraw_many(KIND.name, keys, note=_("the plan area is out of use"))
