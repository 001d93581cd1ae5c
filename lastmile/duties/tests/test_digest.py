from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.core import mail
from django.test import Client

from lastmile.community.people.actions import add_contact
from lastmile.duties import actions
from lastmile.duties.actions import digest
from lastmile.duties.digest import send
from lastmile.duties.models import Digest
from lastmile.duties.tests.conftest import Office
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 7, 1, 6, 0, tzinfo=clock.BEIJING)


def test_it_comes_once_a_day_at_the_chosen_time_and_only_when_something_is_open(office: Office, client: Client) -> None:
    user = office.world.login(client, "grid")
    add_contact(office.world.staff["410182109211001"], "email", "li@example.org")
    with clock.frozen(MORNING):
        assert client.post("/todo/digest/", {"at": "07:30"}).status_code == 302
        assert digest.tick() == 0
        clock.forward(hours=2)
        assert digest.tick() == 1
        assert digest.tick() == 0
        assert Digest.objects.get().next_at == MORNING + timedelta(days=1, hours=1, minutes=30)
        assert not send(user)  # nothing is open: silence
        owed = office.task("清理排水沟", due_at=clock.now() + timedelta(hours=5))
        assert send(user)
        (message,) = mail.outbox
        assert message.to == ["li@example.org"]
        assert "清理排水沟" in message.body
        actions.done(user, owed)
        assert not send(user)


def test_nothing_is_sent_without_an_address_and_it_can_be_ended(office: Office, client: Client) -> None:
    user = office.world.login(client, "grid")
    office.task()
    digest.choose(user, time(8))
    assert not send(user)
    assert client.get("/todo/digest/").status_code == 200
    assert client.post("/todo/digest/", {"at": "soon"}).status_code == 400
    client.post("/todo/digest/", {"end": "1"})
    assert not Digest.objects.exists()
