"""The page of the keys: which are known, and a change of keys with its progress. For system administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lastmile.community.accounts import queries
from lastmile.community.accounts.tasks import rotate_keys
from lastmile.kernel import rotation
from lastmile.kernel.crypto import keyring
from lastmile.kernel.doors import needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.SYSTEM_CONFIGURE)
def keys(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {"title": _("Keys of personal data")}
    status = 200
    if request.method == "POST":
        try:
            rotation.start(queries.me(request), lambda pk: rotate_keys.defer(pk=pk))
            return redirect("key_rotation")
        except Refusal as said:
            context["refusal"], status = said, said.status
    ring = keyring()
    older = [f"{number} ({ring.ciphers[number]})" for number in ring.numbers[:-1]]
    context |= {"ring": ring, "cipher": ring.ciphers[ring.current], "older": older}
    context |= {"runs": rotation.runs(), "columns": rotation.in_use()}
    part = request.headers.get("HX-Target") == "runs"
    return render(request, "accounts/keys_part.html" if part else "accounts/keys.html", context, status=status)
