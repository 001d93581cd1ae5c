"""Somebody of the county next door guesses ids and codes: every page and operation says there is no such thing."""

from __future__ import annotations

import re
from typing import ClassVar

from django.test import TestCase

from lastmile.alerting.models import Deployment
from tests.flows.test_api_fuzz import blanks
from tests.permissions.test_walk import EVERYWHERE, ROUTES, Walk, build
from tests.security.rig import browser, operations, pages, undone

REFUSED = {400, 403, 404, 405, 409, 410, 422}
# Operations whose blank is nobody's own, with the reason.
OF_ALL = {
    "/api/v1/channels/{name}": "channels belong to the whole system",
    "/api/v1/gaps/{rule}": "a rule of the radar; its rows are cut to one's own place",
    "/api/v1/calls/mine/{pk}": "one's own calls",
}
SECRETS = ("王宗店", "李村民", "王负责")  # names that only the county 410182 may see


class ObjectsTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()

    def test_no_page_of_an_object_opens_to_the_county_beside(self) -> None:
        walk, wrong, tried = type(self).walk, [], 0
        client = browser(walk, "neighbour")
        for route, url, _login in pages(walk):
            if not route.blanks or isinstance(route.door, str) or route.name in EVERYWHERE:
                continue
            answer, written = undone(client, "GET", url)
            tried += 1
            names = [
                name
                for name in SECRETS
                if answer.status_code == 200 and name in answer.content.decode(errors="replace")
            ]
            if answer.status_code not in REFUSED | {302} or names or written:
                wrong.append(f"{route.name} {url}: {answer.status_code} {names} {written}")
        assert tried > 100
        assert not wrong, "\n".join(wrong)

    def filled(self, path: str) -> list[str]:
        found = []
        own = Deployment.objects.filter(place="410181").values_list("pk", flat=True)  # the county beside's own link
        for values in blanks(type(self).walk.world, path):
            if "/deployments/" in path and values["key"] in own:
                continue
            url = path
            for name, value in values.items():
                url = url.replace(f"{{{name}}}", str(value))
            if "{" not in url:
                found.append(url)
        return found

    def test_no_operation_on_an_object_answers_the_county_beside(self) -> None:
        walk, wrong, tried = type(self).walk, [], 0
        client = browser(walk, "neighbour")
        for method, path, _described in operations():
            if any(path.startswith(one) for one in OF_ALL):
                continue
            for url in self.filled(path):
                answer, written = undone(client, method, url, b"{}", "application/json")
                tried += 1
                if answer.status_code not in REFUSED or written:
                    wrong.append(f"{method} {url}: {answer.status_code} {written}")
        assert tried > 60
        assert not wrong, "\n".join(wrong)

    def test_no_operation_writes_for_a_session_without_the_token_of_our_page(self) -> None:
        walk, wrong, tried = type(self).walk, [], 0
        client = browser(walk, "officer", strict=True)
        for method, path, _described in operations():
            if method == "GET":
                continue
            for url in self.filled(path) or [re.sub("{[^}]+}", "1", path)]:
                answer, written = undone(client, method, url, b"{}", "application/json")
                tried += 1
                if answer.status_code != 403 or written:
                    wrong.append(f"{method} {url}: {answer.status_code} {written}")
        assert tried > 60
        assert not wrong, "\n".join(wrong)

    def test_numbers_tried_one_after_the_other_find_nothing(self) -> None:
        walk, found = type(self).walk, []
        client = browser(walk, "neighbour")
        for name in ("household", "person", "site", "post_edit", "user"):
            if name not in ROUTES:
                continue
            address = "/" + ROUTES[name].address.replace("<int:pk>", "{pk}")
            for number in range(1, 60):
                answer, _written = undone(client, "GET", address.format(pk=number))
                if answer.status_code == 200 and any(one in answer.content.decode() for one in SECRETS):
                    found.append(address.format(pk=number))
        assert not found
