"""Who and what a scenario needs: real places by national code, invented people and posts, two log-ins that issue."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import NamedTuple

from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org import divisions, loading
from lastmile.community.org.models import Level, Place, SpecialSite, ancestors
from lastmile.community.people.generate import populate
from lastmile.community.people.models import Household
from lastmile.site.scenarios.plans import DATA, Plan

SEED = 20210720


class Desk(NamedTuple):
    officer: User
    approver: User


def assemble(plan: Plan) -> Desk:
    """Everything that is missing; a second call finds it all there."""
    _places(plan)
    for prefix, residents in plan["settle"].items():
        if not Household.objects.filter(place__code__startswith=prefix).exists():
            _grids(prefix)
            populate(prefix, residents, SEED)
    _site(plan)
    place = Place.objects.get(pk=plan["issuer"])
    return Desk(_holder(place, Role.DUTY_OFFICER), _holder(place, Role.APPROVER))


def _places(plan: Plan) -> None:
    """The townships concerned with their villages, and what lies above them."""
    wanted = plan["audience"]
    above = {code for one in wanted for code in ancestors(one)}
    if not Place.objects.filter(pk=plan["village"]).exists():
        rows = (row for row in _rows() if row.code in above or row.code.startswith(tuple(wanted)))
        loading.load(rows)


def _rows() -> Iterator[divisions.Row]:
    yield from divisions.carried()
    yield from divisions.read([DATA / "miyun.csv"])


def _grids(prefix: str) -> None:
    """One grid for each village that has none; without outline, since none is known."""
    villages = Place.objects.under(prefix).at(Level.VILLAGE).current()
    parted = set(Place.objects.under(prefix).at(Level.GRID).values_list("parent_id", flat=True))
    Place.objects.bulk_create(
        Place(code=f"{one.code}001", national_code=f"{one.code}001", name="第1网格", level=Level.GRID, parent=one)
        for one in villages
        if one.code not in parted
    )


def _site(plan: Plan) -> None:
    """The site of the story: entered, with nobody who answers for it."""
    told = plan["site"]
    if told is not None:
        SpecialSite.objects.get_or_create(
            place_id=told["place"] + "001",
            name=told["name"],
            defaults={"kind": told["kind"], "address": told["address"], "capacity": told["capacity"]},
        )


def _holder(place: Place, role: Role) -> User:
    """Whoever holds the role there; where nobody does, a log-in whose password nobody knows."""
    found = User.objects.filter(grants__role=role, grants__place=place, grants__ended_at=None, is_active=True)
    user = found.order_by("pk").first()
    if user is not None:
        return user
    name = f"scenario-{place.code}-{role.value.replace('_', '-')}"
    return create_user(name[:40], secrets.token_urlsafe(32), name=f"{place.name}（重放）", role=role, place=place)
