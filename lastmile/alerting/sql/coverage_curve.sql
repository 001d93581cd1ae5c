-- First signs and first confirmations in each step, of a township or larger area. Parameters: event, prefix.
SELECT step, sum(delivered), sum(confirmed), sum(doors_delivered), sum(doors_confirmed)
  FROM alerting_curve
 WHERE event = %(event)s AND place LIKE %(prefix)s || '%%'
 GROUP BY step HAVING sum(delivered) <> 0 OR sum(confirmed) <> 0
 ORDER BY step
