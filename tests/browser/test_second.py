"""Setting up a second factor and logging in with it, as a person does."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import Page, expect

from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, judge, show
from tests.browser.test_pages import picture_of
from tests.world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def judged(page: Page, name: str) -> None:
    """The page as it stands now has nothing wrong with it."""
    seen = Seen(page.url)
    judge(page, seen, VIEWS, picture_of(name))
    assert seen.complaints == [], "\n".join(seen.complaints)


def set_up(page: Page, url: str) -> list[str]:
    """The recovery codes that are shown once."""
    show(page, VIEWS[0])
    page.goto(f"{url}/account/second/")
    expect(page.get_by_role("img", name="二维码")).to_be_visible()
    page.get_by_text("扫不了").click()
    key = page.locator("details p").inner_text().replace(" ", "")
    judged(page, "second-new")
    page.get_by_label("验证码").fill(pyotp.TOTP(key).at(clock.now()))
    page.get_by_role("button", name="启用").click()
    expect(page.locator("#content li.col-12")).to_have_count(10)
    judged(page, "second-codes")
    return page.locator("#content li.col-12").all_inner_texts()


def log_in(page: Page, url: str, code: str) -> None:
    """With a slip first."""
    show(page, VIEWS[0])
    page.goto(f"{url}/login/?next=/todo/")
    page.get_by_label("用户名").fill("officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="手机验证码")).to_be_visible()
    page.get_by_label("验证码", exact=True).fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("验证码不对")).to_be_visible()
    judged(page, "login-code")
    page.get_by_label("验证码", exact=True).fill(code)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/todo/")


def test_a_recovery_code_opens_the_log_in_when_the_phone_is_lost(house: House) -> None:
    codes = house.see("officer", lambda page: set_up(page, house.server.url))
    house.see("", lambda page: log_in(page, house.server.url, codes[0]))

    def mine(page: Page) -> None:
        page.goto(f"{house.server.url}/account/second/")
        expect(page.get_by_text("还剩 9 个恢复码")).to_be_visible()
        judged(page, "second-mine")

    house.see("officer", mine)
