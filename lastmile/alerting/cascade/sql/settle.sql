-- Write down what became of some attempts, if this worker still holds them. Parameters: now, owner, ids, states, due, reasons, parts.
UPDATE alerting_callattempt a SET state = x.state, due_at = x.due, reason = x.reason, parts = x.parts, lease_until = NULL,
  sent_at = CASE WHEN x.state = 'accepted' THEN %(now)s ELSE a.sent_at END,
  line_until = CASE WHEN x.state = 'accepted' AND a.result = '' THEN a.line_until END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(due)s::timestamptz[], %(reasons)s::text[], %(parts)s::smallint[])
  AS x(id, state, due, reason, parts)
WHERE a.id = x.id AND a.lease_owner = %(owner)s AND a.lease_until IS NOT NULL
RETURNING a.id
