"""Pages that work without a network: the one worker script, served inside each scope that uses it."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lastmile.kernel.doors import public

SCRIPT = Path(__file__).parent / "static" / "js" / "offline-worker.js"


@public("the script that shows pages without a network; holds no data")
@never_cache
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
