-- One message for each person who walks to doors, once in an event. As a set: 3,244 objects took 1.6 s to write. Parameters:
-- event, number (makes the key), priority, now; persons, ways (channels), places and due, parallel.
INSERT INTO alerting_callattempt (event_id, calls, place, person, role, channel, number, priority, made_at, state, due_at, tries,
  lease_owner, reason, result)
SELECT %(event)s, '{}', x.place, x.person, 'walk', x.way, %(number)s, %(priority)s, %(now)s, 'waiting', x.due, 0, '', '', ''
  FROM unnest(%(persons)s::int[], %(ways)s::text[], %(places)s::text[], %(due)s::timestamptz[]) AS x(person, way, place, due)
ON CONFLICT DO NOTHING
