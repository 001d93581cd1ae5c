"""A warning as one page to pin up, A4 or A3, from its frozen words: what to do in the largest type that fits."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import segno
from django.utils.safestring import SafeString, mark_safe
from fpdf import FPDF

from lastmile.alerting import document
from lastmile.alerting.codes import COLOUR_NAME, HAZARD_NAME, Colour, Hazard
from lastmile.alerting.models import AlertEvent, Kind
from lastmile.alerting.texts import moment

SIZES = {"a4": 1.0, "a3": 2**0.5}  # against A4
FILL = {1: (180, 35, 24), 2: (184, 69, 10), 3: (255, 212, 59), 4: (21, 88, 176)}
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 12.0  # mm of A4
FOOT = 42.0  # mm at the bottom for the code and who says so
STEPS = (40, 36, 32, 28, 25, 22, 19, 16, 14, 12, 10, 8)  # points, the largest first
POINT = 0.3528  # mm


@dataclass(frozen=True)
class Words:
    head: str
    mark: str
    steps: list[str]
    boxes: list[tuple[str, str]]
    small: list[str]


def words(event: AlertEvent) -> Words:
    frozen, text = event.frozen, event.frozen["texts"]["zh"]
    over = event.alert.kind in (Kind.LIFT, Kind.CANCEL)
    boxes = [("去哪里", text["shelter"]), ("求助电话", text["contact"])]
    starts, ends = (moment(datetime.fromisoformat(frozen[name])) for name in ("starts", "ends"))
    hazard, colour = HAZARD_NAME[Hazard(frozen["hazard"])][0], COLOUR_NAME[Colour(frozen["colour"])][0]
    return Words(
        head=text["headline"] or f"{hazard}{colour}预警",
        mark="演练：没有发生真实险情" if frozen["status"] == "Exercise" else "",
        steps=[line for line in text["instruction"].splitlines() if line.strip()],
        boxes=[(name, value) for name, value in boxes if value and not over],
        small=[
            text["description"],
            f"范围：{frozen['area']['description']}",
            *([] if over else [f"时间：{starts} 至 {ends}"]),
            f"{'、'.join(frozen['issuers'])} {moment(event.sent_at)}发布",
        ],
    )


def pdf(event: AlertEvent, size: str, address: str) -> bytes:
    """One page. `address` is where the code in the corner leads to; "" leaves it out. A size that is none is A4."""
    factor, said = SIZES.get(size, 1.0), words(event)
    sheet = _sheet(factor)
    sheet.set_title(said.head)
    _draw(sheet, said, event.colour, fitting(said, factor), factor)
    _foot(sheet, said, factor, address)
    return bytes(sheet.output())


def code(address: str) -> SafeString:
    """The same code as a picture within a page; its words stand beside it."""
    drawn = segno.make(address, error="m").svg_inline(border=2, omitsize=True, light="#fff")
    return mark_safe(drawn)  # noqa: S308  (lines and numbers, made here)


def _sheet(factor: float) -> FPDF:
    sheet = FPDF(unit="mm", format=(WIDTH * factor, HEIGHT * factor))
    sheet.set_auto_page_break(False)
    sheet.set_margins(MARGIN * factor, MARGIN * factor)
    document.set_font(sheet, 12)
    sheet.add_page()
    return sheet


def fitting(said: Words, factor: float) -> float:
    """The largest size in points in which the words stay on the page, tried on a sheet that is thrown away."""
    room, trial = (HEIGHT - 2 * MARGIN - FOOT) * factor, _sheet(factor)
    sizes = (points * factor for points in STEPS)
    return next((p for p in sizes if _draw(trial, said, Colour.RED, p, factor) <= room), STEPS[-1] * factor)


def _draw(sheet: FPDF, said: Words, colour: int, points: float, factor: float) -> float:
    sheet.set_y(MARGIN * factor)
    if said.mark:
        _text(sheet, said.mark, points * 0.7, align="C", border=1)
        sheet.ln(2 * factor)
    sheet.set_fill_color(*FILL[colour])
    sheet.set_text_color(*(BLACK if colour == Colour.YELLOW else WHITE))
    sheet.set_line_width(factor)
    _text(sheet, said.head, points * 1.15, align="C", border=1, fill=True)
    sheet.set_text_color(*BLACK)
    sheet.ln(3 * factor)
    for number, step in enumerate(said.steps, 1):
        _text(sheet, f"{number}．{step}", points)
        sheet.ln(points * POINT * 0.25)
    for name, value in said.boxes:
        sheet.ln(2 * factor)
        _text(sheet, f"{name}：{value}", points * 0.85, border=1)
    sheet.ln(2 * factor)
    for line in said.small[:-1]:
        _text(sheet, line, max(points * 0.45, 9 * factor))
    return float(sheet.get_y()) - MARGIN * factor


def _text(
    sheet: FPDF, text: str, points: float, *, align: str = "L", border: Literal[0, 1] = 0, fill: bool = False
) -> None:
    sheet.set_font_size(points)
    height = points * POINT * 1.35
    sheet.multi_cell(0, height, text, align=align, border=border, fill=fill, new_x="LMARGIN", new_y="NEXT")


def _foot(sheet: FPDF, said: Words, factor: float, address: str) -> None:
    top, side = (HEIGHT - MARGIN - 34) * factor, 34 * factor
    sheet.set_line_width(0.3 * factor)
    sheet.line(MARGIN * factor, top - 3 * factor, (WIDTH - MARGIN) * factor, top - 3 * factor)
    sheet.set_xy(MARGIN * factor, top)
    width = (WIDTH - 2 * MARGIN) * factor - (side + 4 * factor if address else 0)
    sheet.set_font_size(14 * factor)
    sheet.multi_cell(width, 7 * factor, said.small[-1], new_x="LMARGIN", new_y="NEXT", align="L")
    if address:
        sheet.set_font_size(11 * factor)
        sheet.multi_cell(
            width, 6 * factor, f"扫码看最新情况，核对真伪：\n{address}", new_x="LMARGIN", new_y="NEXT", align="L"
        )
        picture = io.BytesIO()
        segno.make(address, error="m").save(picture, kind="png", scale=8, border=1)
        sheet.image(picture, (WIDTH - MARGIN) * factor - side, top, side, side)
