from __future__ import annotations

from django.apps import AppConfig


class AlertingConfig(AppConfig):
    name = "lastmile.alerting"
    label = "alerting"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        from lastmile.alerting import known, needs, on_duty, owed, signals, smpp_desk, walls
        from lastmile.alerting.cascade import doors, hearing
        from lastmile.alerting.channels import checks
        from lastmile.alerting.chat import owing as chat
        from lastmile.alerting.codes import Hazard
        from lastmile.alerting.door import neighbours as neighbours_page
        from lastmile.alerting.door import sites
        from lastmile.alerting.ending import sources as ending
        from lastmile.alerting.followers import telling as followers
        from lastmile.alerting.neighbours import news as neighbours
        from lastmile.alerting.plan_areas import news as plan_areas
        from lastmile.alerting.readiness import channels as channel_checks
        from lastmile.alerting.readiness import rules as readiness
        from lastmile.alerting.sources import proposing as sources
        from lastmile.alerting.subscribers import pushing as subscribers
        from lastmile.alerting.terminals import news as terminals
        from lastmile.alerting.visits import news as visits
        from lastmile.duties import hazards
        from lastmile.duties import signals as of_duties

        signals.counted.connect(hearing.counted, dispatch_uid="cascade.counted")
        of_duties.closed.connect(hearing.closed, dispatch_uid="cascade.closed")
        for part in (owed, needs, doors, visits, neighbours, sources, subscribers, sites, neighbours_page, plan_areas):
            part.register()
        known.register_all()
        ending.register_own()
        for part in (readiness, terminals, channel_checks, smpp_desk, followers, on_duty, chat):
            part.register()

        assert checks, walls  # noqa: S101  (registered by being imported)
        hazards.register(Hazard.choices)
