-- One more wave of an event, to the `wanted` who have a usable contact: rows as manifest_write makes them, gathered by
-- rank instead of sorted, because "send again" may concern a whole city. `wanted` may name a person twice: grouping there by the
-- unnested arrays makes the planner expect 200 people and loop over 700,000 (11 s instead of 3).
-- Parameters: event, channel, kind, cause, part, base, now. A part of the wave_….sql files.
ranked AS (
  SELECT p.id AS person, min(w.place) AS place, min(p.priority) AS rank
  FROM wanted w JOIN people_person p ON p.id = w.person
  WHERE p.id IN (SELECT person_id FROM people_contact WHERE kind = %(kind)s AND usable)
  GROUP BY p.id
),
grouped AS (
  SELECT place, count(*)::int AS people, avg(rank) AS danger,
    coalesce(array_agg(person) FILTER (WHERE rank = 3), '{}') || coalesce(array_agg(person) FILTER (WHERE rank = 2), '{}')
    || coalesce(array_agg(person) FILTER (WHERE rank = 1), '{}')
    || coalesce(array_agg(person) FILTER (WHERE rank NOT IN (1, 2, 3)), '{}') AS persons
  FROM ranked
  GROUP BY place
),
written AS (
  INSERT INTO alerting_manifest
    (event_id, place, channel, wave, cause, part, priority, person_ids, states, due_at, lease_owner, attempts, error)
  SELECT %(event)s, place, %(channel)s,
    (SELECT coalesce(max(wave), 0) + 1 FROM alerting_manifest WHERE event_id = %(event)s), %(cause)s,
    part, %(base)s + greatest(0, danger * 100 - part)::int, cut.persons,
    decode(repeat('00', cardinality(cut.persons)), 'hex'), %(now)s, '', 0, ''
  FROM grouped
  CROSS JOIN LATERAL generate_series(0, (people - 1) / %(part)s) AS part
  CROSS JOIN LATERAL (SELECT persons[part * %(part)s + 1 : (part + 1) * %(part)s] AS persons) AS cut
  RETURNING cardinality(person_ids) AS people
)
SELECT coalesce(sum(people), 0)::int FROM written
