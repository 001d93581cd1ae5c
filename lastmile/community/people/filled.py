"""One way to fill in a form: show it, read it, let an action decide, and show its refusal beside what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lastmile.kernel.errors import Refusal


def filled(
    request: HttpRequest,
    form: Form,
    write: Callable[[dict[str, Any]], HttpResponse],
    *,
    title: str,
    back: list[Any],
    intro: str = "",
    map_of: str = "",
    template: str = "people/form.html",
) -> HttpResponse:
    """The page of a form with one button. `write` gets what was read; its Refusal is shown beside what was typed.

    `map_of` is the code of a place: its map is shown to click a position on."""
    refusal, status = None, 200
    if form.is_valid():
        try:
            return write(form.cleaned_data)
        except Refusal as said:
            refusal, status = said, said.status
    elif form.is_bound:
        status = 400
    context = {
        "title": title,
        "form": form,
        "refusal": refusal,
        "back": reverse(back[0], args=back[1:]),
        "intro": intro,
        "map": map_of,
        "button": getattr(form, "button", ""),  # what it does, where “save” would not say it
    }
    return render(request, template, context, status=status)
