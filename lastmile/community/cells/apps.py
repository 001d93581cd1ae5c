from __future__ import annotations

from django.apps import AppConfig


class CellsConfig(AppConfig):
    name = "lastmile.community.cells"
    label = "cells"
    default_auto_field = "django.db.models.AutoField"
