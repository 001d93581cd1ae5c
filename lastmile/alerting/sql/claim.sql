-- The most urgent batches of one channel that are due and free, leased to this worker, in the places of one account. Any number of workers may ask at
-- once. An attempt is counted here, so that a batch which kills its worker can't go round for ever.
WITH due AS (
  SELECT m.id
  FROM alerting_manifest m
  WHERE m.due_at IS NOT NULL AND m.due_at <= %(now)s AND (m.lease_until IS NULL OR m.lease_until < %(now)s)
    AND m.channel = %(channel)s AND m.priority > %(floor)s
    AND m.place LIKE %(inside)s AND NOT m.place LIKE ANY (%(outside)s::text[])
  ORDER BY m.priority DESC, m.id
  LIMIT %(limit)s
  FOR UPDATE SKIP LOCKED
)
UPDATE alerting_manifest m
SET lease_until = %(lease)s, lease_owner = %(owner)s, attempts = m.attempts + 1, account = %(account)s
FROM due, alerting_alertevent e
WHERE m.id = due.id AND e.id = m.event_id
RETURNING m.id, m.event_id, m.place, m.channel, m.wave, m.priority, m.attempts, m.person_ids, m.states,
  m.handed, m.parts,
  e.closed_at IS NULL AND e.expires_at > %(now)s
