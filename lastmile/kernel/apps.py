from __future__ import annotations

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "lastmile.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        from lastmile.kernel import checks  # noqa: F401  (registers the system checks)
