from __future__ import annotations

from django.db import migrations

# The head was written anew with every entry: in one transaction each new version lay before the next reader, so that
# 100,000 entries took quadratic time. Now an entry chains to the last one, and the head is written once, at commit,
# by a deferred trigger; an advisory lock held to the end of the transaction serialises writers as the head's lock did.
# Digests stay what they were. Entries behind the head are those of the transaction that asks.
FORWARD = """
CREATE OR REPLACE FUNCTION kernel_audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head kernel_audit_head;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kernel_audit'));
    SELECT * INTO head FROM kernel_audit_head;
    SELECT digest INTO NEW.previous FROM kernel_auditentry WHERE id > head.last_id ORDER BY id DESC LIMIT 1;
    NEW.previous := coalesce(NEW.previous, head.digest);
    -- the key is taken again under the lock, so that its order is the chain's order
    NEW.id := nextval(pg_get_serial_sequence('kernel_auditentry', 'id'));
    NEW.digest := kernel_audit_digest(NEW.previous, NEW);
    RETURN NEW;
END $$;

CREATE FUNCTION kernel_audit_settle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id > (SELECT last_id FROM kernel_audit_head) THEN
        UPDATE kernel_audit_head head SET entries = head.entries + fresh.entries, last_id = fresh.last_id,
            digest = (SELECT digest FROM kernel_auditentry WHERE id = fresh.last_id)
          FROM (SELECT count(*) AS entries, max(id) AS last_id FROM kernel_auditentry
                 WHERE id > (SELECT last_id FROM kernel_audit_head)) fresh;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_settle AFTER INSERT ON kernel_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kernel_audit_settle();

CREATE OR REPLACE FUNCTION kernel_audit_verify(OUT checked bigint, OUT broken_at bigint, OUT reason text)
LANGUAGE plpgsql STABLE AS $$
DECLARE head kernel_audit_head;
        counted bigint;
BEGIN
    SELECT * INTO head FROM kernel_audit_head;
    SELECT count(*), count(*) FILTER (WHERE id <= head.last_id) INTO checked, counted FROM kernel_auditentry;
    SELECT id, CASE WHEN previous IS DISTINCT FROM before THEN 'an entry before this one was removed or re-ordered'
                    ELSE 'this entry was altered' END
      INTO broken_at, reason
      FROM (SELECT e.id, e.previous, e.digest, lag(e.digest, 1, ''::bytea) OVER (ORDER BY e.id) AS before,
                   kernel_audit_digest(e.previous, e) AS expected
              FROM kernel_auditentry e) chain
     WHERE previous IS DISTINCT FROM before OR digest IS DISTINCT FROM expected
     ORDER BY id LIMIT 1;
    IF broken_at IS NULL AND counted <> head.entries THEN
        broken_at := head.last_id;
        reason := 'entries at the end were removed';
    END IF;
END $$;
"""

BACKWARD = """
DROP TRIGGER audit_settle ON kernel_auditentry;
DROP FUNCTION kernel_audit_settle();
CREATE OR REPLACE FUNCTION kernel_audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT digest INTO NEW.previous FROM kernel_audit_head FOR UPDATE;
    NEW.id := nextval(pg_get_serial_sequence('kernel_auditentry', 'id'));
    NEW.digest := kernel_audit_digest(NEW.previous, NEW);
    UPDATE kernel_audit_head SET entries = entries + 1, last_id = NEW.id, digest = NEW.digest;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_audit_text")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
