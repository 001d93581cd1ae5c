"""The public site as a screen reader reads it, as a printer prints it, and as a telephone scans it."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from tests.browser.conftest import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
NAMED = {"link", "button", "textbox", "searchbox", "combobox", "checkbox", "radio", "region", "navigation", "image"}
PAGES = ("/w/", "/w/past/", "/w/map/", "/w/colours/", "/w/check/", "/w/follow/", "/w/shelters/")
SQUARE = {"type": "Polygon", "coordinates": [[[113.3, 34.6], [113.4, 34.6], [113.4, 34.7], [113.3, 34.6]]]}
COLOURS = {1: "红色", 2: "橙色", 3: "黄色", 4: "蓝色"}


class Node(NamedTuple):
    """What a screen reader is told of one thing on the page."""

    role: str
    name: str
    facts: dict[str, Any]


def read(page: Page) -> list[Node]:
    """Everything that is read out, in the order in which it is."""
    session = page.context.new_cdp_session(page)
    nodes = {one["nodeId"]: one for one in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    found: list[Node] = []

    def walk(key: str) -> None:
        one = nodes.get(key)
        if one is None:
            return
        if not one["ignored"]:
            facts = {fact["name"]: fact["value"].get("value") for fact in one.get("properties", [])}
            found.append(Node(one["role"]["value"], one.get("name", {}).get("value", "").strip(), facts))
        for child in one.get("childIds", []):
            walk(child)

    walk(next(key for key, one in nodes.items() if "parentId" not in one))
    return found


def texts(nodes: list[Node]) -> str:
    return " ".join(one.name for one in nodes if one.role == "StaticText")


@pytest.fixture(scope="module")
def warning(house: House, django_db_blocker: Any) -> AlertEvent:
    """One in force, in its last version."""
    with django_db_blocker.unblock():
        drawn = {"places": [VILLAGE], "polygons": [SQUARE], "circles": [], "groups": ["residents"]}
        return Desk(house.world).issued(channels=["sms", "web"], audience=drawn)


def visit(house: House, address: str, do: Callable[[Page], Any]) -> Any:
    """`do` with the page as a stranger opens it."""

    def work(browser: Browser) -> Any:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        try:
            page = context.new_page()
            page.goto(house.server.url + address, wait_until="networkidle")
            return do(page)
        finally:
            context.close()

    return house.chromium.run(work)


def send(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.click(button)


@pytest.mark.parametrize("address", [*PAGES, "one"])
def test_every_page_is_read_by_landmarks_headings_and_names(house: House, warning: AlertEvent, address: str) -> None:
    if address == "one":
        address = f"/w/{warning.alert.code}/"
    nodes = visit(house, address, read)
    roles = [one.role for one in nodes]
    assert roles[0] == "RootWebArea"
    assert nodes[0].name  # the title
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert roles.count(landmark) == 1, landmark
    assert roles.index("banner") < roles.index("navigation") < roles.index("main") < roles.index("contentinfo")
    levels = [one.facts["level"] for one in nodes if one.role == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert [one for one in nodes if one.role in NAMED and not one.name] == []
    first = next(one for one in nodes if one.role == "link")
    assert first.name == "跳到正文"


def test_the_colour_of_each_warning_is_said_in_words(house: House, warning: AlertEvent) -> None:
    nodes = visit(house, "/w/", read)
    begins = [at for at, one in enumerate(nodes) if one.role == "article"]
    articles = [nodes[a:b] for a, b in zip(begins, [*begins[1:], len(nodes)], strict=True)]
    assert len(articles) >= 1
    for article in articles:
        assert any(f"{word}预警" in texts(article) for word in COLOURS.values()), texts(article)
        assert any(one.role == "heading" and one.name for one in article)
    said = texts(nodes)
    assert said.index("红色预警") < said.index("立即离开河沟")


def test_the_map_is_a_picture_and_the_list_says_all_of_it(house: House, warning: AlertEvent) -> None:
    def do(page: Page) -> tuple[list[Node], list[dict[str, Any]]]:
        page.wait_for_selector("#map .leaflet-control-zoom-in")
        drawn = page.evaluate("fetch('/w/map.json').then((answer) => answer.json())")
        return read(page), [one["properties"] for one in drawn["features"] if one["properties"].get("colour")]

    nodes, drawn = visit(house, "/w/map/", do)
    assert drawn
    names = {one.name for one in nodes if one.role == "region"}
    assert "地图，下面的列表内容相同" in names
    assert {"放大", "缩小"} <= {one.name for one in nodes if one.role == "button"}
    items = [at for at, one in enumerate(nodes) if one.role == "listitem"]
    lines = [nodes[a:b] for a, b in zip(items, [*items[1:], len(nodes)], strict=True)]
    for area in drawn:
        # what the area is called stands as a link in a line that names the colour and says until when
        line = next(one for one in lines if area["name"] in {node.name for node in one if node.role == "link"})
        assert COLOURS[area["colour"]] in texts(line)
        assert "至" in texts(line)


def test_what_is_wrong_in_a_form_is_announced(house: House, warning: AlertEvent) -> None:
    def check(page: Page, text: str) -> list[Node]:
        page.goto(house.server.url + "/w/check/")
        page.evaluate("document.querySelector('#text').required = false")
        page.fill("#text", text)
        send(page, "main button")
        return read(page)

    def do(page: Page) -> None:
        nothing = check(page, "")
        assert any(one.role == "alert" for one in nothing)
        assert "没有填写" in nothing[0].name or "粘贴" in nothing[0].name  # the title is what is read first
        forged = check(page, "http://evil.example/w/1/")
        assert nothing[0].name != forged[0].name
        assert "不是我们发的" in forged[0].name
        assert any(one.role == "status" for one in forged)
        assert "是我们发的" in check(page, warning.identifier)[0].name
        page.goto(house.server.url + "/w/follow/")
        page.evaluate("document.querySelector('form[method=post]').noValidate = true")
        page.fill("#address", "nobody")
        send(page, "form[method=post] button")
        nodes = read(page)
        box = next(one for one in nodes if one.role == "textbox" and "邮" in one.name)
        assert box.facts["invalid"] == "true"
        assert box.facts["focused"] is True
        assert page.input_value("#address") == "nobody"
        assert any(one.role == "alert" for one in nodes)
        assert "邮" in nodes[0].name

    visit(house, "/w/", do)


def test_printed_it_is_the_warnings_and_nothing_to_click(house: House, warning: AlertEvent) -> None:
    def printed(page: Page) -> str:
        sheet = pypdfium2.PdfDocument(page.pdf(format="A4"))
        return "".join("".join(one.get_textpage().get_text_range().split()) for one in sheet)

    clutter = ("跳到正文", "English", "我的数据", "RSS", "CAP1.2", "海报", "地图", "显示")
    for address in ("/w/", f"/w/{warning.alert.code}/"):
        text = visit(house, address, printed)
        for words in (warning.frozen["texts"]["zh"]["headline"], "立即离开河沟", "王宗店小学二楼"):
            assert words in text, (address, words)
        assert [words for words in clutter if words in text] == [], address


def test_the_code_on_the_page_and_on_its_print_leads_back_to_it(house: House, warning: AlertEvent) -> None:
    def do(page: Page) -> None:
        picture = Image.open(io.BytesIO(page.locator(".qr svg").screenshot())).convert("L")
        (shown,) = (found.text for found in zxingcpp.read_barcodes(picture))
        sheets = [one.render(scale=2).to_pil() for one in pypdfium2.PdfDocument(page.pdf(format="A4"))]
        assert [found.text for one in sheets for found in zxingcpp.read_barcodes(one)] == [shown]
        page.goto(house.server.url + urlsplit(shown).path)
        assert "真：这条预警是我们发的，正在生效。" in page.inner_text("#genuine")
        forged = page.goto(house.server.url + urlsplit(shown).path.rstrip("/") + "9/")
        assert forged is not None
        assert forged.status == 404
        assert any(one.role == "alert" for one in read(page))
        assert "查不到这条预警" in page.inner_text("main")

    visit(house, f"/w/{warning.alert.code}/", do)
