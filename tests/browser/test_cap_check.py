"""A CAP message pasted into the page that checks it: the answer fits, is accessible, keeps the text, gives a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.tests.samples import xml
from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, judge, listen, show
from tests.browser.test_pages import picture_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TEXT = xml(sent="2021-07-20T09:08:00Z", extra="<note>x</note><strange>y</strange>")


def test_what_was_found_is_read_on_a_phone_and_taken_along(house: House) -> None:
    url = house.server.url + reverse("sources:check")

    def visit(page: Page) -> Seen:
        seen = Seen(url)
        show(page, VIEWS[0])
        page.goto(url)
        page.get_by_label("或者消息的文字").fill(TEXT)
        page.get_by_role("button", name="检验", exact=True).click()
        expect(page.get_by_role("heading", name="检验结果")).to_be_visible()
        expect(page.get_by_label("或者消息的文字")).to_have_value(TEXT)
        with page.expect_download() as taken:
            page.get_by_role("button", name="下载重新写出的报文").click()
        written = Path(taken.value.path()).read_bytes()
        assert read(written).alert.identifier == "1"
        listeners = listen(page, seen)
        judge(page, seen, VIEWS, picture_of("sources:found"))
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        return seen

    seen = house.see("officer", visit)
    assert not seen.complaints, "\n".join(seen.complaints)
