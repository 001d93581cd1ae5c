"""The sign-in sheet on paper: large type, door by door in walking order, with room to write; and a QR of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from fpdf.fonts import FontFace

from lastmile.alerting.document import FONT, Paper
from lastmile.kernel.clock import BEIJING
from lastmile.modules.shelters.models import Stay

STRANGERS = 12  # empty lines for people in no list
WIDTHS = (13, 22, 16, 22, 12, 12, 10)
SIZE = 13  # points


def pdf(roll: dict[str, Any], address: str) -> bytes:
    """`roll` is queries.desk.roll; `address` is where the QR leads."""
    made = datetime.fromisoformat(roll["now"]).astimezone(BEIJING)
    paper = Paper(f"{roll['shelter']} · {roll['headline']} · {made:%Y-%m-%d %H:%M}")
    paper.set_title(roll["shelter"])
    paper.add_page("L")
    _qr(paper, address)
    paper.title_line(_("Sign-in sheet"), 12)
    paper.title_line(roll["shelter"], 22)
    paper.small(roll["headline"])
    people = sum(line["heads"] for group in roll["groups"] for line in group["people"])
    says = _(
        "%(people)d people on the list, %(places)d places, printed %(time)s. Write the time of arrival, and whoever is "
        "in no list at the end; type it in later by the number."
    )
    paper.small(says % {"people": people, "places": roll["places"], "time": f"{made:%Y-%m-%d %H:%M}"})
    paper.ln(3)
    _table(paper, roll)
    return bytes(paper.output())


def _table(paper: Paper, roll: dict[str, Any]) -> None:
    paper.set_font(FONT, size=SIZE)
    head = [
        _("Door"),
        _("Number"),
        pgettext("person", "Name"),
        _("Needs"),
        _("Arrived at"),
        _("Signature"),
        _("Left for"),
    ]
    style = FontFace(emphasis="", fill_color=(242, 244, 247))
    with paper.table(headings_style=style, line_height=9, col_widths=WIDTHS, text_align="LEFT") as table:
        for cells in [head, *rows(roll), *([""] * len(head) for _empty in range(STRANGERS))]:
            line = table.row()
            for cell in cells:
                line.cell(cell)


def rows(roll: dict[str, Any]) -> list[list[str]]:
    found = []
    for group in roll["groups"]:
        for number, line in enumerate(group["people"]):
            first = number == 0
            door = f"{group['place']} {group['door']}".strip() if first else ""
            found.append([door, group["code"] if first else "", line["name"], _needs(line), _arrived(line), "", ""])
    return found


def _needs(line: dict[str, Any]) -> str:
    age = _("%(n)d years") % {"n": line["age"]} if line["age"] else ""
    heads = _("%(n)d people") % {"n": line["heads"]} if line["heads"] > 1 else ""
    needs = line["needs"] or ([_("needs help")] if line["vulnerable"] else [])
    return " ".join(part for part in (heads, age, "、".join(needs)) if part)


def _arrived(line: dict[str, Any]) -> str:
    if line["state"] == Stay.State.IN:
        return f"{datetime.fromisoformat(line['at']).astimezone(BEIJING):%H:%M}"
    return "" if line["state"] == Stay.State.EXPECTED else str(Stay.State(line["state"]).label)


def _qr(paper: Paper, address: str, side: float = 26.0) -> None:
    """Top right, drawn as squares: sharp on any printer."""
    matrix = list(segno.make(address, error="m", micro=False).matrix_iter(border=0))
    step, left, top = side / len(matrix), paper.w - 15 - side, 12.0
    paper.set_fill_color(0, 0, 0)
    for row, cells in enumerate(matrix):
        for column, dark in enumerate(cells):
            if dark:
                paper.rect(left + column * step, top + row * step, step, step, "F")
