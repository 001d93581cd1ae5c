"""A vendor's file: what is wrong in it is said in words, with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.sms.vendor import Vendor, parse, read
from lastmile.alerting.channels.wire import e164, number


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "must be an object"),
        ({"requst": {}}, "requst is not known"),
        ({"request": {"too": "x"}}, "request.too is not known"),
        ({"request": {"to": []}}, "request.to must be text"),
        ({"request": {"number": "long"}}, "request.number"),
        ({"batch": 0}, "above 0"),
        ({"batch": True}, "batch must be a whole number"),
        ({"honours_keys": "yes"}, "honours_keys must be true or false"),
    ],
)
def test_it_says_what_is_wrong_and_where(data: Any, says: str) -> None:
    with pytest.raises(BadShape, match=says.replace(".", r"\.")):
        parse(data)


def test_a_missing_or_broken_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadShape, match="can't be read"):
        read(str(tmp_path / "none.json"))
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(BadShape, match="is not JSON"):
        read(str(tmp_path / "bad.json"))


def test_a_file_names_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(json.dumps({"batch": 100, "response": {"accepted": ["0", "00"]}}))
    vendor = read(str(tmp_path / "v.json"))
    assert (vendor.batch, vendor.response.accepted, vendor.request) == (100, ("0", "00"), Vendor().request)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("+8610012345678", "+8610012345678"),
        ("10012345678", "+8610012345678"),
        ("8610012345678", "+8610012345678"),
        ("008610012345678", "+8610012345678"),
        (" 100 1234 5678 ", "+8610012345678"),
        ("", ""),
        ("abc", ""),
        ("1" * 40, ""),
    ],
)
def test_a_phone_is_read_however_the_vendor_writes_it(written: str, meant: str) -> None:
    assert e164(written) == meant


def test_a_phone_is_written_as_the_vendor_wants_it() -> None:
    assert [number(form, "+8610012345678") for form in ("e164", "digits", "national")] == [
        "+8610012345678",
        "8610012345678",
        "10012345678",
    ]
