"""The responsible person of a special site is led from their own page to the answer of the site; nobody else is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.utils import translation

from lastmile.alerting import site_answers
from lastmile.alerting.door import extras, page
from lastmile.alerting.models import AlertEvent


def show(event: int, persons: Sequence[int], language: str) -> Mapping[int, bytes]:
    keepers = site_answers.keepers(persons)
    if not keepers or not AlertEvent.objects.filter(pk=event, closed_at=None).exists():
        return {}
    with translation.override(page.LANGUAGES.get(language, "zh-hans")):
        context = {"token": page.TOKEN, "language": page.LANGUAGE}
        part = render_to_string("alerting/sites/resident_part.html", context).encode()
    return dict.fromkeys(keepers, part)


def register() -> None:
    extras.register(extras.Extra("site", show))
