from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from lastmile.community.org import divisions, loading
from lastmile.community.org.divisions import Row, checked, parent_of, strange
from lastmile.community.org.models import CODE_LENGTH, LEVEL_OF_LENGTH, Boundary, Level, Place, ancestors
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry

CODES = st.sampled_from(sorted(LEVEL_OF_LENGTH)).flatmap(lambda n: st.from_regex(rf"\A[0-9]{{{n}}}\Z"))


@given(code=CODES)
def test_the_last_ancestor_is_the_parent(code: str) -> None:
    above = ancestors(code)
    assert parent_of(code) == (above[-1] if above else None)
    assert all(code.startswith(a) for a in above)
    assert [LEVEL_OF_LENGTH[len(a)] for a in above] == list(Level)[: len(above)]


@settings(max_examples=60)
@given(
    texts=st.lists(
        st.tuples(st.text(max_size=16) | st.from_regex(r"\A[0-9]{1,15}\Z"), st.text(max_size=120)), max_size=30
    )
)
def test_whatever_is_in_a_file_every_row_is_taken_or_named(texts: list[tuple[str, str]]) -> None:
    rows = [Row("f.csv", line, code, name) for line, (code, name) in enumerate(texts)]
    wrong = [says for row in rows if (says := divisions._wrong(row))]
    sound = [row for row in rows if not divisions._wrong(row)]
    assert all(wrong)
    assert all(row.code.isdigit() and 2 <= len(row.code) <= 12 for row in sound)
    assert all(isinstance(strange(row), str) for row in sound)


def row(code: str, name: str, line: int = 1) -> Row:
    return Row("test.csv", line, code, name)


TREE = [
    row("41", "河南省"),
    row("4101", "郑州市"),
    row("410182", "荥阳市"),
    row("410182109", "崔庙镇"),
    row("410182109211", "王宗店村委会"),
    row("410182109205", "邻村村委会"),
]


@pytest.mark.django_db
class TestLoading:
    def test_new_codes_are_added_once(self) -> None:
        first, second = loading.load(TREE), loading.load(TREE)
        assert (first.added, first.unchanged) == (6, 0)
        assert (second.added, second.changed, second.unchanged) == (0, 0, 6)
        assert Place.objects.get(pk="410182109211").parent_id == "410182109"
        assert Place.objects.get(pk="410182109211").level == Level.VILLAGE

    def test_the_order_of_files_does_not_matter(self) -> None:
        assert loading.load(reversed(TREE)).added == 6

    def test_the_county_gets_its_outline_and_centre(self) -> None:
        assert loading.load(TREE).outlines == 3
        county = Place.objects.get(pk="410182")
        assert county.longitude == pytest.approx(113.4, abs=0.3)
        assert Boundary.objects.get(pk="410182").source == Boundary.Source.IMPORTED

    def test_an_outline_that_is_there_stays(self) -> None:
        loading.load(TREE)
        Boundary.objects.filter(pk="410182").update(west=1.0)
        assert loading.load(TREE).outlines == 0
        assert Boundary.objects.get(pk="410182").west == 1.0

    def test_a_new_name_is_taken(self) -> None:
        loading.load(TREE)
        assert loading.load([*TREE[:3], row("410182109", "新崔庙镇")]).changed == 1
        assert Place.objects.get(pk="410182109").name == "新崔庙镇"

    @pytest.mark.parametrize(
        ("odd", "word"),
        [
            (row("4101821", "七位"), "7"),
            (row("abc", "字母"), "abc"),
            (row("410182109211001", "网格"), "15"),
            (row("410199001", "孤儿街道"), "410199"),
            (row("410182110", ""), ""),
            (row("410182110", "长" * 101), "100"),
            (row("410182110", "坏\x00名"), ""),
            (row("410182109", "又一个崔庙镇", 9), "test.csv:1"),
            (row("٤١", "别的数字"), "٤١"),
        ],
    )
    def test_an_odd_row_is_named_and_left_out(self, odd: Row, word: str) -> None:
        outcome = loading.load([*TREE, odd])
        assert outcome.added == 6
        assert [o.row for o in outcome.odd] == [odd]
        assert word in outcome.odd[0].says

    @pytest.mark.parametrize(("code", "name"), [("410182109001", "某村村委会"), ("410182109299", "某社区居委会")])
    def test_a_name_in_the_wrong_band_is_taken_with_a_warning(self, code: str, name: str) -> None:
        outcome = loading.load([*TREE, row(code, name)])
        assert outcome.added == 7
        assert [o.skipped for o in outcome.odd] == [False]

    def test_retiring_ends_what_a_newer_file_lacks_and_all_below(self) -> None:
        loading.load(TREE)
        grid = Place.objects.create(
            code="410182109211001", national_code="", name="网格", level=6, parent_id="410182109211"
        )
        outcome = loading.load([r for r in TREE if r.code != "410182109211"], retire=True)
        assert outcome.retired == 2
        grid.refresh_from_db()
        assert grid.valid_to == clock.today()
        assert loading.load(TREE).changed == 1  # and back again
        assert Place.objects.get(pk="410182109211").valid_to is None

    def test_without_retire_nothing_ends(self) -> None:
        loading.load(TREE)
        loading.load(TREE[:-1])
        assert not Place.objects.exclude(valid_to=None).exists()

    def test_a_bad_row_is_no_proof_that_the_place_is_gone(self) -> None:
        loading.load(TREE)
        outcome = loading.load([*TREE[:-1], row("410182109205", "")], retire=True)
        assert outcome.retired == 0

    def test_a_part_of_the_country_does_not_retire_the_rest(self) -> None:
        loading.load([*TREE, row("410181", "巩义市"), row("410181100", "米河镇")])
        assert loading.load([r for r in TREE if len(r.code) >= 9], retire=True).retired == 0

    def test_it_is_in_the_audit_trail(self) -> None:
        loading.load(TREE)
        assert AuditEntry.objects.get(action="org.import").detail["added"] == 6

    def test_half_is_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_codes: object) -> int:
            raise RuntimeError

        monkeypatch.setattr(loading, "add_outlines", broken)
        with pytest.raises(RuntimeError):
            loading.load(TREE)
        assert not Place.objects.exists()


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


class TestFiles:
    def test_a_package_folder_is_found(self, tmp_path: Path) -> None:
        (tmp_path / "dist").mkdir()
        for name in ("villages.csv", "provinces.csv", "other.csv"):
            write(tmp_path / "dist", name, "code,name\n")
        assert [f.name for f in divisions.files_under([tmp_path])] == ["provinces.csv", "villages.csv"]

    def test_no_file_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(Refusal):
            divisions.files_under([tmp_path])

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_encodings_are_understood(self, tmp_path: Path, encoding: str) -> None:
        path = write(tmp_path, "a.csv", 'code,name,x\n41,"河南省",1\n', encoding)
        assert [(r.code, r.name) for r in divisions.read([path])] == [("41", "河南省")]

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01\x02", "code\n41\n"])
    def test_a_file_without_the_columns_is_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(Refusal):
            list(divisions.read([write(tmp_path, "a.csv", text)]))

    def test_short_and_empty_lines_do_not_stop_it(self, tmp_path: Path) -> None:
        path = write(tmp_path, "a.csv", "name,code\n\n河南省\n北京市,11\n")
        assert [(r.code, r.name) for r in divisions.read([path])] == [("", "河南省"), ("11", "北京市")]


@pytest.mark.django_db
def test_the_carried_city_is_zhengzhou_whole() -> None:
    outcome = loading.load(divisions.carried())
    counts = {level: Place.objects.at(level).count() for level in Level}
    assert list(counts.values()) == [1, 1, 15, 208, 3306, 0]
    assert not [odd for odd in outcome.odd if odd.skipped]


@pytest.mark.django_db
def test_the_carried_city_agrees_with_the_real_files(shared: Path) -> None:
    rows = list(divisions.read(sorted((shared / "divisions").glob("zhengzhou_*.csv"))))
    carried = {(r.code, r.name) for r in divisions.carried() if len(r.code) > CODE_LENGTH[Level.CITY]}
    assert {(r.code, r.name) for r in rows} == carried
    taken, _odd, _number = checked([*TREE[:2], *rows])
    assert len(taken) == len(rows) + 2


@pytest.mark.django_db
class TestCommand:
    def test_it_imports_and_writes_the_report(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = write(tmp_path, "a.csv", "code,name\n41,河南省\n4101,郑州市\n41010,坏\n")
        report = tmp_path / "odd.csv"
        call_command("places", "import", str(source), "--report", str(report))
        assert Place.objects.count() == 2
        assert "41010" in report.read_text(encoding="utf-8-sig")
        assert "41010" in capsys.readouterr().out

    def test_a_missing_folder_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="CSV"):
            call_command("places", "import", str(tmp_path))
