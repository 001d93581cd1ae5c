"""Departments and the three offices work without residents: no page and no answer of the API shows them one."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import Q
from django.test import TestCase

from lastmile.community.accounts.models import User
from lastmile.community.people.models import Contact, Person
from lastmile.kernel.permissions import Perm
from tests.flows.test_api_fuzz import blanks
from tests.permissions.test_walk import Walk, build
from tests.security.rig import browser, operations, pages, undone

WITHOUT = ("health", "system", "security", "auditor")
# Made for whoever has the link or the number, whoever is logged in beside it.
BY_LINK = ("public",)


class ResidentsTest(TestCase):
    walk: ClassVar[Walk]
    told: ClassVar[dict[str, str]]  # what would give a resident away → whose it is

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()
        cls.told = {}
        staff = Q(household=None) | Q(appointments__isnull=False)  # shown with their posts, also to departments
        known = {person.name.masked() for person in Person.objects.filter(staff)}
        for person in Person.objects.exclude(staff):
            cls.told[person.name.reveal()] = f"name of {person.pk}"
            if person.name.masked() not in known:
                cls.told[person.name.masked()] = f"masked name of {person.pk}"
        for contact in Contact.objects.filter(person__household__isnull=False):
            cls.told[contact.value.reveal()] = f"contact of {contact.person_id}"
            cls.told[contact.value.masked()] = f"masked contact of {contact.person_id}"
        for home in cls.walk.world.households:
            cls.told[f">{home.address}<"] = f"address of {home.pk}"

    def shown(self, text: str) -> list[str]:
        return [whose for words, whose in type(self).told.items() if words in text]

    def test_the_marks_are_found_where_residents_are_shown(self) -> None:
        page = browser(type(self).walk, "officer").get(f"/households/{type(self).walk.world.households[0].pk}/")
        assert page.status_code == 200
        found = self.shown(page.content.decode())
        assert any("masked" in one for one in found), found

    def test_no_page_shows_a_resident_to_who_works_without_them(self) -> None:
        walk, wrong, opened = type(self).walk, [], 0
        for login in WITHOUT:
            assert not User.objects.get(username=login).scopes(Perm.HOUSEHOLD_READ)
            client = browser(walk, login)
            for route, url, _opens in pages(walk):
                if str(route.door).startswith(BY_LINK):
                    continue
                answer, _written = undone(client, "GET", url)
                if answer.status_code == 200 and not answer.streaming:
                    opened += 1
                    if found := self.shown(answer.content.decode(errors="replace")):
                        wrong.append(f"{login} {route.name} {url}: {found[:3]}")
        assert opened > 100
        assert not wrong, "\n".join(wrong)

    def read(self) -> list[str]:
        """Every address of the API that can be read, its blanks filled."""
        found = []
        for method, path, _described in operations():
            for values in blanks(type(self).walk.world, path) or [{}] if method == "GET" else []:
                url = path
                for name, value in values.items():
                    url = url.replace(f"{{{name}}}", str(value))
                found += [url] if "{" not in url else []
        return found

    def test_no_operation_tells_of_a_resident_to_who_works_without_them(self) -> None:
        wrong, answered = [], 0
        for login in WITHOUT:
            client = browser(type(self).walk, login)
            for url in self.read():
                answer, _written = undone(client, "GET", url)
                if answer.status_code == 200 and not answer.streaming:
                    answered += 1
                    if found := self.shown(answer.content.decode(errors="replace")):
                        wrong.append(f"{login} {url}: {found[:3]}")
        assert answered > 30
        assert not wrong, "\n".join(wrong)
