"""A neighbour who is asked is led to the doors from their own page of the warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.utils import translation

from lastmile.alerting.door import extras, page
from lastmile.alerting.models import CellAsk


def show(event: int, persons: Sequence[int], language: str) -> Mapping[int, bytes]:
    asked = set(
        CellAsk.objects.filter(event=event, person__in=persons, closed_at=None).values_list("person", flat=True)
    )
    if not asked:
        return {}
    with translation.override(page.LANGUAGES.get(language, "zh-hans")):
        context = {"token": page.TOKEN, "language": page.LANGUAGE}
        part = render_to_string("alerting/neighbours/resident_part.html", context).encode()
    return dict.fromkeys(asked, part)


def register() -> None:
    extras.register(extras.Extra("neighbours", show))
