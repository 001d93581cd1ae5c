from __future__ import annotations

from django.db import migrations

# By trigger, so that bulk loads and raw SQL renew the stamp too; once a statement, not once a row.
FORWARD = """
CREATE FUNCTION org_places_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO org_stamp (name, value) VALUES ('places', gen_random_uuid())
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$;
CREATE TRIGGER places_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON org_place
    FOR EACH STATEMENT EXECUTE FUNCTION org_places_changed();
CREATE TRIGGER boundaries_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON org_boundary
    FOR EACH STATEMENT EXECUTE FUNCTION org_places_changed();
"""

BACKWARD = """
DROP TRIGGER boundaries_changed ON org_boundary;
DROP TRIGGER places_changed ON org_place;
DROP FUNCTION org_places_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0002_stamp")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
