"""The certificate of our messages from the console: who may, what it says, both steps, and what is refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lastmile.alerting.cap import keys, renewal
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import State, sign, verify
from lastmile.alerting.cap.tests.samples import xml
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

PAGE = "/certificate/"


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.VAR, settings.CAP_KEY, settings.CAP_SENDER = tmp_path, "", "warn@example.cn"
    return World.build(people=False)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A root, one below it, and what it certifies."""

    def __init__(self) -> None:
        self.key = {one: rsa.generate_private_key(public_exponent=65537, key_size=2048) for one in ("root", "middle")}
        self.root = self.made(self.key["root"].public_key(), "Root", "Root", "root")
        self.middle = self.made(self.key["middle"].public_key(), "Middle", "Root", "root")

    def made(self, key: Any, subject: str, issuer: str, by: str, ends: datetime | None = None) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(clock.now() - timedelta(days=400))
        builder = builder.add_extension(x509.BasicConstraints(ca=by == "root", path_length=None), True)
        return builder.not_valid_after(ends or clock.now() + timedelta(days=365)).sign(self.key[by], hashes.SHA256())

    def certify(self, request: str, ends: datetime | None = None) -> x509.Certificate:
        asked = x509.load_pem_x509_csr(request.encode())
        assert asked.is_signature_valid
        return self.made(asked.public_key(), "warn@example.cn", "Middle", "middle", ends)


def pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def ask(client: Client) -> str:
    answer = client.post(PAGE + "request/")
    assert (answer.status_code, "attachment" in answer["Content-Disposition"]) == (200, True)
    return answer.content.decode()


def test_asked_for_certified_by_a_chain_and_installed_without_a_restart(world: World, client: Client) -> None:
    world.login(client, "system")
    before, authority = keys.own(), Authority()
    assert "自己签发" in client.get(PAGE).content.decode()
    request = ask(client)
    assert request == ask(client)
    assert "PRIVATE" not in request
    assert "等待证书" in client.get(PAGE).content.decode()
    assert keys.own() == before
    leaf = authority.certify(request)
    file = SimpleUploadedFile("chain.pem", pem(authority.root, leaf, authority.middle).encode())  # in any order
    assert client.post(PAGE, {"file": file})["Location"] == PAGE
    found = verify(read(sign(xml().encode(), keys.own())).element, [authority.root], clock.now())
    assert found.state == State.TRUSTED
    page = client.get(PAGE).content.decode()
    until = str(clock.day_of(leaf.not_valid_after_utc))
    for words in ("CN=warn@example.cn", "CN=Middle", "CN=Root", until, "报文有签名"):
        assert words in page, words
    for body in (page.encode(), client.get(PAGE + "file/").content):
        assert b"PRIVATE" not in body
    acts = (
        AuditEntry.objects.filter(action__startswith="alerting.certificate")
        .order_by("id")
        .values_list("action", "detail__new")
    )
    assert list(acts) == [
        ("alerting.certificate_requested", True),
        ("alerting.certificate_requested", False),
        ("alerting.certificate_installed", None),
    ]


def test_what_can_not_be_used_is_said_and_the_old_pair_stays(world: World, client: Client) -> None:
    world.login(client, "system")
    before, authority = keys.own(), Authority()
    leaf = authority.certify(ask(client))
    late = authority.certify(ask(client), clock.now() - timedelta(days=1))
    for text, words in (
        ("", "请选择文件，或粘贴文本"),
        ("no certificate", "没有 PEM 格式的证书"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "没有 PEM 格式的证书"),
        (keys.self_signed("x").partition("-----END PRIVATE KEY-----")[2], "既不属于"),
        (pem(late), "今天不在有效期内"),
        (pem(leaf, authority.root), "只提交一条证书链"),
        (pem(leaf, authority.middle, Authority().root), "只提交一条证书链"),
    ):
        answer = client.post(PAGE, {"text": text})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    long = SimpleUploadedFile("long.pem", b"x" * 200_000)
    assert client.post(PAGE, {"file": long}).status_code == 413
    binary = SimpleUploadedFile("c.der", leaf.public_bytes(serialization.Encoding.DER))
    assert client.post(PAGE, {"file": binary}).status_code == 422
    assert keys.own() == before
    assert not AuditEntry.objects.filter(action="alerting.certificate_installed").exists()


def test_a_key_that_the_operator_has_set_is_shown_and_not_changed(world: World, client: Client, settings: Any) -> None:
    world.login(client, "system")
    settings.CAP_KEY = keys.self_signed("operator")
    page = client.get(PAGE).content.decode()
    assert "LASTMILE_CAP_KEY" in page
    assert "生成并下载" not in page
    assert client.post(PAGE + "request/").status_code == 409
    assert client.post(PAGE, {"text": "x"}).status_code == 409
    assert not renewal.waiting().exists()
    settings.CAP_KEY = "not a key"
    assert "读不到证书" in client.get(PAGE).content.decode()


def test_the_light_turns_before_it_ends(world: World, client: Client) -> None:
    world.login(client, "system")
    leaf = Authority().certify(ask(client), clock.now() + timedelta(days=90))
    client.post(PAGE, {"text": pem(leaf)})
    for days, words in ((0, "报文有签名"), (60, "还有 29 天到期"), (31, "证书已过期")):
        clock.forward(days=days)
        world.login(client, "system")
        assert words in client.get(PAGE).content.decode(), days


def test_only_those_who_set_up_the_whole_system_see_to_it(world: World, client: Client) -> None:
    from lastmile.community.accounts.actions import create_user
    from lastmile.community.accounts.roles import Role

    county = create_user("admin2", "correct horse 47", name="x", role=Role.SYSTEM_ADMIN,
                         place=world.places["410182"], temporary=False)  # fmt: skip
    for login in ("officer", "security", "county"):
        client.force_login(county if login == "county" else world.users[login])
        for address, posts in ((PAGE, False), (PAGE + "file/", False), (PAGE, True), (PAGE + "request/", True)):
            answer = client.post(address, {"text": "x"}) if posts else client.get(address)
            assert answer.status_code == 403, (login, address)
        assert client.get("/api/v1/certificate").status_code == 403
        assert client.post("/api/v1/certificate/request").status_code == 403
    assert not renewal.waiting().exists()
    client.force_login(county)
    assert PAGE not in client.get("/channels/").content.decode()
    world.login(client, "system")
    assert PAGE in client.get("/channels/").content.decode()


def test_programs_do_the_same(world: World, client: Client) -> None:
    world.login(client, "system")
    authority = Authority()
    first = client.get("/api/v1/certificate").json()
    assert (first["light"], first["issuer"], first["waiting"]) == ("green", "", None)
    leaf = authority.certify(client.post("/api/v1/certificate/request").json()["request"])

    def install(text: str) -> Any:
        return client.post("/api/v1/certificate/install", {"certificates": text}, content_type="application/json")

    assert install("x").status_code == 422
    done = install(pem(leaf, authority.middle))
    assert (done.status_code, done.json()["chain"], done.json()["subject"]) == (
        200,
        ["CN=Middle"],
        "CN=warn@example.cn",
    )
    assert done.json()["pem"] == pem(leaf, authority.middle)
    assert "PRIVATE" not in done.content.decode()
