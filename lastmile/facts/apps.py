from __future__ import annotations

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "lastmile.facts"
    label = "facts"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        from lastmile.duties import kinds, signals
        from lastmile.facts import built_in, derived, derived_homes, rules
        from lastmile.facts.actions import heard, owed

        built_in.register_all()
        derived.register_all()
        derived_homes.register_all()
        rules.register_all()
        kinds.register(owed.KIND)
        signals.closed.connect(heard.closed, dispatch_uid="facts.closed")
