from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "lastmile.community.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        from lastmile.community.accounts import kept, sessions
        from lastmile.kernel import chores

        chores.register(chores.Chore("sessions", 3600.0, sessions.sweep))
        kept.register_all()
