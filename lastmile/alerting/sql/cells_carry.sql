-- An update goes on with the round: open doors whose people it lists too and who have not answered it, and who was asked
-- about them, so that nobody is asked again about the same door. Parameters: event, before, now.
WITH doors AS (
  INSERT INTO alerting_celldoor (event, household, cell, place, opened_at, fact, fact_at)
  SELECT %(event)s, d.household, d.cell, d.place, %(now)s, d.fact, d.fact_at FROM alerting_celldoor d
   WHERE d.event = %(before)s AND d.closed_at IS NULL
     AND EXISTS (
       SELECT FROM people_person p JOIN alerting_manifest m ON m.event_id = %(event)s AND m.place = p.place_id
          AND p.id = ANY (m.person_ids)
        WHERE p.household_id = d.household AND p.place_id = d.place)
     AND NOT EXISTS (
       SELECT FROM alerting_standing s
        WHERE s.event = %(event)s AND s.household = d.household AND s.confirmed_at IS NOT NULL)
  ON CONFLICT DO NOTHING RETURNING household
)
INSERT INTO alerting_cellask (event, place, cell, pair, person, role, households, asked_at, heard_at)
SELECT %(event)s, a.place, a.cell, a.pair, a.person, a.role, left_.households, a.asked_at, a.heard_at
  FROM alerting_cellask a CROSS JOIN LATERAL (
    SELECT array_agg(u ORDER BY u) AS households FROM unnest(a.households) u WHERE u IN (SELECT household FROM doors)) AS left_
 WHERE a.event = %(before)s AND a.closed_at IS NULL AND left_.households IS NOT NULL
