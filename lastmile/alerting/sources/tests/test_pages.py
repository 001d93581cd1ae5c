"""Through the browser's door: set up a source, decide on what came in, push and enter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lastmile.alerting.channels import signing
from lastmile.alerting.models import Alert, Proposal, Received, Source, State
from lastmile.alerting.sources import actions
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.tests.conftest import Bring
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

FEED = {"kind": "feed", "place": "410182", "name": "省台", "url": "https://cap.example.cn/f", "interval": "60"}


def test_a_source_is_set_up_and_no_secret_is_in_the_audit(client: Client, world: World) -> None:
    world.login(client, "officer")
    answer = client.post(reverse("sources:new"), FEED | {"token": "geheim-7", "anchors": samples.certificate()})
    source = Source.objects.get()
    assert answer.headers["Location"] == reverse("sources:source", args=[source.pk])
    entry = AuditEntry.objects.get(action="alerting.source_added")
    assert "geheim" not in json.dumps(entry.detail)
    assert "geheim" not in client.get(answer.headers["Location"]).content.decode()
    actions.change(world.officer, source, token="")
    source.refresh_from_db()
    assert source.token


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "ftp://x.cn/f"}, "http"),
        ({"url": "http://127.0.0.1/f"}, "127.0.0.1"),
        ({"anchors": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}, "PEM"),
        ({"name": ""}, "name"),
        ({"interval": "1"}, "10"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: Client, world: World, changes: dict[str, str], says: str
) -> None:
    world.login(client, "officer")
    answer = client.post(reverse("sources:new"), FEED | changes)
    assert 400 <= answer.status_code < 500
    assert says in answer.content.decode()
    assert FEED["place"] in answer.content.decode()
    assert not Source.objects.exists()


def test_nobody_sets_up_a_source_for_another_county(client: Client, world: World) -> None:
    world.login(client, "neighbour")
    assert client.post(reverse("sources:new"), FEED).status_code == 404
    source = samples.source()
    assert client.get(reverse("sources:source", args=[source.pk])).status_code == 404


def take(client: Client, proposal: Proposal, **more: str) -> Any:
    form = {"head": str(proposal.head_id), "next": "review"} | more
    return client.post(reverse("sources:take", args=[proposal.pk]), form)


def test_two_clicks_issue_it_where_lives_can_not_wait(client: Client, world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    world.login(client, "officer")
    proposal = Proposal.objects.get()
    page = client.get(reverse("sources:proposal", args=[proposal.pk])).content.decode()
    assert "6" in page  # households
    issue_page = take(client, proposal, next="urgent").headers["Location"]
    assert client.get(issue_page).status_code == 200
    alert = Alert.objects.get()
    client.post(issue_page, {"sure": "yes", "urgent": "yes", "version": str(alert.version)})
    alert.refresh_from_db()
    assert (alert.state, alert.urgent) == (State.ISSUED, True)


def test_one_click_hands_it_to_the_approver(client: Client, world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    world.login(client, "officer")
    answer = take(client, Proposal.objects.get())
    alert = Alert.objects.get()
    assert (alert.state, answer.headers["Location"]) == (State.REVIEW, reverse("alerting:alert", args=[alert.code]))
    assert take(client, Proposal.objects.get()).status_code == 409


@pytest.mark.parametrize("head", ["", "x", "-1", "9" * 40, "²"])
def test_a_form_without_the_message_is_refused_in_words(client: Client, world: World, bring: Bring, head: str) -> None:
    bring(samples.alert(1))
    world.login(client, "officer")
    assert take(client, Proposal.objects.get(), head=head).status_code == 400


def test_the_approver_reads_it_and_may_not_take_it(client: Client, world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    proposal = Proposal.objects.get()
    world.login(client, "approver")
    assert client.get(reverse("sources:proposal", args=[proposal.pk])).status_code == 200
    assert take(client, proposal).status_code == 403


def test_the_list_is_searched_and_cut_to_the_place(client: Client, world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    world.login(client, "officer")
    address = reverse("sources:incoming")
    assert "暴雨红色" in client.get(address, {"q": "暴雨", "state": "open", "colour": "1"}).content.decode()
    assert "暴雨红色" not in client.get(address, {"state": "taken"}).content.decode()
    world.login(client, "neighbour")
    assert "暴雨红色" not in client.get(address).content.decode()


def test_the_original_comes_back_as_it_came(client: Client, world: World, bring: Bring) -> None:
    message = samples.alert(1)
    (one,) = bring(message)
    world.login(client, "officer")
    answer = client.get(reverse("sources:original", args=[one.pk]))
    assert answer.content == bytes(Received.objects.get().raw)
    assert answer.headers["Content-Disposition"].startswith("attachment")


def push(client: Client, source: Source, body: bytes, token: str, **headers: str) -> Any:
    given = {"authorization": f"Bearer {token}"} | headers
    address = reverse("sources:push", args=[source.pk])
    return client.post(address, body, content_type="application/cap+xml", headers=given)


def test_a_program_pushes_with_its_token(client: Client, world: World) -> None:
    source, token = actions.add(world.system, world.places["410182"], "push", name="台", anchors=samples.certificate())
    body = samples.xml(samples.alert(1))
    answer = push(client, source, body, token)
    assert (answer.status_code, answer.json()["new"]) == (201, 1)
    assert (push(client, source, body, token).status_code, Received.objects.count()) == (200, 1)
    assert push(client, source, body, "lmp_wrong").status_code == 403
    newer = actions.renew_token(world.system, source)
    assert push(client, source, body, token).status_code == 403
    assert push(client, source, body, newer).status_code == 200
    actions.pause(world.system, source, enabled=False)
    assert push(client, source, body, newer).status_code == 403


def test_a_source_with_a_secret_signs_what_it_pushes(client: Client, world: World) -> None:
    fields = {"name": "台", "anchors": samples.certificate(), "secret": "s3cret"}
    source, token = actions.add(world.system, world.places["410182"], "push", **fields)
    body = samples.xml(samples.alert(1))
    assert push(client, source, body, token).status_code == 403
    headers = signing.signed("s3cret", body, now=clock.now().timestamp())
    assert push(client, source, body + b" ", token, **headers).status_code == 403
    assert push(client, source, body, token, **headers).status_code == 201


@pytest.mark.parametrize("body", [b"", b"\0", b"{", b"<a/>", b"<" * 1000, "预警".encode("gbk")])
def test_what_is_pushed_and_no_message_is_a_sentence(client: Client, world: World, body: bytes) -> None:
    source, token = actions.add(world.system, world.places["410182"], "push", name="台")
    answer = push(client, source, body, token)
    assert answer.status_code == 400


def test_characters_that_are_none_do_no_harm(client: Client, world: World) -> None:
    source, token = actions.add(world.system, world.places["410182"], "push", name="台")
    body = b'{"identifier":"41018241600000_20260823170800","headline":"\\ud800\\u0001","msgType":"Alert","sender":"s"}'
    answer = push(client, source, body, token)
    assert (answer.status_code, answer.json()["new"]) == (201, 1)


def test_a_text_is_pasted_and_leads_to_its_proposal(client: Client, world: World) -> None:
    source = samples.source("hand")
    world.login(client, "officer")
    address = reverse("sources:enter", args=[source.pk])
    answer = client.post(address, {"text": samples.xml(samples.alert(1)).decode()})
    assert answer.headers["Location"] == reverse("sources:proposal", args=[Proposal.objects.get().pk])
    assert client.post(address, {"text": "大暴雨要来了"}).status_code == 400


def test_the_api_says_and_decides_the_same(client: Client, world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    world.login(client, "officer")
    (one,) = client.get("/api/v1/incoming?state=open").json()
    assert (one["wanted"], one["signature"], one["place"]) == ("alert", "trusted", "410182")
    answer = client.post(f"/api/v1/incoming/{one['id']}/take", {"head": one["head"]}, content_type="application/json")
    assert answer.json()["missing"] == ""
    assert Alert.objects.get(code=answer.json()["code"]).state == State.REVIEW
    again = client.post(f"/api/v1/incoming/{one['id']}/take", {"head": one["head"]}, content_type="application/json")
    assert again.status_code == 409
    (source,) = client.get("/api/v1/sources").json()
    assert (source["light"], "anchors" in source) == ("secondary", False)


def test_a_program_adds_a_source_that_pushes_and_sees_its_token_once(client: Client, world: World) -> None:
    world.login(client, "officer")
    wish = {"name": "气象局", "kind": "push", "place": "410182"}
    made = client.post("/api/v1/sources", wish, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["push_token"].startswith("lmp_")
    assert not any(one["push_token"] for one in client.get("/api/v1/sources").json())
    world.login(client, "neighbour")
    assert client.post("/api/v1/sources", wish, content_type="application/json").status_code == 404
