"""Whoever writes a receipt or changes a manifest notes it for the fold, in the same transaction, without knowing it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION alerting_note_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alerting_pendingreceipt (receipt) SELECT id FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER note_receipts AFTER INSERT ON alerting_receipt
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION alerting_note_receipts();

CREATE FUNCTION alerting_note_new_manifests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alerting_pendingplace (event, place) SELECT DISTINCT event_id, place FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER note_new_manifests AFTER INSERT ON alerting_manifest
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION alerting_note_new_manifests();

-- A claim only marks people as being handed over; what counts is what it comes to.
CREATE FUNCTION alerting_note_settled_manifests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alerting_pendingplace (event, place)
  SELECT DISTINCT after.event_id, after.place FROM after JOIN before USING (id)
   WHERE after.states <> before.states AND position('\\x01'::bytea IN after.states) = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER note_settled_manifests AFTER UPDATE ON alerting_manifest
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
  EXECUTE FUNCTION alerting_note_settled_manifests();

-- Facts are appended, never changed. (Deleting stays possible: personal data is destroyed when its purpose ends.)
CREATE FUNCTION alerting_receipts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'receipts are appended, never changed';
END $$;
CREATE TRIGGER receipts_stay BEFORE UPDATE ON alerting_receipt
  FOR EACH STATEMENT EXECUTE FUNCTION alerting_receipts_stay();
"""

BACKWARD = """
DROP FUNCTION alerting_note_receipts, alerting_note_new_manifests, alerting_note_settled_manifests,
  alerting_receipts_stay CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("alerting", "0002_tallies")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
