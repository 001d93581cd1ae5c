-- Bring the doors of cells in line with where some people stand now, as visits_follow does. Parameters: event, persons,
-- silent, now.
WITH concerned AS (
  SELECT household FROM alerting_celldoor WHERE event = %(event)s
     AND household = ANY (ARRAY(SELECT DISTINCT household_id FROM people_person WHERE id = ANY (%(persons)s::int[])))
),
-- include: doors_said
UPDATE alerting_celldoor d
   SET fact = said.fact, fact_at = said.fact_at, closed_at = CASE WHEN said.answered THEN coalesce(d.closed_at, %(now)s) END
  FROM said
 WHERE d.event = %(event)s AND d.household = said.household
   AND (d.fact, d.fact_at, d.closed_at IS NOT NULL) IS DISTINCT FROM (said.fact, said.fact_at, said.answered)
