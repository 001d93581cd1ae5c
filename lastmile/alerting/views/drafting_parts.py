"""What the pages of a warning share: words for its state, the context of its form, and its live panels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting import area as areas
from lastmile.alerting import lifecycle, lint, policy, queries, target, texts
from lastmile.alerting.audience import Audience
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.parts import parts as count_parts
from lastmile.alerting.forms.drafting import GROUP_LABELS, AlertForm
from lastmile.alerting.models import Alert, Kind, PlanArea, State
from lastmile.alerting.plan_areas import queries as plan_areas
from lastmile.alerting.plan_areas import standing
from lastmile.alerting.plan_areas.standing import Standing
from lastmile.alerting.ways import preview
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Actor, Perm, may


def title(alert: Alert) -> str:
    mark = "【演练】" if alert.exercise else ""
    return mark + texts.title(alert)


def colour_badge(alert: Alert) -> str:
    return f"colour-{alert.colour}"


def local(at: datetime | None) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M") if at else ""


def version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def list_actions(person: Actor) -> list[dict[str, str]]:
    offered = [
        (Perm.ALERT_TEMPLATE, _("Templates"), "template", "alerting:templates", ""),
        (Perm.ALERT_RULE, _("Approval rules"), "shield-check", "alerting:rules", ""),
        (Perm.ALERT_RULE, _("Rules of channels"), "message", "alerting:ways", ""),
        (Perm.LADDER_EDIT, _("Ladders"), "bell-ringing", "calls:ladders", ""),
        (Perm.ALERT_DRAFT, _("New warning"), "plus", "alerting:new", "btn-primary"),
    ]
    found = [
        {"label": label, "icon": icon, "url": reverse(url), "style": style}
        for perm, label, icon, url, style in offered
        if person.scopes(perm)
    ]
    if getattr(person, "person_id", None) is not None:
        mine = {"label": _("My evidence of duty"), "icon": "id", "url": reverse("calls:mine"), "style": ""}
        found.insert(0, mine)
    return found


def form_context(alert: Alert, form: AlertForm) -> dict[str, Any]:
    places = Place.objects.filter(pk__in=alert.audience.get("places", []))
    words = registry.labels()
    order = [*alert.channels, *(name for name in words if name not in alert.channels)]
    return {
        "alert": alert,
        "form": form,
        "title": title(alert),
        "picked": [{"code": place.code, "name": place.name} for place in places],
        "channels": [(name, words.get(name, name), name in alert.channels) for name in order if name in words],
        "groups": [(name, label, name in alert.audience.get("groups", [])) for name, label in GROUP_LABELS],
        "fixed_audience": alert.kind in (Kind.LIFT, Kind.CANCEL),
    }


def readings(alert: Alert) -> dict[str, Any]:
    """How it reads on each medium, and what is to be mended."""
    rendered = texts.render(alert)
    sms = texts.preview(rendered["zh"]["sms"])
    return {
        "alert": alert,
        "findings": lint.check(alert, rendered),
        "rendered": rendered,
        "sms": sms,
        "sms_length": texts.length(sms),
        "sms_parts": count_parts(sms).number,
        "sms_english": texts.preview(rendered["en"]["sms"]) if "en" in rendered else "",
        "seconds": texts.seconds(rendered["zh"]["voice"]),
        "steps": texts.lines(alert.instruction),
    }


def reach(alert: Alert) -> dict[str, Any]:
    """Whom it would reach now. For an all-clear: those told before, and nobody else."""
    if alert.kind in (Kind.LIFT, Kind.CANCEL):
        return {"alert": alert, "told": queries.told(alert)}
    try:
        audience = Audience.parse(alert.audience)
    except Refusal as refusal:
        return {"alert": alert, "refusal": refusal}
    frail = policy.choose(alert.place_id, alert.hazard, alert.colour).frail
    estimate = target.estimate(audience, alert.channels, alert.place_id, frail)
    return {
        "alert": alert,
        "estimate": estimate,
        "plan": preview.plan(alert, estimate),
        "uncovered": target.uncovered(audience, alert.place_id),
        "plan_areas": _plan_areas(alert, audience),
        "told": queries.told(alert) if alert.kind == Kind.UPDATE else 0,
    }


def _plan_areas(alert: Alert, audience: Audience) -> list[tuple[PlanArea, Standing]]:
    """Those it would touch, with who in them is covered by nobody; the worst first."""
    touched = plan_areas.touched(alert.hazard, alert.place_id, areas.find(audience, alert.place_id))
    stands = standing.of_extents(touched)
    rows = [(one, stands[one.pk]) for one, _lies in touched]
    return sorted(rows, key=lambda row: (-row[1].uncovered, row[0].name))


def area_words(alert: Alert) -> str:
    """The area in one line, for the confirmation."""
    audience = alert.audience or {}
    names = list(Place.objects.filter(pk__in=audience.get("places", [])).values_list("name", flat=True))
    said = "、".join(names[:12]) + (_(" and %(n)d more") % {"n": len(names) - 12} if len(names) > 12 else "")
    drawn = len(audience.get("polygons", [])) + len(audience.get("circles", []))
    extra = _("%(n)d drawn areas") % {"n": drawn} if drawn else ""
    return "；".join(part for part in (said, extra) if part)


def powers(person: Actor, alert: Alert) -> dict[str, bool]:
    """Which buttons this person gets on this warning now."""
    drafts = may(person, Perm.ALERT_DRAFT, alert.place_id)
    state, urgent_wait = State(alert.state), lifecycle.pending_after(alert)
    issues = lifecycle.may_issue(person, alert)
    return {
        "edit": drafts and state in lifecycle.EDITABLE,
        "discard": drafts and lifecycle.TABLE.allows(state, State.DISCARDED),
        "withdraw": drafts and state in (State.REVIEW, State.APPROVED),
        "copy": drafts and alert.kind not in (Kind.LIFT, Kind.CANCEL),
        "judge": state == State.REVIEW and lifecycle.may_approve(person, alert),
        "issue": issues and state == State.APPROVED,
        "urgent": issues and state != State.APPROVED,
        "follow": drafts and state == State.ISSUED and alert.kind not in (Kind.LIFT, Kind.CANCEL),
        "judge_after": urgent_wait and lifecycle.may_approve(person, alert),
    }


ACTS = {
    "alerting.draft": gettext_lazy("begun"),
    "alerting.submit": gettext_lazy("handed over for review"),
    "alerting.withdraw": gettext_lazy("taken back"),
    "alerting.approved": gettext_lazy("approved"),
    "alerting.returned": gettext_lazy("returned"),
    "alerting.issue": gettext_lazy("issued"),
    "alerting.issue_urgent": gettext_lazy("issued before approval"),
    "alerting.approved_after": gettext_lazy("approved after issue"),
    "alerting.objected_after": gettext_lazy("objected to after issue"),
    "alerting.follow_up": gettext_lazy("begun as a follow-up"),
    "alerting.copy": gettext_lazy("copied"),
    "alerting.discard": gettext_lazy("discarded"),
    "alerting.note": gettext_lazy("local note added"),
    "alerting.note_withdrawn": gettext_lazy("local note withdrawn"),
}


def told_as(entry: AuditEntry) -> dict[str, Any]:
    """An entry of the trail in words; an act of another room keeps its name."""
    return {"at": entry.at, "actor_name": entry.actor_name, "word": ACTS.get(entry.action, entry.action)}
