-- An attempt for each person, role and channel; calls of one person that move together share it, and one that still waits
-- for a line takes further calls in. What the warning itself has just sent on a channel counts as the first attempt there.
-- A part of tick.sql.
wanted AS (
  SELECT moved.event_id, moved.id, moved.place, moved.priority, target AS person, ch AS channel,
    CASE act WHEN 'holder' THEN 'holder' WHEN 'deputy' THEN 'deputy' WHEN 'superior' THEN 'superior' WHEN 'ask' THEN 'ask' ELSE 'raise' END AS role,
    act = 'holder' AND n = 1 AND issued > %(fresh)s AND EXISTS (
      SELECT FROM alerting_manifest m WHERE m.event_id = moved.event_id AND m.channel = ch AND target = ANY (m.person_ids)
        AND m.place = ANY (human.place_id::text || (moved.place::text || ARRAY(SELECT po.place_id FROM people_appointment a
          JOIN org_post po ON po.id = a.post_id WHERE a.person_id = target)::text[]))) AS carried
  FROM moved JOIN people_person human ON human.id = target CROSS JOIN LATERAL unnest(ways) AS ch
),
grouped AS (
  SELECT event_id, person, role, channel, array_agg(id ORDER BY id) AS calls, min(place) AS place, max(priority) AS priority, bool_and(carried) AS carried
  FROM wanted GROUP BY event_id, person, role, channel
),
numbered AS (
  SELECT grouped.*, carried AND last.number = 0 AS first, coalesce(open.number, last.number + (row_number() OVER (PARTITION BY event_id, person, channel ORDER BY role))::int) AS number
  FROM grouped
  LEFT JOIN LATERAL (SELECT number FROM alerting_callattempt b WHERE b.event_id = grouped.event_id AND b.person = grouped.person
    AND b.channel = grouped.channel AND b.role = grouped.role AND b.state = 'waiting' LIMIT 1) open ON true
  CROSS JOIN LATERAL (SELECT coalesce(max(number), 0) AS number FROM alerting_callattempt b WHERE b.event_id = grouped.event_id
    AND b.person = grouped.person AND b.channel = grouped.channel AND b.role NOT IN ('cell', 'walk')) last
),
inserted AS (
  INSERT INTO alerting_callattempt AS held (event_id, calls, place, person, role, channel, number, priority, made_at, state, due_at, tries,
    lease_owner, sent_at, reason, result)
  SELECT event_id, calls, place, person, role, channel, number, priority, %(now)s, CASE WHEN first THEN 'carried' ELSE 'waiting' END,
    CASE WHEN NOT first THEN %(now)s::timestamptz END, 0, '', CASE WHEN first THEN %(now)s::timestamptz END, '', ''
  FROM numbered
  ON CONFLICT (event_id, person, channel, number) DO UPDATE
    SET calls = ARRAY(SELECT DISTINCT u FROM unnest(held.calls || excluded.calls) u ORDER BY u) WHERE held.state = 'waiting'
  RETURNING id, event_id, person, role, channel
),
made AS (
  SELECT inserted.id, inserted.person, inserted.role, inserted.channel, numbered.calls AS mine
  FROM inserted JOIN numbered USING (event_id, person, role, channel)
)
