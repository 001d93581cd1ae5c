"""What the `places` command shows: a progress bar, and results in words."""

from __future__ import annotations

import contextlib
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lastmile.community.org import loading
from lastmile.community.org.grids import Made

SHOWN = 20  # odd rows on the terminal; the report has all


@contextlib.contextmanager
def progress() -> Iterator[loading.Progress]:
    """A bar per step; nothing at all where no terminal is attached."""
    bars: dict[str, Any] = {}
    labels = {"copy": _("Reading rows"), "write": _("Writing places"), "grids": _("Drawing grids")}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def step(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = shown.add_task(labels.get(name, name), total=total)
            shown.update(bars[name], completed=done, total=total)

        yield step


def tell(out: Any, outcome: loading.Outcome, report: Path | None = None) -> None:
    numbers = {
        _("rows read"): outcome.read,
        _("added"): outcome.added,
        _("changed"): outcome.changed,
        _("unchanged"): outcome.unchanged,
        _("retired"): outcome.retired,
        _("outlines added"): outcome.outlines,
        _("odd rows, left out"): outcome.skipped,
        _("odd rows, taken"): len(outcome.odd) - outcome.skipped,
    }
    out.write("\n".join(f"{number:>9,}  {label}" for label, number in numbers.items()))
    for says, number in Counter(odd.says for odd in outcome.odd).most_common(5):
        out.write(f"{number:>9,}  × {says}")
    serious = sorted(outcome.odd, key=lambda odd: not odd.skipped)[:SHOWN]
    for odd in serious:
        out.write(f"  {odd.row.source}  {odd.row.code}  {odd.row.name}: {odd.says}")
    if report is not None:
        _write(report, outcome)
        out.write(_("All odd rows are in %(file)s.") % {"file": report})


def tell_grids(out: Any, made: Made) -> None:
    out.write(
        _("%(grids)s grids in %(villages)s villages drawn, %(kept)s villages had grids already.")
        % {"grids": f"{made.grids:,}", "villages": f"{made.villages:,}", "kept": f"{made.kept:,}"}
    )
    for place, reason in made.left:
        out.write(f"  {place.code} {place.name}: {reason}")


def _write(report: Path, outcome: loading.Outcome) -> None:
    with report.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["row", "code", "name", "left out", "why"])
        for odd in outcome.odd:
            lines.writerow([odd.row.source, odd.row.code, odd.row.name, odd.skipped, odd.says])
