"""A form that writes one thing: shown, checked, written, or shown again with what is wrong (422)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lastmile.kernel.errors import Refusal


def filled(
    request: HttpRequest,
    form: forms.BaseForm,
    write: Callable[[dict[str, Any]], HttpResponse],
    *,
    template: str = "org/form.html",
    **context: Any,
) -> HttpResponse:
    """Nothing typed is lost: a refusal of `write` comes back above the filled form."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return write(form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, f"{refusal.says} {refusal.mend}".strip())
                status = refusal.status
    return render(request, template, {"form": form, **context}, status=status)
