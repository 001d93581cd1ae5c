-- Where the households of some people stand after and before: the first sign and the first confirmation of a grown
-- member. A part of fold_answers.sql; a reader of the table itself sees what it was before this statement.
SELECT 1 AS n, household, min(place) AS place, min(delivered_at) AS delivered_at, min(confirmed_at) AS confirmed_at
  FROM (
    SELECT household, place, delivered_at, confirmed_at FROM now_is WHERE household IS NOT NULL
    UNION ALL
    SELECT household, place, delivered_at, confirmed_at FROM alerting_standing
     WHERE event = %(event)s AND household IN (SELECT household FROM change) AND person NOT IN (SELECT person FROM now_is)
  ) AS member
 GROUP BY household
UNION ALL
SELECT -1, household, min(place), min(delivered_at), min(confirmed_at) FROM alerting_standing
 WHERE event = %(event)s AND household IN (SELECT household FROM change)
 GROUP BY household
