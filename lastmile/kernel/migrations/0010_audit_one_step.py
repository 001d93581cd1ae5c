from __future__ import annotations

from django.db import migrations

# Without a sequential scan the planner may still collect and sort what lies behind the head, where statistics say that
# it is little; it keeps that plan for the session. One step back in the primary key is the only way left.
FORWARD = """
ALTER FUNCTION kernel_audit_append() SET enable_bitmapscan = off;
ALTER FUNCTION kernel_audit_append() SET enable_sort = off;
"""
BACKWARD = """
ALTER FUNCTION kernel_audit_append() RESET enable_bitmapscan;
ALTER FUNCTION kernel_audit_append() RESET enable_sort;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0009_retention")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
