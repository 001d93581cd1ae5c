"""A fact is appended, never changed: a correction is a new one, and the old one stays to be seen."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'facts are appended, never changed';
END $$;
CREATE TRIGGER facts_stay BEFORE UPDATE OR DELETE ON facts_entry FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();
"""
BACKWARD = "DROP FUNCTION facts_stay CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("facts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
