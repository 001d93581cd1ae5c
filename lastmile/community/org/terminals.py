"""Loudspeakers, screens and sirens as records: find them, change them, and the key each of them signs with."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import Place, Post, SpecialSite, Terminal
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, obtain, within

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,29}")  # what may stand between two slashes of a topic
PURPOSE = b"terminal"


def under(prefix: str) -> QuerySet[Terminal]:
    """Those in service under a place."""
    rows = Terminal.objects.filter(place__code__startswith=prefix, closed_on=None)
    return rows.select_related("place", "post", "site")


def of(actor: Actor) -> QuerySet[Terminal]:
    """Every one of the actor's area, those out of service too."""
    rows = Terminal.objects.filter(within(actor.scopes(Perm.TERMINAL_READ), "place__code"))
    return rows.select_related("place", "post", "site")


def terminal(actor: Actor, pk: int, perm: Perm = Perm.TERMINAL_READ) -> Terminal:
    rows = Terminal.objects.select_related("place", "post", "site")
    return obtain(rows, actor, perm, see=Perm.TERMINAL_READ, place_of=lambda one: one.place_id, pk=pk)


def posts_for(place: Place) -> QuerySet[Post]:
    """Who may look after a terminal there: the posts of the village, or of the place itself above."""
    rows = Post.objects.filter(closed_on=None).select_related("place")
    here = rows.filter(place__code__startswith=place.code[:12]) if len(place.code) >= 12 else rows.filter(place=place)
    return here.order_by("place", "kind", "title")


def sites_for(place: Place) -> QuerySet[SpecialSite]:
    return SpecialSite.objects.filter(place__code__startswith=place.code[:12], closed_on=None).order_by("place", "name")


def save(terminal: Terminal, *, by: Actor, **facts: Any) -> Terminal:
    """Add one or change its facts. Raises Conflict when another one has that code."""
    new = terminal.pk is None
    try:
        with transaction.atomic():
            for name, value in facts.items():
                setattr(terminal, name, value)
            terminal.save()
            name = "org.add_terminal" if new else "org.edit_terminal"
            audit.record(name, actor=by, place=terminal.place_id, obj=terminal, code=terminal.code)
    except IntegrityError as error:
        raise Conflict(
            _("There is already a terminal with this code."), _("Use another code, or edit the one that is there.")
        ) from error
    return terminal


@transaction.atomic
def retire(terminal: Terminal, *, by: Actor) -> None:
    """Out of service: it is told nothing more; its history stays."""
    if Terminal.objects.filter(pk=terminal.pk, closed_on=None).update(closed_on=clock.today()):
        audit.record("org.retire_terminal", actor=by, place=terminal.place_id, obj=terminal)
    terminal.refresh_from_db()


@transaction.atomic
def new_key(terminal: Terminal, *, by: Actor) -> str:
    """The next key; what is signed with the one before is believed no more."""
    held = Terminal.objects.select_for_update(of=("self",)).get(pk=terminal.pk)
    held.key_version += 1
    held.save(update_fields=["key_version"])
    terminal.key_version = held.key_version
    audit.record("org.new_terminal_key", actor=by, place=terminal.place_id, obj=terminal, version=held.key_version)
    return key_of(held.code, held.key_version)


def shown_key(terminal: Terminal, *, by: Actor) -> str:
    """For whoever installs it; the look is noted."""
    audit.record("org.show_terminal_key", actor=by, place=terminal.place_id, obj=terminal)
    return key_of(terminal.code, terminal.key_version)


def key_of(code: str, version: int) -> str:
    """What this terminal and the server sign with: 64 hex digits, from the secret of the house."""
    text = b"%s %s %d" % (PURPOSE, code.encode(), version)
    return hmac.new(settings.TERMINAL_SECRET.encode(), text, hashlib.sha256).hexdigest()
