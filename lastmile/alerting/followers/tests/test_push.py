"""Web push against a push service of our own, which opens what it gets with the browser's keys and answers anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.test import Client

from lastmile.alerting.channels import sealing
from lastmile.alerting.channels.contract import What
from lastmile.alerting.followers import browsers, pushes, telling
from lastmile.alerting.followers.tests import working
from lastmile.alerting.followers.tests.test_mail import WEB
from lastmile.alerting.models import Follower, Told
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock, outward
from lastmile.kernel.errors import Refusal
from tests.serving import serving
from tests.world import World

PUSH = Follower.Kind.PUSH
OWN = "1f" * 32


class Owner:
    """A browser's side: its keys, and how it opens what is pushed."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(sealing.CURVE)
        self.secret = b"0123456789abcdef"

    def keys(self) -> dict[str, str]:
        return {"p256dh": sealing.b64(sealing.point(self.key.public_key())), "auth": sealing.b64(self.secret)}

    def opened(self, body: bytes) -> dict[str, Any]:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size == 4096
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(sealing.CURVE, theirs))
        info = b"WebPush: info\0" + sealing.point(self.key.public_key()) + theirs
        material = HKDF(hashes.SHA256(), 32, self.secret, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        text = AESGCM(key).decrypt(nonce, sealed, None)
        assert text[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(text[:-1])
        return found


@dataclass
class Service:
    """`status` answers every push, `headers` with it."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    def address(self, name: str = "one") -> str:
        return f"http://127.0.0.1:{self.port}/send/{name}"


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    found = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers.items()), body))
            self.send_response(found.status)
            for name, value in {"Content-Length": "0", **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    settings.PUSH_HOSTS, settings.OUTWARD_ALLOW, settings.PUSH_KEY = ["127.0.0.1"], ["127.0.0.1/32"], OWN
    settings.PUBLIC_URL = "https://warn.example.cn"
    pushes._rests.clear()
    with serving(Handler) as found.port:
        yield found
    pushes._rests.clear()


def follow(client: Client, endpoint: str, owner: Owner, **more: Any) -> Any:
    wish = {"subscription": {"endpoint": endpoint, "keys": owner.keys()}, "place": VILLAGE, "colour": "4", **more}
    return client.post("/w/my/push/", json.dumps(wish), content_type="application/json")


def worked() -> int:
    return working.worked(PUSH)


def test_sealed_as_the_standard_says_byte_for_byte() -> None:
    """RFC 8291, section 5 and appendix A."""
    own = ec.derive_private_key(
        int.from_bytes(sealing.unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), sealing.CURVE
    )
    browser = sealing.Browser.read(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    body = sealing.seal(
        b"When I grow up, I want to be a watermelon", browser, salt=sealing.unb64("DGv6ra1nlYgDCS1FRnbzlw"), own=own
    )
    assert sealing.b64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_that_asked_gets_the_warning_and_nobody_between_can_read_it(
    client: Client, world: World, desk: Desk, service: Service
) -> None:
    owner = Owner()
    made = follow(client, service.address(), owner)
    assert (made.status_code, made.json()["place"]) == (201, VILLAGE)
    event = desk.issued(**WEB)
    assert worked() == 1
    assert worked() == 0
    ((path, headers, body),) = service.got
    assert path == "/send/one"
    shown = owner.opened(body)
    assert "暴雨" in shown["title"]
    assert "立即离开河沟" in shown["body"]
    assert shown["url"] == f"https://warn.example.cn/w/{event.alert.code}/"
    assert shown["stay"] is True
    owner.secret = b"another secret!!"
    with pytest.raises(InvalidTag):
        owner.opened(body)
    assert "立即离开".encode() not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert headers["Urgency"] == "high"
    assert 0 < int(headers["TTL"]) <= (event.expires_at - clock.now()).total_seconds() + 1
    assert signed(headers["Authorization"], service)


def signed(authorization: str, service: Service) -> bool:
    """RFC 8292: the token names the service and the contact, for less than a day, and our key has signed it."""
    token, key = (part.split("=", 1)[1] for part in authorization.removeprefix("vapid ").split(", "))
    head, claims, signature = token.split(".")
    raw = sealing.unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(sealing.CURVE, sealing.unb64(key))
    pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(sealing.unb64(claims))
    assert said["aud"] == f"http://127.0.0.1:{service.port}"
    assert 0 < said["exp"] - clock.now().timestamp() < 24 * 3600
    assert said["sub"].startswith("mailto:")
    return key == sealing.public_key(OWN)


def test_the_all_clear_takes_the_place_of_the_warning(
    client: Client, world: World, desk: Desk, service: Service
) -> None:
    owner = Owner()
    follow(client, service.address(), owner)
    event = desk.issued(**WEB)
    worked()
    desk.follow(event, "lift")
    worked()
    first, last = (owner.opened(body) for _path, _headers, body in service.got)
    assert "解除" in last["title"]
    assert (first["tag"], last["stay"]) == (last["tag"], False)
    assert service.got[0][1]["Topic"] == service.got[1][1]["Topic"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_destroyed(
    client: Client, world: World, desk: Desk, service: Service, status: int
) -> None:
    follow(client, service.address(), Owner())
    service.status = status
    desk.issued(**WEB)
    worked()
    assert not Follower.objects.exists()


def test_a_service_that_is_busy_is_left_alone_for_as_long_as_it_says(
    client: Client, world: World, desk: Desk, service: Service
) -> None:
    for name in ("one", "two", "three"):
        follow(client, service.address(name), Owner())
    service.status, service.headers = 429, {"Retry-After": "600"}
    desk.issued(**WEB)
    worked()
    asked = len(service.got)
    clock.forward(minutes=9)
    worked()
    assert len(service.got) == asked
    assert set(Told.objects.values_list("state", flat=True)) == {"waiting"}
    service.status, service.headers = 201, {}
    clock.forward(minutes=2)
    worked()
    assert set(Told.objects.values_list("state", flat=True)) == {"sent"}
    assert len(service.got) == asked + 3


def test_waiting_for_a_busy_service_uses_up_no_tries(
    client: Client, world: World, desk: Desk, service: Service
) -> None:
    follow(client, service.address(), Owner())
    pushes._rests["127.0.0.1"] = clock.now().timestamp() + 3_000
    desk.issued(**WEB)
    for _ in range(telling.TRIES + 2):
        worked()
        clock.forward(minutes=5)
    assert service.got == []
    clock.forward(minutes=20)
    worked()
    assert Told.objects.get().state == "sent"


def test_what_an_answer_means() -> None:
    for status, expected in ((200, What.ACCEPTED), (201, What.ACCEPTED), (400, What.REFUSED), (413, What.REFUSED)):
        assert pushes.judged(status, {}, 0).what is expected
    for status in (401, 403, 429, 500, 503):
        assert pushes.judged(status, {}, 0).what is What.RETRY
    assert pushes.waits("120", 0) == 120
    assert pushes.waits("Thu, 01 Jan 1970 00:02:00 GMT", 0) == 120
    assert pushes.waits("99999999999999", 0) == pushes.LONGEST
    assert pushes.waits("soon", 0) == pushes.SOON
    assert pushes.waits("", 0) == pushes.SOON


def test_a_warning_of_any_length_fits(client: Client, world: World, desk: Desk, service: Service) -> None:
    owner = Owner()
    follow(client, service.address(), owner)
    desk.issued(**WEB, description="很大。" * 600, instruction="立即撤离到高处。\n" * 100)
    worked()
    assert len(owner.opened(service.got[0][2])["body"]) == 300


def test_no_other_address_is_ever_asked(
    client: Client, world: World, desk: Desk, service: Service, settings: Any
) -> None:
    owner = Owner()
    for odd in (
        "",
        "x",
        "ftp://127.0.0.1/",
        f"http://localhost:{service.port}/send/one",
        f"http://u:p@127.0.0.1:{service.port}/send/one",
        "https://127.0.0.1.evil.example/",
        "https://evil.example/127.0.0.1",
        "http://10.0.0.1/",
        "https://[::1]/",
    ):
        assert follow(client, odd, owner).status_code == 422, odd
    assert not Follower.objects.exists()
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    for odd in (
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com@evil.example/",
        "http://fcm.googleapis.com/x",
    ):
        with pytest.raises(Refusal):
            pushes.checked(odd)
    assert pushes.checked("https://fcm.googleapis.com/fcm/send/abc")
    settings.PUSH_HOSTS = ["127.0.0.1"]
    follow(client, service.address(), owner)
    settings.OUTWARD_ALLOW = []  # the network was taken off the list since
    desk.issued(**WEB)
    worked()
    assert service.got == []
    assert outward.allowed("127.0.0.1") is False


def test_what_no_browser_gives_is_refused_in_words(client: Client, world: World, service: Service) -> None:
    good = Owner().keys()
    for odd in (
        b"",
        b"[]",
        b"{}",
        b'{"subscription": 1}',
        b"\xff" * 10,
        json.dumps({"subscription": {"endpoint": service.address(), "keys": {**good, "auth": "AA"}}}).encode(),
        json.dumps({"subscription": {"endpoint": service.address(), "keys": {**good, "p256dh": "ä"}}}).encode(),
        json.dumps({"subscription": {"endpoint": service.address(), "keys": {**good, "p256dh": "B" * 87}}}).encode(),
        json.dumps({"subscription": {"endpoint": "http://127.0.0.1/" + "x" * 9_000, "keys": good}}).encode(),
    ):
        answer = client.post(
            "/w/my/push/", odd, content_type="application/json", REMOTE_ADDR=f"10.1.{len(odd) % 250}.1"
        )
        assert answer.status_code == 422, odd
        assert answer.json()["title"]


def test_a_browser_asks_again_moves_and_leaves(client: Client, world: World, service: Service) -> None:
    owner = Owner()
    link = follow(client, service.address(), owner).json()["link"]
    assert follow(client, service.address(), owner, colour="1").json()["link"] == link
    assert Follower.objects.get().colour == 1
    follow(client, service.address(), owner, place="410182")
    other = Owner()
    moved = follow(client, service.address("new"), other, old=service.address())
    assert moved.json() == {"moved": 2}
    assert follow(client, service.address("new"), other, old=service.address()).json() == {"moved": 0}
    page = client.get(link)
    assert "浏览器" in page.content.decode()
    assert client.post(link, {"act": "leave"}).status_code == 200
    assert Follower.objects.count() == 1


def test_one_browser_follows_so_many_places(
    client: Client, world: World, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "MOST", 2)
    owner = Owner()
    status = [follow(client, service.address(), owner, place=code).status_code for code in ("4101", "410182", VILLAGE)]
    assert status == [201, 201, 409]
    assert follow(client, service.address(), owner, place="4101").status_code == 201


def test_the_page_offers_it_by_script_alone_and_the_worker_is_served_for_all_public_pages(
    client: Client, world: World, service: Service
) -> None:
    page = client.get(f"/w/follow/?place={VILLAGE}").content.decode()
    assert sealing.public_key(OWN) in page
    assert '<section id="push" hidden' in page
    worker = client.get("/w/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in worker.content
    assert len(page) < 15_000


def test_the_figures_say_what_is_wrong(client: Client, world: World, settings: Any) -> None:
    settings.PUBLIC_URL = "http://warn.example.cn"
    settings.PUSH_KEY = "not hex"
    world.login(client, "officer")
    html = client.get("/channels/followers/").content.decode()
    assert "https" in html
    assert "LASTMILE_PUSH_KEY" in html
    page = client.get("/w/follow/")
    assert page.status_code == 200
    assert b'id="push"' not in page.content
