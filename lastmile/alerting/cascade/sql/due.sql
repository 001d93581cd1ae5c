-- The calls that are due, with their rules and who serves the post today. A part of tick.sql.
due AS (
  SELECT c.id, c.event_id, c.post_id, c.place, c.priority, c.state, c.step, c.confirmed_by, c.relay_due, c.relayed_at,
    c.taken_at, c.person AS known, c.superior, c.superior_post, c.woken, e.sent_at AS issued, e.ladder -> c.rule AS r
  FROM alerting_call c JOIN alerting_alertevent e ON e.id = c.event_id
  WHERE c.due_at <= %(now)s AND e.closed_at IS NULL AND e.expires_at > %(now)s
  ORDER BY c.due_at, c.priority DESC, c.id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
),
read AS (
  SELECT due.*, (r ->> 'attempts')::int AS attempts, make_interval(secs => (r ->> 'interval')::float8) AS pause,
    make_interval(secs => (r ->> 'confirm')::float8) AS confirm, make_interval(secs => (r ->> 'relay')::float8) AS relay,
    (r ->> 'deputy')::bool AS by_deputy, (r ->> 'superior')::bool AS by_superior, (r ->> 'door')::bool AS by_door,
    -- until the end of the quiet hours, where those are kept and it is that time in Beijing
    CASE WHEN NOT (r ->> 'wake')::bool AND NOT woken AND CASE WHEN begins > ends THEN t::time >= begins OR t::time < ends
        ELSE t::time >= begins AND t::time < ends END
      THEN (date_trunc('day', t) + ends + CASE WHEN t::time >= ends THEN interval '1 day' ELSE interval '0' END)
        AT TIME ZONE 'Asia/Shanghai' END AS held_until
  FROM due CROSS JOIN LATERAL (SELECT %(now)s::timestamptz AT TIME ZONE 'Asia/Shanghai' AS t,
    (r -> 'quiet' ->> 0)::time AS begins, (r -> 'quiet' ->> 1)::time AS ends) AS local
),
seen AS (
  SELECT read.*, h.person AS holder, h.person IS NOT NULL AND NOT h.away AS there,
    CASE WHEN NOT d.away AND d.person IS DISTINCT FROM h.person THEN d.person END AS stand_in,
    CASE WHEN h.person IS NULL THEN 'vacant' WHEN h.away THEN 'away' ELSE '' END AS gone
  FROM read LEFT JOIN LATERAL (
    SELECT p.id AS person, EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS away
    FROM people_appointment a JOIN people_person p ON p.id = a.person_id AND p.left_on IS NULL
    WHERE a.post_id = read.post_id AND a.until IS NULL AND a.role = 'holder') h ON true
  LEFT JOIN LATERAL (
    SELECT p.id AS person, EXISTS (SELECT FROM people_leave l WHERE l.person_id = p.id AND %(day)s BETWEEN first_day AND last_day) AS away
    FROM people_appointment a JOIN people_person p ON p.id = a.person_id AND p.left_on IS NULL
    WHERE a.post_id = read.post_id AND a.until IS NULL AND a.role = 'deputy') d ON true
)
