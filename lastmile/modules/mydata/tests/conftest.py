"""The small city, its phones, and a browser that proves who holds one of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from lastmile.alerting import desk
from lastmile.alerting.channels.contract import ACCEPTED, Outcome
from lastmile.community.people.models import Contact, Person
from lastmile.modules.mydata.actions import proof
from lastmile.modules.mydata.models import Challenge
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[tuple[str, str]]:
    """What went out: (number, text)."""
    sent: list[tuple[str, str]] = []

    def write(name: str, address: str, text: str, subject: str = "", *, place: str = "") -> Outcome:
        sent.append((address, text))
        return ACCEPTED

    settings.CHANNELS = ["sms", "email"]
    monkeypatch.setattr(desk, "write", write)
    return sent


def number(person: Person) -> str:
    found = Contact.objects.filter(person=person, kind="phone").order_by("rank", "pk").first()
    assert found is not None
    return str(found.value.reveal())


def deliver() -> None:
    """What the worker does with every code that waits."""
    for pk in Challenge.objects.filter(phone__isnull=False).order_by("pk").values_list("pk", flat=True):
        proof.send(pk)


def code_in(text: str) -> str:
    found = re.search(r"\d{6}", text)
    assert found is not None
    return found.group()


@pytest.fixture
def prove(phones: list[tuple[str, str]]) -> Callable[[Client, str], None]:
    """Log a browser in by the code that comes to this number."""

    def proven(client: Client, phone: str) -> None:
        assert client.post("/me/ask/", {"phone": phone}).status_code == 302
        deliver()
        assert client.post("/me/enter/", {"code": code_in(phones[-1][1])}).status_code == 302

    return proven
