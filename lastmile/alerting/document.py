"""A sheet of A4 with Chinese letters: what every document of the room is printed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fpdf import FPDF
from fpdf.fonts import FontFace
from pylopdf_fonts_zh_cn import sans_path

FONT = "NotoSansSC"
INK, SOFT, LINE = (22, 24, 29), (74, 83, 97), (208, 213, 221)
HEAD, WHITE = (242, 244, 247), (255, 255, 255)
TOGETHER = 30  # mm: a title and the beginning of what it stands over


def set_font(pdf: FPDF, size: float) -> None:
    """The one font of everything that is printed; each file carries the letters it uses."""
    pdf.add_font(FONT, "", str(sans_path()))
    pdf.set_font(FONT, size=size)


class Paper(FPDF):
    """A4 with page numbers, in a font that has every Chinese character we use."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        set_font(self, 10)
        self.set_margins(15, 15)
        self.set_auto_page_break(True, margin=18)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(FONT, size=8)
        self.set_text_color(*SOFT)
        self.cell(0, 5, f"{self.foot}    {self.page_no()} / {{nb}}", align="C")
        self.set_text_color(*INK)

    def title_line(self, text: str, size: int = 13) -> None:
        self.ln(3)
        if self.will_page_break(TOGETHER):
            self.add_page()
        self.set_font(FONT, size=size)
        self.set_text_color(*INK)
        self.multi_cell(0, size * 0.6, text, new_x="LMARGIN", new_y="NEXT")
        self.set_font(FONT, size=10)

    def small(self, text: str) -> None:
        self.set_text_color(*SOFT)
        self.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(*INK)


def table(paper: Paper, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    paper.set_font(FONT, size=9)
    paper.set_draw_color(*LINE)
    paper.set_fill_color(*WHITE)  # cells take what was filled with last
    style = FontFace(emphasis="", fill_color=HEAD)
    widths = tuple(3 if index == 0 else 2 for index in range(len(head)))
    with paper.table(headings_style=style, line_height=6, col_widths=widths, text_align="LEFT") as drawn:
        for cells in [head, *rows]:
            line = drawn.row()
            for cell in cells:
                line.cell(f"{cell:,}" if isinstance(cell, int) else str(cell))
    paper.set_font(FONT, size=10)
