"""The button above a list that leads to a new entry, for whoever may make one."""

from __future__ import annotations

from django.urls import reverse

from lastmile.kernel.permissions import Actor, Perm


def opens(actor: Actor, perm: Perm, page: str, label: str) -> list[dict[str, str]]:
    if not actor.scopes(perm):
        return []
    return [{"url": reverse(page), "icon": "plus", "label": label, "style": "btn-primary"}]
