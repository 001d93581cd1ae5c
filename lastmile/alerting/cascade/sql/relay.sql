-- Who has passed it on, as far as the system sees it: the share of posts on the next level below that have confirmed, or,
-- where no posts are called below, the share of households that were reached. Where there is neither, nothing is asked.
-- Which share is enough says the frozen ladder; those frozen before it could say so meant four fifths.
-- Counted for all open calls at once, by prefix. Parameters: now.
WITH events AS MATERIALIZED (
  SELECT id, ladder FROM alerting_alertevent e WHERE e.closed_at IS NULL AND e.expires_at > %(now)s AND EXISTS (
    SELECT FROM alerting_call c WHERE c.event_id = e.id AND c.relayed_at IS NULL AND c.relay_due IS NOT NULL AND c.state NOT IN ('done', 'stopped'))
),
enough AS MATERIALIZED (
  SELECT id AS event_id, n - 1 AS rule, coalesce((r ->> 'share')::int, 80) AS share
  FROM events, jsonb_array_elements(ladder) WITH ORDINALITY AS x(r, n)
),
below AS (
  SELECT c.event_id, left(c.place, up.n) AS spot, length(c.place) AS deep, count(*) AS posts, count(c.confirmed_at) AS told
  FROM alerting_call c JOIN events ON events.id = c.event_id CROSS JOIN (VALUES (4), (6), (9), (12)) AS up(n)
  WHERE length(c.place) > up.n GROUP BY 1, 2, 3
),
nearest AS (SELECT DISTINCT ON (event_id, spot) event_id, spot, posts, told FROM below ORDER BY event_id, spot, deep),
doors AS (
  SELECT t.event AS event_id, left(t.place, up.n) AS spot, sum(t.doors) AS doors, sum(t.doors_delivered) AS reached
  FROM alerting_tally t JOIN events ON events.id = t.event CROSS JOIN (VALUES (4), (6), (9), (12), (15)) AS up(n)
  WHERE length(t.place) >= up.n AND NOT t.vulnerable AND t.doors > 0 GROUP BY 1, 2
),
seen AS (
  SELECT c.id, c.state, nearest.posts IS NULL AND doors.doors IS NULL AS nobody
  FROM alerting_call c JOIN enough ON enough.event_id = c.event_id AND enough.rule = c.rule
  LEFT JOIN nearest ON nearest.event_id = c.event_id AND nearest.spot = c.place
  LEFT JOIN doors ON doors.event_id = c.event_id AND doors.spot = c.place
  WHERE c.relayed_at IS NULL AND c.relay_due IS NOT NULL AND c.state NOT IN ('done', 'stopped')
    AND CASE WHEN nearest.posts IS NOT NULL THEN 100 * nearest.told >= enough.share * nearest.posts
      WHEN doors.doors IS NOT NULL THEN 100 * doors.reached >= enough.share * doors.doors ELSE true END
),
locked AS (SELECT c.id FROM alerting_call c JOIN seen ON seen.id = c.id ORDER BY c.id FOR UPDATE OF c SKIP LOCKED),
moved AS (
  UPDATE alerting_call c SET relay_due = CASE WHEN nobody THEN NULL ELSE c.relay_due END,
    relayed_at = CASE WHEN nobody THEN NULL ELSE %(now)s::timestamptz END, relayed_via = CASE WHEN nobody THEN '' ELSE 'below' END,
    state = CASE WHEN c.state IN ('confirmed', 'asked', 'raised') THEN 'done' ELSE c.state END,
    due_at = CASE WHEN c.state IN ('confirmed', 'asked', 'raised') THEN NULL ELSE c.due_at END
  FROM seen JOIN locked USING (id) WHERE c.id = seen.id AND c.state NOT IN ('done', 'stopped') AND c.relayed_at IS NULL
  RETURNING c.id, seen.state AS was, c.state AS become, nobody
),
written AS (
  INSERT INTO alerting_callentry (call_id, at, entered_at, what, role, channel, why)
  SELECT id, %(now)s, %(now)s, 'relayed', '', 'below', '' FROM moved WHERE NOT nobody
)
SELECT id, was, become FROM moved
