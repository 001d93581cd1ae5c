"""Examine a deployment: each probe answers in one sentence, with the mend when something is wrong."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from lastmile.alerting import reported
from lastmile.alerting.cap import keys as cap_keys
from lastmile.alerting.cap import renewal
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Health
from lastmile.alerting.models import Deployment, Source
from lastmile.alerting.sources import queries
from lastmile.community.accounts.models import Grant
from lastmile.community.accounts.roles import THREE_OFFICERS, Role
from lastmile.kernel import clock, keys
from lastmile.kernel.crypto import keyring
from lastmile.site.running import missing_migrations

ROOM_ON_DISK = 2_000_000_000  # bytes
SKEW = timedelta(seconds=2)
WORKER_SEEN = timedelta(seconds=60)


class Finding(NamedTuple):
    ok: bool
    says: str
    mend: str = ""


def database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), datcollate, pg_size_pretty(pg_database_size(datname)) "
            "FROM pg_database WHERE datname = current_database()"
        )
        version, collation, size = cursor.fetchone()
    told = {"version": version, "collation": collation, "size": size}
    yield Finding(True, _("PostgreSQL %(version)s answers; collation %(collation)s, %(size)s.") % told)


def migrations() -> Iterator[Finding]:
    missing = missing_migrations()
    if missing:
        yield Finding(False, _("%(n)d migrations are not applied.") % {"n": missing}, "lastmile migrate")
    else:
        yield Finding(True, _("The tables are up to date."))


def time() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(cursor.fetchone()[0] - clock.now())
    told = {"seconds": f"{skew.total_seconds():.1f}"}
    if skew > SKEW:
        mend = _("Set the clocks of both machines by NTP: deadlines and expiry depend on them.")
        yield Finding(False, _("This machine and the database differ by %(seconds)s s.") % told, mend)
    else:
        yield Finding(True, _("This machine and the database agree on the time."))


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.VAR).free
    told = {"free": f"{free / 1e9:.1f}", "path": settings.VAR}
    says = _("%(free)s GB are free under %(path)s.") % told
    yield Finding(free > ROOM_ON_DISK, says, "" if free > ROOM_ON_DISK else _("Make room: at least 2 GB."))


def field_keys() -> Iterator[Finding]:
    try:
        for column in keys.columns():
            keys.sample(column)
    except ValueError as error:
        mend = _("Put back the LASTMILE_FIELD_KEYS the data was written with; without them it can't be read.")
        yield Finding(False, _("The field keys do not fit the data: %(error)s.") % {"error": error}, mend)
        return
    told = {"cipher": keyring().ciphers[keyring().current]}
    yield Finding(
        True, _("The field keys open the newest value of every encrypted column; new ones: %(cipher)s.") % told
    )


def static_files() -> Iterator[Finding]:
    vendor = Path(settings.VAR) / "vendor" / ".installed"
    gathered = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not vendor.exists():
        yield Finding(False, _("The browser libraries are not installed."), "python tools/vendor.py")
    elif not gathered.exists():
        yield Finding(False, _("The static files are not gathered."), "lastmile collectstatic --noinput")
    else:
        yield Finding(True, _("Static files are in place."))


def workers() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [clock.now() - WORKER_SEEN]
        )
        alive = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        failed = cursor.fetchone()[0]
    if alive:
        yield Finding(True, _("%(n)d workers were seen in the last minute.") % {"n": alive})
    else:
        yield Finding(False, _("No worker was seen in the last minute: nothing is sent."), "lastmile worker")
    if failed:
        mend = _("See `lastmile shell` or the log for the reason.")
        yield Finding(False, _("%(n)d jobs have failed for good.") % {"n": failed}, mend)


def channels() -> Iterator[Finding]:
    for name in registry.in_service():
        problems = registry.channel(name).problems()
        if problems:
            yield Finding(False, f"{name}: {problems[0]}", " ".join(problems[1:]))
            continue
        health = asyncio.run(_health(name))
        yield Finding(health.ok, f"{name}: {health.says}")


async def _health(name: str) -> Health:
    channel = registry.channel(name)
    await channel.open()
    try:
        return await channel.health()
    finally:
        await channel.close()


def officers() -> Iterator[Finding]:
    held = set(Grant.objects.in_force().filter(user__is_active=True).values_list("role", flat=True))
    missing = [str(Role(role).label) for role in sorted(THREE_OFFICERS) if role not in held]
    if missing:
        mend = _("Give the role to somebody on the page “Log-ins”.")
        yield Finding(False, _("Nobody is: %(roles)s.") % {"roles": ", ".join(missing)}, mend)
    else:
        yield Finding(True, _("System administrator, security administrator and auditor are named."))


def settings_checks() -> Iterator[Finding]:
    found = checks.run_checks(app_configs=list(apps.get_app_configs()), databases=["default"])
    for message in found:
        if message.level >= checks.WARNING:
            yield Finding(False, str(message.msg), str(message.hint or ""))
    if not found:
        yield Finding(True, _("The settings pass every check."))


def cap_key() -> Iterator[Finding]:
    """Whether messages are signed, and until when others find that right."""
    try:
        works, left = renewal.fits(cap_keys.own()), renewal.expires_soon()
    except (ValueError, OSError) as error:
        works, left = False, None
        structlog.get_logger(__name__).warning("doctor.cap_key", error=str(error))
    if not works:
        mend = _("Correct LASTMILE_CAP_KEY: the private key and its certificate, as one PEM.")
        yield Finding(False, _("CAP messages go out unsigned: the key does not work."), mend)
    elif left is not None:
        mend = _(
            "Ask for a new certificate: Channels → Certificate, or `lastmile cap request`, "
            "then `lastmile cap install FILE`."
        )
        told = {"days": max(0, left.days)}
        yield Finding(False, _("The certificate that signs CAP messages is valid for %(days)d more days.") % told, mend)
    else:
        yield Finding(True, _("CAP messages are signed with a certificate that is valid."))


def sources() -> Iterator[Finding]:
    """Where warnings come in from, as the list of sources shows it."""
    asked = list(Source.objects.filter(enabled=True).order_by("pk"))
    if not asked:
        yield Finding(True, _("Warnings come in from nowhere: no source is set up."), "")
    for source in asked:
        found = queries.health(source)
        mend = queries.error(source) or _("Look at the page of the source.")
        bad = found.light in ("red", "yellow")
        yield Finding(not bad, f"{source.name}: {found.says}", mend if bad else "")


def deployments() -> Iterator[Finding]:
    """Other deployments of this system, above and below, as their list shows them."""
    linked = list(Deployment.objects.exclude(state=Deployment.State.ENDED).order_by("pk"))
    if not linked:
        yield Finding(True, _("No other deployment is linked to this one."), "")
    for link in linked:
        found = reported.health(link)
        mend = link.error or _("Look at the page of the deployment.")
        bad = found.light in ("red", "yellow")
        yield Finding(not bad, f"{link.name}: {found.says}", mend if bad else "")


PROBES: list[Callable[[], Iterator[Finding]]] = [
    database,
    migrations,
    time,
    disk,
    settings_checks,
    field_keys,
    static_files,
    workers,
    channels,
    cap_key,
    sources,
    deployments,
    officers,
]


def examine() -> Iterator[Finding]:
    """Every probe; one that can't even run is a finding, not a crash. Without a database the rest is not asked."""
    for probe in PROBES:
        try:
            yield from probe()
        except DatabaseError as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            yield Finding(False, f"{probe.__name__}: {first}", _("Look at DATABASE_URL, or run: lastmile db start"))
            if probe is database:
                return
        except Exception as error:  # a probe of somebody's gateway may fail in any way
            yield Finding(False, f"{probe.__name__}: {type(error).__name__}: {error}")
