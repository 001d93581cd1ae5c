from __future__ import annotations

from django.db import migrations

# The digest is computed in the database so that raw SQL can't add an entry outside the chain. The row in
# kernel_audit_head serialises writers and remembers the end, so a removed tail is found too.
FORWARD = """
CREATE TABLE kernel_audit_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    entries bigint NOT NULL, last_id bigint NOT NULL, digest bytea NOT NULL
);
INSERT INTO kernel_audit_head (entries, last_id, digest) VALUES (0, 0, ''::bytea);

CREATE FUNCTION kernel_audit_digest(previous bytea, e kernel_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        e.id, extract(epoch FROM e.at), e.actor, e.actor_name, e.action, e.place, e.object_type, e.object_id, e.detail,
        host(e.address))::text, 'UTF8'))
$$;

CREATE FUNCTION kernel_audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT digest INTO NEW.previous FROM kernel_audit_head FOR UPDATE;
    -- the key is taken again under the lock, so that its order is the chain's order
    NEW.id := nextval(pg_get_serial_sequence('kernel_auditentry', 'id'));
    NEW.digest := kernel_audit_digest(NEW.previous, NEW);
    UPDATE kernel_audit_head SET entries = entries + 1, last_id = NEW.id, digest = NEW.digest;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_append BEFORE INSERT ON kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_append();

CREATE FUNCTION kernel_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();

CREATE FUNCTION kernel_audit_verify(OUT checked bigint, OUT broken_at bigint, OUT reason text)
LANGUAGE plpgsql STABLE AS $$
DECLARE head kernel_audit_head;
BEGIN
    SELECT * INTO head FROM kernel_audit_head;
    SELECT count(*) INTO checked FROM kernel_auditentry;
    SELECT id, CASE WHEN previous IS DISTINCT FROM before THEN 'an entry before this one was removed or re-ordered'
                    ELSE 'this entry was altered' END
      INTO broken_at, reason
      FROM (SELECT e.id, e.previous, e.digest, lag(e.digest, 1, ''::bytea) OVER (ORDER BY e.id) AS before,
                   kernel_audit_digest(e.previous, e) AS expected
              FROM kernel_auditentry e) chain
     WHERE previous IS DISTINCT FROM before OR digest IS DISTINCT FROM expected
     ORDER BY id LIMIT 1;
    IF broken_at IS NULL AND checked <> head.entries THEN
        broken_at := head.last_id;
        reason := 'entries at the end were removed';
    END IF;
END $$;
"""

BACKWARD = """
DROP TRIGGER audit_refuse ON kernel_auditentry;
DROP TRIGGER audit_append ON kernel_auditentry;
DROP FUNCTION kernel_audit_verify();
DROP FUNCTION kernel_audit_refuse();
DROP FUNCTION kernel_audit_append();
DROP FUNCTION kernel_audit_digest(bytea, kernel_auditentry);
DROP TABLE kernel_audit_head;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
