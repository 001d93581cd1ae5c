"""A person's own API tokens: make, see, revoke."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.accounts import queries, tokens
from lastmile.community.accounts.forms import TokenForm
from lastmile.kernel.doors import signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    user = queries.me(request)
    form = TokenForm(user, request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        _kept, text = tokens.make(
            user, data["grant"], label=data["label"], days=data["days"], read_only=data["read_only"]
        )
        return render(request, "accounts/secret.html", {"token": True, "secret": text})
    context = {"form": form, "tokens": tokens.of(user), "title": _("API tokens")}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@signed_in
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    tokens.revoke(queries.me(request), pk)
    messages.success(request, _("The token is revoked."))
    return redirect(reverse("tokens"))
