from __future__ import annotations

from django.db import migrations

FORWARD = "CREATE UNLOGGED TABLE kernel_ratelimit (key text PRIMARY KEY, minute bigint NOT NULL, used integer NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_audit_chain")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE kernel_ratelimit")]
