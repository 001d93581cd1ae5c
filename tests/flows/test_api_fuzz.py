"""Whatever a program sends to the API, right or wrong: the answer is a sentence, never a breakdown.

Schemathesis makes the calls out of the OpenAPI description, the same ones in every run; what a call did is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from unittest import mock

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client, TestCase
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from lastmile.alerting.deployments import actions, pairing
from lastmile.alerting.models import Deployment
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts import tokens
from lastmile.community.people.models import Appointment, Contact
from lastmile.kernel.permissions import Perm
from lastmile.site.api import api
from tests.browser import samples_deployments, samples_facts, samples_places, samples_shelters
from tests.world import World, add_place

COUNTY, VILLAGE, JSON = "410122", "410182109211", "application/json"
DECIDING = ("/approve", "/return", "/judge-after")
ONCE = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def blanks(world: World, path: str) -> list[dict[str, Any]]:
    """Things that exist, for the blanks of an address: warnings in several states, else one of the kind."""
    if path.startswith("/api/v1/alerts/{code}"):
        desk = Desk(world)
        alerts = [desk.draft(), desk.in_review(), desk.approved(), desk.issued().alert]
        return [{"code": alert.code} for alert in alerts]
    if "{code}" in path:
        return [{"code": VILLAGE}]
    if path.startswith("/api/v1/deployments/{key}"):
        return deployments(world)
    kinds: dict[str, Callable[[], int]] = {
        "/facts/requests/": lambda: samples_facts.request(world).pk,
        "/facts/asks/": lambda: samples_facts.ask(world)["pk"],
        "/shelters/desks/": lambda: samples_shelters.opened(world).pk,
        "/shelters/": lambda: samples_shelters.shelter(world).pk,
        "/transfers/": lambda: samples_shelters.order(world)["pk"],
        "/sites/": lambda: samples_places.site(world)["pk"],
        "/posts/": lambda: samples_places.post(world)["pk"],
        "/households/": lambda: world.households[0].pk,
        "/people/contacts/": lambda: Contact.objects.earliest("id").pk,
        "/people/": lambda: world.residents[1].pk,
        "/appointments/": lambda: Appointment.objects.filter(post__place=VILLAGE).earliest("id").pk,
        "/users/": lambda: world.officer.pk,
        "/grants/": lambda: world.officer.grants.get().pk,
    }
    found = next((make() for part, make in kinds.items() if part in path), None)
    return [{"pk": found}] if found and "{pk}" in path else []


def deployments(world: World) -> list[dict[str, Any]]:
    """One in each state and on each side: reporting, silent, joining, invited, ended."""
    if not Deployment.objects.exists():
        samples_deployments.link(world)
        for code, name in {"410184": "新郑市", "410185": "登封市"}.items():
            world.places[code] = add_place(code, name)
        actions.end(world.system, samples_deployments.paired(world, "410184", "新郑市"))
        pairing.invite(world.system, world.places["410185"], name="登封市")
    return [{"key": pk} for pk in Deployment.objects.order_by("pk").values_list("pk", flat=True)]


def at_home(case: Case[Any]) -> Case[Any]:
    """The same call about a place that exists and is nobody's yet, with a code that opens something."""
    if isinstance(case.body, dict):
        case.body.update({"place": COUNTY} | ({"code": samples_deployments.code()} if "code" in case.body else {}))
    return case


def keeper(path: str) -> str:
    """The log-in that may do most there: the duty officer, who decides about drafts, whoever sets up the links."""
    if path.endswith(DECIDING):
        return "approver"
    return "system" if path.startswith("/api/v1/deployments") else "officer"


class ApiFuzzTest(TestCase):
    world: ClassVar[World]
    headers: ClassVar[dict[str, dict[str, str]]]  # by log-in

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World.build()
        add_place(COUNTY, "中牟县")
        cls.headers = {}
        for login, user in cls.world.users.items():
            _token, text = tokens.make(user, user.grants.get().pk, label="fuzz", days=1, read_only=False)
            cls.headers[login] = {"Authorization": f"Bearer {text}"}
        for signal in request_started, request_finished:  # the connection holds what is undone at the end
            signal.disconnect(close_old_connections)
            cls.addClassCleanup(signal.connect, close_old_connections)

    def strategies(self, operation: Any) -> Iterator[SearchStrategy[Case[Any]]]:
        """Calls as described and calls that break the description, at things that exist and at invented ones."""
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            yield operation.as_strategy(generation_mode=mode)
        for filled in blanks(type(self).world, operation.path):
            yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=filled)
        if operation.path.startswith("/api/v1/deployments/") and operation.method == "post":
            yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE).map(at_home)

    @mock.patch.object(tokens, "WRITING", frozenset(Perm))  # so that also what no token may do is tried
    def test_no_call_breaks_the_server(self) -> None:
        """Who may do most of what is asked there makes all the calls, every other role one of each kind; a stranger is
        told to log in."""
        schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
        app, broken, seen = WSGIHandler(), set(), 0

        def call(case: Case[Any], login: str) -> None:
            nonlocal seen
            seen += 1
            with transaction.atomic():
                status = case.call(app=app, headers=self.headers.get(login, {})).status_code
                transaction.set_rollback(True)
            # 403: a write is asked for the form's token first
            as_it_should = status != 401 if login else status in {401, 403}
            if status >= 500 or status == 429 or not as_it_should:
                broken.add(f"{status} {login or 'a stranger'} {case.as_curl_command()}")

        def call_as_keeper(case: Case[Any]) -> None:
            call(case, keeper(case.operation.path))

        def call_as_others(case: Case[Any]) -> None:
            for login in ("", *(name for name in self.headers if name != keeper(case.operation.path))):
                call(case, login)

        for operation in (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)):
            positive, *others = self.strategies(operation)
            for strategy in (positive, *others):
                ONCE(given(strategy)(call_as_keeper))()
            settings(ONCE, max_examples=1)(given(others[-1] if len(others) > 1 else positive)(call_as_others))()
        assert seen > 500
        assert not broken, "\n".join(sorted(broken))


@pytest.mark.django_db
def test_a_text_with_nul_is_refused_and_not_looked_up(client: Client) -> None:
    client.force_login(World.build(people=False).village)
    answer = client.post("/api/v1/households", {"place": VILLAGE + "\0", "number": "1", "address": "1"}, JSON)
    assert answer.status_code == 400
