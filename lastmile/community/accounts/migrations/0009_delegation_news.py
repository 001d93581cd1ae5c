from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_department_staff")]

    operations = [
        migrations.AddField(
            "grant",
            "ended_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("grant", "seen_at", models.DateTimeField(null=True)),
        migrations.AddField("grant", "end_seen_at", models.DateTimeField(null=True)),
    ]
