from __future__ import annotations

from django.db import migrations, models

# The trail may now begin later than at its first entry: months that lie in a signed archive are released. The row in
# kernel_audit_tail says up to where, and is the digest that the first entry left here continues. Nothing behind it can
# be deleted; moving it is left to kernel_audit_release, which asks for an archive that ends with that very digest.
#
# The chain is verified by sql/audit_verify.sql: a function could not use several processors.
FORWARD = """
CREATE TABLE kernel_audit_tail (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    entries bigint NOT NULL, last_id bigint NOT NULL, digest bytea NOT NULL
);
INSERT INTO kernel_audit_tail (entries, last_id, digest) VALUES (0, 0, ''::bytea);

CREATE FUNCTION kernel_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.id <= (SELECT last_id FROM kernel_audit_tail) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
DROP TRIGGER audit_refuse ON kernel_auditentry;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_keep();
CREATE TRIGGER archive_refuse BEFORE UPDATE OR DELETE ON kernel_auditarchive
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();

CREATE FUNCTION kernel_audit_release(month date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE archive kernel_auditarchive;
        gone bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kernel_audit'));
    SELECT * INTO archive FROM kernel_auditarchive a WHERE a.month = kernel_audit_release.month;
    IF archive.id IS NULL OR archive.previous IS DISTINCT FROM (SELECT digest FROM kernel_audit_tail)
       OR archive.digest IS DISTINCT FROM (SELECT digest FROM kernel_auditentry WHERE id = archive.last_id) THEN
        RAISE EXCEPTION 'no archive continues the trail here';
    END IF;
    UPDATE kernel_audit_tail SET entries = entries + archive.entries, last_id = archive.last_id, digest = archive.digest;
    DELETE FROM kernel_auditentry WHERE id <= archive.last_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone <> archive.entries THEN
        RAISE EXCEPTION 'the archive of % holds % entries, the trail %', month, archive.entries, gone;
    END IF;
    RETURN gone;
END $$;

DROP FUNCTION kernel_audit_verify();
"""

BACKWARD = """
CREATE FUNCTION kernel_audit_verify(OUT checked bigint, OUT broken_at bigint, OUT reason text)
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
DROP FUNCTION kernel_audit_release(date);
DROP TRIGGER archive_refuse ON kernel_auditarchive;
DROP TRIGGER audit_refuse ON kernel_auditentry;
DROP FUNCTION kernel_audit_keep();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();
DROP TABLE kernel_audit_tail;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_audit_by_index")]
    operations = [
        migrations.CreateModel(
            name="AuditArchive",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(unique=True)),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField(unique=True)),
                ("entries", models.BigIntegerField()),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("content", models.BinaryField()),
                ("certificate", models.TextField()),
                ("signature", models.BinaryField()),
                ("written_at", models.DateTimeField()),
            ],
            options={"ordering": ["-month"]},
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "id"], name="audit_actor"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
