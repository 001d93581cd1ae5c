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

HANDED_OVER = 120.0  # seconds given to the hand-over; on two free cores it takes a few
ANSWERS = 8.0  # seconds watched after it; later answers still come in, and show on the live page
CALM = 4.0  # seconds without a new fact after which the story is told


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


def all_handed_over(event: AlertEvent) -> bool:
    return not event.manifests.filter(due_at__isnull=False).exists()


def watch(event: AlertEvent, family: Family, console: Console) -> Numbers:
    """Draw the bars until all is handed over and the answers have calmed down; keep the children up meanwhile."""
    started = changed = time.monotonic()
    until = started + HANDED_OVER
    done = False
    last = numbers(event)
    with Live(picture(last), console=console, refresh_per_second=4) as live:
        while time.monotonic() < until:
            family.watch()
            found = numbers(event)
            if found != last:
                last, changed = found, time.monotonic()
            live.update(picture(found))
            if not done and all_handed_over(event):
                done, until = True, time.monotonic() + ANSWERS
            if done and time.monotonic() - changed > CALM:
                break
            time.sleep(0.25)
    return last
