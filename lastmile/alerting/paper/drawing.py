"""The sheets as a PDF: large type, lines far enough apart to write in, on every page what the digits mean.

Strings are put where they belong one by one: tables that measure their cells took twenty times as long, and a township
waits for some hundred pages while its network is about to go.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import segno
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from fpdf import FPDF

from lastmile.alerting import document
from lastmile.alerting.paper import outcomes
from lastmile.alerting.paper.sheets import Kind, Line, Sheets

LEFT, RIGHT, TOP, FOOT = 12.0, 198.0, 60.0, 282.0  # mm on A4
BIG, TEXT, SMALL = 20, 12, 9  # points
STEP = 5.6  # mm from line to line of TEXT
INK, SOFT, PALE, LINE = 20, 90, 228, 150  # greys: it is copied and faxed
QR_SIZE = 26.0


@dataclass(frozen=True)
class Head:
    """What is the same on every page."""

    headline: str
    where: str  # where to go, whom to call
    printed: str  # who printed it and when
    exercise: bool


@dataclass
class Column:
    """`lines` gives the texts of a cell; a function that draws may add to it, or take its place."""

    title: str
    width: float
    lines: Callable[[Line, float], list[str]] | None = None
    draw: Callable[[float, float, Line], None] | None = None
    size: int = TEXT


@dataclass
class Drawing:
    head: Head
    pdf: FPDF = field(init=False)

    def __post_init__(self) -> None:
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        document.set_font(self.pdf, TEXT)
        self.pdf.set_title(self.head.headline)
        self._widths: dict[str, float] = {}

    def add(self, kind: Kind, sheets: Sheets, address: str) -> None:
        """All pages of one sheet. `address` is where its outcomes are typed back."""
        columns = self._columns(kind)
        pages = list(self._paged(sheets.lines, columns)) or [[]]
        qr = io.BytesIO()
        segno.make(address, error="m").save(qr, kind="png", scale=4, border=2)
        for number, lines in enumerate(pages, 1):
            self.pdf.add_page()
            self._mark()
            self._top(kind, sheets, f"{number}/{len(pages)}", qr)
            self._table(columns, lines)
            if kind == Kind.SHELTER and number == len(pages):
                self._blank(columns, lines)
            self._bottom(f"{number}/{len(pages)}")

    def bytes(self) -> bytes:
        return bytes(self.pdf.output())

    @property
    def pages(self) -> int:
        return self.pdf.page

    # text

    def _put(self, x: float, y: float, text: str, size: int = TEXT, grey: int = INK) -> None:
        if text:
            self.pdf.set_font_size(size)
            self.pdf.set_text_color(grey)
            self.pdf.text(x, y, text)

    def _width(self, char: str) -> float:
        """mm of one character at TEXT size."""
        if char not in self._widths:
            self.pdf.set_font_size(TEXT)
            self._widths[char] = self.pdf.get_string_width(char)
        return self._widths[char]

    def wrap(self, text: str, width: float, most: int = 3, size: int = TEXT) -> list[str]:
        """The text in lines that fit; what does not fit into `most` lines ends in an ellipsis."""
        lines: list[str] = []
        line, used = "", 0.0
        for char in text.replace("\n", " "):
            wide = self._width(char) * size / TEXT
            if used + wide > width and line:
                lines, line, used = [*lines, line], "", 0.0
            line, used = line + char, used + wide
        lines = [*lines, line] if line else lines
        return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]

    # the parts of a page

    def _mark(self) -> None:
        """Who printed it, across the page; and whether it is an exercise."""
        with self.pdf.rotation(35, 105, 150):
            self._put(38, 150, self.head.printed, 26, PALE)
            if self.head.exercise:
                self._put(38, 185, _("EXERCISE"), 60, PALE)

    def _top(self, kind: Kind, sheets: Sheets, page: str, qr: io.BytesIO) -> None:
        title, of_all = f"{sheets.place.name} · {kind.label}", _("page %(page)s") % {"page": page}
        if self.head.exercise:
            title = "【" + _("EXERCISE") + f"】{title}"
        wide = RIGHT - LEFT - QR_SIZE - 4
        self._put(LEFT, 20, self.wrap(title, wide, 1, 20)[0], 20)
        self._put(LEFT, 28, self.wrap(f"{sheets.above}   {of_all}", wide, 1)[0], TEXT, SOFT)
        y = 35.0
        for text in (*self.wrap(self.head.headline, wide, 1), *self._where(sheets, wide)):
            self._put(LEFT, y, text)
            y += STEP
        self._put(LEFT, 57, outcomes.legend(), 13)
        self.pdf.image(qr, x=RIGHT - QR_SIZE, y=9, w=QR_SIZE, h=QR_SIZE)
        self._put(RIGHT - QR_SIZE, 38, pgettext("paper", "type it back"), SMALL, SOFT)

    def _where(self, sheets: Sheets, wide: float) -> list[str]:
        return self.wrap("   ".join(part for part in (self.head.where, sheets.note) if part), wide, 2)

    def _bottom(self, page: str) -> None:
        says = _("Personal data: for this emergency only; collect and destroy the sheets afterwards.")
        self._put(LEFT, 288, f"{self.head.printed}   {says}   {page}", SMALL, SOFT)

    # the table

    def _columns(self, kind: Kind) -> list[Column]:
        code = Column(_("Code"), 18, lambda line, _width: [str(line.number)], draw=self._proof, size=BIG)
        who = Column(_("Door and people"), 62, self._who)
        circle = Column(pgettext("paper", "circle"), 38, draw=self._digits)
        time = Column(_("Time"), 18)
        if kind == Kind.CALLS:
            return [code, who, Column(_("Phone"), 50, self._phones), circle, time]
        if kind == Kind.TRANSFER:
            return [code, who, Column(_("People, needs"), 50, self._needs), circle, time]
        people = Column(_("Tick who is here"), 92, self._people)
        return [
            code,
            people,
            Column(_("Time"), 24),
            Column(pgettext("paper", "how many"), 18),
            Column(_("Signature"), 34),
        ]

    def _who(self, line: Line, width: float) -> list[str]:
        door = " ".join(part for part in (line.door, line.address) if part)
        mark = "★ " if line.vulnerable else ""
        return [*self.wrap(door, width, 1), *self.wrap(mark + "、".join(line.names), width, 3)]

    def _phones(self, line: Line, width: float) -> list[str]:
        shown = line.phones or [pgettext("paper", "no phone: go there")]
        return [*shown[:3], *([line.now] if line.now else [])]

    def _needs(self, line: Line, width: float) -> list[str]:
        count = _("%(n)d people") % {"n": len(line.names)}
        return [count, *self.wrap(line.care, width, 3), *([line.now] if line.now else [])]

    def _people(self, line: Line, width: float) -> list[str]:
        ticks = "   ".join(f"□{name}" for name in line.names)
        return [*self.wrap(ticks, width, 3), *self.wrap(line.care, width, 2)]

    def _proof(self, x: float, y: float, line: Line) -> None:
        """The whole code under the number: what a shelter without this list asks for."""
        if line.proof:
            self._put(x + 1.5, y + 11.3, f"{line.number}-{line.proof}", SMALL, SOFT)

    def _digits(self, x: float, y: float, _line: Line) -> None:
        self._put(x + 1, y + 8, "   ".join(outcomes.FACTS), 15)

    def _cells(self, columns: Sequence[Column], line: Line) -> list[list[str]]:
        return [column.lines(line, column.width - 3) if column.lines else [] for column in columns]

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return max(12.0, 3.5 + STEP * max(len(texts) for texts in cells))

    def _paged(
        self, lines: Sequence[Line], columns: Sequence[Column]
    ) -> list[list[tuple[Line, list[list[str]], float]]]:
        pages: list[list[tuple[Line, list[list[str]], float]]] = [[]]
        room = FOOT - TOP - 8
        for line in lines:
            cells = self._cells(columns, line)
            height = self._height(cells)
            if sum(one[2] for one in pages[-1]) + height > room:
                pages.append([])
            pages[-1].append((line, cells, height))
        return pages

    def _table(self, columns: Sequence[Column], lines: Sequence[tuple[Line, list[list[str]], float]]) -> None:
        self.pdf.set_draw_color(LINE)
        x = LEFT
        for column in columns:
            self._put(x + 1.5, TOP + 5, column.title, SMALL, SOFT)
            x += column.width
        y = TOP + 8
        self.pdf.line(LEFT, y, RIGHT, y)
        for line, cells, height in lines:
            self._row(columns, cells, y, line)
            y += height
            self.pdf.line(LEFT, y, RIGHT, y)
        self._uprights(columns, TOP, y)

    def _row(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], y: float, line: Line) -> None:
        x = LEFT
        for column, texts in zip(columns, cells, strict=True):
            for number, text in enumerate(texts):
                self._put(x + 1.5, y + (8 if column.size == BIG else 5 + STEP * number), text, column.size)
            if column.draw is not None:
                column.draw(x, y, line)
            x += column.width

    def _uprights(self, columns: Sequence[Column], top: float, bottom: float) -> None:
        x = LEFT
        for width in [0.0, *(column.width for column in columns)]:
            x += width
            self.pdf.line(x, top, x, bottom)

    def _blank(self, columns: Sequence[Column], lines: Sequence[tuple[Line, list[list[str]], float]]) -> None:
        """Room for people from elsewhere, as far as the page goes."""
        top = y = TOP + 8 + sum(one[2] for one in lines)
        while y + 12 <= FOOT:
            y += 12
            self.pdf.line(LEFT, y, RIGHT, y)
        if y > top:
            self._put(LEFT + 19.5, top + 5, _("from elsewhere: write name and where from"), SMALL, SOFT)
            self._uprights(columns, top, y)
