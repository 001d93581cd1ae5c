"""System checks of the settings: each names what is wrong and the mend. `lastmile doctor` runs them too.

Errors stop the start. What only a laptop may do (keys kept beside the data, plain HTTP) is a warning as soon as the
installation answers to a name that others can reach.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils.translation import gettext as _

from lastmile.kernel import env, walls
from lastmile.kernel.ciphers import NoCipherError
from lastmile.kernel.crypto import Keyring
from lastmile.kernel.mail import tls_context

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}
OLDEST_POSTGRESQL = 150_000
OURS = "lastmile"  # tag of the checks that need no page, for processes that have none
SECRETS = tuple(f"LASTMILE_{name}" for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "LINK_KEY", "SEAL_KEY"))
SEAL = 32  # bytes of the key that signs certificates


def in_production() -> bool:
    """Whether others than this machine can reach the installation."""
    return bool(set(settings.ALLOWED_HOSTS) - LOOPBACK)


@register(OURS)
def keys(**_kwargs: Any) -> Iterator[CheckMessage]:
    for name in SECRETS:
        if in_production() and not env.secret(name):
            yield Warning(
                _("%(name)s is not set: the key lies in var/secrets, beside the data it protects.") % {"name": name},
                hint=_("Set it, or %(name)s_FILE. `lastmile keys new` makes fresh ones; keep those in use.")
                % {"name": name},
                id="lastmile.W001",
            )
    try:
        Keyring.parse(settings.FIELD_KEYS, settings.INDEX_KEY)
    except NoCipherError:
        yield Error(
            _("A key in LASTMILE_FIELD_KEYS is of SM4, but the OpenSSL of this machine has no SM4."),
            hint=_("Install the package “cryptography” as it is published: OpenSSL with SM4 is inside. Keep the key."),
            id="lastmile.E005",
        )
    except (ImproperlyConfigured, ValueError):
        yield Error(
            _("LASTMILE_FIELD_KEYS or LASTMILE_INDEX_KEY can't be read."),
            hint=_(
                "Write LASTMILE_FIELD_KEYS as 1:<64 hex digits> or 1:sm4:<32 hex digits>, LASTMILE_INDEX_KEY as "
                "64 hex digits."
            ),
            id="lastmile.E001",
        )
    if not _is_hex(settings.SEAL_KEY, SEAL):
        yield Error(
            _("LASTMILE_SEAL_KEY is missing or no key: nothing that leaves as proof can be signed."),
            hint=_("Write it as 64 hex digits, as `lastmile keys new` makes them; keep the one in use."),
            id="lastmile.E004",
        )
    yield from _weak()


def _is_hex(text: str, size: int) -> bool:
    try:
        return len(bytes.fromhex(text)) == size
    except ValueError:
        return False


def _weak() -> Iterator[CheckMessage]:
    values = [part.rpartition(":")[2] for part in settings.FIELD_KEYS.replace("\n", ",").split(",") if part.strip()]
    values += [settings.INDEX_KEY, settings.LINK_KEY, settings.SECRET_KEY, settings.SEAL_KEY]
    if any(len(value) < 32 or len(set(value)) < 8 for value in values):
        yield Error(
            _("A key is too short or too regular to protect anything."),
            hint=_(
                "Make fresh ones with `lastmile keys new`. Field keys in use are changed by `lastmile keys rotate`."
            ),
            id="lastmile.E002",
        )
    if len(set(values)) < len(values):
        yield Error(
            _("The same key is used for two purposes."),
            hint=_(
                "Give each of LASTMILE_SECRET_KEY, _FIELD_KEYS, _INDEX_KEY, _LINK_KEY and _SEAL_KEY one of its own."
            ),
            id="lastmile.E003",
        )


@register(OURS)
def addresses(**_kwargs: Any) -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            _("LASTMILE_HOSTS allows every name."),
            hint=_("List the names people use, as LASTMILE_HOSTS=warn.example.gov.cn."),
            id="lastmile.E010",
        )
    if settings.SECOND_FACTOR not in ("", "required", "offered"):
        yield Error(
            _("LASTMILE_SECOND_FACTOR is neither required nor offered."),
            hint=_("Leave it empty: then it is required as soon as others can reach the installation."),
            id="lastmile.E014",
        )
    if not in_production():
        return
    if settings.SECOND_FACTOR == "offered":
        yield Warning(
            _("A stolen password is enough to issue a warning: no second factor is demanded."),
            hint=_("Take LASTMILE_SECOND_FACTOR=offered out."),
            id="lastmile.W015",
        )
    if settings.DEBUG:
        yield Error(_("LASTMILE_DEBUG shows the inside to everybody."), hint=_("Unset it."), id="lastmile.E011")
    if not settings.BEHIND_TLS:
        yield Warning(
            _("Pages and passwords travel without encryption."),
            hint=_("Put a TLS proxy in front and set LASTMILE_PUBLIC_URL to its https:// address."),
            id="lastmile.W012",
        )
    if urlsplit(settings.PUBLIC_URL).hostname not in {host.strip("[].") for host in settings.ALLOWED_HOSTS}:
        yield Warning(
            _("Links in messages begin with %(url)s, which this installation does not answer to.")
            % {"url": settings.PUBLIC_URL},
            hint=_("Set LASTMILE_PUBLIC_URL to an address whose name is in LASTMILE_HOSTS."),
            id="lastmile.W013",
        )


@register(OURS)
def outward(**_kwargs: Any) -> Iterator[CheckMessage]:
    for network in settings.OUTWARD_ALLOW:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            yield Error(
                _("LASTMILE_OUTWARD_ALLOW: “%(network)s” is no network.") % {"network": network},
                hint=_("Write networks as 10.3.0.0/16 or 192.168.7.9/32, separated by commas."),
                id="lastmile.E016",
            )


@register(OURS)
def mail(**_kwargs: Any) -> Iterator[CheckMessage]:
    if bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        yield Error(
            _("Only one of LASTMILE_SMTP_USER and LASTMILE_SMTP_PASSWORD is set."),
            hint=_("Set both, or neither."),
            id="lastmile.E020",
        )
    if in_production() and "email" in settings.CHANNELS and settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Warning(
            _("Mail is sent as %(sender)s; most servers refuse it.") % {"sender": settings.DEFAULT_FROM_EMAIL},
            hint=_("Set LASTMILE_MAIL_FROM, or take email out of LASTMILE_CHANNELS."),
            id="lastmile.W021",
        )
    yield from _mail_encryption()
    if in_production() and "sms" in settings.CHANNELS and not settings.SMS_GATEWAY_URL:
        yield Warning(
            _("SMS is in LASTMILE_CHANNELS but has no gateway."),
            hint=_("Set LASTMILE_SMS_URL and LASTMILE_SMS_SECRET, or take sms out of LASTMILE_CHANNELS."),
            id="lastmile.W022",
        )


def _mail_encryption() -> Iterator[CheckMessage]:
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        yield Error(
            _("LASTMILE_SMTP_TLS and LASTMILE_SMTP_SSL are both set."),
            hint=_(
                "Set LASTMILE_SMTP_TLS for STARTTLS (usually port 587), or LASTMILE_SMTP_SSL for TLS (usually 465)."
            ),
            id="lastmile.E023",
        )
    if settings.EMAIL_CA:
        try:
            tls_context(settings.EMAIL_CA)
        except OSError as error:  # no file, or no certificate in it
            yield Error(
                _("LASTMILE_SMTP_CA names %(path)s, which has no certificate to read: %(error)s.")
                % {"path": settings.EMAIL_CA, "error": error},
                hint=_("Give the path of a PEM file with the certificate of the authority, or unset it."),
                id="lastmile.E024",
            )
    if settings.EMAIL_CA and not encrypted:
        yield Warning(
            _("LASTMILE_SMTP_CA is set, but mail is sent without encryption, so nothing is checked by it."),
            hint=_("Set LASTMILE_SMTP_TLS=1 or LASTMILE_SMTP_SSL=1."),
            id="lastmile.W025",
        )
    if settings.EMAIL_HOST_PASSWORD and not encrypted and settings.EMAIL_HOST not in LOOPBACK:
        yield Warning(
            _("The password of the mail server travels without encryption."),
            hint=_("Set LASTMILE_SMTP_TLS=1 or LASTMILE_SMTP_SSL=1."),
            id="lastmile.W026",
        )


@register(OURS)
def files(**_kwargs: Any) -> Iterator[CheckMessage]:
    if not (Path(settings.VAR) / "vendor" / ".installed").exists():
        yield Warning(
            _("The browser libraries are not installed: pages will look bare."),
            hint=_("Run: make run (or python tools/vendor.py)."),
            id="lastmile.W030",
        )


@register(Tags.database)
def database(**_kwargs: Any) -> Iterator[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
        version, encoding = cursor.fetchone()
    if version < OLDEST_POSTGRESQL:
        yield Error(
            _("PostgreSQL %(version)s is too old.") % {"version": version // 10_000},
            hint=_("Point DATABASE_URL at PostgreSQL 15 or newer, or unset it to use the embedded one."),
            id="lastmile.E040",
        )
    if encoding != "UTF8":
        yield Error(
            _("The database keeps text as %(encoding)s.") % {"encoding": encoding},
            hint=_("Create it again: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."),
            id="lastmile.E041",
        )


@register(Tags.database)
def row_security(**_kwargs: Any) -> Iterator[CheckMessage]:
    if not settings.ROW_SECURITY:
        yield Warning(
            _("The database does not hide other places' people: row-level security is switched off."),
            hint=_("Take LASTMILE_ROW_SECURITY=0 out."),
            id="lastmile.W042",
        )
    elif lacking := walls.missing():
        yield Warning(
            _("Row-level security is off: %(lacking)s.") % {"lacking": "; ".join(lacking)},
            hint=_(
                "Have the DBA run: CREATE ROLE lastmile_web NOLOGIN; GRANT lastmile_web TO the log-in of DATABASE_URL. "
                "Then run: lastmile migrate."
            ),
            id="lastmile.W043",
        )
    elif walls.weak():
        yield Warning(
            _("Row-level security could be lifted by SQL that is smuggled into a query: the role may call set_config."),
            hint=_(
                "Have the DBA run: GRANT EXECUTE ON FUNCTION pg_catalog.set_config TO the log-in of DATABASE_URL; "
                "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config FROM PUBLIC."
            ),
            id="lastmile.W044",
        )
