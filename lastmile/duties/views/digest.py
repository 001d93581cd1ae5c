"""Choose when the daily summary comes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.community.accounts.queries import me
from lastmile.duties.actions import digest
from lastmile.duties.digest import address
from lastmile.duties.forms.todo import DigestForm
from lastmile.duties.models import Digest
from lastmile.kernel.doors import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    user = me(request)
    chosen = Digest.objects.filter(user=user).first()
    form = DigestForm(request.POST or None, initial={"at": chosen.at if chosen else "08:00"})
    if request.method == "POST" and (form.is_valid() or "end" in request.POST):
        digest.choose(user, None if "end" in request.POST else form.cleaned_data["at"])
        messages.success(request, _("The summary has ended.") if "end" in request.POST else _("The summary is set."))
        return redirect("todo_digest")
    context = {"title": _("Daily summary"), "form": form, "chosen": chosen, "address": address(user)}
    return render(request, "duties/digest.html", context, status=400 if form.errors else 200)
