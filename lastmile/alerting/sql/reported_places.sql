-- What deployments below have reported of a message, by link, by whether our own ledger lists people in the same village
-- (or at the same place above one), by the first `length` digits of the place, by vulnerability; the figures are in the
-- order of coverage_places.sql. Parameters: event, message, prefix, length.
WITH own AS (
    SELECT DISTINCT left(place, 12) AS village FROM alerting_tally
     WHERE event = %(event)s AND place LIKE left(%(prefix)s, 12) || '%%' AND people + extra > 0
)
SELECT said.link_id, own.village IS NOT NULL AS held, left(said.place, %(length)s) AS code, vulnerable,
       sum(people), sum(told), sum(delivered), sum(failed), sum(opened), sum(confirmed), sum(safe), sum(moved),
       sum(needs_help), sum(refused), sum(absent), sum(unreachable),
       sum(doors), sum(doors_told), sum(doors_delivered), sum(doors_confirmed)
  FROM alerting_reportedtally AS said
  JOIN alerting_deployment AS link ON link.id = said.link_id AND link.side = 'below' AND link.state = 'active'
  LEFT JOIN own ON own.village = left(said.place, 12)
 WHERE said.message = %(message)s AND said.place LIKE %(prefix)s || '%%'
 GROUP BY 1, 2, 3, 4
