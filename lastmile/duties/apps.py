from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "lastmile.duties"
    label = "duties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lastmile.duties import hearing, kinds, list_kinds, rules

        kinds.register(kinds.TASK)
        kinds.register(kinds.PROBLEM)
        list_kinds.register_all()
        rules.register_all()
        hearing.listen()
