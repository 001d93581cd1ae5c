"""Every operation of the API has its cells in docs/permissions.md, and answers every role as they say."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from typing import Any, ClassVar
from unittest import mock

import pytest
from django.test import Client, TestCase

from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.kernel.permissions import Perm
from lastmile.site import reasons
from lastmile.site.api_doors import DOORS, SIGNED, Door
from lastmile.site.reasons import Where, Why
from tests.flows.test_api_fuzz import blanks
from tests.permissions.filled import call
from tests.permissions.test_reasons import COUNTY, GRID, where
from tests.permissions.test_walk import SIBLINGS, VILLAGE, Walk, build
from tests.permissions.untried import UNTRIED
from tests.security.rig import browser, operations, undone
from tests.world import LOGINS

ALL = LOGINS | SIBLINGS
REFUSED = {403, 404}
UNREAD = {400, 405, 422}  # the body was judged before who sent it
JUDGED = UNREAD | {409}  # what was sent can't be done: said to whoever may
LIES = {
    GRID: ("/households/{", "/people/", "/facts/households/"),
    VILLAGE: ("/sites/{", "/facts/sites/", "/posts/{", "/appointments/", "/places/{", "/cells/in/", "/facts/places/",
              "/shelters/", "/transfers/{"),
}  # fmt: skip


# Its own rule refuses the sample, with the rule.
OWN_RULE = {"GET /posts/{pk}/duties": "the post has no list"}


def perms(door: Door) -> set[Perm]:
    return {door} if isinstance(door, Perm) else set(door) if isinstance(door, tuple) else set()


@pytest.mark.parametrize("name", sorted(f"{method} {path[7:]}" for method, path, _described in operations()))
def test_every_cell_is_explained(name: str) -> None:
    assert name in DOORS, f"say in site/api_doors.py what {name} asks for"
    door = DOORS[name]
    assert door == SIGNED or perms(door), name
    for role, place in product(Role, Where):
        assert isinstance(reasons.of_operation(name.partition(" ")[2], door, role, place), Why)


def test_nothing_is_explained_that_is_no_operation() -> None:
    described = {f"{method} {path[7:]}" for method, path, _described in operations()}
    assert set(DOORS) - described == {"GET /paper/{key}/pdf"}, "a file, which the schema leaves out"


def says_nothing(content: bytes) -> bool:
    """An empty list, or what counts nothing."""
    found = json.loads(content) if content[:1] in b"[{" else True
    return not (any(found.values()) if isinstance(found, dict) else found)


class OperationsTest(TestCase):
    walk: ClassVar[Walk]
    code: ClassVar[str]  # of a warning in force

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()
        cls.code = Desk(cls.walk.world).issued().alert.code

    def address(self, path: str) -> str:
        """Filled with something that exists; empty where nothing is at hand."""
        if path.startswith("/api/v1/alerts/{code}"):
            path = path.replace("{code}", type(self).code)
        for values in blanks(type(self).walk.world, path) if "{" in path else []:
            for name, value in values.items():
                path = path.replace(f"{{{name}}}", str(value))
        return "" if "{" in path else path

    def asked(self) -> set[Perm]:
        """The permissions that are asked for from now on."""
        found, plain = set[Perm](), User.scopes

        def scopes(user: User, perm: Perm) -> tuple[str, ...]:
            found.add(perm)
            return plain(user, perm)

        patched = mock.patch.object(User, "scopes", scopes)
        patched.start()
        self.addCleanup(patched.stop)
        return found

    def test_each_operation_answers_as_the_reason_says(self) -> None:
        """Who lacks the permission, or holds it elsewhere, gets a refusal or an empty list, the others an answer; and
        the permission said is one that was asked for."""
        wrong, told, untried, asked = set[str](), Counter[Why](), set[str](), self.asked()
        clients = {login: browser(type(self).walk, login) for login in ALL}
        for method, path, described in operations():
            name, url = f"{method} {path[7:]}", self.address(path)
            answers = self.answers(clients, method, url, described, asked) if url and name not in UNTRIED else {}
            if all(answer.status_code in UNREAD for answer, _written, _asked in answers.values()):
                untried.add(name)
                continue
            for login, (answer, written, needed) in answers.items():
                reason = said(name, login, named=call(described, url)[2])
                told[reason] += 1
                if says := contradiction(name, reason, answer, written, needed):
                    wrong.add(f"{name} {login}: {reason.name}, but {says}")
        assert told.total() > 1_500
        assert {Why.HELD, Why.LIST, Why.LACKS, Why.OFFICE, Why.OUTSIDE, Why.FROM_ABOVE, Why.SIGNED} <= set(told)
        assert not wrong, "\n".join(sorted(wrong))
        new = sorted(untried - set(UNTRIED))
        assert not new, "give a sample, or the reason in untried.py: " + ", ".join(new)

    def answers(
        self, clients: dict[str, Client], method: str, url: str, described: dict[str, Any], asked: set[Perm]
    ) -> dict[str, tuple[Any, list[str], set[Perm]]]:
        """By log-in: the answer, what was written for it and the permissions that were asked for."""
        address, body, _named = call(described, url)
        found = {}
        for login, client in clients.items():
            asked.clear()
            answer, written = undone(client, method, address, body, "application/json")
            found[login] = answer, written, set(asked)
        return found


def said(name: str, login: str, *, named: bool) -> Why:
    """What the table says of this log-in; of a place that the call names, as of one in the address."""
    path = name.partition(" ")[2]
    place = next((code for code, prefixes in LIES.items() if path.startswith(prefixes)), VILLAGE if named else COUNTY)
    seen = where(login, place)
    reason = reasons.of_operation(path, DOORS[name], ALL[login][0], seen)
    return Why.OUTSIDE if named and reason is Why.LIST and seen in (Where.BESIDE, Where.ABOVE) else reason


def test_nothing_is_left_untried_that_is_no_operation() -> None:
    assert set(UNTRIED) <= set(DOORS)
    assert all(len(reason) > 20 for reason in UNTRIED.values())


def contradiction(name: str, reason: Why, answer: Any, written: list[str], asked: set[Perm]) -> str:
    """What of an answer is not as the reason says; empty if nothing is."""
    wanted = perms(DOORS[name])
    if answer.status_code == 200 and wanted and not asked & wanted:
        return f"asked for {sorted(asked)}"
    if reason.opens is None or name in OWN_RULE:
        return ""
    if written and not reason.opens:
        return f"wrote {written[:1]}"
    if answer.status_code in JUDGED:
        return "" if reason.opens else f"{answer.status_code}: judged before who sent it"
    refused = answer.status_code in REFUSED
    right = refused != reason.opens or (not refused and says_nothing(answer.content))
    return "" if right else str(answer.status_code)
