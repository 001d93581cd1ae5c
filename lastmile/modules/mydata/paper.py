"""What is held about one person on paper."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.document import Paper, table


def pdf(found: dict[str, Any]) -> bytes:
    paper = Paper(str(_("What the emergency system holds about me")))
    paper.set_title(str(_("What the emergency system holds about me")))
    paper.add_page()
    paper.title_line(_("What the emergency system holds about me"), 17)
    paper.small(found["made"])
    basic, where, health = found["basic"], found["location"], found["health"]
    table(
        paper,
        ["", ""],
        [
            (pgettext("person", "Name"), basic["name"]),
            (_("Year of birth"), str(basic["born"] or "–")),
            (_("Language"), str(basic["language"])),
            (_("Grid"), where["grid"]),
            (_("Door"), where["door"] or "–"),
            (_("Address"), where["address"] or "–"),
            (_("Needs help because"), "、".join(health["needs"]) or "–"),
            (_("Note for whoever comes to help"), health["note"] or "–"),
        ],
    )
    _part(paper, _("Ways to reach me"), [(one["kind"], one["value"]) for one in found["contact"]])
    _part(paper, _("What I answered in warnings"), [(one["warning"], one["answer"]) for one in found["answers"]])
    _part(paper, _("What I agreed to among neighbours"), [(one["what"], one["since"]) for one in found["consents"]])
    _part(
        paper,
        _("Who looked at my data"),
        [(f"{one['at'][:16]} {one['who']}", f"{one['why']} ({one['what']})") for one in found["looks"]],
    )
    return bytes(paper.output())


def _part(paper: Paper, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        paper.title_line(title)
        table(paper, ["", ""], rows)
