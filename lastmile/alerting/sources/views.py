"""Pages of the sources: the list with its lights, one source with its rules, and the door for those who push."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import queries as alerts
from lastmile.alerting.cap.intake import MOST_BYTES, from_text
from lastmile.alerting.forms.drafting import checked
from lastmile.alerting.models import Source, SourceRule
from lastmile.alerting.sources import actions, pushing, queries, rules
from lastmile.alerting.sources.forms import EnterForm, RuleForm, SourceForm
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, may


@require_GET
@needs(Perm.SOURCE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    found = queries.sources(actor(request))
    rows = [{"source": one, "health": queries.health(one), "error": queries.error(one)} for one in found]
    context = {"rows": rows, "title": _("Sources of warnings"), "may_edit": actor(request).scopes(Perm.SOURCE_EDIT)}
    return render(request, "alerting/sources/listing.html", context)


@require_http_methods(["GET", "POST"])
@needs(Perm.SOURCE_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """First what kind, then the rest; nothing typed is lost."""
    person, given = actor(request), request.POST or request.GET
    kind = given.get("kind", "") if given.get("kind", "") in Source.Kind.values else Source.Kind.FEED
    form = SourceForm(request.POST or None, kind=kind)
    if request.method == "GET" or not form.is_valid():
        return _blank(request, form, kind, status=200 if request.method == "GET" else 422)
    place = alerts.keeping_place(person, Perm.SOURCE_EDIT, given.get("place"))
    try:
        source, token = actions.add(person, place, kind, **form.cleaned_data)
    except Refusal as refusal:
        return _blank(request, form, kind, refusal=refusal, status=refusal.status)
    return _shown(request, source, token) if token else redirect("sources:source", source.pk)


def _blank(
    request: HttpRequest, form: SourceForm, kind: str, *, refusal: Refusal | None = None, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "kind": kind,
        "kinds": Source.Kind.choices,
        "places": alerts.keeping_places(actor(request), Perm.SOURCE_EDIT),
        "chosen": (request.POST or request.GET).get("place", ""),
        "title": _("New source"),
        "refusal": refusal,
    }
    return render(request, "alerting/sources/new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Perm.SOURCE_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "GET":
        return _shown(request, queries.source(actor(request), pk))
    source = queries.source(actor(request), pk, Perm.SOURCE_EDIT)
    form = SourceForm(request.POST, kind=source.kind)
    if not form.is_valid():
        return _shown(request, source, form=form, status=422)
    try:
        actions.change(actor(request), source, **form.cleaned_data)
    except Refusal as refusal:
        return _shown(request, source, form=form, refusal=refusal, status=refusal.status)
    messages.success(request, _("Saved. It holds for what comes in from now on."))
    return redirect("sources:source", pk)


def _shown(request: HttpRequest, source: Source, token: str = "", *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a source; `more` are the form as it was filled in, and what was wrong with it."""
    context = {
        "source": source,
        "title": source.name,
        "token": token,
        "form": SourceForm.of(source),
        "health": queries.health(source),
        "error": queries.error(source),
        "rule_form": RuleForm(),
        "enter_form": EnterForm(),
        "rules": list(source.rules.select_related("proposed_by", "confirmed_by", "ended_by")[:50]),
        "kept_only": queries.kept_only(source),
        **_rights(actor(request), source),
    }
    return render(request, "alerting/sources/source.html", context | more, status=status)


def _rights(person: Actor, source: Source) -> dict[str, bool]:
    return {
        "may_edit": may(person, Perm.SOURCE_EDIT, source.place_id),
        "may_propose": may(person, Perm.ALERT_DRAFT, source.place_id),
        "may_confirm": may(person, Perm.ALERT_RULE, source.place_id),
    }


@require_POST
@needs(Perm.SOURCE_EDIT)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """poll, pause, resume, token."""
    person, source = actor(request), queries.source(actor(request), pk, Perm.SOURCE_EDIT)
    if verb == "token":
        token = actions.renew_token(person, source)
        source.refresh_from_db()
        return _shown(request, source, token)
    if verb == "poll":
        actions.ask_now(person, source)
        messages.success(request, _("A worker asks it within seconds. Reload the page to see what came."))
    elif verb in ("pause", "resume"):
        actions.pause(person, source, enabled=verb == "resume")
    else:
        raise NotFound(_("There is no such step."), _("Go back to the source."))
    return redirect("sources:source", pk)


@require_POST
@needs(Perm.ALERT_DRAFT)
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """A file or text that somebody has, as if the source had sent it."""
    source = queries.source(actor(request), pk, Perm.ALERT_DRAFT)
    given = checked(EnterForm(request.POST, request.FILES))
    if given["file"] is not None and given["file"].size > MOST_BYTES:
        raise Refusal(_("The file is too big for a warning."), _("Send the message alone."), status=413)
    body = given["file"].read() if given["file"] is not None else from_text(given["text"])
    made = pushing.entered(actor(request), source, body)
    said = [one for one in made if not one.refused]
    if said and said[0].proposal_id:
        return redirect("sources:proposal", said[0].proposal_id)
    messages.warning(
        request, _("It is kept, but nothing is proposed; below it says why.") if made else _("Known already.")
    )
    return redirect("sources:source", pk)


@require_POST
@needs(Perm.ALERT_DRAFT)
def rule_new(request: HttpRequest, pk: int) -> HttpResponse:
    source = queries.source(actor(request), pk, Perm.ALERT_DRAFT)
    given = checked(RuleForm(request.POST))
    made = rules.propose(actor(request), source, colour=given["colour"], hazard=given["hazard"], action=given["action"])
    waits = made.action == SourceRule.Action.ISSUE
    messages.success(request, _("Written down. An approver must confirm it.") if waits else _("It holds."))
    return redirect("sources:source", pk)


@require_POST
@needs(Perm.ALERT_RULE, Perm.ALERT_DRAFT)
def rule_act(request: HttpRequest, pk: int, rule: int, verb: str) -> HttpResponse:
    """confirm, end."""
    found = queries.rule(actor(request), pk, rule)
    if verb == "confirm":
        rules.confirm(actor(request), found)
        messages.success(request, _("Confirmed. It holds from now on."))
    elif verb == "end":
        rules.end(actor(request), found)
        messages.success(request, _("Ended. Messages are proposed only."))
    else:
        raise NotFound(_("There is no such step."), _("Go back to the source."))
    return redirect("sources:source", pk)


@csrf_exempt
@require_POST
@public("for programs that push warnings; the source's token opens it")
def push(request: HttpRequest, pk: int) -> HttpResponse:
    """CAP or a national form in the body; answers how many messages were new, and why any is only kept."""
    made = pushing.pushed(pk, request.body, request.headers)
    kept = [{"identifier": one.identifier, "refused": one.refused, "signature": one.signature} for one in made]
    return JsonResponse({"new": len(made), "messages": kept}, status=201 if made else 200)
