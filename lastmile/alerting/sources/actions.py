"""Keep the list of sources: add, change, pause, ask now, a new token. Every change is in the audit, no secret is."""

from __future__ import annotations

from typing import Any, Final

from cryptography import x509
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.cap import fetch
from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.models import Source
from lastmile.alerting.sources.pushing import new_token
from lastmile.community.org.models import Level, Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

SHORTEST, LONGEST = 10, 86_400  # seconds between two questions
WRITABLE: Final = frozenset({"name", "url", "token", "secret", "anchors", "unsigned", "interval"})
SECRET: Final = frozenset({"token", "secret"})


@transaction.atomic
def add(actor: Actor, place: Place, kind: str, **fields: Any) -> tuple[Source, str]:
    """A new source, and the token with which it is pushed, shown this once; empty for the other kinds."""
    require(actor, Perm.SOURCE_EDIT, place.code)
    if place.level not in (Level.CITY, Level.COUNTY):
        raise Refusal(
            _("A source speaks for a city or a county: below, nobody issues."), _("Choose the county."),
            fields={"place": _("too low or too high")},
        )  # fmt: skip
    now = clock.now()
    source = Source(kind=Source.Kind(kind), place=place, created_at=now, changed_at=now)
    token = ""
    if source.kind == Source.Kind.PUSH:
        token, source.push_digest = new_token()
    _write(source, fields)
    source.due_at = now if source.kind == Source.Kind.FEED else None
    source.save()
    _note("alerting.source_added", actor, source, fields)
    return source, token


@transaction.atomic
def change(actor: Actor, source: Source, **fields: Any) -> Source:
    """It holds for what comes in from now on. Rules that issue by themselves end when what is trusted changes."""
    require(actor, Perm.SOURCE_EDIT, source.place_id)
    held = Source.objects.select_for_update().get(pk=source.pk)
    trust = (held.anchors.strip(), held.url)
    _write(held, fields)
    held.changed_at = clock.now()
    held.etag = held.modified = ""
    if held.kind == Source.Kind.FEED:
        held.due_at = clock.now()
    held.save()
    ended = 0
    if (held.anchors.strip(), held.url) != trust:
        ended = held.rules.filter(ended_at=None, action="issue").update(ended_at=clock.now(), ended_by=actor.pk)
    _note("alerting.source_changed", actor, held, fields, rules_ended=ended)
    return held


@transaction.atomic
def pause(actor: Actor, source: Source, *, enabled: bool) -> None:
    """A paused source is not asked, and nothing it pushes is taken."""
    require(actor, Perm.SOURCE_EDIT, source.place_id)
    now = clock.now()
    if Source.objects.filter(pk=source.pk).exclude(enabled=enabled).update(enabled=enabled, due_at=now, failures=0):
        audit.record(
            "alerting.source_resumed" if enabled else "alerting.source_paused",
            actor=actor,
            place=source.place_id,
            obj=source,
        )


@transaction.atomic
def ask_now(actor: Actor, source: Source) -> None:
    """A worker asks it within seconds, whole: without the version of last time."""
    require(actor, Perm.SOURCE_EDIT, source.place_id)
    if source.kind != Source.Kind.FEED or not source.enabled:
        raise Refusal(_("This source is not asked: it is paused, or it comes to us by itself."), status=409)
    Source.objects.filter(pk=source.pk).update(due_at=clock.now(), etag="", modified="")
    audit.record("alerting.source_asked", actor=actor, place=source.place_id, obj=source)


@transaction.atomic
def renew_token(actor: Actor, source: Source) -> str:
    """A new token for whoever pushes; the old one opens nothing any more."""
    require(actor, Perm.SOURCE_EDIT, source.place_id)
    if source.kind != Source.Kind.PUSH:
        raise Refusal(_("Nobody pushes to this source."), status=409)
    token, digest = new_token()
    Source.objects.filter(pk=source.pk).update(push_digest=digest, changed_at=clock.now())
    audit.record("alerting.source_token", actor=actor, place=source.place_id, obj=source)
    return token


def _write(source: Source, fields: dict[str, Any]) -> None:
    unknown = set(fields) - WRITABLE
    if unknown:
        raise Refusal(_("These fields can't be written: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    for name, value in fields.items():
        if name not in SECRET or value:  # an empty secret keeps the one there is
            setattr(source, name, value.strip() if isinstance(value, str) else value)
    _check(source)


def _check(source: Source) -> None:
    if not source.name:
        raise Refusal(_("The source has no name."), _("Name who sends."), fields={"name": _("missing")})
    if not SHORTEST <= source.interval <= LONGEST:
        said = _("between %(least)d and %(most)d seconds") % {"least": SHORTEST, "most": LONGEST}
        raise Refusal(_("That is too often or too rarely."), said, fields={"interval": said})
    if source.kind == Source.Kind.FEED:
        try:
            fetch.check(source.url)
        except Refused as refused:
            raise Refusal(
                str(refused), _("Enter the whole address of the feed."), fields={"url": str(refused)}
            ) from None
    if source.anchors:
        try:
            x509.load_pem_x509_certificates(source.anchors.encode())
        except ValueError:
            raise Refusal(
                _("These are no certificates in PEM form."),
                _("Paste everything from BEGIN CERTIFICATE to END CERTIFICATE."),
                fields={"anchors": _("no certificates")},
            ) from None


def _note(what: str, actor: Actor, source: Source, fields: dict[str, Any], **more: Any) -> None:
    shown = {name: value for name, value in fields.items() if name not in SECRET | {"anchors"}}
    shown |= {name: "***" for name in SECRET if fields.get(name)}
    shown |= {"certificates": source.anchors.count("BEGIN CERTIFICATE")}
    audit.record(what, actor=actor, place=source.place_id, obj=source, kind=source.kind, **shown, **more)
