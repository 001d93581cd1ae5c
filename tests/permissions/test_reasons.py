"""Every cell of docs/permissions.md has its reason, and each page answers every role as the reason says."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from typing import Any, ClassVar

import pytest
from django.test import Client, TestCase, override_settings

from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock
from lastmile.site import doors, reasons
from lastmile.site.reasons import Where, Why
from tests.browser.routes import Route
from tests.permissions.test_walk import IN_THE_VILLAGE, REFUSED, ROUTES, SIBLINGS, VILLAGE, Walk, build
from tests.world import LOGINS, PASSWORD, TREE

COUNTY, GRID = "410182", VILLAGE + "001"
# The roles of the small city once more, beside the places that its things lie in.
BESIDE = {
    "approver beside": (Role.APPROVER, "410181"),
    "keeper beside": (Role.SHELTER_KEEPER, "410182109205"),
    "system beside": (Role.SYSTEM_ADMIN, "410181"),
    "security beside": (Role.SECURITY_ADMIN, "410181"),
    "auditor beside": (Role.AUDITOR, "410181"),
}
DEPARTMENT = {"department": (Role.DUTY_OFFICER, COUNTY)}
ALL = LOGINS | SIBLINGS | BESIDE | DEPARTMENT
# Pages whose own rule refuses the sample although the door is open, with the rule.
OWN_RULE = {
    "gap_mend": "what mends the gap asks for its own permission",
    "contact_change": "the sample's number is taken out by then",
    "outline_preview": "no upload waits",
    "deployments:invite": "no place is named",
    "deployments:join": "no place is named",
    "alerting:add_note": "the sample is over",
    "alerting:withdraw_note": "there is no note",
}
# Where samples lie that are not in the county itself; the first that fits.
LIES = {
    GRID: ("households/<", "people/<", "cells/<", "cells/helpers/", "cells/pairs/", "cells/volunteers/",
           "corrections/<",
           "facts/households/", "shelters/orders/"),
    VILLAGE: (*IN_THE_VILLAGE, "facts/sites/", "plan-areas/<", "channels/groups/<", "duties/lists/<",
              "duties/checklists/<", "duties/superiors/<", "alerts/<slug:code>/calls/<"),
}  # fmt: skip


@pytest.mark.parametrize("door", doors.doors(), ids=lambda door: door.address)
def test_every_cell_is_explained(door: doors.Door) -> None:
    for role, where in product(Role, Where):
        assert isinstance(reasons.why(door.address, door.door, role, where), Why)
    assert door.door != "nobody has said"


def test_the_codes_are_told_apart() -> None:
    assert max(Counter(one.code for one in Why).values()) == 1


def place_of(route: Route, kwargs: dict[str, Any]) -> str:
    """Where the sample of an address lies."""
    for blank in ("place", "code"):
        if str(kwargs.get(blank)) in TREE:
            return str(kwargs[blank])
    return next((place for place, prefixes in LIES.items() if route.address.startswith(prefixes)), COUNTY)


def where(login: str, place: str) -> Where:
    own = ALL[login][1]
    if place.startswith(own):
        if login in DEPARTMENT:
            return Where.DEPARTMENT
        return Where.OWN if place == own else Where.BELOW
    return Where.ABOVE if own.startswith(place) else Where.BESIDE


class ReasonsTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = walk = build()
        for login, (role, code) in (BESIDE | DEPARTMENT).items():
            name, place = login.replace(" ", "-"), walk.world.places[code]
            walk.world.users[login] = create_user(name, PASSWORD, name=login, role=role, place=place, temporary=False)
        user = walk.world.users["department"]
        post = Post.objects.create(place_id=COUNTY, kind=Post.Kind.OTHER, title="水利", department="水利局")
        user.person = walk.world.residents[0]
        user.save()
        Appointment.objects.create(post=post, person=user.person, role="holder", since=clock.today())
        for name in ("alert", "readings", "poster"):
            walk.kwargs[f"alerting:{name}"] = walk.kwargs["alerting:cap"]
        for login, (role, code) in ALL.items():  # what a sample has handed on is another role's
            walk.world.users[login].grants.exclude(role=role, place=code).update(ended_at=clock.now())
        for login in BESIDE | DEPARTMENT:
            client = Client()
            walk.world.login(client, login)
            walk.sessions[login] = client.cookies

    def test_each_page_answers_as_the_reason_says(self) -> None:
        walk, wrong, asked = type(self).walk, [], Counter[Why]()
        answers: dict[str, set[int]] = defaultdict(set)
        for name, route in ROUTES.items():
            place = place_of(route, walk.kwargs[name])
            for login, (role, _code) in ALL.items():
                reason = reasons.why("/" + route.address, route.door, role, where(login, place))
                status, to = walk.ask(name, login)
                if status == 405:
                    status, to = walk.ask(name, login, "post")
                asked[reason] += 1
                answers[name].add(status)
                opened = status not in REFUSED and not to.startswith("/login/")
                if reason is Why.PUBLIC:  # alike for all: signed in or not is all that may matter
                    opened = opened or len(answers[name]) == 1
                if reason.opens is not None and opened != reason.opens and name not in OWN_RULE:
                    wrong.append(f"{name} {login} {where(login, place).value}: {reason.name}, but {status} {to}")
        assert set(Why) <= set(asked), "a reason that no page was asked for"
        assert not wrong, "\n".join(wrong)

    @override_settings(SECOND_FACTOR="required")
    def test_who_needs_a_second_factor_gets_no_page_before_it(self) -> None:
        walk = type(self).walk
        for login in ("officer", "approver", "township", "system", "security", "auditor"):
            for name, route in ROUTES.items():
                if not isinstance(route.door, str):
                    assert walk.ask(name, login) == (302, "/account/second/"), (name, login)
        assert walk.ask("households", "village")[0] == 200
