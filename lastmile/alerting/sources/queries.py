"""Which sources and proposals a person sees, and how each source is, in words and as a light."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.cap.findings import Finding
from lastmile.alerting.cap.words import WORDS
from lastmile.alerting.lights import Health
from lastmile.alerting.models import Proposal, Received, Source, SourceRule
from lastmile.alerting.sources.words import REFUSED
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor, Perm, obtain, within

SILENT: Final = timedelta(minutes=15)  # without a good round, at the least, before a source counts as dead


def health(source: Source) -> Health:
    if not source.enabled:
        return Health("secondary", _("paused"))
    if source.kind != Source.Kind.FEED:
        if source.failures:
            return Health("yellow", _("what came last could not be read"))
        return Health("green", _("comes by itself")) if source.good_at else Health("secondary", _("nothing came yet"))
    if source.asked_at is None:
        return Health("secondary", pgettext("source", "not asked yet"))
    silent = clock.now() - (source.good_at or source.created_at)
    if silent > max(SILENT, timedelta(seconds=3 * source.interval)):
        return Health("red", _("no good answer for a long time"))
    return (
        Health("yellow", _("the last question failed"))
        if source.failures
        else Health("green", pgettext("source", "answers"))
    )


def error(source: Source) -> str:
    """The last failure as a sentence."""
    code = source.error.get("code", "")
    return str(Finding(code, "", source.error.get("facts", {}))) if code in WORDS else ""


def sources(actor: Actor) -> QuerySet[Source]:
    """Those of the person's places."""
    rows = Source.objects.filter(within(actor.scopes(Perm.SOURCE_READ), "place__code"))
    return rows.select_related("place").order_by("place", "name", "pk")


def source(actor: Actor, key: int, perm: Perm = Perm.SOURCE_READ) -> Source:
    rows = Source.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.SOURCE_READ, place_of=lambda one: one.place_id, pk=key)


def rule(actor: Actor, source_key: int, key: int) -> SourceRule:
    found = source(actor, source_key).rules.filter(pk=key).select_related("source").first()
    if found is None:
        raise NotFound(_("There is no such rule."), _("Go back to the source."))
    return found


def proposals(actor: Actor) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(within(actor.scopes(Perm.SOURCE_READ), "place__code"), into=None)
    rows = rows.exclude(head=None).defer("head__raw", "head__findings")
    return rows.select_related("head", "source", "place", "alert")


def proposal(actor: Actor, key: int, perm: Perm = Perm.SOURCE_READ) -> Proposal:
    """One of them; where it was found to be a part of another chain, that one."""
    rows = Proposal.objects.select_related("head__source", "source", "place", "alert", "into", "decided_by")
    found = obtain(rows, actor, perm, see=Perm.SOURCE_READ, place_of=lambda one: one.place_id, pk=key)
    return found if found.into_id is None else proposal(actor, found.into_id, perm)


def messages(found: Proposal) -> list[Received]:
    """Everything of the chain, the newest first."""
    rows = Received.objects.filter(proposal=found).defer("raw").select_related("source")
    return list(rows.order_by("-sent_at", "-pk")[:50])


class Kept(NamedTuple):
    pk: int
    title: str
    received_at: datetime
    why: str


def kept_only(found: Source) -> list[Kept]:
    """What of a source was kept and not proposed, the newest first, and why."""
    rows = Received.objects.filter(source=found).exclude(refused="").order_by("-pk")
    fields = rows.values_list("pk", "headline", "identifier", "received_at", "refused")[:20]
    return [Kept(pk, headline or name or "?", at, str(REFUSED[why])) for pk, headline, name, at, why in fields]


def message(actor: Actor, key: int) -> Received:
    """One message with its bytes."""
    rows = Received.objects.select_related("source")
    return obtain(rows, actor, Perm.SOURCE_READ, see=Perm.SOURCE_READ, place_of=lambda one: one.source.place_id, pk=key)
