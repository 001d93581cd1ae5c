from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "lastmile.community.people"
    label = "people"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        from lastmile.community.people import walls  # noqa: F401  (what the database shows of people)
        from lastmile.kernel import keys

        same = ("person_id", "kind")
        keys.register(keys.Index("people_contact", "id", "blind", "value", b"contact.value", same))
