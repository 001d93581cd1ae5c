-- Write back where the hand-over of some batches stands, one row each, if this worker still holds them. The answer says
-- of each whether its warning is still in force: it is asked in the statement that marks people as being handed over.
UPDATE alerting_manifest m
SET states = x.states, due_at = x.due_at, attempts = x.attempts, error = x.error,
  handed = x.handed, parts = x.parts,
  lease_until = CASE WHEN x.done THEN NULL ELSE %(lease)s::timestamptz END,
  settled_at = CASE WHEN x.done THEN %(now)s::timestamptz ELSE m.settled_at END
FROM unnest(%(ids)s::bigint[], %(states)s::bytea[], %(due)s::timestamptz[], %(attempts)s::int[], %(errors)s::text[],
  %(done)s::bool[], %(handed)s::int[], %(parts)s::int[])
  AS x(id, states, due_at, attempts, error, done, handed, parts), alerting_alertevent e
WHERE m.id = x.id AND m.lease_owner = %(owner)s AND e.id = m.event_id
RETURNING m.id, e.closed_at IS NULL AND e.expires_at > %(now)s
