from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def build_walls(**_kwargs: Any) -> None:
    """After the last room's tables are there: the policies of all rooms."""
    from lastmile.kernel import walls

    walls.build()


class SiteConfig(AppConfig):
    name = "lastmile.site"
    label = "site"

    def ready(self) -> None:
        post_migrate.connect(build_walls, sender=self)
