"""Show a running warning in the terminal until nothing much happens any more."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.db.models import Sum
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.models.tally import Tally
from lastmile.site.children import Family

LONGEST = 17.0  # seconds; later answers still come in, and show on the live page
CALM = 5.0  # seconds without a new fact after which the story is told


class Numbers(NamedTuple):
    people: int
    told: int
    delivered: int
    confirmed: int
    needs_help: int


def numbers(event: AlertEvent) -> Numbers:
    sums = Tally.objects.filter(event=event.pk).aggregate(**{name: Sum(name) for name in Numbers._fields})
    return Numbers(**{name: value or 0 for name, value in sums.items()})


def picture(found: Numbers) -> Table:
    table = Table.grid(padding=(0, 2))
    for name in ("told", "delivered", "confirmed"):
        value = getattr(found, name)
        share = f"{value / found.people:5.1%}" if found.people else ""
        table.add_row(name, ProgressBar(total=max(found.people, 1), completed=value, width=40), f"{value:,}", share)
    table.add_row("need help", "", f"{found.needs_help:,}", "")
    return table


def watch(event: AlertEvent, family: Family, console: Console) -> Numbers:
    """Draw the bars until the answers have calmed down, at most LONGEST seconds; keep the children up meanwhile."""
    started = changed = time.monotonic()
    last = numbers(event)
    with Live(picture(last), console=console, refresh_per_second=4) as live:
        while time.monotonic() - started < LONGEST:
            family.watch()
            found = numbers(event)
            if found != last:
                last, changed = found, time.monotonic()
            live.update(picture(found))
            if found.told and time.monotonic() - changed > CALM:
                break
            time.sleep(0.25)
    return last
