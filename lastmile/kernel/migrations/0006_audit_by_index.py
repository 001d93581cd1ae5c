from __future__ import annotations

from django.db import migrations

# On a small table the planner reads and sorts all of it to find the last entry, and keeps that plan for the session:
# a long transaction then takes quadratic time again. The primary key has the answer in one step, always.
FORWARD = "ALTER FUNCTION kernel_audit_append() SET enable_seqscan = off"
BACKWARD = "ALTER FUNCTION kernel_audit_append() RESET enable_seqscan"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_audit_long_transactions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
