-- Bring the doors of some people in line with where these stand now: the weightiest answer of the household, and off the
-- list once a grown member has answered (`silent`) or was reached. An answer taken back puts the door on again.
-- Parameters: event, persons, silent, now. Answers with the places in which a door came or
-- went, and whether one came.
WITH concerned AS (
  SELECT household FROM alerting_visit WHERE event = %(event)s
     AND household = ANY (ARRAY(SELECT DISTINCT household_id FROM people_person WHERE id = ANY (%(persons)s::int[])))
),
-- include: doors_said
,
before AS (
  SELECT v.household, v.closed_at FROM alerting_visit v JOIN said USING (household) WHERE v.event = %(event)s
),
moved AS (
  UPDATE alerting_visit v
     SET fact = said.fact, fact_at = said.fact_at,
         closed_at = CASE WHEN said.answered THEN coalesce(v.closed_at, %(now)s) END
    FROM said
   WHERE v.event = %(event)s AND v.household = said.household
     AND (v.fact, v.fact_at, v.closed_at IS NOT NULL) IS DISTINCT FROM (said.fact, said.fact_at, said.answered)
  RETURNING v.household, v.place, v.closed_at
)
SELECT moved.place, bool_or(moved.closed_at IS NULL) FROM moved JOIN before USING (household)
 WHERE (moved.closed_at IS NULL) <> (before.closed_at IS NULL)
 GROUP BY moved.place
