"""What import-linter can't see: foreign keys follow the same arrows as imports."""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey, Model

ORDER = ["kernel", "org", "people", "accounts", "duties", "facts", "alerting", "shelters", "site"]


def room(model: type[Model]) -> str:
    return model._meta.app_label


def test_foreign_keys_point_down() -> None:
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and room(model) in ORDER
        for target in [field.remote_field.model]
        if room(target) in ORDER and ORDER.index(room(target)) > ORDER.index(room(model))
    ]
    assert upward == []
