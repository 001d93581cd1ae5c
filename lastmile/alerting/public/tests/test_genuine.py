"""“Is this message genuine?” by QR: the code on a poster, seen as a camera sees it, leads to a page that says so.

The poster is drawn by PDFium and its code read by ZXing; neither knows anything of how we made it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from django.test import Client

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
WEB: dict[str, Any] = {"channels": ["sms", "web"]}
SITE = "https://warn.example.cn"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.PUBLIC_URL = SITE


@pytest.fixture
def red(desk: Desk) -> AlertEvent:
    return desk.issued(**WEB)


def scanned(pdf: bytes, *, dots_per_inch: int = 100) -> list[str]:
    """What a telephone reads off the sheet."""
    sheet = pypdfium2.PdfDocument(pdf)[0].render(scale=dots_per_inch / 72).to_pil().convert("L")
    return [found.text for found in zxingcpp.read_barcodes(sheet)]


def poster(client: Client, event: AlertEvent, size: str = "a4") -> bytes:
    return bytes(client.get(f"/w/{event.alert.code}/poster.pdf?size={size}").content)


def opened(client: Client, address: str) -> str:
    """The page behind a code of ours."""
    assert address.startswith(f"{SITE}/"), address
    return client.get(urlsplit(address).path).content.decode()


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_the_code_on_the_poster_leads_to_the_warning_confirmed(client: Client, red: AlertEvent, size: str) -> None:
    (address,) = scanned(poster(client, red, size))
    page = opened(client, address)
    assert "真：这条预警是我们发的，正在生效。" in page
    for words in (red.frozen["texts"]["zh"]["headline"], "立即离开河沟", red.identifier):
        assert words in page, words


def test_a_poster_that_still_hangs_says_what_became_of_its_warning(client: Client, desk: Desk) -> None:
    ends = {"cancel": "已经撤销，无效", "lift": "已经解除，不再有效", "update": "真，但已过时"}
    for kind, words in ends.items():
        event = desk.issued(**WEB)
        (address,) = scanned(poster(client, event))
        clock.forward(minutes=1)
        desk.follow(event, kind)
        page = opened(client, address)
        assert words in page, kind
        assert "正在生效。" not in page, kind
    event = desk.issued(**WEB)
    (address,) = scanned(poster(client, event))
    clock.forward(days=30)
    assert "有效期已过，不再有效" in opened(client, address)


def test_an_exercise_is_genuine_and_said_to_be_one(client: Client, desk: Desk) -> None:
    (address,) = scanned(poster(client, desk.issued(**WEB, exercise=True)))
    page = opened(client, address)
    assert page.index("演练") < page.index("真：")


def test_a_forged_code_at_our_address_is_plainly_refused(client: Client, desk: Desk, red: AlertEvent) -> None:
    hidden = desk.issued(channels=["sms"], hazard="flood")
    draft = desk.draft()
    for code in (red.alert.code + "9", "410182-20260101-99", hidden.alert.code, draft.code or "draft"):
        answer = client.get(f"/w/{code}/")
        page = answer.content.decode()
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store"), code
        assert "查不到这条预警" in page
        assert "真：" not in page
    assert "We don't know this warning" in client.get("/w/forged/?lang=en").content.decode().replace("&#x27;", "'")
    said = client.post("/w/check/", {"text": f"{SITE}/w/forged-code-1/"}).content.decode()
    assert "这不是我们发的消息" in said


def test_a_code_of_another_site_can_be_told_by_its_address(client: Client, red: AlertEvent) -> None:
    """A forger's page says what it likes; ours says by what address to know us."""
    (address,) = scanned(poster(client, red))
    assert urlsplit(address).netloc == "warn.example.cn"
    assert address in opened(client, address)
    assert f"{SITE}/" in client.get("/w/check/").content.decode()


def test_text_and_number_of_the_poster_confirm_it_too(client: Client, red: AlertEvent) -> None:
    for text in (red.identifier, f"看到海报：{SITE}/w/{red.alert.code}/ 是真的吗"):
        assert "是我们发的" in client.post("/w/check/", {"text": text}).content.decode()
