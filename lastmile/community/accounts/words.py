"""What the audit trail's acts are called on the pages. An act without words here shows its own name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.kernel import audit
from lastmile.kernel.models import AuditEntry

Words = str | Promise

ROOMS: list[tuple[str, Words]] = [
    ("accounts", _("log-ins and roles")),
    ("org", _("places and posts")),
    ("people", _("households and people")),
    ("alerting", _("warnings")),
    ("kernel", _("security")),
    ("site", _("system")),
]

ACTS: dict[str, Words] = {
    "accounts.activate": _("activated a log-in"),
    "accounts.deactivate": _("deactivated a log-in"),
    "accounts.grant": _("gave a role"),
    "accounts.grant_ended": _("ended a role"),
    "accounts.lock": _("locked a log-in"),
    "accounts.login": _("logged in"),
    "accounts.login_failed": _("failed to log in"),
    "accounts.logout": _("logged out"),
    "accounts.password_changed": _("changed the password"),
    "accounts.password_reset": _("reset a password"),
    "accounts.token_made": _("made an API token"),
    "accounts.token_revoked": _("revoked an API token"),
    "accounts.unlock": _("unlocked a log-in"),
    "accounts.user_created": _("created a log-in"),
    "kernel.audit_exported": _("exported the audit trail"),
    "kernel.audit_verified": _("verified the audit trail"),
    "kernel.keys_reencrypted": _("re-encrypted personal fields"),
}


def of(action: str) -> Words:
    return ACTS.get(action, action)


def actor(entry: AuditEntry) -> Words:
    return _("the system") if entry.actor is None and entry.actor_name == audit.SYSTEM else entry.actor_name


def thing(entry: AuditEntry) -> str:
    """The object of an act, as its kind and key."""
    return f"{entry.object_type} {entry.object_id}".strip()
