"""The two commands, over every file that lies beside the repository, and the table in docs/cap.md."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from lxml import etree
from shapely.geometry import box

from lastmile.alerting.cap import fetch, keys, places, report
from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.losses import same_canonically
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import sign
from lastmile.alerting.cap.tests.samples import xml
from lastmile.alerting.cap.write import element, emit
from lastmile.alerting.tests.conftest import VILLAGE
from lastmile.community.org.models import Boundary, Stamp
from tests.world import World

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "cap.md"
FOLDERS = ("samples", "invalid", "feeds")


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(*words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.shared
def test_the_table_of_the_documents_is_what_the_command_says(shared: Path) -> None:
    made = report.table([shared / "cap" / name for name in FOLDERS])
    assert made in DOCUMENT.read_text(encoding="utf-8"), "lastmile cap table ../shared/cap/{samples,invalid,feeds}"
    assert made.count("\n") == 2 + 38 + 7 + 21


@pytest.mark.shared
def test_every_valid_message_comes_through_without_loss(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "cap" / "schema" / "CAP-v1.2.xsd"))
    through = 0
    for path in sorted((shared / "cap" / "samples").iterdir()):
        if path.suffix == ".pem":
            continue
        reading = read(path.read_bytes())
        theirs = schema.validate(etree.fromstring(etree.tostring(reading.element)))
        assert theirs == reading.valid, path.name
        if theirs:
            through += 1
            assert same_canonically(reading.element, element(reading.alert)), path.name
            assert schema.validate(etree.fromstring(emit(reading.alert))), path.name
    assert through == 25


@pytest.mark.django_db
def test_the_check_says_what_where_and_whether_anything_is_lost(world: World, tmp_path: Path) -> None:
    pair = f"<geocode><valueName>CPEAS Geographic Code</valueName><value>{VILLAGE}</value></geocode>"
    (tmp_path / "good.xml").write_text(xml(area=pair))
    (tmp_path / "bad.xml").write_text(xml(sent="2021-07-20T09:08:00,08:00"))
    assert run("cap", "check", str(tmp_path / "good.xml"))[0] == 0
    code, text = run("cap", "check", "--json", str(tmp_path / "good.xml"), str(tmp_path / "bad.xml"))
    good, bad = (json.loads(line) for line in text.splitlines())
    assert code == 1
    assert (good["valid"], good["places"], good["signature"]["state"], good["rewriting"]) == (
        True,
        [VILLAGE],
        "unsigned",
        [],
    )
    assert (bad["valid"], [finding["code"] for finding in bad["findings"]]) == (False, ["time_comma"])
    assert "逗号" in run("cap", "check", str(tmp_path / "bad.xml"))[1]
    assert "comma" in run("cap", "check", "--english", str(tmp_path / "bad.xml"))[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("area", "places"),
    [
        ("<circle>34.635,113.335 1</circle>", [VILLAGE + "001"]),
        ("<polygon>34.63,113.33 34.63,113.34 34.64,113.34 34.63,113.33</polygon>", [VILLAGE + "001"]),
        ("<circle>0,0 1</circle>", []),
        ("<polygon/>", []),
    ],
)
def test_what_is_drawn_finds_the_places_it_touches(world: World, area: str, places: list[str]) -> None:
    square = box(113.33, 34.63, 113.34, 34.64)
    bounds = dict(zip(("west", "south", "east", "north"), square.bounds, strict=True))
    Boundary.objects.create(place_id=VILLAGE + "001", wkb=square.wkb, **bounds)
    Stamp.objects.update_or_create(name=Stamp.PLACES, defaults={"value": uuid4()})
    assert report.of_reading(read(xml(area=area).encode()), "x")["places"] == places


@pytest.mark.django_db
def test_without_places_or_tables_the_rest_of_the_check_is_said_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.xml"
    file.write_text(xml(), encoding="utf-8")
    empty = run("cap", "check", str(file))
    no_tables = mock.Mock(**{"objects.exists.side_effect": ProgrammingError('relation "org_place" does not exist')})
    monkeypatch.setattr(places, "Place", no_tables)

    assert run("cap", "check", str(file)) == empty
    assert "本系统还没有建立区划" in empty[1]
    assert json.loads(run("cap", "check", "--json", str(file))[1])["places_known"] is False


def test_a_file_that_is_not_there_is_another_exit_code(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run("cap", "check", str(tmp_path / "none.xml"))
    assert refused.value.returncode == 2


def test_feeds_are_told_apart_and_judged(tmp_path: Path) -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>t</title><updated>x</updated>%s</feed>'
    entry = "<entry><id>1</id><title>t</title><updated>x</updated><content>%s</content></entry>"
    inner = xml().partition("?>")[2]
    feed = report.of_feed((atom % (entry % inner)).encode(), "f")
    assert (feed["kind"], feed["valid"], feed["conforms"], len(feed["items"])) == ("atom", True, True, 1)
    assert feed["items"][0]["messages"][0]["identifier"] == "1"
    twice = report.of_feed((atom % (entry % "" * 2)).encode(), "f")
    assert {finding["code"] for finding in twice["findings"]} == {"entry_twice", "entry_nowhere"}
    (tmp_path / "f").write_text(atom % "")
    assert run("feed", "check", str(tmp_path / "f"))[0] == 0
    assert run("feed", "check", str(DOCUMENT))[0] == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "http://localhost:1/x",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest",
        "http://10.1.2.3/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "ftp://example.org/",
    ],
)
def test_nothing_inside_is_fetched(address: str) -> None:
    with pytest.raises(Refused) as refused:
        fetch.fetch(address)
    assert refused.value.finding.code in ("fetch_private", "fetch_scheme")


def test_a_feed_inside_is_fetched_when_the_operator_says_so(settings: Any) -> None:
    settings.FEED_PRIVATE = True
    with pytest.raises(Refused) as refused:
        fetch.fetch("http://127.0.0.1:1/x")
    assert refused.value.finding.code == "fetch_failed"


def test_a_signature_that_does_not_survive_being_written_again_is_told() -> None:
    pem = keys.self_signed("a@b.cn")
    wide, tight = (sign(text.encode(), pem) for text in (xml(), xml().replace("\n", "")))
    told = [report.of_reading(read(one), "", match=False)["rewriting"] for one in (wide, tight)]
    assert [[finding["code"] for finding in one] for one in told] == [["signature_gone"], []]
