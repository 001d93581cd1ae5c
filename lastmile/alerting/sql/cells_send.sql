-- Write down who is asked, and one message for each of them: the doors are put into it when it goes out. A part of the
-- statements that ask. Parameters: event, now, number (makes the key: one message a person and step), base.
asked AS (
  INSERT INTO alerting_cellask (event, place, cell, pair, person, role, households, asked_at)
  SELECT %(event)s, place, cell, pair, person, role, households, %(now)s FROM wanted ORDER BY place, cell, person
  RETURNING person
),
sent AS (
  INSERT INTO alerting_callattempt (event_id, calls, place, person, role, channel, number, priority, made_at, state, due_at, tries,
    lease_owner, reason, result)
  SELECT %(event)s, '{}', min(place), person, 'cell', min(way), %(number)s, %(base)s, %(now)s, 'waiting', %(now)s, 0, '', '', ''
    FROM wanted GROUP BY person
  ON CONFLICT (event_id, person, channel, number) DO UPDATE SET state = 'waiting', due_at = %(now)s
    WHERE alerting_callattempt.state = 'skipped'
)
SELECT count(*)::int FROM asked
