from __future__ import annotations

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "lastmile.modules.shelters"
    label = "shelters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lastmile.modules.shelters import duties, rules

        duties.register_all()
        rules.register_all()
