"""Pages of the reachability test: what runs, what it found by place, whom to call; start and stop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import panels
from lastmile.alerting.models import ReadinessPlan
from lastmile.alerting.readiness import channels, plans, rounds
from lastmile.alerting.terminals import figures
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.doors import needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm, may, within


def number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else -1


@require_GET
@needs(Perm.ALERT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Every plan the person sees, and their own places to start one in."""
    user = me(request)
    own = Place.objects.current().filter(within(user.scopes(Perm.ALERT_READ), "code")).order_by("code")[:1]
    found = rounds.stands(plans.plans(user))
    context = {"plans": found, "own": own, "checks": channels.results()}
    return render(request, "alerting/readiness/listing.html", context)


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, place: str) -> HttpResponse:
    user = me(request)
    found = plans.place_of(user, place)
    rows, running = plans.by_place(found.code), plans.plan_for(found.code)
    context: dict[str, object] = {"place": found, "rows": rows, "total": plans.total(rows), "plan": running}
    stand = rounds.stands([running])[0] if running else None
    context |= {"waits": stand.waits_for if stand else "", "whoms": ReadinessPlan.Whom.choices}
    context |= {"latest": stand.latest if stand else None}
    context |= {"may_edit": may(user, Perm.READINESS_EDIT, found.code), "hours": range(8, 21)}
    context |= {"terminals": figures.tests(found.code, clock.now() - plans.LATELY)}
    if may(user, Perm.HOUSEHOLD_READ, found.code):
        context |= {"failing": list(plans.listed(found.code)), "shown": plans.SHOWN}
    return render(request, "alerting/readiness/page.html", context)


@require_POST
@needs(Perm.READINESS_EDIT)
def preview(request: HttpRequest, place: str) -> HttpResponse:
    """How many messages a week would be, before anything is started."""
    found = plans.place_of(me(request), place, Perm.READINESS_EDIT)
    whom, share = request.POST.get("whom", ""), number(request.POST.get("share", ""))
    try:
        plans.checked(whom, share, plans.EARLIEST, plans.LATEST)
    except Refusal as refusal:
        return render(request, "alerting/readiness/preview.html", {"refusal": refusal})
    shown = plans.preview(rounds.Wish(found.code, whom, share))
    ways = [(panels.channel_label(name), count) for name, count in shown.by_channel.items()]
    return render(request, "alerting/readiness/preview.html", {"preview": shown, "ways": ways})


@require_POST
@needs(Perm.READINESS_EDIT)
def start(request: HttpRequest, place: str) -> HttpResponse:
    user, form = me(request), request.POST
    found = plans.place_of(user, place, Perm.READINESS_EDIT)
    plans.start(
        user,
        found,
        whom=form.get("whom", ""),
        share=number(form.get("share", "")),
        from_hour=number(form.get("from", "")),
        to_hour=number(form.get("to", "")),
    )
    messages.success(request, _("It runs. The first part goes out at the next working hour."))
    return redirect("readiness:page", found.code)


@require_POST
@needs(Perm.READINESS_EDIT)
def stop(request: HttpRequest, place: str) -> HttpResponse:
    found = plans.place_of(me(request), place, Perm.READINESS_EDIT)
    plans.stop(me(request), found)
    messages.success(request, _("Stopped. What was found stays."))
    return redirect("readiness:page", found.code)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def export(request: HttpRequest, place: str) -> HttpResponse:
    """Every contact that did not answer, masked; noted, because it leaves the house."""
    found = plans.place_of(me(request), place, Perm.HOUSEHOLD_READ)
    audit.record("alerting.readiness_export", actor=me(request), place=found.code)
    head = [_("Place"), _("Name"), _("Contact"), _("Result"), _("Tested")]
    rows = ([one.place, one.name, one.contact, one.says, one.tested] for one in plans.listed(found.code, None))
    return xlsx_response(f"readiness-{found.code}", head, rows)
