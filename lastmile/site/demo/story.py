"""The demo's story, in the order in which it happens: set up, draft, approve, issue, watch, report."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from rich.console import Console
from rich.table import Table

from lastmile.alerting import coverage, drafting, issue, report
from lastmile.alerting.models import Alert, AlertEvent, Worker
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.kernel import clock, embedded
from lastmile.modules.shelters import sample as shelters
from lastmile.site.children import Family, lastmile
from lastmile.site.demo import city, facts, stage
from lastmile.site.demo.watch import watch
from lastmile.site.models import ScenarioRun
from lastmile.site.running import migrate
from lastmile.site.scenarios.plans import NAMES

LEFT_SHOWN = 10
PATIENCE = 60.0  # seconds for the processes to start
console = Console(highlight=False)


def play(*, residents: int, speed: float, once: bool) -> int:
    """Run the whole demo; the exit code is 0 when everybody with a contact was told, and nobody twice."""
    began = time.monotonic()
    set_up(residents)
    log: list[str] = []
    family = Family(stage.children(speed), show=lambda name, line: log.append(f"{name}: {line}"))
    family.start()
    try:
        wait_until_ready(family)
        event = send()
        people = shelters.move_the_village(event, User.objects.get(username="county"))
        console.print(f"  {people:,} people of the village are ordered to its school")
        watch(event, family, console)
        figures = show(event, time.monotonic() - began)
        if not once:
            invite(event)
            family.run()
    finally:
        family.stop()
        (Path(settings.VAR) / "demo.log").write_text("\n".join(log) + "\n")
    return 0 if figures["passed"] else 1


def set_up(residents: int) -> None:
    """The city from its template, or made now and kept as the template."""
    data = Path(settings.VAR) / "pg"
    embedded.ensure(data)
    found = stage.copy_template(data, residents)
    migrate()
    city.set_up(residents, lambda line: console.print(f"  {line}"))
    if play_scenarios() or not found:
        connection.close()
        stage.keep_template(data, residents)


def play_scenarios() -> bool:
    """Real events as exercises, by a process that has no channel but invented phones. Whether any was missing."""
    if ScenarioRun.objects.filter(name__in=NAMES).count() == len(NAMES):
        return False
    console.print("  scenarios: Zhengzhou 2021 and Miyun 2025, minute by minute")
    command = lastmile("scenario", "play", "all", "--inside")
    subprocess.run(command, env={**os.environ, "LASTMILE_CHANNELS": "fake"}, check=True, stdout=subprocess.DEVNULL)
    return True


def wait_until_ready(family: Family) -> None:
    """Until web and phones answer and a worker shows a sign of life; CommandError with the log's end if one doesn't."""
    addresses = [f"{settings.PUBLIC_URL}/healthz", settings.SMS_GATEWAY_URL.removesuffix("/batch") + "/stats.json"]
    until = time.monotonic() + PATIENCE
    while not (all(map(answers, addresses)) and Worker.objects.exists()):
        family.watch()
        if time.monotonic() > until:
            raise CommandError(f"The demo's processes did not start; see {Path(settings.VAR) / 'demo.log'}")
        time.sleep(0.2)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:  # noqa: S310  (our own process on the loopback)
            return bool(answer.status == 200)
    except OSError:
        return False


def send() -> AlertEvent:
    """Two people issue the warning: one writes, another approves."""
    officer, approver = (User.objects.get(username=name) for name in ("city", "approver"))
    alert: Alert = drafting.create_draft(
        officer,
        Place.objects.get(code=facts.CITY),
        hazard="rainstorm",
        colour=1,
        headline=facts.HEADLINE,
        description=facts.DESCRIPTION,
        instruction=facts.INSTRUCTION,
        english=facts.ENGLISH,
        shelter=facts.SHELTER,
        contact=facts.CONTACT,
        issuers=[facts.ISSUER],
        audience={
            "places": [facts.COUNTY],
            "polygons": [],
            "circles": [],
            "groups": ["residents", "responsible", "sites"],
        },
        channels=["sms", "web"],
    )
    drafting.submit(officer, alert)
    drafting.approve(approver, alert)
    alert.refresh_from_db()
    event = issue.issue(officer, alert)
    console.print(f"[bold]{event.sent_at.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}  {facts.HEADLINE}[/bold]")
    return event


def show(event: AlertEvent, seconds: float) -> dict[str, Any]:
    """Print the figures and write var/demo.json."""
    coverage.fold()
    figures = report.build(event, facts.COUNTY) | {"seconds": round(seconds, 1), "phones": phones()}
    figures["passed"] = nobody_forgotten(figures)
    target = Path(settings.VAR) / "demo.json"
    target.write_text(json.dumps(figures, ensure_ascii=False, indent=2))
    console.print(townships(figures))
    console.print(speed(figures), left(figures), f"report: {target}", sep="\n")
    return figures


def phones() -> dict[str, Any]:
    """What the invented phone network counted by itself."""
    address = settings.SMS_GATEWAY_URL.removesuffix("/batch") + "/stats.json"
    with urlopen(address, timeout=10) as answer:  # noqa: S310  (our own process on the loopback)
        found: dict[str, Any] = json.load(answer)
    return found


def nobody_forgotten(figures: dict[str, Any]) -> bool:
    """Nothing waits, no outcome is unknown, and no phone got the message twice."""
    open_ends = sum(row["waiting"] + row["unknown"] for row in figures["channels"])
    return figures["people"]["told"] > 0 and not open_ends and not figures["phones"]["doubled"]


def speed(figures: dict[str, Any]) -> str:
    """The times until shares of those told were reached. People here answer faster than real ones; see --speed."""
    said = [f"of {figures['people']['told']:,} told"]
    for what, times in figures["times_of_told"].items():
        said.append(f"{what}: " + "  ".join(f"{name} {_seconds(value)}" for name, value in times.items()))
    return "   ".join(said)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def left(figures: dict[str, Any]) -> Table:
    """The first doors at which somebody was not reached."""
    households = figures["left"]["households"]
    table = Table(title=f"{figures['left']['people']:,} people not reached; the first doors")
    for head in ("grid", "door", "people", ""):
        table.add_column(head)
    for door in sorted(households, key=lambda door: not door["vulnerable"])[:LEFT_SHOWN]:
        mark = "vulnerable" if door["vulnerable"] else ""
        table.add_row(f"{door['place']} {door['place_name']}", door["door"], "、".join(door["people"]), mark)
    return table


def townships(figures: dict[str, Any]) -> Table:
    table = Table(title="coverage by township")
    for head in ("", "people", "told", "delivered", "confirmed", "need help", "not reached"):
        table.add_column(head, justify="left" if not head else "right")
    for row in figures["places"]:
        cells = (row[key] for key in ("people", "told", "delivered", "confirmed", "needs_help", "unreached"))
        table.add_row(row["name"], *(f"{cell:,}" for cell in cells))
    return table


def invite(event: AlertEvent) -> None:
    """Where to look, and with which log-in."""
    base = settings.PUBLIC_URL
    phones = settings.SMS_GATEWAY_URL.removesuffix("/batch")
    console.print(f"\n[bold]live coverage[/bold]  {base}/alerts/{event.alert.code}/coverage/")
    console.print(f"the missing    {base}/alerts/{event.alert.code}/shelters/   (keeper: check-in on a phone)")
    console.print(f"who must answer {base}/alerts/{event.alert.code}/calls/")
    console.print(f"invented phones {phones}/      public page {base}/w/")
    console.print(f"real events    {base}/scenarios/   (Zhengzhou 2021; log in as miyun for Miyun 2025)")
    for username, (role, _code, name) in (city.LOGINS | city.GUESTS).items():
        console.print(f"  {username:<16} {city.PASSWORD}   {name} ({role.value})")
    console.print("Ctrl-C ends the demo.")
