"""Pages in the states that a walk over addresses does not meet: steps, a drawn area, answers, full lists, paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from lastmile.alerting import links
from lastmile.alerting.models import Alert
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts.tests.test_book import book_of
from lastmile.community.org.models import Boundary
from lastmile.community.org.outlines import boundary_of
from lastmile.kernel.lists import XLSX
from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, View, judge, listen, look, named, show
from tests.browser.samples_answers import event
from tests.browser.test_pages import picture_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
COUNTY, NOBODY, BESIDE = "410182", "410182108", "410182109205"
WEST, SOUTH, EAST, NORTH = 113.30, 34.60, 113.36, 34.66
WIDE = View(1440, "light")


@pytest.fixture(scope="module")
def draft(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Alert]:
    """A warning for a township where nobody lives, in a county with an outline; and two pages of households."""
    with django_db_blocker.unblock():
        box = shapely.box(WEST, SOUTH, EAST, NORTH)
        boundary_of(house.world.places[COUNTY], box, Boundary.Source.GENERATED).save()
        house.world.settle(BESIDE, 60, 34.65, 113.33)
        yield Desk(house.world).draft(audience={"places": [NOBODY], "groups": ["residents"]})


def judged(page: Page, url: str, name: str, views: tuple[View, ...] = VIEWS) -> None:
    """The page as it stands now has nothing wrong with it."""
    seen = Seen(url)
    judge(page, seen, views, picture_of(name))
    assert seen.complaints == [], "\n".join(seen.complaints)


@pytest.mark.parametrize("step", ["where", "words", "send"])
def test_each_step_of_a_warning_fits_and_is_accessible(house: House, draft: Alert, step: str) -> None:
    def visit(page: Page) -> None:
        show(page, VIEWS[0])
        page.goto(f"{house.server.url}/alerts/{draft.code}/edit/")
        page.locator(f"#tab-{step}").click()
        expect(page.locator(f"#step-{step}")).to_be_visible()
        judged(page, page.url, f"edit-{step}")

    house.see("officer", visit)


@pytest.mark.parametrize("wrong", [False, True], ids=["good", "wrong"])
def test_the_preview_of_many_log_ins_fits_and_is_accessible(house: House, wrong: bool) -> None:
    rows = [[f"duty.{n}", f"崔庙镇值班员{n}", "乡镇街道人员", "410182109", ""] for n in range(1, 4)]
    rows += [["officer", "officer", "市县审批人", "410182", ""]]
    rows += [["wang.li", "王宗店村", "市县值班员", "410182109211", ""]] if wrong else []

    def visit(page: Page) -> None:
        show(page, VIEWS[0])
        page.goto(f"{house.server.url}/users/workbook/")
        page.locator("input[type=file]").set_input_files(
            {"name": "账号.xlsx", "mimeType": XLSX, "buffer": book_of(*rows)}
        )
        page.locator("form[enctype] button").click()
        expect(page.locator("table tbody tr")).to_have_count(4)
        judged(page, page.url, "user_book-wrong" if wrong else "user_book-preview")

    house.see("security", visit)


def test_an_area_drawn_with_the_mouse_is_counted(house: House, draft: Alert) -> None:
    """Six of the residents live in the southern row; the map's outline tells where that is on the screen."""

    def visit(page: Page) -> None:
        show(page, WIDE)
        page.goto(f"{house.server.url}/alerts/{draft.code}/edit/")
        residents = page.locator("#reach .datagrid-content").nth(1)
        expect(residents).to_have_text("0")
        page.locator("#tab-where").click()
        outline = page.locator("#draft-map path").first
        expect(outline).to_be_visible()
        page.locator("#draft-map").scroll_into_view_if_needed()
        box = outline.bounding_box()
        assert box is not None
        page.locator("#draft-map .leaflet-pm-icon-polygon").click()
        corners = [(113.325, 34.625), (113.335, 34.625), (113.335, 34.635), (113.325, 34.635), (113.325, 34.625)]
        for longitude, latitude in corners:
            across, down = (longitude - WEST) / (EAST - WEST), (NORTH - latitude) / (NORTH - SOUTH)
            page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down, steps=3)
            page.mouse.down()
            page.mouse.up()
        expect(residents).to_have_text("6")
        judged(page, page.url, "edit-drawn", (WIDE,))

    house.see("officer", visit)
    draft.refresh_from_db()
    assert len(draft.audience["polygons"]) == 1


def test_a_residents_page_is_small_and_good_before_and_after_the_answer(house: House) -> None:
    warned = event(house.world)
    url = f"{house.server.url}/r/{links.token(warned.pk, house.world.residents[10].pk)}"
    views = (*VIEWS, View(390, "dark"))

    def visit(page: Page) -> None:
        seen = look(page, url, views=views, picture=picture_of("resident"))
        assert seen.complaints == [], "\n".join(seen.complaints)
        sent = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        assert page.evaluate(f"{sent}.reduce((sum, one) => sum + one.transferSize, 0)") < 50_000
        show(page, VIEWS[0])
        for answer in ("我已知晓", "我需要帮助"):
            page.get_by_role("button", name=answer).click()
            expect(page.locator("[role=status]")).to_be_visible()
            judged(page, url, f"resident-{answer}", views)

    house.see("", visit)


def test_a_full_list_is_paged_and_accessible(house: House, draft: Alert) -> None:
    def visit(page: Page) -> None:
        seen = look(page, house.server.url + "/households/", picture=picture_of("full-households"))
        assert seen.complaints == [], "\n".join(seen.complaints)
        page.goto(house.server.url + "/households/?page=2")
        expect(page.locator("nav", has_text="2 / 2")).to_be_visible()

    house.see("officer", visit)


PRINTED = ["alerting:alert", "answers:coverage", "answers:doors", "answers:report", "household_list", "alerting:poster"]
SEEN = "all => [...document.querySelectorAll(all)].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 120))"
CHROME = ".navbar, aside, button, .btn, input, [role=search]"


@pytest.mark.parametrize("name", PRINTED)
def test_on_paper_there_is_no_menu_and_no_button(house: House, name: str) -> None:
    login = house.samples[name].login or "officer"

    def visit(page: Page) -> tuple[list[str], bytes]:
        seen = Seen(house.server.url + house.addresses[name])
        listen(page, seen)
        page.goto(seen.address)
        page.emulate_media(media="print", color_scheme="dark")
        left: list[str] = page.evaluate(SEEN, CHROME)
        ink = page.evaluate("getComputedStyle(document.body).backgroundColor")
        if ink not in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"):
            left.append(f"the paper is {ink}")
        if kept := picture_of(f"print-{name}"):
            page.screenshot(path=named(kept, VIEWS[0]), full_page=True)
        paper = page.pdf(format="A4")
        page.emulate_media(media="screen")
        return left + seen.complaints, paper

    left, paper = house.see(login, visit)
    assert left == []
    assert paper.startswith(b"%PDF")
    assert b"/Type /Page" in paper


def press(page: Page, selector: str, *keys: str) -> None:
    """Tab until the focus stands on `selector`, where it must be seen, then press the keys."""
    for _tab in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"{selector} can't be reached with the Tab key on {page.url}")
    style = "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow; })()"
    assert page.evaluate(style) != "nonenone" or "form-selectgroup-input" in page.evaluate(
        "document.activeElement.className"
    ), f"nobody sees that {selector} has the focus"
    for key in keys:
        if len(key) > 1 and not key.isascii():
            page.keyboard.insert_text(key)
        else:
            page.keyboard.press(key)


def write(page: Page, server: str) -> None:
    show(page, WIDE)
    page.goto(server + "/alerts/new/")
    press(page, "[name=colour]", "Space")
    press(page, "[name=hazard]", "Space")
    press(page, "form .btn-primary", "Enter")
    page.wait_for_url("**/edit/")
    press(page, "#tab-what", "ArrowRight")
    press(page, "#pick-places", "王宗店")
    expect(page.locator("#found-places [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-chosen]")).to_contain_text("王宗店")
    press(page, "[data-next='#tab-words']", "Enter")
    press(page, "#id_shelter", "王宗店小学二楼")
    press(page, "#id_contact", *"0371-64600000")
    press(page, "#id_description", "Control+a", "王宗店一带有大暴雨，河沟可能很快涨水。")
    press(page, "[data-next='#tab-send']", "Enter")
    press(page, "button[name=submit]", "Enter")
    page.wait_for_url(lambda url: "/edit/" not in url)
    expect(page.locator("#content")).to_contain_text("待审批")


def issue(page: Page, address: str) -> None:
    page.goto(address)
    press(page, ".btn-red", "Enter")
    page.wait_for_url("**/issue/")
    press(page, "[name=sure]", "Space")
    press(page, "form:has([name=sure]) button[type=submit]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/issue/"))


def approve(page: Page, address: str) -> None:
    page.goto(address)
    press(page, "button[value=approve]", "Enter")
    expect(page.locator("button[value=approve]")).to_have_count(0)


def test_a_whole_warning_is_issued_without_a_mouse(house: House) -> None:
    house.see("officer", lambda page: write(page, house.server.url))
    alert = Alert.objects.latest("id")
    address = f"{house.server.url}/alerts/{alert.code}/"
    house.see("approver", lambda page: approve(page, address))
    house.see("officer", lambda page: issue(page, address))
    alert.refresh_from_db()
    assert alert.state == "issued"
