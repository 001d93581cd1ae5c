"""The buttons that move a warning on: judge, issue, follow up, put away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.alerting import drafting, lifecycle, queries
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Kind, State
from lastmile.alerting.views import drafting_parts as parts
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


def reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:500]


@require_POST
@needs(Perm.ALERT_APPROVE)
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Approve or return what is in review."""
    person = actor(request)
    alert = queries.alert(person, code)
    if request.POST.get("decision") == "approve":
        drafting.approve(person, alert, version=parts.version(request), reason=reason(request))
        messages.success(request, _("Approved. It is not sent yet: somebody must issue it."))
    else:
        drafting.return_(person, alert, version=parts.version(request), reason=reason(request))
        messages.success(request, _("Returned to the author with your reason."))
    return redirect("alerting:alert", code=code)


@require_POST
@needs(Perm.ALERT_APPROVE)
def judge_after(request: HttpRequest, code: str) -> HttpResponse:
    """The judgement that must follow an urgent issue."""
    agrees = request.POST.get("decision") == "approve"
    drafting.judge_after(actor(request), queries.alert(actor(request), code), agrees=agrees, reason=reason(request))
    messages.success(request, _("Recorded."))
    return redirect("alerting:alert", code=code)


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_ISSUE)
def send(request: HttpRequest, code: str) -> HttpResponse:
    """The last look: colour, area and numbers once more, then it cannot be called back, only lifted."""
    person = actor(request)
    alert = queries.alert(person, code, Perm.ALERT_ISSUE)
    urgent = alert.state != State.APPROVED
    lifecycle.require_issuable(person, alert, urgent=urgent)
    if request.method == "GET":
        context = parts.readings(alert) | parts.reach(alert)
        context |= {"area": parts.area_words(alert), "urgent": urgent, "title": _("Issue this warning?")}
        return render(request, "alerting/issue.html", context)
    if request.POST.get("sure") != "yes":
        raise Refusal(_("Tick that you have checked colour, area and numbers."), _("Go back and check them."))
    issue(person, alert, urgent=request.POST.get("urgent") == "yes", version=parts.version(request))
    messages.success(request, _("Issued. It is on its way."))
    return redirect("alerting:alert", code=code)


@require_POST
@needs(Perm.ALERT_DRAFT)
def follow_up(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    if kind not in (Kind.UPDATE, Kind.LIFT, Kind.CANCEL):
        raise Refusal(_("There is no such step."), _("Go back to the warning."), status=404)
    alert = queries.alert(actor(request), code, Perm.ALERT_DRAFT)
    draft = drafting.follow_up(actor(request), alert, kind, reason=reason(request))
    return redirect("alerting:edit", code=draft.code)


@require_POST
@needs(Perm.ALERT_DRAFT)
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    drafting.withdraw(actor(request), queries.alert(actor(request), code, Perm.ALERT_DRAFT))
    messages.success(request, _("Taken back. You can write again."))
    return redirect("alerting:edit", code=code)


@require_POST
@needs(Perm.ALERT_DRAFT)
def discard(request: HttpRequest, code: str) -> HttpResponse:
    alert = queries.alert(actor(request), code, Perm.ALERT_DRAFT)
    drafting.discard(actor(request), alert, reason=reason(request))
    messages.success(request, _("Put away. It stays in the list under “discarded”."))
    return redirect("alerting:alerts")


@require_POST
@needs(Perm.ALERT_DRAFT)
def copy(request: HttpRequest, code: str) -> HttpResponse:
    made = drafting.copy(actor(request), queries.alert(actor(request), code, Perm.ALERT_DRAFT))
    messages.success(request, _("This is a copy. Check times and area."))
    return redirect("alerting:edit", code=made.code)
