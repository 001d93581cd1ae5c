-- The most urgent attempts of one channel in the places of one account, leased to this worker. On a channel that rings, no more than its lines are taken at
-- once by all workers together (the caller holds the channel's lock), and nobody is rung twice at the same time.
-- Parameters: channel, account, inside and outside (patterns of places), now, lease, owner, limit, lines (null: it writes), ring (a
-- line is free again after that at the latest).
WITH busy AS MATERIALIZED (
  SELECT person, account FROM alerting_callattempt WHERE channel = %(channel)s AND line_until > %(now)s
),
due AS (
  SELECT a.id, a.person, a.priority, a.state AS before FROM alerting_callattempt a
  WHERE a.due_at IS NOT NULL AND a.due_at <= %(now)s AND a.channel = %(channel)s
    AND a.place LIKE %(inside)s AND NOT a.place LIKE ANY (%(outside)s::text[]) AND (a.lease_until IS NULL OR a.lease_until < %(now)s)
    AND (%(lines)s::int IS NULL OR NOT EXISTS (SELECT FROM busy WHERE busy.person = a.person) AND NOT EXISTS (
      SELECT FROM alerting_callattempt b WHERE b.event_id = a.event_id AND b.person = a.person AND b.channel = a.channel
        AND b.due_at IS NOT NULL AND b.id < a.id))
  ORDER BY a.priority DESC, a.id
  LIMIT greatest(0, least(%(limit)s, %(lines)s::int - (SELECT count(*) FROM busy WHERE account = %(account)s)))
  FOR UPDATE SKIP LOCKED
),
taken AS (  -- of one person in two warnings the more urgent; the other one waits for the line
  SELECT DISTINCT ON (CASE WHEN %(lines)s::int IS NULL THEN id ELSE person END) id, before FROM due
  ORDER BY CASE WHEN %(lines)s::int IS NULL THEN id ELSE person END, priority DESC, id
)
UPDATE alerting_callattempt a SET state = 'sending', tries = tries + 1, lease_until = %(lease)s, lease_owner = %(owner)s, account = %(account)s,
  line_until = CASE WHEN %(lines)s::int IS NOT NULL THEN %(ring)s::timestamptz END
FROM taken, alerting_alertevent e
WHERE a.id = taken.id AND e.id = a.event_id
RETURNING a.id, a.event_id, a.calls, a.person, a.role, a.channel, a.number, a.priority, a.text, a.tries, taken.before = 'sending' AS crashed,
  e.closed_at IS NULL AND e.expires_at > %(now)s AS in_force, CASE WHEN a.role = 'cell' THEN a.text IS NOT NULL OR EXISTS (
    SELECT FROM alerting_cellask k JOIN alerting_celldoor d ON d.event = k.event AND d.household = ANY (k.households)
    WHERE k.event = a.event_id AND k.person = a.person AND k.closed_at IS NULL AND d.closed_at IS NULL)
  WHEN a.role = 'walk' THEN a.text IS NOT NULL OR EXISTS (SELECT FROM alerting_visit v WHERE v.event = a.event_id AND v.closed_at IS NULL)
  ELSE EXISTS (
    SELECT FROM alerting_call c WHERE c.id = ANY (a.calls) AND CASE a.role WHEN 'message' THEN true
      WHEN 'ask' THEN c.state IN ('confirmed', 'asked', 'raised') WHEN 'raise' THEN c.state = 'raised' WHEN 'superior' THEN c.state = 'superior'
      ELSE c.state IN ('waiting', 'calling', 'deputy', 'superior', 'door') END) END AS wanted
