"""What holds for every page at once: headers, no copy kept, no way out to another site, nothing stored runs as code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client, TestCase
from lxml import html
from openpyxl import load_workbook

from lastmile.kernel.fields import Sealed, SealedField
from lastmile.kernel.lists import XLSX
from tests.permissions.test_walk import Walk, build
from tests.security.rig import browser, pages, undone
from tests.world import PASSWORD

EVIL = "https://evil.example/"
WAYS_OUT = "&".join(f"{name}={EVIL}" for name in ("next", "back", "url", "return", "return_to", "redirect", "to"))
MARK = "\"'></script><b id=lm7 onerror=x>"  # leaves an attribute and a script of data; with = before it, a cell
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PUBLISHED = "public, max-age"  # pages and feeds that are for everybody
FRAMED = "public_widget"


class PagesTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()

    def test_every_page_has_its_safety_headers_and_none_is_kept(self) -> None:
        walk, wrong, tried = type(self).walk, [], 0
        for route, url, login in pages(walk):
            answer, _written = undone(browser(walk, login or "officer"), "GET", url)
            tried += 1
            kept = answer.headers.get("Cache-Control", "")
            good = {
                "Content-Security-Policy": "frame-ancestors 'none'"
                in answer.headers.get("Content-Security-Policy", ""),
                "X-Frame-Options": answer.headers.get("X-Frame-Options") == "DENY",
                "X-Content-Type-Options": answer.headers.get("X-Content-Type-Options") == "nosniff",
                "Referrer-Policy": answer.headers.get("Referrer-Policy") in {"same-origin", "no-referrer"},
                "Cache-Control": "no-store" in kept
                or ("private" in kept and "no-cache" in kept)
                or (str(route.door).startswith("public") and kept.startswith(PUBLISHED)),
            }
            if route.name == FRAMED:  # made to stand in other sites, and holds nothing of anybody
                good |= {"Content-Security-Policy": True, "X-Frame-Options": True}
            if not all(good.values()):
                wrong.append(f"{route.name}: {[name for name, right in good.items() if not right]} {kept}")
        assert tried > 200
        assert not wrong, "\n".join(wrong)

    def test_no_address_leads_to_another_site(self) -> None:
        walk, wrong, sent_on = type(self).walk, [], 0
        for route, url, login in pages(walk):
            client = browser(walk, login)
            for method in ("GET", "POST"):
                form = (WAYS_OUT.encode(), "application/x-www-form-urlencoded") if method == "POST" else ()
                answer, _written = undone(client, method, f"{url}?{WAYS_OUT}", *form, headers={"Referer": EVIL})
                leads = answer.headers.get("Location", "") + answer.headers.get("HX-Redirect", "")
                sent_on += bool(leads)
                if leads.partition("?")[0].startswith(("http", "//", "/\\")):
                    wrong.append(f"{method} {route.name}: {leads}")
        assert sent_on > 20
        assert not wrong, "\n".join(wrong)

    def test_what_people_typed_is_text_on_every_page_and_in_every_export(self) -> None:
        """Every stored text that holds Chinese, in whatever table, is turned into one that breaks out where it can."""
        walk = type(self).walk
        turned = poison()
        wrong, shown, exports = [], 0, 0
        for route, url, login in pages(walk):
            for query in ("", "?export=xlsx"):
                answer, _written = undone(browser(walk, login or "officer"), "GET", url + query)
                if answer.status_code >= 500:
                    wrong.append(f"{route.name}{query}: {answer.status_code}")
                if answer.streaming or not answer.content or answer.status_code != 200:
                    continue
                if answer.headers["Content-Type"].startswith("text/html") and not query:
                    shown += "lm7" in answer.content.decode()
                    wrong += [f"{route.name}: {found}" for found in alive(answer.content)]
                elif answer.headers["Content-Type"] == XLSX:
                    exports += 1
                    wrong += [f"{route.name}{query}: {found}" for found in formulas(answer.content)]
        assert turned > 100, "the city holds texts"
        assert shown > 60, "and pages show them"
        assert exports > 20
        assert not wrong, "\n".join(wrong)


def alive(page: bytes) -> list[str]:
    """Elements that the mark has become."""
    return [
        html.tostring(one, encoding="unicode")[:80] for one in html.fromstring(page).xpath("//*[@id='lm7' or @onerror]")
    ]


def formulas(content: bytes) -> list[str]:
    book = load_workbook(io.BytesIO(content))
    return [
        f"{sheet.title}!{cell.coordinate} {cell.value!r}"
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value.startswith(FORMULA))
    ]


def poison() -> int:
    """Turn every text with Chinese in it into the mark. Guards of the database are put aside for it."""
    turned = 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    for model in apps.get_models():
        if model.__module__.startswith("lastmile.") and model._meta.managed:
            for row in model._default_manager.all():
                changes = dict(turn(row, f"={turned}{MARK}"))
                turned += len(changes)
                if changes:
                    with transaction.atomic():
                        model._default_manager.filter(pk=row.pk).update(**changes)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    return turned


def turn(row: models.Model, mark: str) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, SealedField):
            if isinstance(value, Sealed) and chinese(value.reveal()) and not value.reveal().startswith(("{", "[")):
                yield field.attname, mark
        elif isinstance(field, models.JSONField):
            if (found := deep(value, mark)) != value:
                yield field.attname, found
        elif isinstance(field, (models.CharField, models.TextField)) and not field.unique and chinese(value):
            yield field.attname, mark[: field.max_length]


def deep(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {name: deep(one, mark) for name, one in value.items()}
    if isinstance(value, list):
        return [deep(one, mark) for one in value]
    return mark if chinese(value) else value


def chinese(value: Any) -> bool:
    return isinstance(value, str) and any("\u4e00" <= char <= "\u9fff" for char in value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1@evil.example", "a b"]
)
def test_another_host_name_is_not_answered(host: str) -> None:
    assert Client(raise_request_exception=False).get("/login/", headers={"Host": host}).status_code == 400


@pytest.mark.django_db
def test_a_forwarded_host_is_not_believed() -> None:
    answer = Client().get(
        "/login/?next=/users/", headers={"X-Forwarded-Host": "evil.example", "X-Host": "evil.example"}
    )
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content
    assert "evil.example" not in str(answer.headers)


@pytest.mark.django_db
def test_a_session_chosen_by_somebody_else_is_not_taken_over() -> None:
    """Session fixation: a key planted before the log-in is not the key after it, and opens nothing."""
    from tests.world import World

    World.build(people=False)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = "abcdefghijklmnopqrstuvwxyz012345"
    client.post("/login/", {"username": "officer", "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    assert client.get("/").status_code == 200
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert other.get("/users/").headers["Location"].startswith("/login/")
