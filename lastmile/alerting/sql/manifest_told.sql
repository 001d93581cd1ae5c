-- Everybody whom the earlier messages of a warning were meant for, at the place where they were told, unless they are
-- in this event's ledger already. Who has moved away since is told too: they believe the old message otherwise. So is who
-- was only called, as deputy or superior.
WITH earlier AS (
  SELECT u.person, m.place, m.event_id FROM alerting_manifest m, unnest(m.person_ids) u(person)
  WHERE m.event_id = ANY (%(follows)s::int[])
  UNION ALL
  SELECT a.person, c.place, a.event_id FROM alerting_callattempt a JOIN alerting_call c ON c.id = a.calls[1]
  WHERE a.event_id = ANY (%(follows)s::int[]) AND a.state NOT IN ('waiting', 'skipped', 'refused')
),
targets AS (
  SELECT DISTINCT ON (u.person) u.person, u.place, p.priority AS rank, p.household_id IS NOT NULL AS home, p.vulnerable,
    p.household_id AS household, NOT p.minor AS grown
  FROM earlier u JOIN people_person p ON p.id = u.person
  WHERE u.person NOT IN (SELECT unnest(person_ids) FROM alerting_manifest WHERE event_id = %(event)s)
  ORDER BY u.person, u.event_id DESC
),
-- include: reach
,
ranked AS (
  SELECT *, ((row_number() OVER (PARTITION BY place, channel ORDER BY rank DESC, person)) - 1) / %(part)s AS part
  FROM reached
),
taken AS (
  SELECT place, channel, max(part) + 1 AS parts FROM alerting_manifest WHERE event_id = %(event)s GROUP BY place, channel
),
written AS (
  INSERT INTO alerting_manifest
    (event_id, place, channel, wave, part, priority, person_ids, states, due_at, lease_owner, attempts, error, settled_at)
  SELECT %(event)s, place, channel, 0, part + coalesce(parts, 0), %(base)s + (avg(rank) * 100)::int,
    array_agg(person ORDER BY rank DESC, person),
    decode(repeat(CASE WHEN channel = 'none' THEN '06' ELSE '00' END, count(*)::int), 'hex'),
    CASE WHEN channel = 'none' THEN NULL ELSE %(now)s::timestamptz END, '', 0, '',
    CASE WHEN channel = 'none' THEN %(now)s::timestamptz END
  FROM ranked LEFT JOIN taken USING (place, channel)
  GROUP BY place, channel, part, parts
  RETURNING channel, cardinality(person_ids) AS people
)
SELECT coalesce(sum(people) FILTER (WHERE channel <> 'none'), 0)::int, coalesce(sum(people), 0)::int FROM written
