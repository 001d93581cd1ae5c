"""Pages that work without a network: the one worker script, served inside each scope that uses it, and what became of
the taps that waited on a device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lastmile.kernel.doors import public
from lastmile.kernel.errors import Refusal

SCRIPT = Path(__file__).parent / "static" / "js" / "offline-worker.js"


@public("the script that shows pages without a network; holds no data")
@never_cache
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")


@dataclass(frozen=True)
class Result:
    """What became of one tap. `says`: what its owner should know though it was entered, or why it was not."""

    key: UUID
    ok: bool
    says: str = ""
    mend: str = ""

    @classmethod
    def refused(cls, key: UUID, refusal: Refusal) -> Self:
        return cls(key, ok=False, says=str(refusal.says), mend=str(refusal.mend))
