from __future__ import annotations

from django.db import migrations

# The code is in C collation, so its own index serves LIKE 'prefix%'; Django's second one only slows the import.
FORWARD = """
DO $$
DECLARE extra text;
BEGIN
    FOR extra IN SELECT indexname FROM pg_indexes
                 WHERE schemaname = current_schema() AND tablename = 'org_place' AND indexname LIKE 'org_place_%_like'
    LOOP
        EXECUTE format('DROP INDEX %I', extra);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0004_fewer_indexes")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
