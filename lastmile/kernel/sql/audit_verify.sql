-- The whole chain in one look, so that nobody writes in between: the head, the tail, the first entry that says something
-- else than its digest, and the first that does not continue the one before it.
-- The digests are nine tenths of the work and need no order: "id + 0" keeps the planner from walking the key for min(),
-- which would take parallel workers away. The expression is kernel_audit_digest, written out to be parallel too; a test
-- compares the two.
WITH head AS (SELECT entries, last_id FROM kernel_audit_head),
tail AS (SELECT entries, last_id, digest FROM kernel_audit_tail),
altered AS MATERIALIZED (
    SELECT count(*) AS checked, count(*) FILTER (WHERE e.id <= (SELECT last_id FROM head)) AS settled,
           min(e.id + 0) FILTER (WHERE e.digest IS DISTINCT FROM sha256(e.previous || convert_to(jsonb_build_array(
               e.id, extract(epoch FROM e.at), e.actor, e.actor_name, e.action, e.place, e.object_type, e.object_id,
               e.detail, host(e.address))::text, 'UTF8'))) AS id
    FROM kernel_auditentry e
),
torn AS MATERIALIZED (
    SELECT id, previous, after FROM (
        SELECT id, previous, lag(digest, 1, (SELECT digest FROM tail)) OVER walk AS before,
               lag(id, 1, (SELECT last_id FROM tail)) OVER walk AS after
        FROM kernel_auditentry WINDOW walk AS (ORDER BY id)
    ) chain
    WHERE previous IS DISTINCT FROM before ORDER BY id LIMIT 1
)
SELECT altered.checked, altered.id, torn.id, torn.after,
       EXISTS (SELECT FROM kernel_auditentry e WHERE e.digest = torn.previous) AS moved,
       head.last_id, head.entries - tail.entries - altered.settled AS missing
FROM head, tail, altered LEFT JOIN torn ON true
