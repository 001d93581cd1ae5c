"""For machines that watch this one: is it alive, and how is it doing."""

from __future__ import annotations

from secrets import compare_digest

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from lastmile.kernel.doors import public
from lastmile.kernel.errors import NotAllowed
from lastmile.site import metrics

LOOPBACK = ("127.0.0.1", "::1")


@public("a load balancer asks without a log-in; the answer holds no data")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "does not answer"}, status=503)
    return JsonResponse({"database": "answers"})


@public("this machine, or a monitoring system with LASTMILE_METRICS_TOKEN; numbers only")
def metrics_text(request: HttpRequest) -> HttpResponse:
    if not _may_scrape(request):
        raise NotAllowed(_("These numbers are for the monitoring system."), _("Send the token of this installation."))
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_scrape(request: HttpRequest) -> bool:
    """A request that came through a proxy is not this machine's, whatever its address says."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.METRICS_TOKEN and compare_digest(sent, settings.METRICS_TOKEN.encode()):
        return True
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded
