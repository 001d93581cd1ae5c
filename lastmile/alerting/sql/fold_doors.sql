-- Where the households of some people stand after and before: the first sign and the first confirmation of a grown
-- member. A part of fold_answers.sql; a reader of the table itself sees what it was before this statement.
-- The households are one array, so that they are looked up by index: joined to the table while it grows from nothing and
-- has no statistics, the planner loops over all of it.
SELECT 1 AS n, household, min(place) AS place, min(delivered_at) AS delivered_at, min(confirmed_at) AS confirmed_at
  FROM (
    SELECT household, place, delivered_at, confirmed_at FROM now_is WHERE household IS NOT NULL
    UNION ALL
    SELECT household, place, delivered_at, confirmed_at FROM alerting_standing
     WHERE event = %(event)s AND household = ANY (ARRAY(SELECT DISTINCT household FROM change))
       AND NOT person = ANY (%(persons)s::int[])
  ) AS member
 GROUP BY household
UNION ALL
SELECT -1, household, min(place), min(delivered_at), min(confirmed_at) FROM alerting_standing
 WHERE event = %(event)s AND household = ANY (ARRAY(SELECT DISTINCT household FROM change))
 GROUP BY household
