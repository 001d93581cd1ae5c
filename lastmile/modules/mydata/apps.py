from __future__ import annotations

from django.apps import AppConfig


class MyDataConfig(AppConfig):
    name = "lastmile.modules.mydata"
    label = "mydata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lastmile.kernel import chores
        from lastmile.modules.mydata import duties, kept, walls
        from lastmile.modules.mydata.actions.proof import sweep

        chores.register(chores.Chore("mydata", 600.0, sweep))
        duties.register_all()
        kept.register_all()
        walls.register()
