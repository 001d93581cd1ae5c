"""The to-do without a network: the worker's script, and the page it shows then. Neither holds anybody's data."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lastmile.duties.wording import words
from lastmile.kernel.doors import public

SCRIPT = Path(__file__).parents[1] / "static" / "js" / "todo-worker.js"


@public("the script that shows the list without a network; holds no data")
@never_cache
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")


@public("the empty page that is shown without a network; the device fills it with its own sealed list")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "duties/offline.html", {"title": _("To do"), "offline": words()})
