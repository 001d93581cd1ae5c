"""Files that are not what they say: every page that takes a file refuses them in words and keeps nothing."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from pathlib import Path
from typing import ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from openpyxl import Workbook

from lastmile.community.people.models import Upload
from tests.permissions.test_walk import Walk, build
from tests.security.rig import browser, pages, undone

TEMP = Path(tempfile.gettempdir())
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet>&f;</worksheet>'


def plain() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(text: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(plain())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return packed(parts | {SHEET: text.encode()})


def tricks() -> dict[str, tuple[str, bytes]]:
    return {
        "picture that is a zip too": ("表.xlsx", b"GIF89a" + plain()),
        "page that is a zip too": ("表.xlsx", b"<html><script>1</script>" + plain()),
        "workbook by another name": ("x.html", plain()),
        "script by its name": ("表.xlsx.svg", b"<svg onload='x'/>"),
        "billion laughs": ("表.xlsx", with_sheet(LAUGHS + "]><worksheet>&j;</worksheet>")),
        "file of the server": ("表.xlsx", with_sheet(OUTSIDE)),
        "bomb": ("表.xlsx", packed({SHEET: b"0" * 310_000_000})),
        "path in the name": (f"../../..{TEMP}/lm7-out.xlsx", b"PK\x03\x04 broken"),
        "path inside": ("表.xlsx", packed({f"../../../..{TEMP}/lm7-in.xml": b"x", f"{TEMP}/lm7-abs.xml": b"x"})),
        "nothing": ("表.xlsx", b""),
    }


class UploadsTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()

    def test_every_page_that_takes_a_file_refuses_every_trick_and_keeps_nothing(self) -> None:
        walk, wrong, tried = type(self).walk, [], 0
        made = tricks()
        before = Upload.objects.count()
        for route, url, login in pages(walk):
            shown, _written = undone(browser(walk, login), "GET", url)
            if shown.streaming or b'type="file"' not in shown.content:
                continue
            client = browser(walk, login)
            for trick, (name, content) in made.items():
                tried += 1
                answer = client.post(url, {"file": SimpleUploadedFile(name, content)})
                refused = answer.status_code in {400, 413, 422} or (
                    answer.status_code == 200
                    and re.search(b"invalid-feedback|alert-danger", answer.content) is not None
                )
                if not refused or Upload.objects.count() != before:
                    wrong.append(f"{route.name} {trick}: {answer.status_code}")
        assert tried > 60
        assert not wrong, "\n".join(wrong)
        assert not list(TEMP.glob("lm7-*"))
