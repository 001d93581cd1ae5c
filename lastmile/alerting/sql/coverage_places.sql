-- Sums by the first `length` digits of the place and by vulnerability. Parameters: event, prefix, length.
-- People who answered without being listed count as people, so that no share is above a hundred percent.
SELECT left(place, %(length)s) AS code, vulnerable,
       sum(people + extra), sum(told), sum(delivered), sum(failed), sum(opened), sum(confirmed), sum(safe), sum(moved),
       sum(needs_help), sum(refused), sum(absent), sum(unreachable),
       sum(doors), sum(doors_told), sum(doors_delivered), sum(doors_confirmed)
  FROM alerting_tally
 WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
 GROUP BY 1, 2
