"""The after-action report on paper: a PDF with tables and the drawn curve, and a workbook with the same figures."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook

from lastmile.alerting import coverage, panels
from lastmile.alerting.cascade import sums
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.document import FONT, LINE, Paper, table
from lastmile.kernel.lists import plain

WIDTH, HEIGHT = 180, 60  # mm of the curve
GREEN, BLUE = (43, 138, 62), (76, 143, 208)
DOORS = 300  # on paper; the workbook has all that the report lists

Rows = list[list[Any]]
Table = tuple[str, list[str], Rows]


def headline(report: dict[str, Any]) -> str:
    """Colour and hazard in words."""
    alert = report["alert"]
    hazard = Hazard(alert["hazard"]).label if alert["hazard"] in Hazard.values else alert["hazard"]
    return _("%(colour)s · %(hazard)s") % {"colour": Colour(alert["colour"]).label, "hazard": hazard}


def moment(text: str) -> str:
    return text[:19].replace("T", " ")


def tables(report: dict[str, Any]) -> list[Table]:
    """(title, head, rows) of every part, for both kinds of file and the page."""
    left = _("Doors left: %(doors)d households not reached, %(people)d people") % report["left"]
    return [
        (_("Who was reached"), ["", _("people"), "%", _("vulnerable"), "%"], _figures(report)),
        (_("Households"), ["", _("number of households"), "%"], _door_figures(report)),
        (
            _("Time since issue, by household"),
            [_("Share of households"), _("reached"), _("confirmed")],
            _times(report["times_of_households"]),
        ),
        (_("Time since issue"), [_("Share of people"), _("reached"), _("confirmed")], _times(report["times"])),
        (
            _("By place, worst first"),
            [
                _("Place"),
                _("people"),
                _("reached"),
                _("confirmed"),
                "%",
                _("not reached"),
                _("households not reached"),
                _("need help"),
                _("moved"),
            ],
            _pick(report["places"], "name people delivered confirmed share unreached doors_left needs_help moved"),
        ),
        (
            _("By channel"),
            [
                _("Channel"),
                _("people"),
                _("fall-back"),
                _("sent"),
                _("delivered"),
                _("not delivered"),
                _("unknown"),
                _("answers"),
            ],
            _pick(report["channels"], "label people fallback told delivered failed unknown answered"),
        ),
        *_beyond(report),
        (
            _("What was done"),
            [_("Time"), _("Who"), _("What was done")],
            [[moment(e["at"]), e["who"], e["says"]] for e in report["timeline"]],
        ),
        (left, [_("Place"), _("Door"), _("People"), _("vulnerable")], _doors(report["left"]["households"])),
        _standstills(report),
    ]


def _figures(report: dict[str, Any]) -> Rows:
    people, weak = report["people"], report["vulnerable"]
    again = _("handed over again on the same channel (times)")
    rows: Rows = [[_("listed"), people["people"], "", weak["people"], ""]]
    for tile in panels.tiles(coverage.Numbers()):
        name = tile.name
        rows.append([tile.label, people[name], people["percent"][name], weak[name], weak["percent"][name]])
    return [*rows, [again, report["handed_over_again"], "", "", ""]]


def _door_figures(report: dict[str, Any]) -> Rows:
    homes = report["households"]
    rows: Rows = [[pgettext("households", "listed"), homes["doors"], ""]]
    tiles = panels.door_tiles(coverage.Doors())
    return rows + [[tile.label, homes[tile.name], homes["percent"][tile.name]] for tile in tiles]


def _beyond(report: dict[str, Any]) -> list[Table]:
    return [*_reported(report["reported"]), *_calls(report["calls"])]


def _reported(reported: dict[str, Any]) -> list[Table]:
    """What systems below have said, each for the place it answers for, and all of it with ours."""
    head = [_("Whose system it is"), _("number of households"), pgettext("households", "reached")]
    head += [_("households not reached"), pgettext("households", "confirmed"), _("people"), _("need help")]
    head += [_("posts confirmed"), _("Last heard")]
    fields = ("doors", "delivered", "unreached", "confirmed")
    rows: Rows = []
    for one in reported["links"]:
        posts = f"{one['posts']['confirmed']} / {one['posts']['all']}"
        homes = [one["households"][name] for name in fields]
        numbers = [one["all"]["people"], one["all"]["needs_help"]]
        rows.append([one["name"], *homes, *numbers, posts, moment(one["seen_at"] or "") or one["says"]])
    if rows:
        both = reported["together"]
        homes = [both["households"][name] for name in fields]
        numbers = [both["all"]["people"], both["all"]["needs_help"]]
        rows.append([_("Together with what is held here"), *homes, *numbers, "", ""])
    return [(_("Reported by systems below"), head, rows)] if rows else []


def _times(times: dict[str, dict[str, float | None]]) -> Rows:
    words = panels.duration
    return [
        [f"{share} %", words(times["delivered"][f"t{share}"]), words(times["confirmed"][f"t{share}"])]
        for share in (50, 90, 99)
    ]


def _pick(rows: list[dict[str, Any]], names: str) -> Rows:
    """Some fields of each; `share` is the percent confirmed, `label` the word for a channel."""
    made: dict[str, Callable[[dict[str, Any]], Any]] = {
        "share": lambda row: row["percent"]["confirmed"],
        "doors_left": lambda row: row["households"]["unreached"],
        "label": lambda row: panels.channel_label(row["channel"]),
    }
    return [[made[name](row) if name in made else row[name] for name in names.split()] for row in rows]


def _calls(calls: dict[str, Any]) -> list[Table]:
    """Who had to answer, by level, and how silence climbed: posts, in the order of their places."""
    head = [
        _("Level"),
        _("had to confirm"),
        _("confirmed in time"),
        _("confirmed late"),
        _("not confirmed"),
        _("had to pass it on"),
        _("passed on"),
        _("minutes until half had confirmed"),
    ]
    fields = ("label", "posts", "in_time", "late", "never", "asked", "passed", "minutes")
    levels: Rows = [["–" if row[name] is None else row[name] for name in fields] for row in calls["levels"]]
    chains: Rows = [[one["post"], sums.told(one["steps"]), one["state"]] for one in calls["chains"]]
    title = _("How silence climbed: %(posts)d posts") % {"posts": calls["climbed"]}
    return [(_("Who had to answer"), head, levels), (title, [_("Post"), _("What followed"), _("State")], chains)]


def _standstills(report: dict[str, Any]) -> Table:
    head = [_("Finding"), pgettext("standstill", "from"), pgettext("standstill", "until"), _("What to do")]
    rows: Rows = [
        [one["says"], moment(one["from"]), moment(one["until"]) or _("not mended yet"), one["mend"]]
        for one in report["findings"]
    ]
    return _("What stood still"), head, rows


def _doors(doors: list[dict[str, Any]]) -> Rows:
    return [
        [door["place_name"], door["door"], "、".join(door["people"]), _("yes") if door["vulnerable"] else ""]
        for door in doors
    ]


def xlsx(report: dict[str, Any]) -> bytes:
    """One sheet for each table, and the curve by minute."""
    book = Workbook(write_only=True)
    curve = (_("Curve"), [_("minutes since issue"), _("reached"), _("confirmed")], report["curve"])
    mark = f"{_('EXERCISE')} " if report["alert"]["exercise"] else ""
    for number, (title, head, rows) in enumerate([*tables(report), curve], 1):
        sheet = book.create_sheet(f"{mark}{number} {title}"[:31].replace(":", " ").replace("：", " "))
        sheet.append(head)
        for row in rows:
            sheet.append([plain(cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def pdf(report: dict[str, Any]) -> bytes:
    alert = report["alert"]
    paper = Paper(f"{alert['identifier']} · {moment(report['made_at'])}")
    paper.set_title(alert["headline"])
    paper.add_page()
    paper.title_line(_("After-action report"), 11)
    paper.title_line(alert["headline"], 17)
    if alert["exercise"]:
        paper.title_line(_("EXERCISE – nothing has happened"), 12)
    paper.small(f"{headline(report)} · {'、'.join(alert['issuers'])} · {alert['place_name']}")
    paper.small(
        _("Issued %(sent)s, valid until %(until)s. Figures of %(now)s.")
        % {"sent": moment(alert["sent_at"]), "until": moment(alert["expires_at"]), "now": moment(report["made_at"])}
    )
    for number, (title, head, rows) in enumerate(tables(report)):
        if rows or number < 2:
            paper.title_line(title)
            table(paper, head, rows[:DOORS])
        if number == 1 and report["curve"]:
            paper.title_line(_("How fast"))
            _curve(paper, report)
    return bytes(paper.output())


def _curve(paper: Paper, report: dict[str, Any]) -> None:
    """Share reached (blue) and confirmed (green) over the minutes since issue."""
    people, points = max(1, report["people"]["people"]), [[0, 0, 0], *report["curve"]]
    if paper.get_y() + HEIGHT + 18 > paper.h - 18:
        paper.add_page()
    left, top, last = 25.0, paper.get_y() + 3, max(1, points[-1][0])
    paper.set_font(FONT, size=8)
    paper.set_draw_color(*LINE)
    for share in (0, 25, 50, 75, 100):
        y = top + HEIGHT * (1 - share / 100)
        paper.line(left, y, left + WIDTH - 15, y)
        paper.text(left - 10, y + 1, f"{share} %")
    for at, colour in ((1, BLUE), (2, GREEN)):
        paper.set_draw_color(*colour)
        paper.set_line_width(0.6)
        line = [(left + (WIDTH - 15) * p[0] / last, top + HEIGHT * (1 - min(1.0, p[at] / people))) for p in points]
        paper.polyline(line)
    paper.set_line_width(0.2)
    for quarter in range(5):
        paper.text(left + (WIDTH - 15) * quarter / 4 - 2, top + HEIGHT + 4, f"{last * quarter / 4:g}")
    for offset, colour, label in ((0, BLUE, _("reached")), (30, GREEN, _("confirmed"))):
        paper.set_fill_color(*colour)
        paper.rect(left + offset, top + HEIGHT + 7, 4, 3, "F")
        paper.text(left + offset + 6, top + HEIGHT + 9.6, label)
    paper.text(left + 90, top + HEIGHT + 9.6, _("minutes since issue"))
    paper.set_y(top + HEIGHT + 13)
    paper.set_font(FONT, size=10)
