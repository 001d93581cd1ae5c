-- The doors of a message that an update replaces stay on the list: the worker is on the way already. Only those whose
-- people the update lists too, and who have not answered it yet. Parameters: event, before, now.
INSERT INTO alerting_visit (event, household, place, priority, opened_at, fact, fact_at, knocks, reason)
SELECT %(event)s, v.household, v.place, v.priority, %(now)s, v.fact, v.fact_at, v.knocks, v.reason
  FROM alerting_visit v
 WHERE v.event = %(before)s AND v.closed_at IS NULL
   AND EXISTS (
     SELECT FROM people_person p JOIN alerting_manifest m ON m.event_id = %(event)s AND m.place = p.place_id
        AND p.id = ANY (m.person_ids)
      WHERE p.household_id = v.household AND p.place_id = v.place)
   AND NOT EXISTS (
     SELECT FROM alerting_standing s
      WHERE s.event = %(event)s AND s.household = v.household AND s.confirmed_at IS NOT NULL)
ON CONFLICT DO NOTHING
