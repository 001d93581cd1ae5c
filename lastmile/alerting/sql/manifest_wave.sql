-- Another wave of an event: the given people who are in its ledger and have a usable contact, at the place where the
-- first wave told them.
WITH wanted AS (
  SELECT u.person, min(m.place) AS place
  FROM alerting_manifest m, unnest(m.person_ids) u(person)
  WHERE m.event_id = %(event)s AND u.person = ANY (%(persons)s::int[])
  GROUP BY u.person
),
ranked AS (
  SELECT w.person, w.place, p.priority,
    ((row_number() OVER (PARTITION BY w.place ORDER BY p.priority DESC, w.person)) - 1) / %(part)s AS part
  FROM wanted w JOIN people_person p ON p.id = w.person
  WHERE EXISTS (SELECT FROM people_contact c WHERE c.person_id = w.person AND c.kind = %(kind)s AND c.usable)
),
written AS (
  INSERT INTO alerting_manifest
    (event_id, place, channel, wave, part, priority, person_ids, states, due_at, lease_owner, attempts, error)
  SELECT %(event)s, place, %(channel)s,
    (SELECT coalesce(max(wave), 0) + 1 FROM alerting_manifest WHERE event_id = %(event)s),
    part, %(base)s + (avg(priority) * 100)::int, array_agg(person ORDER BY priority DESC, person),
    decode(repeat('00', count(*)::int), 'hex'), %(now)s, '', 0, ''
  FROM ranked
  GROUP BY place, part
  RETURNING cardinality(person_ids) AS people
)
SELECT coalesce(sum(people), 0)::int FROM written
