from __future__ import annotations

from django.db import migrations

# The text that a digest covers, as a function of its own, so that an export can carry it. No part of it depends on
# the session: extract(epoch) is numeric (exact, no time zone), jsonb prints keys in its own fixed order, host() has
# no netmask. Digests stay what they were.
FORWARD = """
CREATE FUNCTION kernel_audit_text(e kernel_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.id, extract(epoch FROM e.at), e.actor, e.actor_name, e.action, e.place, e.object_type, e.object_id, e.detail,
        host(e.address))::text
$$;
CREATE OR REPLACE FUNCTION kernel_audit_digest(previous bytea, e kernel_auditentry) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(kernel_audit_text(e), 'UTF8'))
$$;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION kernel_audit_digest(previous bytea, e kernel_auditentry) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        e.id, extract(epoch FROM e.at), e.actor, e.actor_name, e.action, e.place, e.object_type, e.object_id, e.detail,
        host(e.address))::text, 'UTF8'))
$$;
DROP FUNCTION kernel_audit_text(kernel_auditentry);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_ratelimit")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
