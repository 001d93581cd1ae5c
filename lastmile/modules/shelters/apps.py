from __future__ import annotations

from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "lastmile.modules.shelters"
    label = "shelters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lastmile.kernel import chores
        from lastmile.modules.shelters import duties, ending, plan, resident, rules
        from lastmile.modules.shelters.actions.closing import tidy

        chores.register(chores.Chore("shelters", 30.0, tidy))
        duties.register_all()
        ending.register_all()
        resident.register_all()
        rules.register_all()
        plan.register_all()
