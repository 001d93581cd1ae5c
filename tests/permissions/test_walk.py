"""Every address × GET and POST × every role × own place, beside it, above, below: the doors hold, nothing is a 500.

Addresses are filled with the samples of tests/browser/samples_<room>.py and with `made` below; all of them lie in the
county 410182. "neighbour" is a duty officer of the county next door, "city" one of the level above; SIBLINGS hold the
roles of the township, the village and the grid in the one beside. The small city is built once; what a request did is
undone after it. A POST is sent with nothing in it: whoever may not open the page must be turned away before it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, ClassVar

from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse

from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.roles import MAY, Role
from lastmile.community.people.models import Appointment, Contact
from lastmile.kernel import clock
from tests.browser.routes import Route, routes
from tests.browser.samples import load
from tests.browser.samples_ending import held
from tests.world import LOGINS, PASSWORD, TREE, World

ROUTES = {route.name: route for route in routes()}
COUNTY, VILLAGE = "410182", "410182109211"
DECLARED = {200, 302, 400, 403, 404, 405, 409, 422}
REFUSED = {403, 404}
# Addresses filled by the code of a place alone; a place beside one's own and the one above it are tried as well.
BY_PLACE = [name for name, route in ROUTES.items() if set(route.blanks) == {"code"} and "alerts/" not in route.address]
BY_PLACE = [name for name in BY_PLACE if not str(ROUTES[name].door).startswith("public")]
BESIDE = {
    "officer": "410181",
    "neighbour": "410182",
    "township": "410182108",
    "village": "410182109205",
    "grid": "410182109211002",
}
# What is nobody's own although the address has a blank: channels belong to the whole system.
EVERYWHERE = {"channel_health", "channel_test", "gap_list", "gap_mend"}
SIBLINGS = {
    "township beside": (Role.TOWNSHIP_STAFF, "410182108"),
    "village beside": (Role.VILLAGE_STAFF, "410182109205"),
    "grid beside": (Role.GRID_WORKER, "410182109211002"),
}
# Things that lie in one village; whoever serves the village beside must not reach them. A warning is for all below.
IN_THE_VILLAGE = (
    "shelters/",
    "households/",
    "cells/",
    "people/",
    "persons/",
    "contacts/",
    "sites/",
    "terminals/",
    "loudspeakers/",
    "posts/",
    "uploads/",
    "appointments/",
    "corrections/",
)
METHODS = ("get", "post")


@dataclass
class Walk:
    """The small city, who is logged in, and the blanks of every address filled."""

    world: World
    sessions: dict[str, SimpleCookie]
    kwargs: dict[str, dict[str, Any]]
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, name: str, login: str, method: str = "get", **changes: Any) -> tuple[int, str]:
        """(status, where it redirects to)."""
        return self._ask(method, reverse(name, kwargs={**self.kwargs[name], **changes}), login)

    def _ask(self, method: str, url: str, login: str) -> tuple[int, str]:
        self.client.cookies = SimpleCookie(self.sessions[login])
        with transaction.atomic():
            answer = getattr(self.client, method)(url)
            if answer.streaming:
                answer.close()
            transaction.set_rollback(True)
        return answer.status_code, answer.headers.get("Location", "")


def made(world: World) -> dict[str, dict[str, Any]]:
    """Blanks that no page of the browser rig fills: warnings in each state, and what only takes POSTs."""
    desk = Desk(world)
    draft, review, approved, event = desk.draft(), desk.in_review(), desk.approved(), desk.issued()
    codes = dict.fromkeys(("edit", "autosave", "discard"), draft.code)
    codes |= dict.fromkeys(("judge", "withdraw", "reach", "alert", "poster", "readings"), review.code)
    after = ("judge_after", "copy", "add_note", "cap", "follow_up", "withdraw_note", "script", "poster_pdf")
    codes |= dict.fromkeys(after, event.alert.code)
    filled: dict[str, dict[str, Any]] = {
        f"alerting:{name}": {"code": code} for name, code in (codes | {"issue": approved.code}).items()
    }
    filled["alerting:follow_up"]["kind"] = "update"
    filled["alerting:withdraw_note"]["note"] = 1
    filled["alerting:template"] = {"code": COUNTY, "hazard": "rainstorm", "colour": "1"}
    user = {"pk": world.officer.pk}
    filled |= {
        "grant_new": user,
        "delegation_end": {"pk": 1},
        "delegation_seen": {"pk": 1},
        **dict.fromkeys(("user_reset", "user_person", "user_out", "user_second"), user),
        "session_end": {"name": "others"},
        "grant_end": {"pk": world.officer.grants.get().pk},
    }
    return filled | people(world)


def people(world: World) -> dict[str, dict[str, Any]]:
    resident, samples = world.residents[1], load()
    contact = Contact.objects.filter(person=resident).earliest("id")
    appointment = {"pk": Appointment.objects.filter(post__place=VILLAGE).earliest("id").pk}
    filled: dict[str, dict[str, Any]] = {
        "household_move": {"pk": world.households[0].pk},
        "household_open": {"pk": world.households[0].pk},
        "contact_change": {"pk": contact.pk, "verb": "remove"},
        "appointment_end": appointment,
        "staff_back": appointment,
        "grid_retire": {"code": VILLAGE + "001"},
        "channel_test": {"name": "web"},
        "token_revoke": {"pk": 1},
        "audit_archive": {"month": "2026-01", "part": "entries"},
    }
    filled |= {name: {"pk": resident.pk} for name in ("person_look", "person_leave", "contact_add")}
    for name, like in {
        "site_close": "site",
        "post_close": "post_edit",
        "checklist_open": "checklist",
        "checklist_close": "checklist",
    }.items():
        filled[name] = samples[like].kwargs(world)
    for name in ("switch", "send_test"):
        filled[f"channel_accounts:{name}"] = samples["channel_accounts:page"].kwargs(world)
    filled["chat:send_test"] = samples["chat:page"].kwargs(world)
    filled["chat:act"] = filled["chat:send_test"] | {"verb": "off"}
    filled["user_book_passwords"] = samples["user_book_state"].kwargs(world)
    filled["duty_adopt"] = {"code": VILLAGE}
    filled["me_contact"] = {"pk": contact.pk, "verb": "first"}
    filled["me_consent"] = {"kind": "helper", "pk": 1}
    filled["me_export"] = {"kind": "json"}
    filled["proposal_settle"] = samples["proposal"].kwargs(world)
    filled["retention_change"] = {"name": "event"}
    filled["ending:hold"] = {"pk": held(world).event_id}
    filled["ending:release"] = {"pk": held(world).pk}
    filled["answers:help"] = samples["answers:help"].kwargs(world)  # after what other pages enter at the door
    upload = samples["upload"].kwargs(world)
    return filled | {"upload_import": upload, "upload_drop": upload}


def build() -> Walk:
    world, offset = World.build(), clock._offset
    sessions = {"": SimpleCookie()}
    for login, (role, code) in SIBLINGS.items():
        place = world.places[code]
        world.users[login] = create_user(
            login.replace(" ", "-"), PASSWORD, name=login, role=role, place=place, temporary=False
        )
    for login in (*LOGINS, *SIBLINGS):
        client = Client()
        world.login(client, login)
        sessions[login] = client.cookies
    kwargs = {name: sample.kwargs(world) for name, sample in load().items()} | made(world)
    clock._offset = offset
    return Walk(world, sessions, {name: {} for name in ROUTES} | kwargs)


def below(code: str) -> str:
    """A place under this one, or the place itself at the bottom."""
    return min((one for one in TREE if one.startswith(code) and one != code), key=len, default=code)


def holds(route: Route, login: str) -> bool:
    role, _place = (LOGINS | SIBLINGS)[login]
    return isinstance(route.door, str) or bool(MAY[role] & set(route.door))


def fault(route: Route, login: str, status: int, location: str) -> str:
    """What is wrong with this answer at a sample of the county, or nothing."""
    to_login = status == 302 and location.startswith("/login/")
    if status not in DECLARED:
        return "is no answer that a door declares"
    if str(route.door).startswith("public"):
        return ""
    if not login:
        return "" if to_login or status in (404, 405) else "lets a stranger in"
    if not holds(route, login):
        return "" if status in REFUSED | {405} else "lets a role in that lacks the permission"
    owned = bool(route.blanks) and not isinstance(route.door, str) and route.name not in EVERYWHERE
    if owned and status not in REFUSED | {405}:
        if login == "neighbour":
            return "lets the next county in"
        if login in SIBLINGS and login != "grid beside" and route.address.startswith(IN_THE_VILLAGE):
            return "lets the village beside in"
    return "asks to log in again" if to_login else ""


def let_in(walk: Walk, name: str, login: str) -> int:
    status, _location = walk.ask(name, login)
    return walk.ask(name, login, "post")[0] if status == 405 else status


class DoorsTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()

    def test_a_door_holds_for_every_role(self) -> None:
        walk, wrong = type(self).walk, []
        for name, route in ROUTES.items():
            for login in walk.sessions if route.address.startswith(IN_THE_VILLAGE) else ("", *LOGINS):
                for method in METHODS:
                    status, location = walk.ask(name, login, method)
                    if said := fault(route, login, status, location):
                        wrong.append(f"{method} {name} {login or 'a stranger'}: {status} {location} {said}")
        assert not wrong, "\n".join(wrong)

    def test_who_works_with_a_page_is_let_in(self) -> None:
        walk = type(self).walk
        logins = {name: sample.login for name, sample in load().items() if sample.login}
        assert not [name for name, login in logins.items() if let_in(walk, name, login) in REFUSED]

    def test_a_place_opens_to_its_own_people_only(self) -> None:
        walk, wrong = type(self).walk, []
        for name in BY_PLACE:
            for login, beside in BESIDE.items():
                own = LOGINS[login][1]
                codes = {"own": own, "beside": beside, "above": walk.world.places[own].parent_id, "below": below(own)}
                for method in METHODS:
                    got = {where: walk.ask(name, login, method, code=code)[0] for where, code in codes.items()}
                    shut = (REFUSED | {405}).issuperset((got["beside"], got["above"]))
                    if not shut or not DECLARED.issuperset((got["own"], got["below"])):
                        wrong.append(f"{method} {name} {login}: {got}")
        assert not wrong, "\n".join(wrong)

    def test_every_blank_of_every_address_is_filled(self) -> None:
        walk = type(self).walk
        assert not [name for name, route in ROUTES.items() if set(route.blanks) - set(walk.kwargs[name])]
